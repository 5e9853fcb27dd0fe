//! Names of images at registries, as the distribution specification and Docker's `reference` package read them.
//!
//! `alpine` means `docker.io/library/alpine:latest`; what stands before the first slash is a host only if it has a dot or a
//! colon in it, or is `localhost`. There is a crate for this, and it brings a regular-expression engine and four macro crates
//! for one expression.

use std::{fmt, net::IpAddr};

use crate::image::digest::Digest;

/// A name in full.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Name {
    /// The registry, with its port if one is given.
    pub host: String,
    /// The repository there.
    pub repository: String,
    /// The tag; `latest` where neither tag nor digest is given.
    pub tag: Option<String>,
    /// The pinned digest, which decides where there is one.
    pub digest: Option<Digest>,
}

/// Docker's own registry, which names without a host lie at.
pub(super) const DOCKER: &str = "docker.io";
/// Docker takes repositories up to this length, host included.
const LONGEST: usize = 255;
/// The specification's limit of a tag.
const LONGEST_TAG: usize = 128;

impl Name {
    /// Reads a name; the error says what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let (rest, digest) = match text.split_once('@') {
            Some((rest, digest)) => (rest, Some(parse_digest(digest)?)),
            None => (text, None),
        };
        // A colon before the last slash belongs to the port.
        let path_at = rest.rfind('/').map_or(0, |at| at + 1);
        let (name, tag) = match rest[path_at..].split_once(':') {
            Some((_, tag)) => (&rest[..rest.len() - tag.len() - 1], Some(parse_tag(tag)?)),
            None => (rest, None),
        };
        let (host, path) = split_host(name);
        if !is_host(host) {
            return Err(format!("`{host}` is no host"));
        }
        let repository = match host == DOCKER && !path.contains('/') {
            true => format!("library/{path}"),
            false => path.to_owned(),
        };
        if repository.len() > LONGEST {
            return Err(format!("its repository is longer than {LONGEST} characters"));
        }
        if let Some(bad) = repository.split('/').find(|part| !is_component(part)) {
            return Err(format!(
                "`{bad}` is no part of a repository, which is lower-case letters, digits and single . _ -"
            ));
        }
        let tag = tag.or_else(|| digest.is_none().then(|| "latest".to_owned()));
        Ok(Self { host: host.to_owned(), repository, tag, digest })
    }

    /// What the registry is asked for: the digest, or else the tag.
    pub fn reference(&self) -> String {
        match (&self.digest, &self.tag) {
            (Some(digest), _) => digest.to_string(),
            (None, tag) => tag.clone().unwrap_or_default(),
        }
    }

    /// The same repository, pinned.
    pub fn pinned(&self, digest: Digest) -> String {
        format!("{}/{}@{digest}", self.host, self.repository)
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.host, self.repository)?;
        if let Some(tag) = &self.tag {
            write!(f, ":{tag}")?;
        }
        if let Some(digest) = &self.digest {
            write!(f, "@{digest}")?;
        }
        Ok(())
    }
}

/// Whether this host, given with or without a port, is the machine itself.
pub(super) fn is_loopback(host: &str) -> bool {
    let bare = match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    };
    bare == "localhost" || bare.ends_with(".localhost") || bare.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

fn split_host(name: &str) -> (&str, &str) {
    match name.split_once('/') {
        Some((host, path)) if host.contains(['.', ':']) || host == "localhost" => match host {
            "index.docker.io" | "registry-1.docker.io" => (DOCKER, path),
            host => (host, path),
        },
        _ => (DOCKER, name),
    }
}

