//! Image references: what a person types to name an image, and how it is read.
//!
//! Parsing looks at the text alone; whether a file is there, or a name in the catalog, is for `Store::resolve`. Schemes are
//! those that users of container tools know, each with and without `//`; only `docker://` differs from `docker:`, because
//! everybody who writes the former means a registry.

use std::{fmt, path::PathBuf, str::FromStr};

use super::error::ImageError;

/// A parsed reference; displays as it was typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    text: String,
    source: Source,
}

/// Where an image is to come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// The machine itself.
    Host,
    /// A tar of a root file system, compressed or not.
    Rootfs(PathBuf),
    /// A root file system in a folder, used in place.
    Folder(PathBuf),
    /// What `docker save` writes; the text is a path and, where it ends in `:NAME:TAG` or `:@N`, the choice of one image.
    DockerArchive(String),
    /// A tar of an OCI layout, with the same endings.
    OciArchive(String),
    /// An OCI layout in a folder, with the same endings.
    OciFolder(String),
    /// A name at a registry.
    Registry(String),
    /// A name at a container engine of this machine.
    Engine(Engine, String),
    /// No scheme: a catalog name, an existing path, or a registry's name, in this order.
    Bare(String),
}

/// A container engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// Docker.
    Docker,
    /// Podman.
    Podman,
}

impl Engine {
    /// The name of its command.
    pub fn command(self) -> &'static str {
        match self {
            Self::Docker => "docker",
            Self::Podman => "podman",
        }
    }
}

/// A scheme, what follows it in messages, and what it means.
type Scheme = (&'static str, &'static str, fn(String) -> Source);

/// Every scheme, what follows it, and how it becomes a source. The names of other tools for the same thing are taken too.
#[rustfmt::skip]
static SCHEMES: [Scheme; 11] = [
    ("rootfs", "FILE.tar[.gz|.xz|.zst]", |rest| Source::Rootfs(rest.into())),
    ("dir", "DIR", |rest| Source::Folder(rest.into())),
    ("docker-archive", "FILE", Source::DockerArchive),
    ("oci-archive", "FILE", Source::OciArchive),
    ("oci-dir", "DIR", Source::OciFolder),
    ("oci", "DIR", Source::OciFolder),
    ("registry", "NAME", Source::Registry),
    ("docker", "NAME", |rest| Source::Engine(Engine::Docker, rest)),
    ("docker-daemon", "NAME", |rest| Source::Engine(Engine::Docker, rest)),
    ("podman", "NAME", |rest| Source::Engine(Engine::Podman, rest)),
    ("containers-storage", "NAME", |rest| Source::Engine(Engine::Podman, rest)),
];

impl Reference {
    /// Reads a reference.
    ///
    /// # Errors
    /// [`ImageError::Reference`] for empty text, an unknown `scheme://`, a scheme with nothing after it, and text that could
    /// be neither a path nor an image's name.
    pub fn parse(text: &str) -> Result<Self, ImageError> {
        let fail = |problem: String| ImageError::Reference { reference: text.into(), problem };
        let source = Self::source_of(text).map_err(fail)?;
        if let Source::Registry(name) | Source::Engine(_, name) = &source
            && !is_image_name(name)
        {
            return Err(fail(format!(
                "`{name}` is no image name, which is like `alpine:3.20` or `ghcr.io/owner/name:tag`"
            )));
        }
        Ok(Self { text: text.into(), source })
    }

    fn source_of(text: &str) -> Result<Source, String> {
        if text.is_empty() || text.contains('\0') {
            return Err("a reference is a name or a path".into());
        }
        if text == "host" {
            return Ok(Source::Host);
        }
        let Some((scheme, rest)) = text.split_once(':') else {
            return Ok(Source::Bare(text.into()));
        };
        let bare = rest.strip_prefix("//");
        if let ("docker", Some(name)) = (scheme, bare) {
            return Ok(Source::Registry(name.into()));
        }
        match SCHEMES.iter().find(|(name, ..)| *name == scheme) {
            Some((name, follows, _)) if bare.unwrap_or(rest).is_empty() => {
                Err(format!("`{name}:` wants something after it: {name}:{follows}"))
            }
            Some((.., source)) => Ok(source(bare.unwrap_or(rest).into())),
            None if bare.is_some() => Err(format!("there is no scheme `{scheme}`; known are {}", known_schemes())),
            None => Ok(Source::Bare(text.into())),
        }
    }

