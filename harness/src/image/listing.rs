//! The digest of a folder that is used in place: of what is in it, not of every byte.
//!
//! It covers, sorted by path, each entry's path, type, permission bits, size (of regular files) and link target, and the bytes
//! of the C libraries. It changes when a file is added, removed, resized or relinked, or the libc is replaced; it does not
//! change with times or owners, nor with edits that keep a file's size. Other file systems mounted inside, and folders that
//! the user may not read, count as empty.

use std::{
    ffi::OsStr,
    io,
    os::{fd::OwnedFd, unix::ffi::OsStrExt},
    path::{Path, PathBuf},
};

use rustix::{
    fs::{AtFlags, CWD, FileType, Mode, OFlags},
    io::Errno,
};
use sha2::{Digest as _, Sha256};

use super::{
    error::ImageError,
    limits::{LimitHit, Limits},
    view::{View, names},
};

/// What a walk over a folder found.
#[derive(Debug)]
pub(crate) struct Listing {
    /// `listing-sha256:` and 64 hex digits: not to be taken for the digest of an archive.
    pub digest: String,
    /// Bytes of its regular files, by their sizes.
    pub bytes: u64,
}

struct Walk<'a> {
    root: &'a Path,
    limits: &'a Limits,
    device: u64,
    hasher: Sha256,
    entries: u64,
    bytes: u64,
}

const FOLDER: OFlags = OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::NOFOLLOW).union(OFlags::CLOEXEC);

impl Listing {
    /// Lists the folder `root`; `libraries` are the files, by their paths inside, whose bytes count.
    pub fn of(root: &Path, view: &View, libraries: &[String], limits: &Limits) -> Result<Self, ImageError> {
        let failed = |e: Errno| ImageError::reading(root, e.into());
        let folder = rustix::fs::openat(CWD, root, FOLDER & !OFlags::NOFOLLOW, Mode::empty()).map_err(failed)?;
        let device = rustix::fs::fstat(&folder).map_err(failed)?.st_dev;
        let mut walk = Walk { root, limits, device, hasher: Sha256::new(), entries: 0, bytes: 0 };
        walk.folder(&folder, &mut PathBuf::new(), 0)?;
        for path in libraries {
            let mut found =
                view.file(path).ok_or_else(|| ImageError::Missing(root.join(path.trim_start_matches('/'))))?;
            walk.hasher.update(path.as_bytes());
            io::copy(&mut found.file, &mut HashWriter(&mut walk.hasher)).map_err(|e| ImageError::reading(root, e))?;
        }
        let hex: String = walk.hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        Ok(Self { digest: format!("listing-sha256:{hex}"), bytes: walk.bytes })
    }
}

impl Walk<'_> {
    fn folder(&mut self, folder: &OwnedFd, path: &mut PathBuf, depth: usize) -> Result<(), ImageError> {
        let mut names = names(folder).map_err(|e| ImageError::reading(self.root.join(&*path), e))?;
        names.sort();
        for name in names {
            self.entries += 1;
            if self.entries > self.limits.entries {
                return Err(self.limit(LimitHit::Entries(self.limits.entries)));
            }
            path.push(&name);
            self.entry(folder, &name, path, depth)?;
            path.pop();
        }
        Ok(())
    }

    fn entry(&mut self, folder: &OwnedFd, name: &OsStr, path: &mut PathBuf, depth: usize) -> Result<(), ImageError> {
        // What vanishes meanwhile was not there.
        let Ok(stat) = rustix::fs::statat(folder, name, AtFlags::SYMLINK_NOFOLLOW) else { return Ok(()) };
        let kind = FileType::from_raw_mode(stat.st_mode);
        let target = match kind {
            FileType::Symlink => rustix::fs::readlinkat(folder, name, Vec::new()).unwrap_or_default().into_bytes(),
            _ => Vec::new(),
        };
        let size = if kind.is_file() { u64::try_from(stat.st_size).unwrap_or(0) } else { 0 };
        self.bytes += size;
        for field in [path.as_os_str().as_bytes(), format!("{:o} {size}", stat.st_mode).as_bytes(), &target] {
            self.hasher.update(field);
            self.hasher.update([0]);
        }
        if kind.is_dir() && stat.st_dev == self.device {
            if depth >= self.limits.depth {
                return Err(self.limit(LimitHit::Depth(self.limits.depth)));
            }
            match rustix::fs::openat(folder, name, FOLDER, Mode::empty()) {
                Ok(below) => self.folder(&below, path, depth + 1)?,
                Err(Errno::ACCESS | Errno::NOENT | Errno::NOTDIR) => {}
                Err(errno) => return Err(ImageError::reading(self.root.join(path), errno.into())),
            }
        }
        Ok(())
    }

    fn limit(&self, hit: LimitHit) -> ImageError {
        ImageError::Limit { what: self.root.display().to_string(), hit }
    }
}

struct HashWriter<'a>(&'a mut Sha256);

impl io::Write for HashWriter<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, os::unix::fs::symlink};

    use super::*;

    fn digest(root: &Path) -> String {
        let view = View::open(root).expect("opens");
        Listing::of(root, &view, &["/libc".into()], &Limits::default()).expect("lists").digest
    }

    #[test]
    fn the_digest_follows_names_sizes_links_modes_and_the_libc() {
        let folder = tempfile::tempdir().expect("a folder");
        let at = |name: &str| folder.path().join(name);
        fs::create_dir(at("etc")).expect("made");
        fs::write(at("etc/passwd"), "root").expect("written");
        fs::write(at("libc"), "2.36").expect("written");
        symlink("etc", at("link")).expect("linked");
        let mut known = vec![digest(folder.path())];
        assert!(known[0].starts_with("listing-sha256:"));
        let mut changed = |what: &str| {
            let now = digest(folder.path());
            assert!(!known.contains(&now), "{what}");
            known.push(now);
        };
        fs::write(at("etc/passwd"), "root and more").expect("written");
        changed("a size");
        fs::write(at("libc"), "2.41").expect("written");
        changed("the libc, its size kept");
        fs::remove_file(at("link")).and_then(|()| symlink("nowhere", at("link"))).expect("linked");
        changed("a link target");
        fs::set_permissions(at("etc"), std::os::unix::fs::PermissionsExt::from_mode(0o700)).expect("set");
        changed("a mode");
        fs::write(at("etc/passwd"), "room and more").expect("written");
        assert!(known.contains(&digest(folder.path())), "an edit that keeps the size is documented to pass");
    }
}
