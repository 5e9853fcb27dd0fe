//! The folder that an image is unpacked into, and the only code that writes there.
//!
//! Nothing can lead a write outside: the folder an entry lies in is resolved inside the root by libpathrs, the entry itself
//! is made by name in that open folder, never through a symlink and never onto something that exists. Everything belongs to
//! the calling user; no device, pipe, set-id bit or extended attribute is ever made. Folders keep their owner's access until
//! the end, and always, so that an ordinary user can use and remove the tree.

use std::{
    collections::{HashMap, HashSet},
    ffi::{OsStr, OsString},
    fs::File,
    hash::{BuildHasher, RandomState},
    io,
    os::{fd::OwnedFd, unix::ffi::OsStrExt},
    path::{Path, PathBuf},
};

use pathrs::Root;
use rustix::{
    fs::{AtFlags, Dir, FileType, Mode, OFlags, Stat, Timespec, Timestamps, UTIME_OMIT},
    io::Errno,
};

use super::{
    limits::{Deadline, LimitHit, Limits},
    view::system,
};

/// Why an entry was not made.
#[derive(Debug)]
pub(crate) enum Fault {
    /// The entry asks for something that is not to be had; completes "the entry `x` ...".
    Refused(String),
    /// It would lie too deep.
    Limit(LimitHit),
    /// The machine could not.
    System(io::Error),
}

impl From<Errno> for Fault {
    fn from(errno: Errno) -> Self {
        io::Error::from(errno).into()
    }
}

impl From<io::Error> for Fault {
    /// Errors that the entry's own name or the entries before it brought about are refusals.
    fn from(error: io::Error) -> Self {
        let reason = match error.raw_os_error().map(Errno::from_raw_os_error) {
            Some(Errno::NAMETOOLONG) => "has a name that is too long",
            Some(Errno::NOTDIR) => "lies below something that is no folder",
            Some(Errno::LOOP) => "lies behind a loop of symlinks",
            Some(Errno::NOENT) => "lies behind a symlink to nothing",
            Some(Errno::INVAL | Errno::ILSEQ) => "has a name that this file system cannot hold",
            Some(Errno::MLINK) => "is one hard link too many",
            _ => return Self::System(error),
        };
        Self::Refused(reason.into())
    }
}

impl From<LimitHit> for Fault {
    fn from(hit: LimitHit) -> Self {
        Self::Limit(hit)
    }
}

/// Where an entry goes: an open folder inside the root, and a name in it.
pub(crate) struct Place {
    folder: OwnedFd,
    inode: u64,
    depth: usize,
    name: OsString,
}

/// What an archive says of an entry, beside its name and content.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Attributes {
    /// Permission bits; the others are ignored.
    pub mode: u32,
    /// When it was changed.
    pub modified: Timespec,
}

#[derive(Clone, Copy)]
struct Folder {
    depth: usize,
    attributes: Option<Attributes>,
}

/// A tree being made.
pub(crate) struct Tree {
    root: Root,
    root_inode: u64,
    most_depth: usize,
    most_folders: usize,
    deadline: Deadline,
    /// All folders, by inode: modes and times are set when nothing is written any more.
    folders: HashMap<u64, Folder>,
    /// What the current layer has made: its whiteouts spare that. `None` in the first layer.
    made: Option<Made>,
}

/// Names in folders, by a number that no archive can foresee: a layer of a million files costs a few megabytes.
#[derive(Default)]
struct Made {
    key: RandomState,
    names: HashSet<u64>,
}

impl Made {
    fn insert(&mut self, folder: u64, name: &OsStr) {
        self.names.insert(self.key.hash_one((folder, name)));
    }

    fn contains(&self, folder: u64, name: &OsStr) -> bool {
        self.names.contains(&self.key.hash_one((folder, name)))
    }
}

const FOLDER: OFlags = OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::NOFOLLOW).union(OFlags::CLOEXEC);

