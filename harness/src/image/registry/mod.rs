//! Registries: images by name, pulled without an engine (OCI distribution specification, Docker registry HTTP API V2).
//!
//! A name leads to a manifest, for the platform that is wanted, and that to layers, which are fetched side by side into the
//! cache and unpacked while they come. Nothing is believed that its digest does not confirm. What is in the cache is not
//! fetched again. [`Store`](super::Store) is the one who calls.

mod access;
mod arrival;
mod auth;
mod client;
mod credentials;
mod depot;
mod download;
mod endpoint;
mod error;
mod name;
mod platform;
mod pull;
mod retry;
mod supply;
mod watch;
mod wire;

pub use access::{Access, Mirror, Patience, Proxies, Pull};
pub use error::RegistryError;
pub use platform::Platform;
pub(super) use pull::Registries;
pub use watch::{Event, Watch};
