//! The inventory: which images the cache holds, and which of them, with which blobs, nobody asks for any more.
//!
//! What somebody uses at the moment stays, whatever is asked; a pull under way keeps all blobs.

use std::{
    collections::HashSet,
    fs,
    time::{Duration, SystemTime},
};

use serde::Serialize;

use super::{Store, digest::Digest, error::ImageError, names::Named, oci};

/// An image that the cache holds.
#[derive(Clone, Debug, Serialize)]
pub struct Held {
    /// What it is called by its content, as [`Image::digest`](super::Image::digest).
    pub digest: String,
    /// The names at registries that led to it when they were last asked; none for one from an archive.
    pub names: Vec<String>,
    /// The platform that was asked for, where it has names.
    pub platform: Option<String>,
    /// Bytes of its files.
    pub unpacked_bytes: u64,
    /// Bytes as it was sent, if it was compressed.
    pub compressed_bytes: Option<u64>,
    /// When it was last used, in seconds since 1970.
    pub used: u64,
}

/// What is to go.
#[derive(Clone, Copy, Debug, Default)]
pub struct Prune {
    /// Everything that nobody uses at the moment.
    pub all: bool,
    /// What nobody has used for so long.
    pub unused_for: Option<Duration>,
}

/// What went.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Pruned {
    /// Digests of the images that went.
    pub removed: Vec<String>,
    /// Digests of those that stayed because somebody uses them.
    pub in_use: Vec<String>,
    /// Bytes of blobs that went; `None` if they stayed because somebody is pulling.
    pub blob_bytes: Option<u64>,
}

impl Store {
    /// What the cache holds, the last used first.
    pub fn held(&self) -> Vec<Held> {
        let names = self.registries.names().all();
        let mut images = self.cache.all();
        images.sort_by_key(|(digest, _, used)| (std::cmp::Reverse(*used), *digest));
        let held = |(digest, record, used): (Digest, super::cache::Record, SystemTime)| {
            let digest = digest.to_string();
            let named: Vec<&Named> = names.iter().filter(|named| named.image == digest).collect();
            Held {
                names: named.iter().map(|named| named.name.clone()).collect(),
                platform: named.first().map(|named| named.platform.clone()),
                compressed_bytes: named.iter().find_map(|named| named.compressed_bytes),
                unpacked_bytes: record.measure.bytes,
                used: used.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs(),
                digest,
            }
        };
        images.into_iter().map(held).collect()
    }

    /// Removes images that no name, no archive and no engine's id leads to any more, what dead processes left, and blobs that no image needs;
    /// more where `prune` says so.
    ///
    /// # Errors
    /// Where something cannot be removed.
    pub fn prune(&self, prune: Prune) -> Result<Pruned, ImageError> {
        let old: HashSet<Digest> = match prune.unused_for.and_then(|age| SystemTime::now().checked_sub(age)) {
            Some(since) => {
                self.cache.all().iter().filter(|(.., used)| *used < since).map(|(digest, ..)| *digest).collect()
            }
            None => HashSet::new(),
        };
        let image = |named: &Named| Digest::parse(&named.image);
        let names = self.registries.names();
        let (gone, kept): (Vec<Named>, Vec<Named>) = names
            .all()
            .into_iter()
            .partition(|named| prune.all || image(named).is_none_or(|digest| old.contains(&digest)));
        gone.iter().for_each(|named| names.remove(named));
        let mut wanted = self.cache.files(prune.all);
        wanted.extend(self.cache.engines(prune.all));
        wanted.extend(kept.iter().filter_map(image));
        let (removed, in_use) = self.cache.prune(|digest| wanted.contains(digest) && !old.contains(digest))?;
        let depot = self.registries.depot();
        let blobs: HashSet<Digest> = kept.iter().flat_map(|named| self.blobs(named)).collect();
        let failed = |error| ImageError::keeping("remove blobs", depot.folder(), error);
        let blob_bytes = depot.prune(|digest| blobs.contains(digest)).map_err(failed)?;
        let text = |digests: Vec<Digest>| digests.iter().map(Digest::to_string).collect();
        Ok(Pruned { removed: text(removed), in_use: text(in_use), blob_bytes })
    }

    /// The blobs of a named image: its documents, and the layers that its manifest lists.
    fn blobs(&self, named: &Named) -> Vec<Digest> {
        let documents =
            [&named.digest, &named.manifest, &named.image].into_iter().filter_map(|text| Digest::parse(text));
        let manifest = Digest::parse(&named.manifest).and_then(|d| fs::read(self.registries.depot().path(&d)).ok());
        documents.chain(oci::layers(&manifest.unwrap_or_default())).collect()
    }
}