    /// Where the image is to come from.
    pub fn source(&self) -> &Source {
        &self.source
    }

    /// A short name for reports: the catalog or registry name, or the file's name without its endings.
    pub fn id(&self) -> String {
        match &self.source {
            Source::Host => "host".into(),
            Source::Rootfs(path) | Source::Folder(path) => stem(&path.to_string_lossy()),
            Source::DockerArchive(path) | Source::OciArchive(path) | Source::OciFolder(path) => stem(path),
            Source::Registry(name) | Source::Engine(_, name) => name.clone(),
            Source::Bare(text) if looks_like_path(text) => stem(text),
            Source::Bare(text) => text.clone(),
        }
    }
}

impl FromStr for Reference {
    type Err = ImageError;

    fn from_str(text: &str) -> Result<Self, ImageError> {
        Self::parse(text)
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

fn known_schemes() -> String {
    SCHEMES.iter().map(|(name, ..)| format!("{name}:")).collect::<Vec<_>>().join(" ")
}

/// Endings of archives, longest first.
const ENDINGS: [&str; 8] = [".tar.gz", ".tar.xz", ".tar.zst", ".tgz", ".txz", ".tzst", ".tar", ".oci"];

/// Whether text without a scheme can only be meant as a path, so that it is called missing rather than sought at a registry.
pub(crate) fn looks_like_path(text: &str) -> bool {
    text.starts_with(['/', '.', '~']) || text.ends_with('/') || ENDINGS.iter().any(|ending| text.ends_with(ending))
}

/// Whether text could be an image's name at a registry: the characters of the distribution specification's references. The
/// full grammar is for the client that pulls.
pub(crate) fn is_image_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphanumeric())
        && text.ends_with(|c: char| c.is_ascii_alphanumeric())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || "._-/:@+".contains(c))
        && !text.contains("//")
}

fn stem(path: &str) -> String {
    let name = path.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
    let name = ENDINGS.iter().find_map(|ending| name.strip_suffix(ending)).unwrap_or(name);
    if name.is_empty() { "image".into() } else { name.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(text: &str) -> Source {
        Reference::parse(text).expect(text).source
    }

    #[test]
    fn every_scheme_is_read_with_and_without_slashes() {
        for (name, _, make) in &SCHEMES {
            assert_eq!(source(&format!("{name}:some/where")), make("some/where".into()));
            let slashed = source(&format!("{name}://some/where"));
            match *name {
                "docker" => assert_eq!(slashed, Source::Registry("some/where".into())),
                _ => assert_eq!(slashed, make("some/where".into())),
            }
        }
        assert_eq!(source("rootfs:/a:b.tar"), Source::Rootfs("/a:b.tar".into()));
        assert_eq!(source("dir:///srv/root"), Source::Folder("/srv/root".into()));
    }

    #[test]
    fn without_a_scheme_a_reference_is_left_for_later() {
        assert_eq!(source("host"), Source::Host);
        for text in ["alpine:3.20", "debian-12-musl", "./x.tar", "ghcr.io/a/b@sha256:00", "localhost:5000/x", "C:x"] {
            assert_eq!(source(text), Source::Bare(text.into()));
        }
    }

    #[test]
    fn what_is_no_reference_says_so() {
        for (text, words) in [
            ("", "a name or a path"),
            ("rootfs:", "FILE.tar"),
            ("dir://", "dir:DIR"),
            ("https://example.org/x.tar", "no scheme `https`"),
            ("registry:spaces in it", "no image name"),
            ("docker://", "no image name"),
            ("docker:-x", "no image name"),
        ] {
            let error = Reference::parse(text).expect_err(text);
            assert!(error.to_string().contains(words), "{text}: {error}");
            assert!(error.is_request());
        }
    }

    #[test]
    fn a_short_name_has_no_folder_and_no_ending() {
        for (text, id) in [
            ("rootfs:/x/alpine-3.20.tar.gz", "alpine-3.20"),
            ("oci-dir:/x/layout/", "layout"),
            ("./here.tar", "here"),
            ("alpine:3.20", "alpine:3.20"),
            ("dir:/", "image"),
            ("host", "host"),
        ] {
            assert_eq!(Reference::parse(text).expect(text).id(), id);
        }
    }
}
