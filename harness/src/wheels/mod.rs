//! Which Python packages install from a wheel in an image, which must be compiled there, and what compiling takes.
//!
//! What would be installed is the resolver's to say; which of its files an image takes follows from the image's C library,
//! architecture and Python. Nothing of an image is run.

pub mod answer;
pub mod choice;
pub mod fetch;
pub mod languages;
pub mod lines;
pub mod lock;
pub mod needs;
pub mod pins;
pub mod pip;
pub mod requirements;
pub mod resolver;
pub mod sdist;
pub mod table;
pub mod tags;
pub mod target;
