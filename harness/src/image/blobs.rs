//! The named parts of an image as its carrier holds them: members of a tar, files of a folder, or blobs that a registry sends.
//!
//! A tar is read once for its headers, and its members are then read where they lie; nothing is unpacked for that. What a
//! registry sends is a folder that fills while it is read. What a part contains, and whether its name is right, is not judged
//! here.

use std::{
    collections::HashMap,
    fs::{File, OpenOptions},
    io::{self, Read},
    os::unix::fs::{FileExt, OpenOptionsExt},
    path::{Path, PathBuf},
    sync::Arc,
};

use rustix::fs::OFlags;
use tar::EntryType;

use super::{
    digest::Digest,
    error::ImageError,
    layer::printable,
    limits::{LimitHit, Limits},
    members::Members,
    registry::RegistryError,
    skip::Seeking,
};

/// A kind of document; a registry keeps them in different places.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Piece {
    /// A manifest or an index.
    Manifest,
    /// A configuration.
    Config,
}

/// Who puts blobs into a folder as they are wanted.
pub(crate) trait Supplier: std::fmt::Debug + Send + Sync {
    /// Sees to it that a document of `size` bytes is there.
    fn need(&self, piece: Piece, digest: &Digest, size: u64) -> Result<(), RegistryError>;

    /// A layer, as soon as it begins to come; `None` if it is none.
    fn layer(&self, digest: &Digest) -> Result<Option<Blob>, RegistryError>;
}

/// A file that somebody still writes.
pub(crate) trait Growing: std::fmt::Debug + Send + Sync {
    /// Waits until there is a byte at `at`; an error if there will be none.
    fn wait_beyond(&self, at: u64) -> io::Result<()>;
}

/// A tar or folder that carries an image.
#[derive(Debug)]
pub(crate) struct Carrier {
    /// What messages call it.
    pub what: String,
    path: PathBuf,
    parts: Parts,
}

#[derive(Debug)]
enum Parts {
    Folder,
    Supplied(Arc<dyn Supplier>),
    Archive { file: Arc<File>, members: HashMap<String, Member> },
}

#[derive(Debug)]
enum Member {
    Data { at: u64, size: u64 },
    Link(String),
}

/// One part, to be read from its start.
#[derive(Debug)]
pub(crate) struct Blob {
    file: Arc<File>,
    at: u64,
    left: u64,
    growing: Option<Arc<dyn Growing>>,
}

impl Blob {
    fn new(file: Arc<File>, at: u64, size: u64) -> Self {
        Self { file, at, left: size, growing: None }
    }

    /// A file that will have `size` bytes.
    pub fn growing(file: Arc<File>, size: u64, growing: Arc<dyn Growing>) -> Self {
        Self { growing: Some(growing), ..Self::new(file, 0, size) }
    }

    /// Bytes that are left to read; at first, its size.
    pub fn size(&self) -> u64 {
        self.left
    }
}

impl Read for Blob {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let most = usize::try_from(self.left).unwrap_or(usize::MAX).min(buf.len());
        if let Some(growing) = self.growing.as_ref().filter(|_| most > 0) {
            growing.wait_beyond(self.at)?;
        }
        let n = self.file.read_at(&mut buf[..most], self.at)?;
        self.at += n as u64;
        self.left -= n as u64;
        Ok(n)
    }
}

/// Where a layout has its blobs.
const BLOBS: &str = "blobs/sha256/";
/// Links that follow one another; archives of images need one.
const LINKS: usize = 8;
/// Bytes of all names in an archive, which are held in memory; those of the most members that are common have a tenth of it.
const NAMES_BYTES: usize = 16 << 20;

impl Carrier {
    /// A folder.
    pub fn folder(path: &Path, what: &str) -> Self {
        Self { what: what.into(), path: path.into(), parts: Parts::Folder }
    }

