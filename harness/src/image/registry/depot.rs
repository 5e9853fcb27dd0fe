//! The depot: blobs on disk as registries send them, `blobs/sha256/HEX`, and what came of those that are not whole yet.
//!
//! A blob appears under its digest when it is whole and right; until then it is `.HEX.part`, which one process at a time holds
//! a lock on, and which the next one goes on with after the first was killed. What is found here is checked again when it is
//! used: a power cut can empty files.

use std::{
    fs::{self, File, OpenOptions},
    io,
    os::unix::fs::{FileExt, MetadataExt, OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
};

use rustix::fs::{FlockOperation, flock};

use super::error::RegistryError;
use crate::image::{blobs::Carrier, digest::Digest};

/// The folder of blobs.
#[derive(Clone, Debug)]
pub(crate) struct Depot {
    folder: PathBuf,
}

/// A blob in the making, which this process alone writes.
#[derive(Debug)]
pub(super) struct Part {
    file: File,
    path: PathBuf,
    whole: PathBuf,
}

impl Depot {
    /// Below the cache folder; nothing is made yet.
    pub fn new(cache: &Path) -> Self {
        Self { folder: cache.to_owned() }
    }

    /// The folder that has `blobs` in it.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    fn blobs(&self) -> PathBuf {
        self.folder.join("blobs/sha256")
    }

    /// Where a whole blob is, or would be.
    pub fn path(&self, digest: &Digest) -> PathBuf {
        self.folder.join(Carrier::blob_name(digest))
    }

    /// Opens a whole blob of this length, if it is there.
    pub fn get(&self, digest: &Digest, size: u64) -> Option<File> {
        let file = File::open(self.path(digest)).ok()?;
        (file.metadata().ok()?.len() == size).then_some(file)
    }

    /// Removes every blob that `needed` does not want, and what is left of downloads that ended; how many bytes that were.
    /// `None` if somebody is pulling.
    pub fn prune(&self, needed: impl Fn(&Digest) -> bool) -> io::Result<Option<u64>> {
        let Ok(folder) = File::open(self.blobs()) else { return Ok(Some(0)) };
        if flock(&folder, FlockOperation::NonBlockingLockExclusive) == Err(rustix::io::Errno::WOULDBLOCK) {
            return Ok(None);
        }
        let mut freed = 0;
        for entry in fs::read_dir(self.blobs())? {
            let entry = entry?;
            let digest = Digest::from_hex(&entry.file_name().to_string_lossy());
            if digest.is_none_or(|digest| !needed(&digest)) {
                freed += entry.metadata()?.blocks() * 512;
                fs::remove_file(entry.path())?;
            }
        }
        Ok(Some(freed))
    }

    /// Keeps others from tidying up while blobs are fetched and used; given back when it is dropped.
    pub(super) fn hold(&self) -> Result<File, RegistryError> {
        let folder = self.blobs();
        fs::create_dir_all(&folder).map_err(disk("make the folder", &folder))?;
        let hold = File::open(&folder).map_err(disk("open", &folder))?;
        // Where there are no locks, nobody tidies up.
        let _ = flock(&hold, FlockOperation::LockShared);
        Ok(hold)
    }

    /// Puts a small blob whose digest was checked.
    pub fn put(&self, digest: &Digest, bytes: &[u8]) -> Result<(), RegistryError> {
        let path = self.path(digest);
        let failed = disk("write", &path);
        let mut file = tempfile::Builder::new()
            .prefix(".new-")
            .permissions(fs::Permissions::from_mode(0o644))
            .tempfile_in(self.blobs())
            .map_err(&failed)?;
        io::Write::write_all(&mut file, bytes).map_err(&failed)?;
        file.persist(&path).map_err(|error| failed(error.error))?;
        Ok(())
    }

    /// Removes a blob that turned out to be another one.
    pub fn remove(&self, digest: &Digest) {
        let _ = fs::remove_file(self.path(digest));
    }

    /// Begins a blob, or goes on with it. `wait` is told if another process is at it; that may finish it meanwhile, so look
    /// afterwards.
    pub(super) fn begin(&self, digest: &Digest, wait: impl Fn()) -> Result<Part, RegistryError> {
        let whole = self.path(digest);
        let path = self.blobs().join(format!(".{}.part", digest.hex()));
        let failed = disk("write", &path);
        loop {
            let mut options = OpenOptions::new();
            let file =
                options.read(true).write(true).create(true).truncate(false).mode(0o644).open(&path).map_err(&failed)?;
            if flock(&file, FlockOperation::NonBlockingLockExclusive) == Err(rustix::io::Errno::WOULDBLOCK) {
                wait();
                let _ = flock(&file, FlockOperation::LockExclusive);
            }
            // The one before may have finished it, and so taken its name.
            let (opened, named) = (file.metadata().map_err(&failed)?, fs::symlink_metadata(&path));
            if named.is_ok_and(|named| (named.dev(), named.ino()) == (opened.dev(), opened.ino())) {
                return Ok(Part { file, path: path.clone(), whole });
            }
        }
    }
}

