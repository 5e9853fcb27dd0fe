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
    io,
    os::{fd::OwnedFd, unix::ffi::OsStrExt},
    path::{Path, PathBuf},
};

use pathrs::Root;
use rustix::{
    fs::{AtFlags, FileType, Mode, OFlags, Stat, Timespec, Timestamps, UTIME_OMIT},
    io::Errno,
};

use super::{
    limits::LimitHit,
    view::{names, system},
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
    /// Seconds since 1970.
    pub modified: u64,
}

struct Folder {
    depth: usize,
    attributes: Option<Attributes>,
}

/// A tree being made.
pub(crate) struct Tree {
    root: Root,
    root_inode: u64,
    depth: usize,
    /// All folders, by inode: modes and times are set when nothing is written any more.
    folders: HashMap<u64, Folder>,
    /// What the current layer has made, by folder and name: its whiteouts spare that. `None` in the first layer.
    made: Option<HashSet<(u64, OsString)>>,
}

const FOLDER: OFlags = OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::NOFOLLOW).union(OFlags::CLOEXEC);

impl Tree {
    /// Starts in the empty folder `path`; `depth` is how many folders may lie inside one another.
    pub fn new(path: &Path, depth: usize) -> io::Result<Self> {
        let root = Root::open(path).map_err(system)?;
        let root_inode = rustix::fs::fstat(&root)?.st_ino;
        let folders = HashMap::from([(root_inode, Folder { depth: 0, attributes: None })]);
        Ok(Self { root, root_inode, depth, folders, made: None })
    }

    /// From here on, entries belong to a layer above those before.
    pub fn next_layer(&mut self) {
        self.made = Some(HashSet::new());
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
        if depth > self.depth {
            return Err(Fault::Limit(LimitHit::Depth(self.depth)));
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
            made.insert((place.inode, place.name.clone()));
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
            self.remove(place, &stat, &|_, _| false)?;
        }
        Ok(())
    }

    /// A whiteout: hides what lower layers have at `place`, and nothing of this layer.
    pub fn hide(&self, place: &Place) -> Result<(), Fault> {
        if let (Some(made), Some(stat)) = (&self.made, place.stat()?) {
            self.remove(place, &stat, &|inode, name| made.contains(&(inode, name.to_owned())))?;
        }
        Ok(())
    }

    /// An opaque marker: hides what lower layers have in the folder at `path`.
    pub fn hide_content(&mut self, path: &Path) -> Result<(), Fault> {
        let folder = self.ensure(path)?;
        let folder = rustix::fs::openat(&folder, ".", FOLDER, Mode::empty())?;
        for name in names(&folder)? {
            self.hide(&self.at(folder.try_clone()?, &name)?)?;
        }
        Ok(())
    }

    /// Removes `place` and everything below it, except what `keep` holds; a folder with anything kept in it stays.
    fn remove(&self, place: &Place, stat: &Stat, keep: &dyn Fn(u64, &OsStr) -> bool) -> Result<(), Fault> {
        let kept = keep(place.inode, &place.name);
        if !is_folder(stat) {
            return match kept {
                true => Ok(()),
                false => Ok(rustix::fs::unlinkat(&place.folder, &place.name, AtFlags::empty())?),
            };
        }
        let folder = rustix::fs::openat(&place.folder, &place.name, FOLDER, Mode::empty())?;
        for name in names(&folder)? {
            let below = self.at(folder.try_clone()?, &name)?;
            if let Some(stat) = below.stat()? {
                self.remove(&below, &stat, keep)?;
            }
        }
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
        for name in names(folder)? {
            let stat = rustix::fs::statat(folder, &name, AtFlags::SYMLINK_NOFOLLOW)?;
            if is_folder(&stat) {
                let below = rustix::fs::openat(folder, &name, FOLDER, Mode::empty())?;
                self.settle(&below, stat.st_ino)?;
            }
        }
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
        let modified = Timespec { tv_sec: i64::try_from(self.modified).unwrap_or(0), tv_nsec: 0 };
        Timestamps { last_access: Timespec { tv_sec: 0, tv_nsec: UTIME_OMIT }, last_modification: modified }
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
