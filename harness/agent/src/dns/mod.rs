//! placeholder until the lab is merged
use libcdiff_protocol::{Query, dns::Script};
pub struct Lab;
impl Lab {
    pub fn start(_: &Script) -> std::io::Result<Lab> {
        Ok(Lab)
    }
    pub fn finish(self) -> Vec<Query> {
        Vec::new()
    }
}
pub fn summary(_: &[Query]) -> String {
    String::new()
}
