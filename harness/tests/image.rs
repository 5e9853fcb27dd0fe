//! Images from the outside: every form that a reference can name, every bad input, and archives that mean harm.
//!
//! All images are made here, from the machine's own loaders or from a few ELF bytes; nothing is fetched. Tests on real Alpine
//! images run where `LIBCDIFF_TEST_IMAGES` names a folder of them, and say so where it does not.

#[path = "image/bad.rs"]
mod bad;
#[path = "image/bench.rs"]
mod bench;
#[path = "image/corpus.rs"]
mod corpus;
#[path = "image/differential.rs"]
mod differential;
#[path = "image/forms.rs"]
mod forms;
#[path = "image/hostile.rs"]
mod hostile;
#[path = "image/layers.rs"]
mod layers;
#[path = "image/libcs.rs"]
mod libcs;
#[path = "image/pack.rs"]
mod pack;
#[path = "image/real.rs"]
mod real;
#[path = "image/stacks.rs"]
mod stacks;
#[path = "image/unpacked.rs"]
mod unpacked;
#[path = "image/user.rs"]
mod user;
