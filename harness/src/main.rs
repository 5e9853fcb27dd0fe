//! libcdiff
fn main() {}
