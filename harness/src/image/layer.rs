//! One tar stream put onto a [`Tree`]: a layer by the OCI image specification's rules, or a plain root file system.
//!
//! The `tar` crate reads the headers; what they ask for is judged here and done by the tree. A whiteout (`.wh.NAME`) or an
//! opaque marker (`.wh..wh..opq`) hides what lower layers have, wherever it stands in its layer, and never what its own layer
//! brings. An archive with one entry that cannot be right is refused as a whole: half an image would give wrong answers.

use std::{
    borrow::Cow,
    ffi::OsStr,
    fs::File,
    io::{self, Read, Write},
    os::unix::ffi::OsStrExt,
    path::Path,
    rc::Rc,
};

use serde::{Deserialize, Serialize};
use tar::{Archive, Entry, EntryType};

use super::{
    error::ImageError,
    limits::{LimitHit, Limits},
    stream::{Meter, Metered},
    tree::{Attributes, Fault, Tree, finish_file, inside},
};

/// Whether names that begin with `.wh.` mean something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A layer of an image: they do.
    Layer,
    /// A tar of a root file system: they are names like any other.
    Plain,
}

/// What an image has that its unpacked tree has not, by number of entries.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
pub struct LeftOut {
    /// Character and block devices.
    pub devices: u64,
    /// Named pipes.
    pub pipes: u64,
    /// Files that were set-user-id or set-group-id.
    pub set_id: u64,
    /// Files with extended attributes, such as capabilities.
    pub attributes: u64,
}

/// The tree, what it may still grow by, and where messages say it comes from.
pub(crate) struct Unpacking<'a> {
    tree: Tree,
    limits: &'a Limits,
    bytes: u64,
    entries: u64,
    left_out: LeftOut,
    buffer: Vec<u8>,
    /// The archive, for messages.
    path: &'a Path,
    /// The cache, for messages.
    cache: &'a Path,
}

type TarEntry<'e, 'r> = Entry<'e, Metered<&'r mut dyn Read>>;

impl<'a> Unpacking<'a> {
    /// Into the empty folder `root`, from the archive at `path`.
    pub fn new(root: &Path, path: &'a Path, cache: &'a Path, limits: &'a Limits) -> Result<Self, ImageError> {
        let tree = Tree::new(root, limits.depth).map_err(|e| ImageError::keeping("unpack", cache, e))?;
        let buffer = vec![0; 128 << 10];
        Ok(Self { tree, limits, bytes: 0, entries: 0, left_out: LeftOut::default(), buffer, path, cache })
    }

    /// Puts one tar stream on top, reading it to its very end. `stored` is its size as stored; `what` names it in messages.
    pub fn apply(&mut self, stream: &mut dyn Read, kind: Kind, stored: u64, what: &str) -> Result<(), ImageError> {
        let limits = self.limits;
        let most = limits.for_stored(stored).min(limits.total_bytes.saturating_sub(self.bytes));
        let meter = Meter::new(most, limits.header_bytes);
        let mut archive = Archive::new(Metered::new(stream, meter.clone()));
        self.entries(&mut archive, &meter, kind, what)?;
        // A layer has its digest to tell whether it is whole, and some builders leave the mark out.
        if kind == Kind::Plain && meter.ended() {
            return Err(ImageError::Truncated { what: what.into(), detail: "the archive has no end mark".into() });
        }
        meter.data();
        let mut rest = archive.into_inner();
        while rest.read(&mut self.buffer).map_err(|e| self.broken(what, e))? > 0 {}
        self.bytes += meter.passed();
        Ok(())
    }

    /// What follows belongs to a layer above.
    pub fn next_layer(&mut self) {
        self.tree.next_layer();
    }

    /// Settles the tree, and says what is not in it.
    pub fn finish(self) -> Result<LeftOut, ImageError> {
        let failed = |error| ImageError::keeping("finish an image", self.cache, error);
        self.tree.finish().map_err(|fault| match fault {
            Fault::System(error) => failed(error),
            // Nothing of the archive is left to refuse.
            other => failed(io::Error::other(format!("{other:?}"))),
        })?;
        Ok(self.left_out)
    }

