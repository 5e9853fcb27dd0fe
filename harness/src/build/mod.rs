//! Builds of Dockerfiles, measured: how long an image takes, what that costs, and what fills it, one base image beside another.
//!
//! Here is what needs no engine: what a Dockerfile says and how its base image is replaced ([`dockerfile`]), what of a folder
//! goes to the builder ([`context`]), what the builder says ([`said`]), what is written of it ([`file`]), what follows from
//! the measurements ([`summary`]), and how that is shown ([`table`]). `engine` has the builds made, and `verb::build` takes turns.

pub mod context;
pub mod dockerfile;
pub mod file;
pub mod ignore;
pub mod said;
pub mod summary;
pub mod table;
