//! Threads: their attributes, stacks and ends, and the locks between them. One module a noun; each offers safe values to the
//! cases of the area, and no module here decides what an answer means.

pub mod attributes;
pub mod cancel;
pub mod ends;
pub mod guard;
pub mod keys;
pub mod locks;
pub mod names;
pub mod overflow;
pub mod points;
pub mod schedule;
pub mod semaphores;
pub mod thread;
