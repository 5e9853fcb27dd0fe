//! libcdiff-reference
fn main() {}
