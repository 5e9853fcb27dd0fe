//! How much there is of an unpacked tree: the figures that are kept of it, and by which one that was damaged is told.
//!
//! The tree counts them itself while it is made. They are counted again from the files of a tree that somebody else may have
//! changed meanwhile.

use std::{collections::HashSet, io, os::fd::OwnedFd, path::Path};

use rustix::fs::{AtFlags, Dir, FileType, Mode, OFlags};
use serde::{Deserialize, Serialize};

/// What a tree amounts to, without reading its files.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
pub(crate) struct Measure {
    /// Everything in it.
    pub entries: u64,
    /// Bytes of its regular files, each counted once whatever its names.
    pub bytes: u64,
}

const FOLDER: OFlags = OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::NOFOLLOW).union(OFlags::CLOEXEC);

impl Measure {
    /// Counts what is below the folder `root`.
    ///
    /// # Errors
    /// Where a folder in it cannot be read.
    pub fn of(root: &Path) -> io::Result<Self> {
        let (mut measure, flags) = (Self::default(), FOLDER.difference(OFlags::NOFOLLOW));
        measure.add(&rustix::fs::open(root, flags, Mode::empty())?, &mut HashSet::new())?;
        Ok(measure)
    }

    /// Adds what an open folder holds: a path to it may be longer than the system takes.
    fn add(&mut self, folder: &OwnedFd, linked: &mut HashSet<u64>) -> io::Result<()> {
        for entry in Dir::read_from(folder)? {
            let entry = entry?;
            let name = entry.file_name();
            if matches!(name.to_bytes(), b"." | b"..") {
                continue;
            }
            self.entries += 1;
            let stat = rustix::fs::statat(folder, name, AtFlags::SYMLINK_NOFOLLOW)?;
            match FileType::from_raw_mode(stat.st_mode) {
                FileType::Directory => {
                    self.add(&rustix::fs::openat(folder, name, FOLDER, Mode::empty())?, linked)?;
                }
                FileType::RegularFile if stat.st_nlink < 2 || linked.insert(stat.st_ino) => {
                    self.bytes += stat.st_size.unsigned_abs();
                }
                _ => {}
            }
        }
        Ok(())
    }
}
