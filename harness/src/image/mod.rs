//! Images: from what a person typed to a root file system, and what is in it.
//!
//! A [`Reference`] is parsed, a [`Store`] finds, checks and unpacks what it means, and the result is an [`Image`]: a folder, and
//! what was seen there. Archives come from strangers; nothing in one can lead a write outside its folder, and no size in one
//! is believed. Nothing of an image is run here. The runner is the one who calls.

use std::{collections::BTreeMap, path::PathBuf};

use serde::{Deserialize, Serialize};

mod ahead;
mod arch;
mod blobs;
mod cache;
mod catalog;
pub mod confine;
mod content;
mod digest;
mod elf;
mod engine;
mod error;
mod extensions;
mod fields;
mod filler;
mod holes;
mod inspect;
mod inventory;
mod known;
mod layer;
mod libc;
mod limits;
mod listing;
mod manifest;
mod measure;
mod members;
mod names;
mod oci;
mod os;
mod owners;
mod reference;
mod registry;
mod saved;
mod skip;
mod store;
pub(crate) mod stream;
mod tree;
mod unpack;
mod view;

pub(crate) use arch::anywhere;
pub use arch::{Abroad, Arch};
pub use cache::Hold;
pub use catalog::{Catalog, CatalogError, CatalogImage, Origin};
pub use digest::Digest;
pub use elf::Elf;
pub use error::ImageError;
pub use inventory::{Held, Prune, Pruned};
pub use layer::LeftOut;
pub(crate) use libc::loader_at;
pub use libc::{Evidence, Family, Libc, asked_for};
pub use limits::{LimitHit, Limits};
pub use os::Os;
pub(crate) use reference::looks_like_path;
pub use reference::{Engine, Reference, Source};
pub use registry::{Access, Event, Mirror, Patience, Platform, Proxies, Pull, RegistryError, Watch};
pub use store::Store;
pub use stream::{Corrupt, Format};
pub use unpack::Unpacked;
pub use view::View;

/// A root file system that programs can be run in.
#[derive(Clone, Debug, Serialize)]
pub struct Image {
    /// A short name for tables: the catalog or registry name, or the file's name without its endings. Two images of one run may
    /// have the same; whoever runs them sees to that.
    pub id: String,
    /// What was asked for.
    pub reference: String,
    /// What the content is called. Of an image: its configuration's digest, which engines call the image id (a tool that
    /// converts between Docker's and OCI's forms writes another configuration). Of a root file system in a tar: the digest of
    /// the tar without compression. Neither depends on how layers or archives are compressed.
    /// Of a folder: `listing-sha256:` and a digest of names, types, modes, sizes and the C libraries' bytes. Of the host: none.
    pub digest: Option<String>,
    /// Where it is: in the cache, or the folder that was asked for. Never to be written to.
    pub root: PathBuf,
    /// The distribution.
    pub os: Os,
    /// The architecture, as `uname -m` says: this machine's, or one that the store was told to take ([`Store::with_abroad`]).
    pub arch: String,
    /// The C libraries in it that run on this architecture.
    pub libcs: Vec<Libc>,
    /// Which of them the image's own programs use; see [`Image::libc`].
    pub own: Option<usize>,
    /// Why that one.
    pub evidence: Evidence,
    /// How large it is.
    pub size: Size,
    /// Its layers, lowest first; empty where it has none, and for those that an older version unpacked.
    pub layers: Vec<LayerSize>,
    /// Environment that the image asks for, `PATH` first of all; empty where the format has none.
    pub env: BTreeMap<String, String>,
    /// What the archive had and the folder has not.
    pub left_out: LeftOut,
    /// The name that leads to this image and no other, of one that came from a registry.
    pub pinned: Option<String>,
    /// Keeps it in the cache.
    #[serde(skip)]
    pub hold: Hold,
}

/// A layer of an image.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct LayerSize {
    /// Its digest as it is stored; that of its content where it is stored as it is.
    pub digest: String,
    /// Bytes as it is stored; `None` where that is not compressed.
    pub compressed_bytes: Option<u64>,
    /// Bytes of the files in it, each counted once; what a higher layer hides is counted where it lies.
    pub bytes: u64,
    /// Bytes of the names that its symbolic links lead to; `None` of one that an older version unpacked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link_bytes: Option<u64>,
}

impl LayerSize {
    /// What Docker says of the layer: its storage driver overlay2 adds up files and links. `None` of one that an older version
    /// unpacked.
    pub fn engine_bytes(&self) -> Option<u64> {
        self.link_bytes.map(|links| self.bytes + links)
    }
}

/// How large an image is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Size {
    /// As it is stored and sent; `None` where it is stored uncompressed, or is a folder.
    pub compressed_bytes: Option<u64>,
    /// Its regular files, each counted once; `None` for the host.
    pub unpacked_bytes: Option<u64>,
}

impl Image {
    /// The C library that the image's own programs use; `None` where there is none, and only static programs can run.
    pub fn libc(&self) -> Option<&Libc> {
        self.libcs.get(self.own?)
    }

    /// The C library of this family, if it is there. A program linked for it starts if [`Libc::is_where_programs_look`].
    pub fn libc_of(&self, family: &Family) -> Option<&Libc> {
        self.libcs.iter().find(|libc| libc.family == *family)
    }
}