    /// A folder that `supplier` fills.
    pub fn supplied(path: &Path, what: &str, supplier: Arc<dyn Supplier>) -> Self {
        Self { what: what.into(), path: path.into(), parts: Parts::Supplied(supplier) }
    }

    /// A plain tar, `file`, which messages call `what` and which lies at `path`.
    pub fn archive(file: File, path: &Path, what: &str, limits: &Limits) -> Result<Self, ImageError> {
        let members = members(&file, path, what, limits)?;
        let parts = Parts::Archive { file: Arc::new(file), members };
        Ok(Self { what: what.into(), path: path.into(), parts })
    }

    /// What lies in the folder of blobs under this digest is called.
    pub fn blob_name(digest: &Digest) -> String {
        format!("{BLOBS}{}", digest.hex())
    }

    /// The part of this name; `None` if there is none.
    pub fn find(&self, name: &str) -> Result<Option<Blob>, ImageError> {
        match &self.parts {
            Parts::Supplied(supplier) => {
                let digest = name.strip_prefix(BLOBS).and_then(Digest::from_hex);
                match digest.map(|digest| supplier.layer(&digest)).transpose().map_err(|e| self.unreached(e))? {
                    Some(Some(layer)) => Ok(Some(layer)),
                    _ => self.file(name),
                }
            }
            Parts::Folder => self.file(name),
            Parts::Archive { file, members } => {
                Ok(resolve(members, name).map(|(at, size)| Blob::new(file.clone(), at, size)))
            }
        }
    }

