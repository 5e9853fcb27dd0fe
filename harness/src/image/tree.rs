//! The folder that an image is unpacked into, and the only code that writes there.
//!
//! Nothing can lead a write outside: the folder an entry lies in is resolved inside the root by libpathrs, the entry itself
//! is made by name in that open folder, never through a symlink and never onto something that exists. Everything belongs to
//! the calling user, unless the tree is to have owners of its own ([`Owners`]); no device, pipe or extended attribute of the
//! archive's is ever made. Folders keep the caller's access until the end, and an ordinary user's always, so that he can use and
//! remove the tree.

use std::{
    collections::{HashMap, HashSet},
    ffi::{OsStr, OsString},
    hash::{BuildHasher, RandomState},
    io,
    os::{fd::OwnedFd, unix::ffi::OsStrExt},
    path::{Path, PathBuf},
    rc::Rc,
};

use pathrs::Root;
use rustix::{
    fs::{AtFlags, FileType, Mode, OFlags, RawDir, Stat, Timespec, Timestamps, UTIME_OMIT},
    io::Errno,
};

use super::{
    filler::{Filler, Fresh},
    limits::{Deadline, LimitHit, Limits},
    measure::Measure,
    owners::{Owner, Owners},
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

/// A folder inside the root.
#[derive(Clone)]
struct Open {
    folder: Rc<OwnedFd>,
    inode: u64,
}

impl Open {
    /// The folder `name` in this one, if that is a folder and no symlink.
    fn below(&self, name: &OsStr) -> Result<Self, Errno> {
        Self::new(rustix::fs::openat(&self.folder, name, OFlags::PATH | FOLDER, Mode::empty())?)
    }
}

/// Where an entry goes: an open folder inside the root, and a name in it.
pub(crate) struct Place {
    at: Open,
    name: OsString,
}

/// What an archive says of an entry, beside its name and content.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Attributes {
    /// Permission bits; the others are ignored.
    pub mode: u32,
    /// When it was changed.
    pub modified: Timespec,
    /// Whose it is.
    pub owner: Owner,
}

/// What is to become of a folder. There may be hundreds of thousands, so it is packed.
#[derive(Clone, Copy)]
struct Folder {
    seconds: i64,
    nanoseconds: u32,
    depth: u16,
    /// Permission bits; [`UNSAID`] if the archive says nothing of this folder.
    mode: u16,
    /// `u32::MAX` where it is none.
    owner: (u32, u32),
}

const UNSAID: u16 = u16::MAX;

impl Folder {
    fn new(depth: usize) -> Self {
        let depth = u16::try_from(depth).unwrap_or(u16::MAX);
        Self { seconds: 0, nanoseconds: 0, depth, mode: UNSAID, owner: (0, 0) }
    }

    fn set(&mut self, Attributes { mode, modified, owner }: Attributes, owners: Owners) {
        self.mode = owners.folder_mode(mode) as u16;
        (self.seconds, self.nanoseconds) = (modified.tv_sec, modified.tv_nsec as u32);
        self.owner = owner.unwrap_or((u32::MAX, u32::MAX));
    }

    fn attributes(self) -> Option<Attributes> {
        let modified = Timespec { tv_sec: self.seconds, tv_nsec: self.nanoseconds.into() };
        let owner = Some(self.owner).filter(|owner| *owner != (u32::MAX, u32::MAX));
        (self.mode != UNSAID).then_some(Attributes { mode: self.mode.into(), modified, owner })
    }
}

