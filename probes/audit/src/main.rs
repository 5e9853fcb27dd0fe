//! libcdiff-probe-audit
fn main() {}
