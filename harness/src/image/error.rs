//! What can go wrong with an image, one line each, and whose turn it is: the asker's or the machine's.
//!
//! Variants hold data; all wording is in `Display`. Every message names the file or reference and, where there is one, the
//! way out. Nothing is printed here.

use std::{error::Error, io, path::PathBuf};

use super::{digest::Digest, limits::LimitHit, registry::RegistryError, stream::Corrupt};
use crate::engine::EngineError;

/// Why an image could not be had.
#[derive(Debug, thiserror::Error)]
pub enum ImageError {
    /// The text is no reference.
    #[error("`{reference}` names no image: {problem}")]
    Reference {
        /// As it was given.
        reference: String,
        /// What is wrong with it.
        problem: String,
    },
    /// Nothing there.
    #[error("{}: no such file or folder", .0.display())]
    Missing(PathBuf),
    /// The file or folder may not be read.
    #[error("{}: permission denied; make it readable for this user", .0.display())]
    Denied(PathBuf),
    /// A folder where a file must be, or the other way round.
    #[error("{}: is {found}, but `{scheme}:` wants {wanted}", path.display())]
    WrongKind {
        /// The path.
        path: PathBuf,
        /// The scheme that was asked for.
        scheme: &'static str,
        /// What that scheme reads.
        wanted: &'static str,
        /// What is there.
        found: &'static str,
    },
    /// A folder without entries.
    #[error("{}: the folder is empty", .0.display())]
    EmptyFolder(PathBuf),
    /// A file of another sort.
    #[error("{}: no image: {found}; an image is a tar (plain, .gz, .xz or .zst) or a folder", path.display())]
    NoImage {
        /// The path.
        path: PathBuf,
        /// What the file seems to be.
        found: String,
    },
    /// Readable, but nothing in it that a program could run in.
    #[error("{what}: no root file system in it: {problem}")]
    NoFileSystem {
        /// The archive or folder.
        what: String,
        /// What is there instead, and what to do.
        problem: String,
    },
    /// Ends too early.
    #[error("{what}: truncated: {detail}; copy or download it again")]
    Truncated {
        /// The file, or the part of it.
        what: String,
        /// What is missing.
        detail: String,
    },
    /// Compressed data does not decompress.
    #[error("{what}: {corrupt}; copy or download it again")]
    Corrupt {
        /// The file, or the part of it.
        what: String,
        /// Which format, and what the decoder said.
        corrupt: Corrupt,
    },
    /// Not a well-formed tar.
    #[error("{what}: broken tar archive: {detail}")]
    Archive {
        /// The file, or the part of it.
        what: String,
        /// What is wrong.
        detail: String,
    },
    /// An entry that would do something an image has no business doing.
    #[error("{what}: refused, because its entry `{entry}` {reason}")]
    Refused {
        /// The file, or the part of it.
        what: String,
        /// The name of the entry, made printable.
        entry: String,
        /// What is wrong with it.
        reason: String,
    },
    /// Larger than any image should be.
    #[error("{what}: refused, because {hit}")]
    Limit {
        /// The file, or the part of it.
        what: String,
        /// Which limit.
        hit: LimitHit,
    },
    /// Content and name do not belong together.
    #[error("{what}: wrong digest: {part} is {found}, but is named as {expected}; copy or pull it again")]
    WrongDigest {
        /// The image.
        what: String,
        /// Which part of it.
        part: String,
        /// What it is called.
        expected: Digest,
        /// What it is.
        found: Digest,
    },
    /// Index, manifest or configuration do not say what is needed.
    #[error("{what}: {problem}")]
    Layout {
        /// The image.
        what: String,
        /// What is wrong.
        problem: String,
    },
    /// Several images, and nothing says which.
    #[error("{what}: holds several images; name one, as in `{what}:{}`: {}", names[0], names.join(", "))]
    Several {
        /// The archive.
        what: String,
        /// What they are called; never empty.
        names: Vec<String>,
    },
    /// The image asked for is not in the archive.
    #[error("{what}: holds no image `{wanted}`, only {}", names.join(", "))]
    NoSuchName {
        /// The archive.
        what: String,
        /// The name asked for.
        wanted: String,
        /// What is there.
        names: Vec<String>,
    },
    /// Made for another machine.
    #[error(
        "{what}: the image is for {image}, this machine is {machine}; take the image's {machine} variant{}{lacking}",
        if lacking.is_empty() { "" } else { ", or " }
    )]
    Foreign {
        /// The image.
        what: String,
        /// Its architecture.
        image: String,
        /// This machine's.
        machine: String,
        /// What would let it be used all the same; empty where nothing would.
        lacking: String,
    },
    /// What a registry, or the way to it, has against it.
    #[error("{}{name}: {error}", if *.sought { "neither a catalog name nor an existing path, and at a registry: " } else { "" })]
    Registry {
        /// The name in full.
        name: String,
        /// Whether it was first sought elsewhere, because nothing said that it is a registry's.
        sought: bool,
        /// What went wrong.
        error: Box<RegistryError>,
    },
    /// At a container engine.
    #[error("{reference}: {error}")]
    Engine {
        /// As it was given.
        reference: String,
        /// What went wrong.
        error: Box<EngineError>,
    },
    /// In the catalog, but not made yet.
    #[error("{name}: this catalog image has not been built yet ({} is missing); run `make images`", path.display())]
    NotBuilt {
        /// The catalog name.
        name: String,
        /// Where it would be.
        path: PathBuf,
    },
    /// The machine could not read.
    #[error("cannot read {}", path.display())]
    Read {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The machine could not keep the image.
    #[error("cannot {doing} in the image cache {}", path.display())]
    Cache {
        /// What was being done.
        doing: &'static str,
        /// The cache.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The folder that an image is to be unpacked into cannot be it.
    #[error("{}: {problem}", folder.display())]
    Into {
        /// The folder.
        folder: PathBuf,
        /// Why, and what to do.
        problem: String,
    },
    /// The machine could not unpack the image into a folder of the asker's.
    #[error("cannot {doing} into {}", folder.display())]
    Unpack {
        /// What was being done.
        doing: &'static str,
        /// The folder.
        folder: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// No space left where images are kept.
    #[error("the disk of the image cache {} is full; free some space, or set another cache folder", .0.display())]
    Full(PathBuf),
}

impl ImageError {
    /// An image for another machine, and what would let it be used all the same.
    pub(crate) fn foreign(what: &str, image: String, lacking: String) -> Self {
        Self::Foreign { what: what.into(), image, machine: super::Arch::native().spoken(), lacking }
    }

    /// Whether the request was wrong (exit code 2), rather than the tool or the machine (exit code 3).
    pub fn is_request(&self) -> bool {
        match self {
            Self::Registry { error, .. } => error.is_request(),
            Self::Engine { error, .. } => error.is_request(),
            other => !matches!(other, Self::Read { .. } | Self::Cache { .. } | Self::Unpack { .. } | Self::Full(_)),
        }
    }

    /// A failure to open or read the asker's `path`.
    pub(crate) fn reading(path: impl Into<PathBuf>, source: io::Error) -> Self {
        let path = path.into();
        match source.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => Self::Missing(path),
            io::ErrorKind::PermissionDenied => Self::Denied(path),
            _ => Self::Read { path, source },
        }
    }

    /// A failure to write into the image cache at `path`.
    pub(crate) fn keeping(doing: &'static str, path: impl Into<PathBuf>, source: io::Error) -> Self {
        let path = path.into();
        match source.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::Full(path),
            _ => Self::Cache { doing, path, source },
        }
    }

    /// A failure in the middle of a stream: of the file at `path`, of its compression, of a limit, or of the tar itself.
    pub(crate) fn streaming(what: &str, path: &std::path::Path, error: io::Error) -> Self {
        let what = what.to_owned();
        if let Some(hit) = cause::<LimitHit>(&error) {
            return Self::Limit { what, hit: *hit };
        }
        if let Some(corrupt) = cause::<Corrupt>(&error) {
            return match corrupt.early_end {
                true => Self::Truncated { what, detail: format!("the {} data ends early", corrupt.format) },
                false => Self::Corrupt { what, corrupt: corrupt.clone() },
            };
        }
        if error.raw_os_error().is_some() {
            return Self::reading(path, error);
        }
        match error.kind() {
            io::ErrorKind::UnexpectedEof => {
                Self::Truncated { what, detail: "the archive ends in the middle of an entry".into() }
            }
            _ => Self::Archive { what, detail: error.to_string() },
        }
    }
}

