//! One tar stream put onto a [`Tree`]: a layer by the OCI image specification's rules, or a plain root file system.
//!
//! What an archive's members ask for is judged here and done by the tree. A whiteout (`.wh.NAME`) or an
//! opaque marker (`.wh..wh..opq`) hides what lower layers have, wherever it stands in its layer, and never what its own layer
//! brings. An archive with one entry that cannot be right is refused as a whole: half an image would give wrong answers.

use std::{
    ffi::OsStr,
    fs::File,
    io::{self, Read, Seek, SeekFrom, Write},
    os::unix::ffi::OsStrExt,
    path::Path,
};

use memchr::memmem;
use serde::{Deserialize, Serialize};
use tar::EntryType;

use super::{
    error::ImageError,
    fields,
    filler::{Filler, Fresh, Unfilled},
    limits::{Deadline, LimitHit, Limits},
    measure::Measure,
    members::{Member, Members},
    owners::Owners,
    stream::{Meter, Metered},
    tree::{Attributes, Fault, Tree, inside},
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
    /// Files that were set-user-id or set-group-id, and are so no more.
    pub set_id: u64,
    /// Files with extended attributes, such as capabilities.
    pub attributes: u64,
}

/// What became of an image's entries.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Settled {
    /// What its tree has not.
    pub left_out: LeftOut,
    /// How much its tree has.
    pub measure: Measure,
}

/// The tree, what it may still grow by, and where messages say it comes from.
pub(crate) struct Unpacking<'a> {
    tree: Tree,
    owners: Owners,
    limits: &'a Limits,
    deadline: Deadline,
    bytes: u64,
    /// Of regular files alone.
    file_bytes: u64,
    /// Of the names that symbolic links lead to.
    link_bytes: u64,
    entries: u64,
    left_out: LeftOut,
    buffer: Vec<u8>,
    /// The archive, for messages.
    path: &'a Path,
    /// The cache, for messages.
    cache: &'a Path,
}

type Stream<'r> = Members<Metered<&'r mut dyn Read>>;

impl<'a> Unpacking<'a> {
    /// Into the empty folder `root`, from the archive at `path`.
    pub fn new(
        root: &Path,
        owners: Owners,
        path: &'a Path,
        cache: &'a Path,
        limits: &'a Limits,
    ) -> Result<Self, ImageError> {
        let deadline = Deadline::after(limits.time);
        let tree = Tree::new(root, owners, limits, deadline).map_err(|e| ImageError::keeping("unpack", cache, e))?;
        let buffer = vec![0; 128 << 10];
        let left_out = LeftOut::default();
        let (bytes, file_bytes, link_bytes, entries) = (0, 0, 0, 0);
        Ok(Self {
            tree,
            owners,
            limits,
            deadline,
            bytes,
            file_bytes,
            link_bytes,
            entries,
            left_out,
            buffer,
            path,
            cache,
        })
    }

    /// Puts one tar stream on top, reading it to its very end. `stored` is its size as stored; `what` names it in messages.
    pub fn apply(&mut self, stream: &mut dyn Read, kind: Kind, stored: u64, what: &str) -> Result<(), ImageError> {
        let applied = self.unpack(stream, kind, stored, what);
        // Of two entries that cannot be right, the first is told, whichever thread found it.
        let failed = |error| ImageError::keeping("unpack", self.cache, error);
        match self.tree.filler.settle().map_err(failed)? {
            Some(Unfilled { name, fault }) => Err(self.blame(fault.into(), what, &name)),
            None => applied,
        }
    }

    fn unpack(&mut self, stream: &mut dyn Read, kind: Kind, stored: u64, what: &str) -> Result<(), ImageError> {
        let limits = self.limits;
        let most = limits.for_stored(stored).min(limits.total_bytes.saturating_sub(self.bytes));
        let meter = Meter::new(most);
        let mut members = Members::new(Metered::new(stream, meter.clone()), limits.header_bytes);
        while let Some(mut member) = members.next().map_err(|e| self.broken(what, e))? {
            self.admit(&member, &meter).map_err(|hit| ImageError::Limit { what: what.into(), hit })?;
            self.member(&mut members, &mut member, kind).map_err(|fault| self.blame(fault, what, &member.name))?;
        }
        // A layer has its digest to tell whether it is whole, and some builders leave the mark out.
        if kind == Kind::Plain && !members.marked {
            return Err(ImageError::Truncated { what: what.into(), detail: "the archive has no end mark".into() });
        }
        let mut rest = members.into_rest();
        while rest.read(&mut self.buffer).map_err(|e| self.broken(what, e))? > 0 {
            self.deadline.check().map_err(|hit| ImageError::Limit { what: what.into(), hit })?;
        }
        self.bytes += meter.passed();
        Ok(())
    }

    /// Bytes of the regular files that were put there, those that later ones replaced too.
    pub fn file_bytes(&self) -> u64 {
        self.file_bytes
    }

    /// Bytes of the names that the symbolic links lead to that were put there.
    pub fn link_bytes(&self) -> u64 {
        self.link_bytes
    }

    /// What follows belongs to a layer above.
    pub fn next_layer(&mut self) {
        self.tree.next_layer();
    }

    /// Settles the tree, and says what is in it and what is not.
    pub fn finish(self) -> Result<Settled, ImageError> {
        let failed = |error| ImageError::keeping("finish an image", self.cache, error);
        let measure = self.tree.finish().map_err(|fault| match fault {
            Fault::System(error) => failed(error),
            // Nothing of the archive is left to refuse.
            other => failed(io::Error::other(format!("{other:?}"))),
        })?;
        Ok(Settled { left_out: self.left_out, measure })
    }

