//! How much one image may cost. Whoever makes an archive chooses every number in it, so each has an upper end here.
//!
//! The values are far above any image in common use; what goes beyond them is refused, never cut short.

use std::time::{Duration, Instant};

/// Upper ends for reading one image. [`Limits::default`] is what the program uses; tests use smaller ones.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Bytes of all layers after decompression, entries that are left out included. The largest public images, those for
    /// machine learning, unpack to about 30 GiB.
    pub total_bytes: u64,
    /// Bytes that a layer may unpack to whatever its stored size: small layers of zeros compress a thousandfold.
    pub free_bytes: u64,
    /// Beyond [`Limits::free_bytes`], bytes unpacked for each byte stored. Real layers reach 3 to 10.
    pub ratio: u64,
    /// Bytes of one file; the most that a tar header can say without extensions is 8 GiB.
    pub file_bytes: u64,
    /// Entries of all layers, each of which costs some 10 bytes of memory. Images of a whole distribution have some 300,000.
    pub entries: u64,
    /// Folders inside one another. A walk over the tree holds one open descriptor a level, and 1,024 is a usual limit of those.
    pub depth: usize,
    /// Folders of all layers, each of which costs some 40 bytes of memory until the end. Images of a whole distribution have some 30,000.
    pub folders: usize,
    /// Bytes read before an entry: its header, a long name, extended attributes, a map of holes. The kernel allows 64 KiB an
    /// attribute list.
    pub header_bytes: u64,
    /// Time for unpacking all layers: markers that each search a large folder cost an archive little and the machine much.
    pub time: Duration,
    /// Layers; engines stop at 127.
    pub layers: usize,
    /// Bytes of an index, manifest or configuration; registries accept manifests up to 4 MiB.
    pub document_bytes: u64,
    /// Members of an archive that carries an image: some three a layer, and the other platforms' blobs.
    pub members: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            total_bytes: 32 << 30,
            free_bytes: 1 << 30,
            ratio: 200,
            file_bytes: 8 << 30,
            entries: 1_800_000,
            depth: 256,
            folders: 450_000,
            header_bytes: 1 << 20,
            time: Duration::from_secs(60 * 60),
            layers: 512,
            document_bytes: 4 << 20,
            members: 65_536,
        }
    }
}

impl Limits {
    /// Bytes that a layer stored in `stored` bytes may unpack to.
    pub(crate) fn for_stored(&self, stored: u64) -> u64 {
        self.total_bytes.min(self.free_bytes.saturating_add(stored.saturating_mul(self.ratio)))
    }
}

/// When unpacking must be over.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Deadline {
    start: Instant,
    allowed: Duration,
}

impl Deadline {
    /// `allowed` from now.
    pub fn after(allowed: Duration) -> Self {
        Self { start: Instant::now(), allowed }
    }

    /// An error if it has passed.
    pub fn check(&self) -> Result<(), LimitHit> {
        match self.start.elapsed() < self.allowed {
            true => Ok(()),
            false => Err(LimitHit::Time(self.allowed)),
        }
    }
}

/// A limit was passed; carried inside an `io::Error` from the reader that noticed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LimitHit {
    /// [`Limits::total_bytes`], or the ratio of stored to unpacked bytes.
    #[error("it unpacks to more than {0} bytes, and nothing of its stored size should")]
    Total(u64),
    /// [`Limits::file_bytes`].
    #[error("a file in it is said to have {0} bytes")]
    File(u64),
    /// [`Limits::entries`].
    #[error("it has more than {0} entries")]
    Entries(u64),
    /// [`Limits::depth`].
    #[error("folders in it lie more than {0} deep")]
    Depth(usize),
    /// [`Limits::folders`].
    #[error("it has more than {0} folders")]
    Folders(usize),
    /// [`Limits::time`].
    #[error("unpacking it takes more than {} seconds", .0.as_secs())]
    Time(Duration),
    /// [`Limits::header_bytes`].
    #[error("the header of an entry is longer than {0} bytes")]
    Header(u64),
    /// [`Limits::layers`].
    #[error("it has more than {0} layers")]
    Layers(usize),
    /// What a decoder holds of what it has decoded; a constant of each format.
    #[error("it is compressed so that its reader must hold more than {} MiB of it; compress it again {}", bytes >> 20, remedy)]
    Window {
        /// The most that is held.
        bytes: u64,
        /// How to compress it, so that it is no more.
        remedy: &'static str,
    },
    /// [`Limits::document_bytes`].
    #[error("its index, manifest or configuration is longer than {0} bytes")]
    Document(u64),
    /// [`Limits::members`].
    #[error("the archive has more than {0} members")]
    Members(u64),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_layer_may_grow_by_the_ratio_but_never_past_the_total() {
        let limits = Limits { total_bytes: 1000, free_bytes: 100, ratio: 10, ..Limits::default() };
        assert_eq!(limits.for_stored(0), 100);
        assert_eq!(limits.for_stored(5), 150);
        assert_eq!(limits.for_stored(u64::MAX), 1000);
    }
}