impl Tree {
    /// Starts in the empty folder `path`.
    pub fn new(path: &Path, limits: &Limits, deadline: Deadline) -> io::Result<Self> {
        let root = Root::open(path).map_err(system)?;
        let root_inode = rustix::fs::fstat(&root)?.st_ino;
        let folders = HashMap::from([(root_inode, Folder { depth: 0, attributes: None })]);
        let (most_depth, most_folders) = (limits.depth, limits.folders);
        Ok(Self { root, root_inode, most_depth, most_folders, deadline, folders, made: None })
    }

    /// From here on, entries belong to a layer above those before.
    pub fn next_layer(&mut self) {
        self.made = Some(Made::default());
    }

    /// The place of `path`, whose parents are made where they are missing. `None` for the root itself.
    pub fn place(&mut self, path: &Path) -> Result<Option<Place>, Fault> {
        let Some(name) = path.file_name() else { return Ok(None) };
        let folder = self.ensure(path.parent().unwrap_or(Path::new("")))?;
        self.at(folder, name).map(Some)
    }

    /// The place of `path` if the folder it lies in is there.
    pub fn existing(&self, path: &Path) -> Result<Option<Place>, Fault> {
        let Some(name) = path.file_name() else { return Ok(None) };
        match self.resolve(path.parent().unwrap_or(Path::new(""))) {
            Ok(folder) => self.at(folder, name).map(Some),
            Err(Errno::NOENT | Errno::NOTDIR) => Ok(None),
            Err(errno) => Err(errno.into()),
        }
    }

    fn resolve(&self, path: &Path) -> Result<OwnedFd, Errno> {
        let path = if path.as_os_str().is_empty() { Path::new("/") } else { path };
        let handle = self.root.resolve(path).map_err(|e| Errno::from_io_error(&system(e)).unwrap_or(Errno::XDEV))?;
        match FileType::from_raw_mode(rustix::fs::fstat(&handle)?.st_mode) {
            FileType::Directory => Ok(handle.into()),
            _ => Err(Errno::NOTDIR),
        }
    }

    fn at(&self, folder: OwnedFd, name: &OsStr) -> Result<Place, Fault> {
        let inode = rustix::fs::fstat(&folder)?.st_ino;
        let depth = self.folders.get(&inode).map_or(0, |f| f.depth);
        Ok(Place { folder, inode, depth, name: name.to_owned() })
    }

    /// Opens the folder `path`, making it and those above it where they are missing.
    fn ensure(&mut self, path: &Path) -> Result<OwnedFd, Fault> {
        match self.resolve(path) {
            Err(Errno::NOENT) => {}
            other => return Ok(other?),
        }
        let (Some(name), above) = (path.file_name(), path.parent().unwrap_or(Path::new(""))) else {
            return Err(Errno::NOENT.into());
        };
        let above = self.ensure(above)?;
        let place = self.at(above, name)?;
        self.make_folder(&place)?;
        Ok(rustix::fs::openat(&place.folder, &place.name, OFlags::PATH | FOLDER, Mode::empty())?)
    }

    /// Makes a folder where nothing is. What is there is a symlink to nothing, or `ensure` would have gone through it.
    fn make_folder(&mut self, place: &Place) -> Result<(), Fault> {
        let depth = place.depth + 1;
        if depth > self.most_depth {
            return Err(LimitHit::Depth(self.most_depth).into());
        }
        if self.folders.len() > self.most_folders {
            return Err(LimitHit::Folders(self.most_folders).into());
        }
        match rustix::fs::mkdirat(&place.folder, &place.name, Mode::RWXU) {
            Err(Errno::EXIST) => return Err(Errno::NOENT.into()),
            other => other?,
        }
        let Some(stat) = place.stat()? else { return Err(Errno::NOENT.into()) };
        self.folders.insert(stat.st_ino, Folder { depth, attributes: None });
        self.note(place);
        Ok(())
    }

    fn note(&mut self, place: &Place) {
        if let Some(made) = &mut self.made {
            made.insert(place.inode, &place.name);
        }
    }