    /// Counts a member against the limits.
    fn admit(&mut self, member: &Member, meter: &Meter) -> Result<(), LimitHit> {
        self.deadline.check()?;
        self.entries += 1;
        if self.entries > self.limits.entries {
            return Err(LimitHit::Entries(self.limits.entries));
        }
        if member.size > self.limits.file_bytes {
            return Err(LimitHit::File(member.size));
        }
        // Holes cost the archive nothing, and whoever reads the file everything.
        match &member.fragments {
            Some(fragments) => meter.charge(member.size - fragments.iter().map(|(_, length)| length).sum::<u64>()),
            None => Ok(()),
        }
    }

    fn member(&mut self, stream: &mut Stream<'_>, member: &mut Member, kind: Kind) -> Result<(), MemberFault> {
        if member.kind == EntryType::XGlobalHeader {
            return Ok(());
        }
        if let Some(flaw) = member.flaw {
            return Err(refused(flaw).into());
        }
        self.left_out.attributes += u64::from(member.attributes);
        let path = inside(&member.name)?;
        if kind == Kind::Layer && self.whiteout(&path)? {
            return Ok(());
        }
        let Some(place) = self.tree.place(&path)? else {
            if !member.kind.is_dir() {
                return Err(refused("takes the place of the root, and is no folder").into());
            }
            self.tree.root(attributes(member)?);
            return Ok(());
        };
        let attributes = attributes(member)?;
        match member.kind {
            EntryType::Directory => self.tree.folder(&place, attributes)?,
            EntryType::Regular | EntryType::Continuous | EntryType::GNUSparse => {
                let fresh = self.tree.file(&place, attributes, member.size)?;
                self.file(stream, member, fresh)?;
                self.file_bytes += member.size;
                self.left_out.set_id += u64::from(attributes.mode & 0o6000 != 0 && !self.owners.set_id());
            }
            EntryType::Symlink => {
                let target = link_target(member)?;
                self.tree.symlink(&place, OsStr::from_bytes(target), attributes)?;
                self.link_bytes += target.len() as u64;
            }
            EntryType::Link => self.tree.hard_link(&place, &inside(link_target(member)?)?)?,
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

    /// Fills a new file: a small one on another thread, which its name goes to as well.
    fn file(&mut self, stream: &mut Stream<'_>, member: &mut Member, fresh: Fresh) -> Result<(), MemberFault> {
        if member.fragments.is_some() || member.size > Filler::MOST {
            self.fill(stream, member, &fresh.file)?;
            return Ok(fresh.finish(self.owners)?);
        }
        let bytes = member.size as usize;
        stream.read_exact(self.tree.filler.room(bytes)).map_err(MemberFault::Read)?;
        let name = std::mem::take(&mut member.name);
        Ok(self.tree.filler.put(fresh, bytes, name).map_err(Fault::System)?)
    }

    /// Does what a whiteout says; false if the entry is none.
    fn whiteout(&mut self, path: &Path) -> Result<bool, Fault> {
        if memmem::find(path.as_os_str().as_bytes(), b".wh.").is_none() {
            return Ok(false);
        }
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

    /// Copies the content, each fragment of a sparse file to its place.
    fn fill(&mut self, stream: &mut Stream<'_>, member: &Member, mut file: &File) -> Result<(), MemberFault> {
        let Some(fragments) = &member.fragments else { return self.copy(stream, file, member.size) };
        for (offset, length) in fragments {
            file.seek(SeekFrom::Start(*offset)).map_err(Fault::System)?;
            self.copy(stream, file, *length)?;
        }
        Ok(file.set_len(member.size).map_err(Fault::System)?)
    }

    fn copy(&mut self, stream: &mut Stream<'_>, mut file: &File, mut left: u64) -> Result<(), MemberFault> {
        while left > 0 {
            self.deadline.check().map_err(Fault::Limit)?;
            let most = usize::try_from(left).unwrap_or(usize::MAX).min(self.buffer.len());
            let n = stream.read(&mut self.buffer[..most]).map_err(MemberFault::Read)?;
            if n == 0 {
                return Err(MemberFault::Read(io::ErrorKind::UnexpectedEof.into()));
            }
            file.write_all(&self.buffer[..n]).map_err(Fault::System)?;
            left -= n as u64;
        }
        Ok(())
    }

    fn broken(&self, what: &str, error: io::Error) -> ImageError {
        ImageError::streaming(what, self.path, error)
    }

    fn blame(&self, fault: MemberFault, what: &str, name: &[u8]) -> ImageError {
        let what = what.to_owned();
        match fault {
            MemberFault::Read(error) => self.broken(&what, error),
            MemberFault::Tree(Fault::System(error)) => ImageError::keeping("unpack", self.cache, error),
            MemberFault::Tree(Fault::Limit(hit)) => ImageError::Limit { what, hit },
            MemberFault::Tree(Fault::Refused(reason)) => ImageError::Refused { what, entry: printable(name), reason },
        }
    }
}

/// Why a member was not unpacked.
enum MemberFault {
    /// Its content could not be read.
    Read(io::Error),
    /// It could not be made.
    Tree(Fault),
}

impl From<Fault> for MemberFault {
    fn from(fault: Fault) -> Self {
        Self::Tree(fault)
    }
}

fn refused(reason: impl Into<String>) -> Fault {
    Fault::Refused(reason.into())
}

fn attributes(member: &Member) -> Result<Attributes, Fault> {
    // Beyond the low bits some archivers put the type there.
    let mode = fields::count(&member.header.as_old().mode).ok_or_else(|| refused("has a mode that is no number"))?;
    Ok(Attributes { mode: (mode & 0o7777) as u32, modified: member.modified, owner: member.owner })
}

fn link_target(member: &Member) -> Result<&[u8], Fault> {
    match member.link.as_deref() {
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