    fn entries(
        &mut self,
        archive: &mut Archive<Metered<&mut dyn Read>>,
        meter: &Rc<Meter>,
        kind: Kind,
        what: &str,
    ) -> Result<(), ImageError> {
        let mut entries = archive.entries().map_err(|e| self.broken(what, e))?;
        loop {
            meter.refill();
            let Some(entry) = entries.next() else { return Ok(()) };
            let mut entry = entry.map_err(|e| self.broken(what, e))?;
            meter.data();
            self.entries += 1;
            if self.entries > self.limits.entries {
                return Err(ImageError::Limit { what: what.into(), hit: LimitHit::Entries(self.limits.entries) });
            }
            if entry.size() > self.limits.file_bytes {
                return Err(ImageError::Limit { what: what.into(), hit: LimitHit::File(entry.size()) });
            }
            if entry.header().entry_type() == EntryType::GNUSparse {
                // Holes cost the archive nothing and the disk everything.
                meter.charge(entry.size()).map_err(|hit| ImageError::Limit { what: what.into(), hit })?;
            }
            let name = entry.path_bytes().into_owned();
            self.entry(&mut entry, &name, kind).map_err(|fault| self.blame(fault, what, &name))?;
            // The reader would skip the rest itself, but as if it were a header.
            while entry.read(&mut self.buffer).map_err(|e| self.broken(what, e))? > 0 {}
        }
    }

    fn entry(&mut self, entry: &mut TarEntry<'_, '_>, name: &[u8], kind: Kind) -> Result<(), EntryFault> {
        if entry.header().entry_type() == EntryType::XGlobalHeader {
            return Ok(());
        }
        self.check_extensions(entry)?;
        let path = inside(name)?;
        if kind == Kind::Layer && self.whiteout(&path)? {
            return Ok(());
        }
        let Some(place) = self.tree.place(&path)? else { return Ok(()) };
        let attributes = attributes(entry)?;
        match entry.header().entry_type() {
            EntryType::Directory => self.tree.folder(&place, attributes)?,
            // The oldest archives mark a folder by a final slash only.
            EntryType::Regular if name.ends_with(b"/") => self.tree.folder(&place, attributes)?,
            EntryType::Regular | EntryType::Continuous | EntryType::GNUSparse => {
                let file = self.tree.file(&place)?;
                self.fill(entry, &file)?;
                self.left_out.set_id += u64::from(attributes.mode & 0o6000 != 0);
                finish_file(&file, attributes)?;
            }
            EntryType::Symlink => self.tree.symlink(&place, OsStr::from_bytes(&link_target(entry)?), attributes)?,
            EntryType::Link => self.tree.hard_link(&place, &inside(&link_target(entry)?)?)?,
            EntryType::Char | EntryType::Block => {
                self.tree.clear(&place)?;
                self.left_out.devices += 1;
            }
            EntryType::Fifo => {
                self.tree.clear(&place)?;
                self.left_out.pipes += 1;
            }
            other => return Err(refused(format!("is of an unknown type ({:#04x})", other.as_byte())).into()),
        }
        Ok(())
    }

    /// Does what a whiteout says; false if the entry is none.
    fn whiteout(&mut self, path: &Path) -> Result<bool, Fault> {
        let marks = |part: &OsStr, mark: &[u8]| part.as_bytes().starts_with(mark);
        // Bookkeeping of the aufs driver, never content.
        let (meta, opaque) = (b".wh..wh.", OsStr::new(".wh..wh..opq"));
        let Some(name) = path.file_name() else { return Ok(false) };
        let folder = path.parent().unwrap_or(Path::new(""));
        if name == opaque && !folder.iter().any(|part| marks(part, b".wh.")) {
            self.tree.hide_content(folder)?;
        } else if path.iter().any(|part| marks(part, meta)) {
            return Ok(true);
        } else if folder.iter().any(|part| marks(part, b".wh.")) {
            return Err(refused("lies in a folder that is named like a whiteout"));
        } else if let Some(hidden) = name.as_bytes().strip_prefix(b".wh.") {
            if matches!(hidden, b"" | b"." | b"..") {
                return Err(refused("is a whiteout of nothing"));
            }
            if let Some(place) = self.tree.existing(&folder.join(OsStr::from_bytes(hidden)))? {
                self.tree.hide(&place)?;
            }
        } else {
            return Ok(false);
        }
        Ok(true)
    }

