//! What an image is made of: how large, of which files and packages, and with what of the things that programs take for granted
//! (a shell, time zones, locales, certificate authorities, how names are looked up). Nothing of it is run.

use std::io;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::image;
use crate::runfile;

mod furniture;
mod kind;
mod packages;
mod rpm;
pub mod table;
pub mod text;
mod tree;

pub use furniture::{Authorities, Furniture, Shell, Zones};
pub use kind::{Amount, Kind};
pub use packages::{Package, Packages};
pub use tree::Tree;

/// An image taken apart.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Anatomy {
    /// The image, as a run file has it.
    #[serde(flatten)]
    pub image: runfile::Image,
    /// Its layers as they are stored, lowest first; empty where it has none, or where the cache was filled by a version that did
    /// not keep them.
    pub layers: Vec<image::LayerSize>,
    /// What `docker image ls` and `docker image inspect` say of it, with the storage driver overlay2: the files and links of each
    /// layer; of an image without layers, what it is once Docker has imported it. None where the cache was filled by a version that
    /// did not count links.
    #[serde(default)]
    pub engine_bytes: Option<u64>,
    /// Its files.
    pub files: Tree,
    /// The databases of packages that it holds.
    pub packages: Vec<Packages>,
    /// What programs take for granted.
    pub furniture: Furniture,
}

impl Anatomy {
    /// Takes an image apart; `described` is what a run file says of it.
    ///
    /// # Errors
    /// A file system that cannot be read.
    pub fn of(image: &image::Image, described: runfile::Image) -> io::Result<Self> {
        let root: &Path = &image.root;
        let view = image::View::open(root)?;
        let files = Tree::of(root)?;
        let engine_bytes = match image.layers.as_slice() {
            // Nobody imports the host.
            [] => image.digest.is_some().then_some(files.bytes + files.link_bytes),
            layers => layers.iter().map(image::LayerSize::engine_bytes).sum(),
        };
        Ok(Self {
            image: described,
            layers: image.layers.clone(),
            engine_bytes,
            files,
            packages: packages::all(&view),
            furniture: Furniture::of(&view),
        })
    }
}