impl Part {
    /// Bytes that are there.
    pub fn len(&self) -> Result<u64, RegistryError> {
        Ok(self.file.metadata().map_err(disk("look at", &self.path))?.len())
    }

    /// Reads from `at`; 0 at its end.
    pub fn read(&self, buffer: &mut [u8], at: u64) -> Result<usize, RegistryError> {
        self.file.read_at(buffer, at).map_err(disk("read", &self.path))
    }

    /// Writes all of `bytes` at `at`.
    pub fn write(&self, bytes: &[u8], at: u64) -> Result<(), RegistryError> {
        self.file.write_all_at(bytes, at).map_err(disk("write", &self.path))
    }

    /// Another handle to its file, which stays valid when it gets its name.
    pub fn file(&self) -> Result<File, RegistryError> {
        self.file.try_clone().map_err(disk("open", &self.path))
    }

    /// Gives it its name.
    pub fn finish(self) -> Result<(), RegistryError> {
        fs::rename(&self.path, &self.whole).map_err(disk("keep", &self.whole))
    }

    /// Forgets what came.
    pub fn discard(self) {
        let _ = fs::remove_file(&self.path);
    }
}

impl Drop for Part {
    /// The lock belongs to the open file, and so to every handle that [`Part::file`] gave. Kept until a reader has done with it,
    /// it would make two processes wait for each other, each for a layer that the other has had for long.
    fn drop(&mut self) {
        let _ = flock(&self.file, FlockOperation::Unlock);
    }
}

fn disk(doing: &'static str, path: &Path) -> impl Fn(io::Error) -> RegistryError {
    move |error| {
        let problem = match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
                "the disk is full; free some space (libcdiff image prune), or set another cache folder".into()
            }
            _ => error.to_string(),
        };
        RegistryError::Disk { doing, path: path.display().to_string(), problem }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_blob_has_its_name_when_it_is_whole_and_a_part_is_gone_on_with() {
        let folder = tempfile::tempdir().expect("a folder");
        let depot = Depot::new(folder.path());
        let _hold = depot.hold().expect("holds");
        let digest = Digest::of(b"content");
        depot.begin(&digest, || ()).expect("begins").write(b"cont", 0).expect("writes");
        assert!(depot.get(&digest, 7).is_none());
        let part = depot.begin(&digest, || panic!("nobody else is at it")).expect("goes on");
        assert_eq!(part.len().expect("has one"), 4);
        part.write(b"ent", 4).expect("writes");
        part.finish().expect("is named");
        assert!(depot.get(&digest, 7).is_some() && depot.get(&digest, 8).is_none());
        depot.begin(&digest, || ()).expect("begins").discard();
        assert_eq!(fs::read_dir(depot.blobs()).expect("lists").count(), 1);
    }

    #[test]
    fn the_second_waits_and_finds_what_the_first_made() {
        let folder = tempfile::tempdir().expect("a folder");
        let depot = Depot::new(folder.path());
        let _hold = depot.hold().expect("holds");
        let digest = Digest::of(b"content");
        let first = depot.begin(&digest, || ()).expect("begins");
        let _reader = first.file().expect("is open longer than the lock is held");
        let (told, waits) = std::sync::mpsc::channel();
        std::thread::scope(|scope| {
            let second = scope.spawn(|| {
                let part = depot.begin(&digest, || told.send(()).expect("is heard")).expect("begins");
                assert!(depot.get(&digest, 7).is_some());
                part.discard();
            });
            waits.recv().expect("it waits");
            first.write(b"content", 0).expect("writes");
            first.finish().expect("is named");
            second.join().expect("found it");
        });
    }
}
