//! An image's files as a program inside would see them: every path starts at the image's root, and no symlink leads out.
//!
//! Reads only. Path resolution is libpathrs's (`RESOLVE_IN_ROOT`), so an absolute link, or one with many `..`, ends inside.
//! Only regular files are opened: reading a pipe or a device of somebody's folder could block or act.

use std::{
    ffi::OsString,
    fs::{File, Metadata},
    io::{self, Read, Seek},
    os::unix::ffi::OsStringExt,
    path::{Path, PathBuf},
};

use pathrs::{Handle, Root, error::ErrorKind, flags::OpenFlags};
use rustix::fs::{Dir, FileType};

/// The kernel's limit of symlinks in one resolution.
const LINKS: usize = 40;

/// A root file system to look into.
#[derive(Debug)]
pub struct View {
    root: Root,
}

/// A regular file inside.
#[derive(Debug)]
pub struct Found {
    /// The file, opened for reading.
    pub file: File,
    /// Its path inside, with a last component that is no symlink.
    pub path: PathBuf,
    /// What the system knows of it.
    pub meta: Metadata,
}

impl View {
    /// Looks into the folder `root`.
    pub fn open(root: &Path) -> io::Result<Self> {
        Ok(Self { root: Root::open(root).map_err(system)? })
    }

    /// The regular file at `path`, symlinks followed. `None` if there is none, or if it is unreadable for this user.
    pub fn file(&self, path: impl AsRef<Path>) -> Option<Found> {
        let (path, handle, kind) = self.follow(path.as_ref())?;
        if !kind.is_file() {
            return None;
        }
        let file = handle.reopen(OpenFlags::O_RDONLY | OpenFlags::O_CLOEXEC).ok()?;
        let meta = file.metadata().ok()?;
        Some(Found { file, path, meta })
    }

    /// Up to `limit` bytes of the regular file at `path`.
    pub fn read(&self, path: impl AsRef<Path>, limit: u64) -> Option<Vec<u8>> {
        self.file(path)?.bytes(limit)
    }

    /// What `path` is once the symlinks of its last component are followed, under a name whose folder is the real one.
    fn follow(&self, path: &Path) -> Option<(PathBuf, Handle, FileType)> {
        let mut path = path.to_owned();
        for _ in 0..LINKS {
            let handle = self.root.resolve_nofollow(&path).ok()?;
            let kind = FileType::from_raw_mode(rustix::fs::fstat(&handle).ok()?.st_mode);
            if !kind.is_symlink() {
                return Some((path, handle, kind));
            }
            let target = rustix::fs::readlinkat(&handle, "", Vec::new()).ok()?;
            // Not simplified: what `..` means is for the kernel to say, since the folder may itself be a symlink.
            // An absolute target replaces the whole.
            path = path.parent().unwrap_or(Path::new("/")).join(OsString::from_vec(target.into_bytes()));
        }
        None
    }

    /// Names in the folder `path`, sorted; none if there is no such folder.
    pub fn names(&self, path: impl AsRef<Path>) -> Vec<OsString> {
        let Ok(folder) =
            self.root.open_subpath(path, OpenFlags::O_RDONLY | OpenFlags::O_DIRECTORY | OpenFlags::O_CLOEXEC)
        else {
            return Vec::new();
        };
        let mut names = names(&folder).unwrap_or_default();
        names.sort();
        names
    }
}

impl Found {
    /// Up to `limit` bytes from the start.
    pub fn bytes(&self, limit: u64) -> Option<Vec<u8>> {
        // As large as the file, for several images are looked at together: grown, it would be up to twice as large.
        let mut bytes = Vec::with_capacity(usize::try_from(self.meta.len().min(limit)).ok()?);
        (&self.file).rewind().ok()?;
        (&self.file).take(limit).read_to_end(&mut bytes).ok()?;
        Some(bytes)
    }
}

/// Names in an open folder, `.` and `..` left out, in no order.
pub(crate) fn names(folder: impl std::os::fd::AsFd) -> io::Result<Vec<OsString>> {
    Dir::read_from(folder)?
        .map(|entry| Ok(entry?.file_name().to_bytes().to_vec()))
        .filter(|name| !matches!(name.as_deref(), Ok(b"." | b"..")))
        .map(|name| name.map(OsString::from_vec))
        .collect()
}

/// What the system said, out of libpathrs's error.
pub(crate) fn system(error: pathrs::error::Error) -> io::Error {
    match error.kind() {
        ErrorKind::OsError(Some(errno)) => io::Error::from_raw_os_error(errno),
        _ => io::Error::other(error),
    }
}
