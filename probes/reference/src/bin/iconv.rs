//! The reference of the area `iconv`.

fn main() -> std::process::ExitCode {
    libcdiff_reference::run(libcdiff_reference::iconv::answer)
}
