//! What can go wrong between this program and a registry, and whose turn it is.

use std::time::Duration;

use crate::image::digest::Digest;

/// Why something could not be had from a registry. Says nothing of the image: whoever asked adds its name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RegistryError {
    /// The name is none.
    #[error("{0}")]
    Name(String),
    /// The registry has no such thing.
    #[error(
        "{registry} has no {what}; look at the spelling, or log in (docker login, podman login, skopeo login) if it is private"
    )]
    NotFound {
        /// The registry's host.
        registry: String,
        /// What was asked for.
        what: String,
    },
    /// It wants somebody who may.
    #[error("{registry} refuses access{}: {}", user.as_ref().map(|u| format!(" to {u}")).unwrap_or_default(),
        match user { None => "log in with docker login, podman login or skopeo login; a name that does not exist is refused in the same way",
            Some(_) => "these credentials are wrong or may not read it; log in again, or look at the spelling of the name" })]
    Unauthorized {
        /// The registry's host.
        registry: String,
        /// The user whose credentials were sent; none were if there is none.
        user: Option<String>,
    },
    /// Too many requests.
    #[error("{registry} allows no more requests for now{}; log in for a higher limit, or use --mirror",
        after.map(|after| format!(", and says to come back in {} s", after.as_secs())).unwrap_or_default())]
    RateLimited {
        /// The registry's host.
        registry: String,
        /// When to ask again, if the registry says.
        after: Option<Duration>,
    },
    /// No connection, or one that broke each time.
    #[error("{registry} cannot be reached: {problem}")]
    Unreachable {
        /// The registry's host.
        registry: String,
        /// What happened, and what to do.
        problem: String,
    },
    /// It answers, and not as registries do.
    #[error("{registry} answers {status} when asked for {what}")]
    Status {
        /// The registry's host.
        registry: String,
        /// The HTTP status.
        status: u16,
        /// What was asked for.
        what: String,
    },
    /// It answers nonsense.
    #[error("{registry} {problem}")]
    Nonsense {
        /// The registry's host.
        registry: String,
        /// What is wrong with the answer.
        problem: String,
    },
    /// What came is not what was asked for.
    #[error("{registry} sent {found} instead of {expected}; pull it again, and if that does not help, push it again")]
    WrongDigest {
        /// The registry's host.
        registry: String,
        /// What was asked for.
        expected: Digest,
        /// What came.
        found: Digest,
    },
    /// Connections broke until there was no more patience.
    #[error(
        "{registry} sent {got} of {size} bytes of {digest}, and then the connection broke: {problem}; pull it again to go on from there"
    )]
    Cut {
        /// The registry's host.
        registry: String,
        /// The blob.
        digest: Digest,
        /// Bytes that came.
        got: u64,
        /// Bytes that it has.
        size: u64,
        /// What happened last.
        problem: String,
    },
    /// Not in the cache, and nobody may be asked.
    #[error(
        "it is not in the cache for {platform}, and --pull never forbids to ask a registry; libcdiff image pull fetches it"
    )]
    NotHeld {
        /// The platform that was wanted.
        platform: String,
    },
    /// The files or programs that keep credentials.
    #[error("reading the credentials for {registry}: {problem}")]
    Credentials {
        /// The registry's host.
        registry: String,
        /// Which file or helper, and what is wrong.
        problem: String,
    },
    /// A flag or variable.
    #[error("{0}")]
    Setting(String),
    /// The disk.
    #[error("cannot {doing} {path}: {problem}")]
    Disk {
        /// What was being done.
        doing: &'static str,
        /// Where.
        path: String,
        /// What the system said.
        problem: String,
    },
}

impl RegistryError {
    /// Whether the request was wrong (exit code 2), rather than the registry or the way to it (exit code 3).
    pub fn is_request(&self) -> bool {
        matches!(
            self,
            Self::Name(_)
                | Self::NotFound { .. }
                | Self::Unauthorized { .. }
                | Self::NotHeld { .. }
                | Self::Credentials { .. }
                | Self::Setting(_)
        )
    }
}
