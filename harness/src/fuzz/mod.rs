//! Looking for differences that nobody has listed: the same inputs in every image, made from a grammar or out of a small
//! domain, and what differs made small, put together by cause, and joined with the pitfalls that explain it.
//!
//! A worker in each image makes the inputs by itself, from a seed and a number ([`ask`]), so that a hash of each answer is all
//! that has to travel. Of what differs, a part is asked for in full ([`shape`]: what differs in it), made as small as it can be
//! with the same difference ([`reduce`]), confirmed in fresh processes, and put into a [`class`]. All that is decided follows
//! from the seed and from what came back, so that two runs with one seed find the same; [`state`] keeps where a run stands.

pub mod ask;
pub mod campaign;
pub mod class;
pub mod draft;
pub mod explain;
pub mod input;
pub mod reduce;
pub mod resident;
pub mod shape;
pub mod state;
pub mod table;
pub mod target;
