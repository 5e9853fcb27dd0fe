//! ndb, rpm's own form (`lib/backend/ndb/rpmpkg.c`): slots that say where the blob of each package lies. Little endian.

use super::source::{Order::Little, Source};
use super::{Each, Files, Problem};

const MAGIC: u32 = u32::from_le_bytes(*b"RpmP");
const SLOT_MAGIC: u32 = u32::from_le_bytes(*b"Slot");
const BLOB_MAGIC: u32 = u32::from_le_bytes(*b"BlbS");
/// Bytes of the page that slots are counted in; of the header, a slot, a block, and of what stands around a blob.
const PAGE: usize = 4096;
const HEADER: usize = 32;
const SLOT: usize = 16;
const BLOCK: u64 = 16;
const HEAD: u64 = 16;
const TAIL: u64 = 12;

/// Every blob.
pub fn blobs(files: Files, each: &mut Each<'_>) -> Result<(), Problem> {
    let mut source = files.main;
    let header = source.read(0, HEADER)?;
    if Little.u32(&header, 0)? != MAGIC {
        return Err(Problem::Damaged("no database of rpm's own form"));
    }
    if Little.u32(&header, 4)? != 0 {
        return Err(Problem::Damaged("a version of rpm's own form that is not known"));
    }
    for page in 0..Little.u32(&header, 12)? {
        let slots = source.read(u64::from(page) * PAGE as u64, PAGE)?;
        // The first page begins with the header.
        for slot in slots.chunks_exact(SLOT).skip(if page == 0 { HEADER / SLOT } else { 0 }) {
            let number = |at| Little.u32(slot, at);
            if number(0)? != SLOT_MAGIC {
                return Err(Problem::Damaged("a slot that is none"));
            }
            if number(8)? != 0 {
                each(&blob(&mut source, number(4)?, u64::from(number(8)?) * BLOCK, u64::from(number(12)?) * BLOCK)?)?;
            }
        }
    }
    Ok(())
}

/// The blob of a package, in the blocks that its slot says.
fn blob(source: &mut Source, package: u32, at: u64, most: u64) -> Result<Vec<u8>, Problem> {
    let head = source.read(at, HEAD as usize)?;
    let bytes = Little.u32(&head, 12)?;
    if Little.u32(&head, 0)? != BLOB_MAGIC || Little.u32(&head, 4)? != package {
        return Err(Problem::Damaged("a slot leads to what is not its package"));
    }
    if u64::from(bytes) + HEAD + TAIL > most {
        return Err(Problem::Damaged("a package is larger than its place"));
    }
    source.read(at + HEAD, bytes as usize)
}