/// A tree being made.
pub(crate) struct Tree {
    root: Root,
    root_inode: u64,
    owners: Owners,
    most_depth: usize,
    most_folders: usize,
    deadline: Deadline,
    /// All folders, by inode: modes and times are set when nothing is written any more.
    folders: HashMap<u64, Folder>,
    /// What the current layer has made: its whiteouts spare that. `None` in the first layer.
    made: Option<Made>,
    /// The folder of the last entry and those that lead to it, each below the one before, by what the archive calls them: most
    /// entries lie in one of them, or right below. What a path leads to changes only where something is removed.
    near: Vec<(PathBuf, Open)>,
    /// What became of the modes that files were made with, by the umask or by rules that the root has from the folder above: it
    /// is the same for all of them.
    modes: HashMap<u32, u32>,
    /// Fills small files.
    pub filler: Filler,
    /// Bytes of the regular files in it.
    bytes: u64,
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

/// Bytes of names that are read at a time; a walk holds so many for each level.
const NAMES: usize = 8 << 10;

/// Folders that are kept open to lie near.
const NEAR: usize = 16;

const FOLDER: OFlags = OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::NOFOLLOW).union(OFlags::CLOEXEC);

impl Tree {
    /// Starts in the empty folder `path`.
    pub fn new(path: &Path, owners: Owners, limits: &Limits, deadline: Deadline) -> io::Result<Self> {
        let root = Root::open(path).map_err(system)?;
        let root_inode = rustix::fs::fstat(&root)?.st_ino;
        Ok(Self {
            root,
            root_inode,
            owners,
            most_depth: limits.depth,
            most_folders: limits.folders,
            deadline,
            folders: HashMap::from([(root_inode, Folder::new(0))]),
            made: None,
            near: Vec::new(),
            modes: HashMap::new(),
            filler: Filler::new(owners),
            bytes: 0,
        })
    }

    /// From here on, entries belong to a layer above those before.
    pub fn next_layer(&mut self) {
        self.made = Some(Made::default());
    }

    /// The place of `path`, whose parents are made where they are missing. `None` for the root itself.
    pub fn place(&mut self, path: &Path) -> Result<Option<Place>, Fault> {
        let Some(name) = path.file_name() else { return Ok(None) };
        let above = path.parent().unwrap_or(Path::new(""));
        let at = self.reach(above)?;
        Ok(Some(Place { at, name: name.to_owned() }))
    }

    /// The folder `path`, by way of those that are near.
    fn reach(&mut self, path: &Path) -> Result<Open, Fault> {
        while self.near.last().is_some_and(|(near, _)| !path.starts_with(near)) {
            self.near.pop();
        }
        let open = match self.near.last() {
            Some((near, open)) if near == path => return Ok(open.clone()),
            // A folder that lies right in it is opened there; anything else, such as a symlink, is for the whole path to resolve.
            Some((near, open)) if path.parent() == Some(near) => {
                path.file_name().and_then(|name| open.below(name).ok())
            }
            _ => None,
        };
        let open = match open {
            Some(open) => open,
            None => Open::new(self.ensure(path)?)?,
        };
        if self.near.len() == NEAR {
            self.near.remove(0);
        }
        self.near.push((path.to_owned(), open.clone()));
        Ok(open)
    }

