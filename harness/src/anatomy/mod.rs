//! What an image is made of: how large, of which files and packages, and with what of the things that programs take for granted
//! (a shell, time zones, locales, certificate authorities, how names are looked up). Nothing of it is run.

use std::io;
use std::path::Path;

use serde::Serialize;

use crate::image;
use crate::runfile;

mod furniture;
mod kind;
mod packages;
pub mod table;
mod tree;

pub use furniture::{Authorities, Furniture, Shell, Zones};
pub use kind::{Amount, Kind};
pub use packages::{Package, Packages};
pub use tree::Tree;

/// An image taken apart.
#[derive(Clone, Debug, Serialize)]
pub struct Anatomy {
    /// The image, as a run file has it.
    #[serde(flatten)]
    pub image: runfile::Image,
    /// Its layers as they are stored, lowest first; empty where it has none, or where the cache was filled by a version that did
    /// not keep them.
    pub layers: Vec<image::LayerSize>,
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
        Ok(Self {
            image: described,
            layers: image.layers.clone(),
            files: Tree::of(root)?,
            packages: packages::all(&view),
            furniture: Furniture::of(&view),
        })
    }
}
