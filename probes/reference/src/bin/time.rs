//! The reference of the area `time`.

fn main() -> std::process::ExitCode {
    libcdiff_reference::run(libcdiff_reference::time::answer)
}
