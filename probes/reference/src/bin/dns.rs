//! The reference of the area `dns`.

fn main() -> std::process::ExitCode {
    libcdiff_reference::run(libcdiff_reference::dns::answer)
}
