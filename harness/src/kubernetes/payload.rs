//! A plan on its way into pods: JSON, compressed, in ConfigMaps.
//!
//! An API server takes a ConfigMap of 1 MiB, and `kubectl apply` keeps a copy of it in an annotation, of which 256 KiB may be.
//! Base 64 adds a third. So a part has at most 128 KiB, and a plan as many parts as it takes: all cases in three flavours,
//! 2.6 MB of JSON without what no pod uses, are about 90 KB.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use libcdiff_protocol::dns::Script;
use libcdiff_protocol::{Plan, Session};

/// Most bytes of a part.
const PART: usize = 128 << 10;

/// The plan without what is of no use in a pod: the content of files that only a sandbox could lay over the image, and the
/// scripts of servers that it could not start. That a case has them is what it is refused by.
pub fn lighten(plan: &mut Plan) {
    for item in &mut plan.items {
        item.files.truncate(1);
        item.files.iter_mut().for_each(|file| file.content.clear());
        item.dns = item.dns.take().map(|_| Script { servers: Vec::new(), ..Script::default() });
    }
}

/// The parts of a session, in order.
///
/// # Errors
/// None that can be: the session is JSON's, and memory takes what is written.
pub fn parts(session: &Session) -> std::io::Result<Vec<Vec<u8>>> {
    let mut packed = GzEncoder::new(Vec::new(), Compression::best());
    packed.write_all(&serde_json::to_vec(session)?)?;
    Ok(packed.finish()?.chunks(PART).map(<[u8]>::to_vec).collect())
}