    /// The place of `path` if the folder it lies in is there.
    pub fn existing(&self, path: &Path) -> Result<Option<Place>, Fault> {
        let Some(name) = path.file_name() else { return Ok(None) };
        let above = path.parent().unwrap_or(Path::new(""));
        if let Some((_, open)) = self.near.iter().find(|(near, _)| near == above) {
            return Ok(Some(Place { at: open.clone(), name: name.to_owned() }));
        }
        match self.resolve(above) {
            Ok(folder) => Ok(Some(Place { at: Open::new(folder)?, name: name.to_owned() })),
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

    /// Opens the folder `path`, making it and those above it where they are missing.
    fn ensure(&mut self, path: &Path) -> Result<OwnedFd, Fault> {
        match self.resolve(path) {
            Err(Errno::NOENT) => {}
            other => return Ok(other?),
        }
        let (Some(name), above) = (path.file_name(), path.parent().unwrap_or(Path::new(""))) else {
            return Err(Errno::NOENT.into());
        };
        let place = Place { at: Open::new(self.ensure(above)?)?, name: name.to_owned() };
        // What is there is a symlink to nothing, or it would have been gone through.
        self.make_folder(&place)?.ok_or(Errno::NOENT)?;
        Ok(place.open(OFlags::PATH | FOLDER)?)
    }

    /// Makes a folder where nothing is, and gives its inode; `None` if something is there.
    fn make_folder(&mut self, place: &Place) -> Result<Option<u64>, Fault> {
        let depth = 1 + self.folders.get(&place.at.inode).map_or(0, |folder| usize::from(folder.depth));
        if depth > self.most_depth {
            return Err(LimitHit::Depth(self.most_depth).into());
        }
        if self.folders.len() > self.most_folders {
            return Err(LimitHit::Folders(self.most_folders).into());
        }
        match rustix::fs::mkdirat(&place.at.folder, &place.name, Mode::RWXU) {
            Err(Errno::EXIST) => return Ok(None),
            other => other?,
        }
        let Some(stat) = place.stat()? else { return Err(Errno::NOENT.into()) };
        self.folders.insert(stat.st_ino, Folder::new(depth));
        self.note(place);
        Ok(Some(stat.st_ino))
    }

    fn note(&mut self, place: &Place) {
        if let Some(made) = &mut self.made {
            made.insert(place.at.inode, &place.name);
        }
    }

    /// The root itself, where the tree has what its archive says of it: the root of one that programs are run in is the sandbox's.
    pub fn root(&mut self, attributes: Attributes) {
        if self.owners != Owners::Caller
            && let Some(root) = self.folders.get_mut(&self.root_inode)
        {
            root.set(attributes, self.owners);
        }
    }

    /// A folder: what is there stays if it is one, and gets the new attributes.
    pub fn folder(&mut self, place: &Place, attributes: Attributes) -> Result<(), Fault> {
        let there = match place.stat()? {
            Some(stat) if is_folder(stat) => Some(stat.st_ino),
            Some(_) => {
                self.clear(place)?;
                None
            }
            None => None,
        };
        let inode = match there {
            Some(inode) => inode,
            None => self.make_folder(place)?.ok_or(Errno::NOENT)?,
        };
        self.note(place);
        if let Some(folder) = self.folders.get_mut(&inode) {
            folder.set(attributes, self.owners);
        }
        Ok(())
    }

    /// An empty regular file, for the caller to give `bytes` bytes and then to finish.
    pub fn file(&mut self, place: &Place, attributes: Attributes, bytes: u64) -> Result<Fresh, Fault> {
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let asked = self.owners.first_mode(attributes.mode);
        let open = || rustix::fs::openat(&place.at.folder, &place.name, flags, Mode::from_raw_mode(asked));
        let file = self.instead(place, open)?;
        self.bytes += bytes;
        let made = match self.modes.get(&asked) {
            Some(made) => *made,
            None => {
                let made = rustix::fs::fstat(&file)?.st_mode & 0o7777;
                self.modes.insert(asked, made);
                made
            }
        };
        let mode = self.owners.file_mode(attributes.mode);
        Ok(Fresh { file: file.into(), attributes, mode: (made != mode).then(|| Mode::from_raw_mode(mode)) })
    }

    /// A symlink; its target is text here, and only later somebody's path inside the image.
    pub fn symlink(&mut self, place: &Place, target: &OsStr, attributes: Attributes) -> Result<(), Fault> {
        self.instead(place, || rustix::fs::symlinkat(target, &place.at.folder, &place.name))?;
        self.owners.say_of_symlink(place, attributes.owner)?;
        rustix::fs::utimensat(&place.at.folder, &place.name, &attributes.times(), AtFlags::SYMLINK_NOFOLLOW)?;
        Ok(())
    }

    /// Makes something that is no folder; what is at `place` is removed for it.
    fn instead<T>(&mut self, place: &Place, make: impl Fn() -> Result<T, Errno>) -> Result<T, Fault> {
        let made = match make() {
            Err(Errno::EXIST) => {
                self.clear(place)?;
                make()?
            }
            other => other?,
        };
        self.note(place);
        Ok(made)
    }

    /// Another name for the file at `target`, a path inside, which must be a regular file or a symlink.
    pub fn hard_link(&mut self, place: &Place, target: &Path) -> Result<(), Fault> {
        let target = self.existing(target)?.ok_or(Errno::NOENT);
        let target = target.map_err(|_| Fault::Refused("is a hard link to nothing".into()))?;
        let stat = target.stat()?.ok_or_else(|| Fault::Refused("is a hard link to nothing".into()))?;
        if !matches!(FileType::from_raw_mode(stat.st_mode), FileType::RegularFile | FileType::Symlink) {
            return Err(Fault::Refused("is a hard link to something that is no file".into()));
        }
        if (place.at.inode, &place.name) == (target.at.inode, &target.name) {
            return Ok(());
        }
        let (from, to) = (&target.at.folder, &place.at.folder);
        let link = || rustix::fs::linkat(from, &target.name, to, &place.name, AtFlags::empty());
        match link() {
            Err(Errno::EXIST) => {
                self.clear(place)?;
                link().map_err(|errno| match errno {
                    Errno::NOENT => Fault::Refused("is a hard link to something that it replaces".into()),
                    other => other.into(),
                })?;
            }
            other => other?,
        }
        self.note(place);
        Ok(())
    }

    /// Removes whatever is at `place`, with everything below it.
    pub fn clear(&mut self, place: &Place) -> Result<(), Fault> {
        self.remove(place, false)
    }

    /// A whiteout: hides what lower layers have at `place`, and nothing of this layer. A folder that stays for what this layer
    /// has in it is no longer that of the lower ones.
    pub fn hide(&mut self, place: &Place) -> Result<(), Fault> {
        match self.made {
            Some(_) => self.remove(place, true),
            None => Ok(()),
        }
    }

    fn remove(&mut self, place: &Place, spare: bool) -> Result<(), Fault> {
        self.near.clear();
        // What goes is counted off by its size.
        self.filler.wait()?;
        let keep = self.made.as_ref().filter(|_| spare);
        let mut removal = Removal { deadline: self.deadline, keep, spared: Vec::new(), bytes: 0 };
        removal.at(place)?;
        self.bytes = self.bytes.saturating_sub(removal.bytes);
        for inode in removal.spared {
            if let Some(folder) = self.folders.get_mut(&inode) {
                folder.mode = UNSAID;
            }
        }
        Ok(())
    }

    /// An opaque marker: hides what lower layers have in the folder at `path`.
    pub fn hide_content(&mut self, path: &Path) -> Result<(), Fault> {
        let folder = self.ensure(path)?;
        let folder = Open::new(rustix::fs::openat(&folder, ".", FOLDER, Mode::empty())?)?;
        let deadline = self.deadline;
        folder.each(deadline, |below, _| self.hide(&below))
    }

    /// Gives folders their owners, modes and times, the last thing done; and says how much there is.
    pub fn finish(self) -> Result<Measure, Fault> {
        let root = rustix::fs::openat(&self.root, ".", FOLDER, Mode::empty())?;
        let mut entries = 0;
        self.settle(&Open::new(root)?, &mut entries)?;
        Ok(Measure { entries, bytes: self.bytes })
    }

    fn settle(&self, open: &Open, entries: &mut u64) -> Result<(), Fault> {
        open.each(self.deadline, |below, kind| {
            *entries += 1;
            if kind != FileType::Directory && (kind != FileType::Unknown || !below.stat()?.is_some_and(is_folder)) {
                return Ok(());
            }
            self.settle(&Open::new(below.open(FOLDER)?)?, entries)
        })?;
        let (folder, inode) = (&open.folder, open.inode);
        let attributes = self.folders.get(&inode).copied().and_then(Folder::attributes);
        let mode = attributes.map_or(0o755, |a| a.mode);
        if let Some(attributes) = attributes {
            self.owners.say(folder, attributes.owner)?;
        }
        rustix::fs::fchmod(folder, Mode::from_raw_mode(mode))?;
        if let Some(attributes) = attributes {
            rustix::fs::futimens(folder, &attributes.times())?;
        }
        Ok(())
    }
}

/// Removes what there is, but not what is to be kept.
struct Removal<'a> {
    deadline: Deadline,
    keep: Option<&'a Made>,
    /// Folders, by inode, that only stay because something in them does.
    spared: Vec<u64>,
    /// Bytes of the regular files that are gone, all their names removed.
    bytes: u64,
}

impl Removal<'_> {
    fn at(&mut self, place: &Place) -> Result<(), Fault> {
        let Some(stat) = place.stat()? else { return Ok(()) };
        let kept = self.keep.is_some_and(|made| made.contains(place.at.inode, &place.name));
        if !is_folder(stat) {
            if !kept {
                rustix::fs::unlinkat(&place.at.folder, &place.name, AtFlags::empty())?;
                if FileType::from_raw_mode(stat.st_mode).is_file() && stat.st_nlink < 2 {
                    self.bytes += stat.st_size.unsigned_abs();
                }
            }
            return Ok(());
        }
        Open::new(place.open(FOLDER)?)?.each(self.deadline, |below, _| self.at(&below))?;
        if kept {
            return Ok(());
        }
        match rustix::fs::unlinkat(&place.at.folder, &place.name, AtFlags::REMOVEDIR) {
            Err(Errno::NOTEMPTY) => self.spared.push(stat.st_ino),
            other => other?,
        }
        Ok(())
    }
}

