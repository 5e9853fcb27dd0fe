//! Container engines: Docker and Podman, by the API that both speak. Where they are, what they hold, what of it is ours.
//!
//! Images come from here ([`crate::image`]), and containers are made here ([`crate::runner::Container`]). Nothing is read from
//! the engines' own folders, and no command of theirs is run, so an engine on another machine does as well.

mod client;
mod doctor;
mod endpoint;
mod error;
mod owner;
mod tidy;

pub use client::{Client, Held};
pub use doctor::state;
pub use endpoint::{Endpoint, Surroundings};
pub use error::EngineError;
pub use owner::{LABEL, Owner, REPOSITORY};
pub use tidy::{reap, remove_when_stopped};