    /// A folder: what is there stays if it is one, and gets the new attributes.
    pub fn folder(&mut self, place: &Place, attributes: Attributes) -> Result<(), Fault> {
        if !place.stat()?.is_some_and(|stat| is_folder(&stat)) {
            self.clear(place)?;
            self.make_folder(place)?;
        }
        self.note(place);
        let Some(stat) = place.stat()? else { return Err(Errno::NOENT.into()) };
        if let Some(folder) = self.folders.get_mut(&stat.st_ino) {
            folder.attributes = Some(attributes);
        }
        Ok(())
    }

    /// An empty regular file, for the caller to fill and then to [`finish_file`].
    pub fn file(&mut self, place: &Place) -> Result<File, Fault> {
        self.clear(place)?;
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let file = rustix::fs::openat(&place.folder, &place.name, flags, Mode::RUSR | Mode::WUSR)?;
        self.note(place);
        Ok(file.into())
    }

    /// A symlink; its target is text here, and only later somebody's path inside the image.
    pub fn symlink(&mut self, place: &Place, target: &OsStr, attributes: Attributes) -> Result<(), Fault> {
        self.clear(place)?;
        rustix::fs::symlinkat(target, &place.folder, &place.name)?;
        rustix::fs::utimensat(&place.folder, &place.name, &attributes.times(), AtFlags::SYMLINK_NOFOLLOW)?;
        self.note(place);
        Ok(())
    }

    /// Another name for the file at `target`, a path inside, which must be a regular file or a symlink.
    pub fn hard_link(&mut self, place: &Place, target: &Path) -> Result<(), Fault> {
        let target = self.existing(target)?.ok_or(Errno::NOENT);
        let target = target.map_err(|_| Fault::Refused("is a hard link to nothing".into()))?;
        let stat = target.stat()?.ok_or_else(|| Fault::Refused("is a hard link to nothing".into()))?;
        if !matches!(FileType::from_raw_mode(stat.st_mode), FileType::RegularFile | FileType::Symlink) {
            return Err(Fault::Refused("is a hard link to something that is no file".into()));
        }
        if (place.inode, &place.name) == (target.inode, &target.name) {
            return Ok(());
        }
        self.clear(place)?;
        match rustix::fs::linkat(&target.folder, &target.name, &place.folder, &place.name, AtFlags::empty()) {
            Err(Errno::NOENT) => return Err(Fault::Refused("is a hard link to something that it replaces".into())),
            other => other?,
        }
        self.note(place);
        Ok(())
    }

    /// Removes whatever is at `place`, with everything below it.
    pub fn clear(&self, place: &Place) -> Result<(), Fault> {
        if let Some(stat) = place.stat()? {
            self.remove(place, &stat, None)?;
        }
        Ok(())
    }

    /// A whiteout: hides what lower layers have at `place`, and nothing of this layer.
    pub fn hide(&self, place: &Place) -> Result<(), Fault> {
        if let (Some(made), Some(stat)) = (&self.made, place.stat()?) {
            self.remove(place, &stat, Some(made))?;
        }
        Ok(())
    }

    /// An opaque marker: hides what lower layers have in the folder at `path`.
    pub fn hide_content(&mut self, path: &Path) -> Result<(), Fault> {
        let folder = self.ensure(path)?;
        let folder = rustix::fs::openat(&folder, ".", FOLDER, Mode::empty())?;
        self.each(&folder, |below, _| self.hide(&below))
    }

    /// Does `work` for all that lies in an open folder. Names are read piece by piece, since nobody knows how many there are;
    /// what `work` removes does not hide the others.
    fn each(&self, folder: &OwnedFd, mut work: impl FnMut(Place, FileType) -> Result<(), Fault>) -> Result<(), Fault> {
        for entry in Dir::read_from(folder)? {
            self.deadline.check()?;
            let entry = entry?;
            if !matches!(entry.file_name().to_bytes(), b"." | b"..") {
                let place = self.at(folder.try_clone()?, OsStr::from_bytes(entry.file_name().to_bytes()))?;
                work(place, entry.file_type())?;
            }
        }
        Ok(())
    }