/// The first error of type `T` in the chain of `error`.
fn cause<T: Error + 'static>(error: &io::Error) -> Option<&T> {
    let mut next: Option<&(dyn Error + 'static)> = error.get_ref().map(|e| e as _);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref() {
            return Some(found);
        }
        next = error.source();
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_is_the_machine_s_fault_and_a_missing_file_the_asker_s() {
        let full = ImageError::keeping("write", "/cache", io::ErrorKind::StorageFull.into());
        assert!(matches!(full, ImageError::Full(_)) && !full.is_request(), "{full}");
        let missing = ImageError::reading("/nowhere", io::ErrorKind::NotFound.into());
        assert!(matches!(missing, ImageError::Missing(_)) && missing.is_request(), "{missing}");
        let denied = ImageError::reading("/secret", io::ErrorKind::PermissionDenied.into());
        assert!(matches!(denied, ImageError::Denied(_)) && denied.is_request(), "{denied}");
    }

    #[test]
    fn a_name_that_a_registry_does_not_know_is_the_asker_s_and_a_silent_registry_the_machine_s() {
        let of =
            |error| ImageError::Registry { name: "docker.io/library/x:1".into(), sought: true, error: Box::new(error) };
        let missing = of(RegistryError::NotFound { registry: "r".into(), what: "manifest 1".into() });
        assert!(missing.is_request() && missing.to_string().contains("existing path, and at a registry: docker.io/"));
        let silent = of(RegistryError::Unreachable { registry: "r".into(), problem: "silent".into() });
        assert!(!silent.is_request());
    }
}
