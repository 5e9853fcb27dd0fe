//! Calls for the area `fs`.

pub mod entries;
pub mod files;
pub mod mounts;
pub mod paths;
pub mod temporary;
pub mod walk;
