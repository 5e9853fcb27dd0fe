//! What a file or folder is, by its content: an archive of an image, a layout, a root file system, or none of them.
//!
//! Names and endings count for nothing. Only as much is read as the answer needs: a few entries of a root file system, all
//! headers of an archive that carries an image.

use std::{
    fs,
    io::{self, Read, Seek},
    path::Path,
};

use super::{
    blobs,
    error::ImageError,
    limits::{LimitHit, Limits},
    members::{BLOCK, Members, check_sum},
    skip::{Seeking, Skip},
    stream::{Format, Meter, Metered, decode},
};

/// What was recognised.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Content {
    /// A root file system.
    Rootfs,
    /// What `docker save` writes.
    Docker,
    /// An OCI layout.
    Oci,
}

impl Content {
    /// The scheme that asks for it, of a file.
    pub fn scheme(self) -> &'static str {
        match self {
            Self::Rootfs => "rootfs",
            Self::Docker => "docker-archive",
            Self::Oci => "oci-archive",
        }
    }
}

/// A file, recognised.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Recognised {
    /// What is in it.
    pub content: Content,
    /// How it is compressed.
    pub format: Format,
}

/// Looks into the file at `path`.
pub(crate) fn of_file(path: &Path, what: &str, limits: &Limits) -> Result<Recognised, ImageError> {
    let (mut file, length) = blobs::open(path)?;
    let failed = |e| ImageError::streaming(what, path, e);
    let (format, mut stream) = decode(&file).map_err(failed)?;
    let mut first = Vec::new();
    (&mut stream).take(BLOCK as u64).read_to_end(&mut first).map_err(failed)?;
    if let Some(found) = no_tar(&first, format) {
        return Err(ImageError::NoImage { path: path.into(), found });
    }
    drop(stream);
    file.rewind().map_err(failed)?;
    let content = match format {
        Format::Plain => Seeking::new(&file).and_then(|source| of_archive(source, limits)),
        _ => {
            let stream = decode(&file).map_err(failed)?.1;
            let meter = Meter::new(limits.for_stored(length));
            of_archive(Metered::new(stream, meter), limits)
        }
    };
    Ok(Recognised { content: content.map_err(failed)?, format })
}

fn of_archive(source: impl Skip, limits: &Limits) -> io::Result<Content> {
    let mut members = Members::new(source, limits.header_bytes);
    let (mut docker, mut index, mut layout) = (false, false, false);
    let mut seen = 0;
    while let Some(member) = members.next()? {
        seen += 1;
        if seen > limits.members {
            return Err(io::Error::other(LimitHit::Members(limits.members)));
        }
        let name = String::from_utf8_lossy(&member.name);
        match name.trim_start_matches("./").trim_start_matches('/') {
            "manifest.json" => docker = true,
            "index.json" => index = true,
            "oci-layout" => layout = true,
            "" => {}
            name if is_part(name) => {}
            _ => return Ok(Content::Rootfs),
        }
    }
    Ok(match (docker, index && layout) {
        // Docker's own archives are both; this one says by name which image is meant.
        (true, _) => Content::Docker,
        (false, true) => Content::Oci,
        (false, false) => Content::Rootfs,
    })
}

/// Whether an archive that carries an image has members of this name: blobs, or a digest with what older forms and builders
/// without an engine add (crane and kaniko write `sha256:DIGEST`, Jib `config.json`).
fn is_part(name: &str) -> bool {
    let first = name.split('/').next().unwrap_or_default();
    let stem = first.split('.').next().unwrap_or_default();
    let stem = stem.strip_prefix("sha256:").unwrap_or(stem);
    matches!(first, "blobs" | "repositories" | "VERSION" | "config.json")
        || (stem.len() == 64 && stem.bytes().all(|c| c.is_ascii_hexdigit()))
}

