//! libcdiff-agent
fn main() {}