    fn file(&self, name: &str) -> Result<Option<Blob>, ImageError> {
        match open(&self.path.join(name)) {
            Ok((file, size)) => Ok(Some(Blob::new(Arc::new(file), 0, size))),
            Err(ImageError::Missing(_)) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Sees to it that a document is there, where it has to come from somewhere.
    pub fn need(&self, piece: Piece, digest: &Digest, size: u64, limits: &Limits) -> Result<(), ImageError> {
        let Parts::Supplied(supplier) = &self.parts else { return Ok(()) };
        if size > limits.document_bytes {
            return Err(ImageError::Limit { what: self.what.clone(), hit: LimitHit::Document(limits.document_bytes) });
        }
        supplier.need(piece, digest, size).map_err(|error| self.unreached(error))
    }

    /// Whether parts come as they are wanted, so that none can be looked at before.
    pub fn is_supplied(&self) -> bool {
        matches!(self.parts, Parts::Supplied(_))
    }

    fn unreached(&self, error: RegistryError) -> ImageError {
        ImageError::Registry { name: self.what.clone(), sought: false, error: error.into() }
    }

    /// The part of this name, which must be there.
    pub fn open(&self, name: &str) -> Result<Blob, ImageError> {
        self.find(name)?.ok_or_else(|| self.problem(format!("its part `{name}` is missing; copy or save it again")))
    }

    /// The whole of a part that is a document.
    pub fn document(&self, name: &str, limits: &Limits) -> Result<Vec<u8>, ImageError> {
        let mut blob = self.open(name)?;
        if blob.size() > limits.document_bytes {
            return Err(ImageError::Limit { what: self.what.clone(), hit: LimitHit::Document(limits.document_bytes) });
        }
        let mut bytes = Vec::new();
        blob.read_to_end(&mut bytes).map_err(|e| ImageError::reading(&self.path, e))?;
        Ok(bytes)
    }

    /// Something about the image as a whole.
    pub fn problem(&self, problem: String) -> ImageError {
        ImageError::Layout { what: self.what.clone(), problem }
    }
}

/// Opens a regular file and says how long it is. A pipe or device in its place neither blocks nor acts.
pub(crate) fn open(path: &Path) -> Result<(File, u64), ImageError> {
    let flags = (OFlags::NONBLOCK | OFlags::NOCTTY).bits() as i32;
    let file =
        OpenOptions::new().read(true).custom_flags(flags).open(path).map_err(|e| ImageError::reading(path, e))?;
    let meta = file.metadata().map_err(|e| ImageError::reading(path, e))?;
    let found = match meta.is_file() {
        true => return Ok((file, meta.len())),
        false if meta.is_dir() => "it is a folder",
        false => "it is a pipe or a device; write it to a file first",
    };
    Err(ImageError::NoImage { path: path.into(), found: found.into() })
}

fn resolve(members: &HashMap<String, Member>, name: &str) -> Option<(u64, u64)> {
    let mut member = members.get(name)?;
    for _ in 0..LINKS {
        match member {
            Member::Data { at, size } => return Some((*at, *size)),
            Member::Link(target) => member = members.get(target)?,
        }
    }
    None
}

/// Where the members of a tar lie; of two with one name, the later one, as for every tar reader.
fn members(file: &File, path: &Path, what: &str, limits: &Limits) -> Result<HashMap<String, Member>, ImageError> {
    let failed = |error| ImageError::streaming(what, path, error);
    let mut archive = Members::new(Seeking::new(file).map_err(failed)?, limits.header_bytes);
    let (mut members, mut seen, mut name_bytes) = (HashMap::new(), 0, 0);
    while let Some(found) = archive.next().map_err(failed)? {
        let link = found.link.as_deref().unwrap_or_default();
        seen += 1;
        name_bytes += found.name.len() + link.len();
        if seen > limits.members || name_bytes > NAMES_BYTES {
            return Err(ImageError::Limit { what: what.into(), hit: LimitHit::Members(limits.members) });
        }
        if let Some(flaw) = found.flaw {
            let (what, entry, reason) = (what.into(), printable(&found.name), flaw.into());
            return Err(ImageError::Refused { what, entry, reason });
        }
        let Some(name) = normal("", &String::from_utf8_lossy(&found.name)) else { continue };
        let target = String::from_utf8_lossy(link);
        let folder = name.rsplit_once('/').map_or("", |(folder, _)| folder);
        let member = match found.kind {
            // Nobody writes a blob with holes, and where its bytes lie is not one place.
            _ if found.fragments.is_some() => None,
            EntryType::Regular | EntryType::Continuous => {
                Some(Member::Data { at: archive.source().at(), size: found.size })
            }
            EntryType::Symlink => normal(folder, &target).map(Member::Link),
            EntryType::Link => normal("", &target).map(Member::Link),
            _ => None,
        };
        if let Some(member) = member {
            members.insert(name, member);
        }
    }
    Ok(members)
}

/// `name` seen from `folder`, without `.` and `..`; `None` if it is nothing, or leads out of the archive.
fn normal(folder: &str, name: &str) -> Option<String> {
    let mut parts: Vec<&str> = if name.starts_with('/') { Vec::new() } else { split(folder).collect() };
    for part in split(name) {
        match part {
            "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    (!parts.is_empty()).then(|| parts.join("/"))
}

fn split(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter(|part| !part.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_made_plain_and_never_lead_out() {
        for (folder, name, want) in [
            ("", "./manifest.json", Some("manifest.json")),
            ("", "/a//b/", Some("a/b")),
            ("id", "../other/layer.tar", Some("other/layer.tar")),
            ("id", "/layer.tar", Some("layer.tar")),
            ("id", "../../etc/shadow", None),
            ("", "../x", None),
            ("", "./", None),
        ] {
            assert_eq!(normal(folder, name).as_deref(), want, "{folder} {name}");
        }
    }

    #[test]
    fn a_ring_of_links_is_no_member() {
        let link = |to: &str| Member::Link(to.into());
        let members = HashMap::from([
            ("a".to_owned(), link("b")),
            ("b".to_owned(), link("a")),
            ("c".to_owned(), link("d")),
            ("d".to_owned(), Member::Data { at: 512, size: 3 }),
        ]);
        assert_eq!(resolve(&members, "a"), None);
        assert_eq!(resolve(&members, "c"), Some((512, 3)));
        assert_eq!(resolve(&members, "e"), None);
    }
}