/// Looks into the folder at `path`.
pub(crate) fn of_folder(path: &Path) -> Result<Content, ImageError> {
    let mut names = fs::read_dir(path).map_err(|e| ImageError::reading(path, e))?;
    if names.next().is_none() {
        return Err(ImageError::EmptyFolder(path.into()));
    }
    let has = |name: &str| path.join(name).is_file();
    Ok(match has("oci-layout") && has("index.json") {
        true => Content::Oci,
        false => Content::Rootfs,
    })
}

/// First bytes of files that people mistake for images, and where those bytes are.
#[rustfmt::skip]
const OTHERS: [(usize, &[u8], &str); 12] = [
    (0, b"\x7fELF", "an ELF program"),
    (0, b"PK\x03\x04", "a zip archive"),
    (0, b"BZh", "bzip2 data; recompress it with gzip, xz or zstd"),
    (0, b"hsqs", "a squashfs file system; unpack it with unsquashfs and use dir:"),
    (0, b"QFI\xfb", "a qcow2 disk"),
    (0, b"!<arch>", "a Debian package or ar archive"),
    (0, b"070701", "a cpio archive"),
    (0, b"\xed\xab\xee\xdb", "an RPM package"),
    (0, b"#!", "a script"),
    (0, b"{", "a JSON document"),
    (510, b"\x55\xaa", "a disk with a boot sector"),
    (0, b"FROM ", "a Dockerfile; build it first"),
];

/// What the file is instead, if its first block is no tar header.
fn no_tar(first: &[u8], format: Format) -> Option<String> {
    let within = match format {
        Format::Plain => String::new(),
        format => format!("{format} data, and in it "),
    };
    if first.is_empty() {
        return Some(format!("{within}nothing: 0 bytes"));
    }
    if first.len() == BLOCK && (first.iter().all(|c| *c == 0) || is_header(first)) {
        return None;
    }
    let known = OTHERS.iter().find(|(at, bytes, _)| first.get(*at..).is_some_and(|rest| rest.starts_with(bytes)));
    let text = || first.iter().all(|c| matches!(c, b'\t' | b'\n' | b'\r' | 0x20..=0x7e));
    let found = match known {
        Some((_, _, name)) => name,
        None if text() => "text",
        None => "data of an unknown kind",
    };
    Some(format!("{within}{found}"))
}

fn is_header(block: &[u8]) -> bool {
    let mut header = tar::Header::new_old();
    header.as_mut_bytes().copy_from_slice(block);
    check_sum(&header).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_tar_is_called_what_it_is() {
        let mut disk = vec![1; BLOCK];
        disk[510..].copy_from_slice(b"\x55\xaa");
        for (first, format, want) in [
            (&b""[..], Format::Plain, "nothing: 0 bytes"),
            (b"\x7fELF\x02", Format::Plain, "an ELF program"),
            (b"some words\n", Format::Gzip, "gzip data, and in it text"),
            (&[0xff; BLOCK], Format::Plain, "data of an unknown kind"),
            (&disk, Format::Plain, "a disk with a boot sector"),
        ] {
            assert_eq!(no_tar(first, format).as_deref(), Some(want));
        }
        assert_eq!(no_tar(&[0; BLOCK], Format::Plain), None);
        let mut header = tar::Header::new_gnu();
        header.set_path("etc/passwd").expect("fits");
        header.set_cksum();
        assert_eq!(no_tar(header.as_bytes(), Format::Plain), None);
    }

    #[test]
    fn members_of_archives_are_told_from_files_of_a_root() {
        let hex = "ab".repeat(32);
        for name in
            ["blobs/sha256/x", &hex, &format!("{hex}.json"), &format!("{hex}/layer.tar"), "repositories", "config.json"]
        {
            assert!(is_part(name), "{name}");
        }
        for name in [&format!("sha256:{hex}"), &format!("sha256:{hex}.tar.gz"), &format!("{hex}.tar.gz")] {
            assert!(is_part(name), "{name}");
        }
        for name in ["bin/sh", "etc", &hex[1..], "blobs.txt"] {
            assert!(!is_part(name), "{name}");
        }
    }
}
