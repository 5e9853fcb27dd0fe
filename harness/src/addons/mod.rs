//! Which native add-ons of Node an image gets ready-made, which are built there, and which an install script fetches from elsewhere.
//!
//! What would be installed is npm's to say, or a lock's; what of it an image takes follows from the image's files, from what
//! packages say of themselves, and from the binaries that they hold. Nothing of an image or a package is run.

pub mod answer;
pub mod binary;
pub mod judge;
pub mod lock;
pub mod npm;
pub mod platform;
pub mod prebuilds;
pub mod registry;
pub mod script;
pub mod table;
pub mod tarball;
