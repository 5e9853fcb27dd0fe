//! Container engines: Docker and Podman, by the API that both speak. Where they are, what they hold, what of it is ours.
//!
//! Images come from here ([`crate::image`]), containers are made here ([`crate::runner::Container`]), and Dockerfiles are built
//! here ([`crate::build`]). Nothing is read from
//! the engines' own folders, and no command of theirs is run, so an engine on another machine does as well.

mod build;
mod client;
mod cpu;
mod doctor;
mod endpoint;
mod error;
mod holder;
mod owner;
mod pack;
mod tidy;

pub use build::{Ended, Made, Order, Watch};
pub use client::{About, Client, Held, Streams};
pub use cpu::Place;
pub use doctor::state;
pub use endpoint::{Endpoint, Surroundings};
pub use error::EngineError;
pub use holder::Holder;
pub use owner::{LABEL, Owner, REPOSITORY};
pub use pack::{Packer, of_root};
pub use tidy::{making, reap, remove_built_of_mine, remove_mine, remove_when_stopped};