impl Open {
    fn new(folder: OwnedFd) -> Result<Self, Errno> {
        let inode = rustix::fs::fstat(&folder)?.st_ino;
        Ok(Self { folder: Rc::new(folder), inode })
    }

    /// Does `work` for all that lies in it. Names are read piece by piece, since nobody knows how many there are; what `work`
    /// removes does not hide the others.
    fn each(
        &self,
        deadline: Deadline,
        mut work: impl FnMut(Place, FileType) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        let mut buffer = Vec::with_capacity(NAMES);
        let mut entries = RawDir::new(&self.folder, buffer.spare_capacity_mut());
        while let Some(entry) = entries.next() {
            deadline.check()?;
            let entry = entry?;
            if !matches!(entry.file_name().to_bytes(), b"." | b"..") {
                let name = OsStr::from_bytes(entry.file_name().to_bytes()).to_owned();
                work(Place { at: self.clone(), name }, entry.file_type())?;
            }
        }
        Ok(())
    }
}

impl Place {
    /// The open folder that it lies in.
    pub fn folder(&self) -> &OwnedFd {
        &self.at.folder
    }

    /// Its name there.
    pub fn name(&self) -> &OsStr {
        &self.name
    }

    fn open(&self, flags: OFlags) -> Result<OwnedFd, Errno> {
        rustix::fs::openat(&self.at.folder, &self.name, flags, Mode::empty())
    }

    fn stat(&self) -> Result<Option<Stat>, Fault> {
        match rustix::fs::statat(&self.at.folder, &self.name, AtFlags::SYMLINK_NOFOLLOW) {
            Ok(stat) => Ok(Some(stat)),
            Err(Errno::NOENT) => Ok(None),
            Err(errno) => Err(errno.into()),
        }
    }
}

impl Attributes {
    /// As the system calls want them.
    pub fn times(self) -> Timestamps {
        // A time beyond what the file system holds is cut to its range by the kernel.
        Timestamps { last_access: Timespec { tv_sec: 0, tv_nsec: UTIME_OMIT }, last_modification: self.modified }
    }
}

fn is_folder(stat: Stat) -> bool {
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