    /// Extended headers must be well-formed, and must not say that the content is a map of holes, which is not understood.
    fn check_extensions(&mut self, entry: &mut TarEntry<'_, '_>) -> Result<(), EntryFault> {
        let Some(extensions) = entry.pax_extensions().map_err(EntryFault::Read)? else { return Ok(()) };
        let mut attributes = false;
        for extension in extensions {
            let extension = extension.map_err(|_| refused("has a malformed extended header"))?;
            let key = extension.key_bytes();
            if key.starts_with(b"GNU.sparse.") {
                return Err(refused("is a sparse file in the pax format; pack it without `--sparse`").into());
            }
            attributes |= key.starts_with(b"SCHILY.xattr.") || key.starts_with(b"LIBARCHIVE.xattr.");
        }
        self.left_out.attributes += u64::from(attributes);
        Ok(())
    }

    /// Copies the content, which must be as long as the header says.
    fn fill(&mut self, entry: &mut TarEntry<'_, '_>, mut file: &File) -> Result<(), EntryFault> {
        let mut left = entry.size();
        loop {
            match entry.read(&mut self.buffer).map_err(EntryFault::Read)? {
                0 if left == 0 => return Ok(()),
                0 => return Err(EntryFault::Read(io::ErrorKind::UnexpectedEof.into())),
                n => {
                    left = left.saturating_sub(n as u64);
                    file.write_all(&self.buffer[..n]).map_err(Fault::System)?;
                }
            }
        }
    }

    fn broken(&self, what: &str, error: io::Error) -> ImageError {
        ImageError::streaming(what, self.path, error)
    }

    fn blame(&self, fault: EntryFault, what: &str, name: &[u8]) -> ImageError {
        let what = what.to_owned();
        match fault {
            EntryFault::Read(error) => self.broken(&what, error),
            EntryFault::Tree(Fault::System(error)) => ImageError::keeping("unpack", self.cache, error),
            EntryFault::Tree(Fault::Limit(hit)) => ImageError::Limit { what, hit },
            EntryFault::Tree(Fault::Refused(reason)) => ImageError::Refused { what, entry: printable(name), reason },
        }
    }
}

/// Why an entry was not unpacked.
enum EntryFault {
    /// Its content could not be read.
    Read(io::Error),
    /// It could not be made.
    Tree(Fault),
}

impl From<Fault> for EntryFault {
    fn from(fault: Fault) -> Self {
        Self::Tree(fault)
    }
}

fn refused(reason: impl Into<String>) -> Fault {
    Fault::Refused(reason.into())
}

fn attributes(entry: &TarEntry<'_, '_>) -> Result<Attributes, Fault> {
    let header = entry.header();
    let mode = header.mode().map_err(|_| refused("has a mode that is no number"))?;
    // A time before 1970 is written as a negative number, which the reader does not take.
    Ok(Attributes { mode, modified: header.mtime().unwrap_or(0) })
}

fn link_target<'e>(entry: &'e TarEntry<'_, '_>) -> Result<Cow<'e, [u8]>, Fault> {
    match entry.link_name_bytes() {
        Some(target) if target.contains(&0) => Err(refused("links to a name with a zero byte in it")),
        Some(target) if !target.is_empty() => Ok(target),
        _ => Err(refused("is a link to nothing")),
    }
}

/// A name for a message: one line, not too long, whatever is in it.
pub(crate) fn printable(name: &[u8]) -> String {
    let text: String = String::from_utf8_lossy(name).chars().flat_map(char::escape_default).collect();
    match text.char_indices().nth(120) {
        Some((at, _)) => format!("{}...", &text[..at]),
        None => text,
    }
}