fn is_host(host: &str) -> bool {
    let (name, port) = match host.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((address, port)) => match address.parse::<IpAddr>() {
            Ok(_) => ("address", port),
            Err(_) => return false,
        },
        None => host.split_at(host.find(':').unwrap_or(host.len())),
    };
    let good_port =
        port.is_empty() || port.strip_prefix(':').is_some_and(|port| port.parse::<u16>().is_ok_and(|p| p > 0));
    let label = |label: &str| {
        !label.is_empty()
            && label.bytes().all(|c| c.is_ascii_alphanumeric() || c == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    good_port && name.split('.').all(label)
}

/// Lower-case letters and digits, between them one `.`, one or two `_`, or any number of `-`.
fn is_component(part: &str) -> bool {
    let word = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    let between = part.split(word).filter(|between| !between.is_empty());
    part.starts_with(word)
        && part.ends_with(word)
        && between.into_iter().all(|b| matches!(b, "." | "_" | "__") || b.bytes().all(|c| c == b'-'))
}

fn parse_tag(tag: &str) -> Result<String, String> {
    let good = |c: char| c.is_ascii_alphanumeric() || "_.-".contains(c);
    match !tag.is_empty() && tag.len() <= LONGEST_TAG && tag.chars().all(good) && !tag.starts_with(['.', '-']) {
        true => Ok(tag.to_owned()),
        false => Err(format!("`{tag}` is no tag, which is up to {LONGEST_TAG} letters, digits and . _ -")),
    }
}

fn parse_digest(text: &str) -> Result<Digest, String> {
    Digest::parse(text).ok_or_else(|| format!("`{text}` is no digest, which is sha256: and 64 hex digits"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEX: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    #[test]
    fn short_names_are_completed_as_docker_does() {
        for (text, full) in [
            ("alpine", "docker.io/library/alpine:latest"),
            ("alpine:3.20", "docker.io/library/alpine:3.20"),
            ("owner/name", "docker.io/owner/name:latest"),
            ("docker.io/alpine", "docker.io/library/alpine:latest"),
            ("index.docker.io/library/alpine", "docker.io/library/alpine:latest"),
            ("localhost/x", "localhost/x:latest"),
            ("localhost:5000/a/b:c", "localhost:5000/a/b:c"),
            ("[::1]:5000/a", "[::1]:5000/a:latest"),
            ("ghcr.io/o/n__m.x-y--z:T_1.2-3", "ghcr.io/o/n__m.x-y--z:T_1.2-3"),
        ] {
            assert_eq!(Name::parse(text).expect(text).to_string(), full);
        }
    }

    #[test]
    fn a_digest_needs_no_tag_and_decides() {
        let name = Name::parse(&format!("debian@sha256:{HEX}")).expect("a name");
        assert_eq!((name.tag.as_deref(), name.reference()), (None, format!("sha256:{HEX}")));
        let name = Name::parse(&format!("debian:13@sha256:{HEX}")).expect("a name");
        assert_eq!((name.tag.as_deref(), name.reference()), (Some("13"), format!("sha256:{HEX}")));
    }

    #[test]
    fn what_is_no_name_is_told() {
        let long = "a".repeat(LONGEST + 1);
        for (text, words) in [
            ("", "no part"),
            ("Alpine", "no part"),
            ("a//b", "no part"),
            ("a..b", "no part"),
            ("a___b", "no part"),
            ("-a", "no part"),
            ("example.org/", "no part"),
            ("a:", "no tag"),
            ("a:.x", "no tag"),
            ("a:x y", "no tag"),
            ("a@sha256:00", "no digest"),
            ("a@md5:00", "no digest"),
            ("exa_mple.org/a", "no host"),
            ("example.org:0/a", "no host"),
            ("example.org:x/a", "no host"),
            ("[::x]:1/a", "no host"),
            (&long, "longer than"),
        ] {
            let error = Name::parse(text).expect_err(text);
            assert!(error.contains(words), "{text}: {error}");
        }
    }

    #[test]
    fn the_machine_itself_is_known_by_all_its_names() {
        for host in ["localhost", "localhost:5000", "127.0.0.1:5000", "127.9.9.9", "[::1]:5000", "x.localhost:1"] {
            assert!(is_loopback(host), "{host}");
        }
        for host in ["localhost.example.org", "10.0.0.1:5000", "docker.io", "[::2]"] {
            assert!(!is_loopback(host), "{host}");
        }
    }
}