    /// Removes `place` and everything below it, except what `keep` holds; a folder with anything kept in it stays.
    fn remove(&self, place: &Place, stat: &Stat, keep: Option<&Made>) -> Result<(), Fault> {
        let kept = keep.is_some_and(|made| made.contains(place.inode, &place.name));
        if !is_folder(stat) {
            return match kept {
                true => Ok(()),
                false => Ok(rustix::fs::unlinkat(&place.folder, &place.name, AtFlags::empty())?),
            };
        }
        let folder = rustix::fs::openat(&place.folder, &place.name, FOLDER, Mode::empty())?;
        self.each(&folder, |below, _| match below.stat()? {
            Some(stat) => self.remove(&below, &stat, keep),
            None => Ok(()),
        })?;
        if kept {
            return Ok(());
        }
        match rustix::fs::unlinkat(&place.folder, &place.name, AtFlags::REMOVEDIR) {
            Err(Errno::NOTEMPTY) => Ok(()),
            other => Ok(other?),
        }
    }

    /// Gives folders their modes and times; the last thing done.
    pub fn finish(self) -> Result<(), Fault> {
        let root = rustix::fs::openat(&self.root, ".", FOLDER, Mode::empty())?;
        self.settle(&root, self.root_inode)
    }

    fn settle(&self, folder: &OwnedFd, inode: u64) -> Result<(), Fault> {
        self.each(folder, |below, kind| {
            if kind != FileType::Directory && kind != FileType::Unknown {
                return Ok(());
            }
            let Some(stat) = below.stat()?.filter(is_folder) else { return Ok(()) };
            let folder = rustix::fs::openat(&below.folder, &below.name, FOLDER, Mode::empty())?;
            self.settle(&folder, stat.st_ino)
        })?;
        let attributes = self.folders.get(&inode).and_then(|f| f.attributes);
        // Sticky is a folder's own business (/tmp); set-id bits are not kept, and the owner always gets in.
        let mode = attributes.map_or(0o755, |a| a.mode & 0o1777 | 0o700);
        rustix::fs::fchmod(folder, Mode::from_raw_mode(mode))?;
        if let Some(attributes) = attributes {
            rustix::fs::futimens(folder, &attributes.times())?;
        }
        Ok(())
    }
}

/// Gives a filled file its mode, without set-id and sticky bits, and its time.
pub(crate) fn finish_file(file: &File, attributes: Attributes) -> Result<(), Fault> {
    rustix::fs::fchmod(file, Mode::from_raw_mode(attributes.mode & 0o777))?;
    Ok(rustix::fs::futimens(file, &attributes.times())?)
}

impl Place {
    fn stat(&self) -> Result<Option<Stat>, Fault> {
        match rustix::fs::statat(&self.folder, &self.name, AtFlags::SYMLINK_NOFOLLOW) {
            Ok(stat) => Ok(Some(stat)),
            Err(Errno::NOENT) => Ok(None),
            Err(errno) => Err(errno.into()),
        }
    }
}

impl Attributes {
    fn times(self) -> Timestamps {
        // A time beyond what the file system holds is cut to its range by the kernel.
        Timestamps { last_access: Timespec { tv_sec: 0, tv_nsec: UTIME_OMIT }, last_modification: self.modified }
    }
}

fn is_folder(stat: &Stat) -> bool {
    FileType::from_raw_mode(stat.st_mode).is_dir()
}

/// The name of an entry as a path inside the root: no leading `/`, no `.`, no `..`.
pub(crate) fn inside(name: &[u8]) -> Result<PathBuf, Fault> {
    let refuse = |reason: &str| Err(Fault::Refused(reason.into()));
    if name.contains(&0) {
        return refuse("has a name with a zero byte in it");
    }
    if name.len() > PATH_BYTES {
        return refuse("has a name that is too long");
    }
    let mut path = PathBuf::new();
    for part in name.split(|c| *c == b'/') {
        match part {
            b"" | b"." => {}
            b".." => return refuse("has a name that leads upwards (`..`)"),
            part => path.push(OsStr::from_bytes(part)),
        }
    }
    Ok(path)
}

/// `PATH_MAX`, less the final zero.
const PATH_BYTES: usize = 4095;
