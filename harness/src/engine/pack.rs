//! Folders as tars for an engine: a root file system as an image, what goes into a container, what goes to a builder.

use std::collections::HashMap;
use std::fs::{self, File, Metadata};
use std::io::{self, Read, Write};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use tar::{Builder, EntryType, Header};

/// A root folder as a root file system, written to `to`. Everything is root's, as it is in the built-in sandbox; devices, pipes
/// and sockets are left out.
pub fn of_root(root: &Path, to: &mut dyn Write) -> io::Result<()> {
    let mut tar = Packer::new(to, &|_| true);
    tar.entries(root, Path::new(""))?;
    tar.finish().map(drop)
}

/// Writes a tar, of which everything belongs to root; devices, pipes and sockets are left out.
pub struct Packer<'a, W: Write> {
    tar: Builder<W>,
    /// What is not left out, by its path on this machine.
    is_needed: &'a dyn Fn(&Path) -> bool,
    /// Files with several names, and the first of them.
    linked: HashMap<(u64, u64), PathBuf>,
}

impl<'a, W: Write> Packer<'a, W> {
    /// A tar, written to `to`, of what `is_needed` says so of, by its path on this machine.
    pub fn new(to: W, is_needed: &'a dyn Fn(&Path) -> bool) -> Self {
        Self { tar: Builder::new(to), is_needed, linked: HashMap::new() }
    }

    /// Ends it.
    pub fn finish(self) -> io::Result<W> {
        self.tar.into_inner()
    }

    /// A new folder.
    pub fn folder(&mut self, name: &Path) -> io::Result<()> {
        self.tar.append_data(&mut header(EntryType::Directory, 0o755, 0, 0), name, io::empty())
    }

    /// A folder and all below it.
    pub fn tree(&mut self, from: &Path, name: &Path) -> io::Result<()> {
        let meta = fs::symlink_metadata(from)?;
        self.tar.append_data(&mut like(&meta, EntryType::Directory, 0), name, io::empty())?;
        self.entries(from, name)
    }

    /// All that is in a folder.
    pub fn entries(&mut self, from: &Path, name: &Path) -> io::Result<()> {
        let mut names: Vec<_> = fs::read_dir(from).map_err(|e| of(from, &e))?.collect::<Result<_, _>>()?;
        names.sort_by_key(fs::DirEntry::file_name);
        for entry in names {
            let (path, name) = (entry.path(), name.join(entry.file_name()));
            let kind = entry.file_type()?;
            if !(self.is_needed)(&path) {
                continue;
            }
            if kind.is_dir() {
                self.tree(&path, &name)?;
            } else if kind.is_symlink() {
                let meta = fs::symlink_metadata(&path)?;
                self.tar.append_link(&mut like(&meta, EntryType::Symlink, 0), &name, fs::read_link(&path)?)?;
            } else if kind.is_file() {
                self.file(&path, &name)?;
            }
        }
        Ok(())
    }

    /// A new file with this text.
    pub fn text(&mut self, text: &str, name: &Path) -> io::Result<()> {
        self.tar.append_data(&mut header(EntryType::Regular, 0o644, text.len() as u64, 0), name, text.as_bytes())
    }

    /// A file, or another name of one that is there already.
    pub fn file(&mut self, from: &Path, name: &Path) -> io::Result<()> {
        let file = File::open(from).map_err(|e| of(from, &e))?;
        let meta = file.metadata()?;
        if meta.nlink() > 1 {
            if let Some(first) = self.linked.get(&(meta.dev(), meta.ino())) {
                return self.tar.append_link(&mut like(&meta, EntryType::Link, 0), name, first);
            }
            self.linked.insert((meta.dev(), meta.ino()), name.into());
        }
        let mut left = meta.len();
        // A file that shrinks meanwhile would shift everything behind it.
        let whole = file.take(meta.len()).chain(Shrunk(from));
        let mut header = like(&meta, EntryType::Regular, meta.len());
        self.tar.append_data(&mut header, name, Counted { from: whole, left: &mut left })
    }
}

/// Reads exactly so many bytes.
struct Counted<'a, R> {
    from: R,
    left: &'a mut u64,
}

impl<R: Read> Read for Counted<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let most = buffer.len().min(usize::try_from(*self.left).unwrap_or(usize::MAX));
        let n = if most == 0 { 0 } else { self.from.read(&mut buffer[..most])? };
        *self.left -= n as u64;
        Ok(n)
    }
}

/// What is read after the end of a file that has become shorter.
struct Shrunk<'a>(&'a Path);

impl Read for Shrunk<'_> {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        Err(of(self.0, &io::Error::other("it became shorter while it was read")))
    }
}

fn of(path: &Path, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{}: {error}", path.display()))
}

fn like(meta: &Metadata, kind: EntryType, size: u64) -> Header {
    let modified = meta.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
    header(kind, meta.mode() & 0o1777, size, modified.map_or(0, |since| since.as_secs()))
}

fn header(kind: EntryType, mode: u32, size: u64, modified: u64) -> Header {
    let mut header = Header::new_gnu();
    header.set_entry_type(kind);
    header.set_mode(mode);
    header.set_uid(0);
    header.set_gid(0);
    header.set_size(size);
    header.set_mtime(modified);
    header
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    #[test]
    fn a_root_folder_becomes_a_tar_of_root_s() {
        let folder = tempfile::tempdir().expect("a folder");
        let root = folder.path();
        let deep = root.join("a".repeat(90)).join("b".repeat(90));
        fs::create_dir_all(&deep).expect("writable");
        fs::write(deep.join("file"), "content").expect("writable");
        fs::hard_link(deep.join("file"), root.join("z")).expect("writable");
        symlink("/etc/nowhere", root.join("link")).expect("writable");
        let mut bytes = Vec::new();
        of_root(root, &mut bytes).expect("packed");
        let mut seen = Vec::new();
        for entry in tar::Archive::new(&bytes[..]).entries().expect("a tar") {
            let mut entry = entry.expect("whole");
            assert_eq!((entry.header().uid().ok(), entry.header().gid().ok()), (Some(0), Some(0)));
            let mut text = String::new();
            entry.read_to_string(&mut text).expect("text");
            let name = entry.path().expect("a name").display().to_string();
            let link = entry.link_name().expect("a name").map(|to| to.display().to_string());
            seen.push((entry.header().entry_type(), name.len(), link.map(|to| to.len()), text));
        }
        let none = String::new;
        assert_eq!(
            seen,
            [
                (EntryType::Directory, 90, None, none()),
                (EntryType::Directory, 181, None, none()),
                (EntryType::Regular, 186, None, "content".into()),
                (EntryType::Symlink, 4, Some(12), none()),
                (EntryType::Link, 1, Some(186), none()),
            ]
        );
    }
}
