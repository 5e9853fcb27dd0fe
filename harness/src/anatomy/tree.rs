//! The files of an image, counted by kind.

use std::collections::{BTreeMap, HashSet};
use std::ffi::OsStr;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use rustix::fs::{AtFlags, CWD, Dir, FileType, Mode, OFlags, Stat};
use serde::{Deserialize, Serialize};

use super::{Amount, Kind};

/// What a tree of files amounts to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
pub struct Tree {
    /// Names of everything in it.
    pub entries: u64,
    /// Folders, without the root.
    pub folders: u64,
    /// Symbolic links.
    pub links: u64,
    /// Bytes of the names that they lead to.
    #[serde(default)]
    pub link_bytes: u64,
    /// Regular files, each once whatever its names, and their bytes: what `du --apparent-size` adds up of files alone.
    pub files: u64,
    /// See [`Tree::files`].
    pub bytes: u64,
    /// Bytes that the unpacked tree takes on this machine's disk, folders and all: what `du` says.
    #[serde(default)]
    pub disk_bytes: u64,
    /// The same by kind.
    pub kinds: BTreeMap<Kind, Amount>,
    /// The largest folders of the first two levels, largest first.
    pub largest: Vec<(String, u64)>,
}

const FOLDER: OFlags = OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::NOFOLLOW).union(OFlags::CLOEXEC);
/// Neither follows a link nor waits for anybody: a pipe under this name must not stop the walk.
const FILE: OFlags = OFlags::RDONLY.union(OFlags::NOFOLLOW).union(OFlags::CLOEXEC).union(OFlags::NONBLOCK);
/// What is told of the largest folders.
const LARGEST: usize = 10;
/// Bytes at a file's beginning that tell its kind.
const FIRST: usize = 20;

struct Walk {
    tree: Tree,
    seen: HashSet<(u64, u64)>,
    by_folder: BTreeMap<String, u64>,
    device: u64,
}

impl Tree {
    /// Counts what is below `root`. Other file systems mounted inside, and folders that the user may not read, count as empty.
    pub fn of(root: &Path) -> io::Result<Self> {
        let folder = rustix::fs::openat(CWD, root, FOLDER.difference(OFlags::NOFOLLOW), Mode::empty())?;
        let own = rustix::fs::fstat(&folder)?;
        let tree = Self { disk_bytes: on_disk(&own), ..Self::default() };
        let mut walk = Walk { tree, seen: HashSet::new(), by_folder: BTreeMap::new(), device: own.st_dev };
        walk.folder(&folder, &mut Vec::new())?;
        let mut largest: Vec<_> = walk.by_folder.into_iter().filter(|(_, bytes)| *bytes > 0).collect();
        largest.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        largest.truncate(LARGEST);
        Ok(Self { largest, ..walk.tree })
    }
}

impl Walk {
    fn folder(&mut self, folder: &OwnedFd, path: &mut Vec<u8>) -> io::Result<()> {
        for entry in Dir::read_from(folder)? {
            let entry = entry?;
            let name = entry.file_name().to_bytes();
            if matches!(name, b"." | b"..") {
                continue;
            }
            let length = path.len();
            if !path.is_empty() {
                path.push(b'/');
            }
            path.extend_from_slice(name);
            self.entry(folder, OsStr::from_bytes(name), path)?;
            path.truncate(length);
        }
        Ok(())
    }

    fn entry(&mut self, folder: &OwnedFd, name: &OsStr, path: &mut Vec<u8>) -> io::Result<()> {
        // What vanishes meanwhile was not there.
        let Ok(stat) = rustix::fs::statat(folder, name, AtFlags::SYMLINK_NOFOLLOW) else { return Ok(()) };
        self.tree.entries += 1;
        let again = stat.st_nlink > 1
            && !FileType::from_raw_mode(stat.st_mode).is_dir()
            && !self.seen.insert((stat.st_dev, stat.st_ino));
        if !again {
            self.tree.disk_bytes += on_disk(&stat);
        }
        match FileType::from_raw_mode(stat.st_mode) {
            FileType::Directory => {
                self.tree.folders += 1;
                if stat.st_dev == self.device
                    && let Ok(below) = rustix::fs::openat(folder, name, FOLDER, Mode::empty())
                {
                    self.folder(&below, path)?;
                }
            }
            FileType::Symlink => {
                self.tree.links += 1;
                self.tree.link_bytes += if again { 0 } else { stat.st_size.unsigned_abs() };
            }
            FileType::RegularFile if !again => self.file(folder, name, path, &stat),
            _ => {}
        }
        Ok(())
    }

    fn file(&mut self, folder: &OwnedFd, name: &OsStr, path: &[u8], stat: &Stat) {
        let bytes = stat.st_size.unsigned_abs();
        let mut first = [0; FIRST];
        let read = rustix::fs::openat(folder, name, FILE, Mode::empty())
            .and_then(|file| rustix::io::read(&file, &mut first))
            .unwrap_or(0);
        let kind = self.tree.kinds.entry(Kind::of(path, &first[..read], stat.st_mode & 0o111 != 0)).or_default();
        kind.files += 1;
        kind.bytes += bytes;
        self.tree.files += 1;
        self.tree.bytes += bytes;
        let mut parts = path.split(|byte| *byte == b'/');
        let (top, second) = (parts.next().unwrap_or_default(), parts.next());
        let place = match (second, parts.next()) {
            (Some(second), Some(_)) => [top, second].join(&b'/'),
            (Some(_), None) => top.to_vec(),
            _ => Vec::new(),
        };
        *self.by_folder.entry(format!("/{}", String::from_utf8_lossy(&place))).or_default() += bytes;
    }
}

/// What a file or folder takes on the disk; the system counts in blocks of 512 bytes.
fn on_disk(stat: &Stat) -> u64 {
    stat.st_blocks.unsigned_abs() * 512
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn everything_is_counted_once() {
        let root = tempfile::tempdir().expect("a folder");
        fs::create_dir_all(root.path().join("usr/share/doc/a")).expect("made");
        fs::write(root.path().join("usr/share/doc/a/README"), "12345").expect("written");
        fs::write(root.path().join("top"), "123").expect("written");
        fs::hard_link(root.path().join("top"), root.path().join("usr/again")).expect("linked");
        symlink("/nowhere", root.path().join("link")).expect("linked");
        let tree = Tree::of(root.path()).expect("a tree");
        assert_eq!((tree.entries, tree.folders, tree.links, tree.files, tree.bytes), (8, 4, 1, 2, 8));
        assert_eq!(tree.link_bytes, 8);
        assert_eq!(tree.kinds[&Kind::Documentation], Amount { files: 1, bytes: 5 });
        assert_eq!(tree.largest[0], ("/usr/share".to_owned(), 5));
    }
}
