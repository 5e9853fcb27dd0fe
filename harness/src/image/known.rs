//! Which file was which image, so that an archive need not be read again while it stays the same file.
//!
//! One small file an archive, below the cache's own folder. The cache is asked for the image itself.

use std::{
    collections::HashSet,
    fs::{self, Metadata},
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use serde::{Deserialize, Serialize};

use super::{
    cache::{Cache, read_json, write_json},
    digest::Digest,
};

/// What an archive turned out to be, so that it need not be read again while it stays the same file.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Known {
    /// Digest of its content.
    pub digest: Digest,
    /// Bytes as compressed, if it is.
    pub compressed_bytes: Option<u64>,
}

/// What changes when a file does.
#[derive(PartialEq, Eq, Deserialize, Serialize)]
struct Stamp {
    device: u64,
    inode: u64,
    bytes: u64,
    modified: (i64, i64),
    changed: (i64, i64),
}

#[derive(Deserialize, Serialize)]
struct Memo {
    stamp: Stamp,
    digest: String,
    compressed_bytes: Option<u64>,
    #[serde(default)]
    path: PathBuf,
}

/// A file that changed this recently may change again without its times showing it.
const SETTLED: Duration = Duration::from_secs(2);

impl From<&Metadata> for Stamp {
    fn from(meta: &Metadata) -> Self {
        Self {
            device: meta.dev(),
            inode: meta.ino(),
            bytes: meta.size(),
            modified: (meta.mtime(), meta.mtime_nsec()),
            changed: (meta.ctime(), meta.ctime_nsec()),
        }
    }
}

impl Cache {
    fn memo(&self, path: &Path, choice: &str) -> Option<PathBuf> {
        let path = fs::canonicalize(path).ok()?;
        let key = Digest::of(format!("{choice}\0{}", path.display()).as_bytes());
        Some(self.path().join("known-files").join(key.hex()))
    }

    /// What the file at `path` was, if it is unchanged since [`Cache::remember`] with the same `choice`.
    pub fn recall(&self, path: &Path, choice: &str, meta: &Metadata) -> Option<Known> {
        let memo: Memo = read_json(&self.memo(path, choice)?)?;
        let digest = Digest::parse(&memo.digest)?;
        (memo.stamp == Stamp::from(meta)).then_some(Known { digest, compressed_bytes: memo.compressed_bytes })
    }

    /// Notes what the file at `path` is; `meta` is from before it was read. Failing to is no failure: it is read again.
    pub fn remember(&self, path: &Path, choice: &str, meta: &Metadata, known: Known) {
        self.remember_at(SystemTime::now(), path, choice, meta, known);
    }

    fn remember_at(&self, now: SystemTime, path: &Path, choice: &str, meta: &Metadata, known: Known) {
        let changed = UNIX_EPOCH + Duration::from_secs(u64::try_from(meta.ctime()).unwrap_or(0));
        let settled = now.duration_since(changed).is_ok_and(|age| age >= SETTLED);
        let Some(memo) = self.memo(path, choice).filter(|_| settled) else { return };
        let Known { digest, compressed_bytes } = known;
        let path = fs::canonicalize(path).unwrap_or_default();
        let value = Memo { stamp: meta.into(), digest: digest.to_string(), compressed_bytes, path };
        let folder = memo.parent().map_or(Ok(()), fs::create_dir_all);
        let _ = folder.and_then(|()| write_json(&memo, &value));
    }

    /// The images that archives were found to be, as far as those archives are still there. What is known of others is
    /// forgotten; with `forget`, of all.
    pub fn files(&self, forget: bool) -> HashSet<Digest> {
        let memos = fs::read_dir(self.path().join("known-files")).into_iter().flatten().flatten();
        let mut digests = HashSet::new();
        for memo in memos.map(|entry| entry.path()) {
            let known = read_json::<Memo>(&memo).filter(|memo| memo.path.exists());
            match known.and_then(|memo| Digest::parse(&memo.digest)).filter(|_| !forget) {
                Some(digest) => _ = digests.insert(digest),
                None => _ = fs::remove_file(&memo),
            }
        }
        digests
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_remembered_until_it_changes() {
        let folder = tempfile::tempdir().expect("a folder");
        let cache = Cache::new(folder.path());
        let file = folder.path().join("image.tar");
        let known = Known { digest: Digest::of(b"content"), compressed_bytes: Some(7) };
        fs::write(&file, "x").expect("written");
        let fresh = fs::metadata(&file).expect("is there");
        cache.remember(&file, "rootfs", &fresh, known);
        assert!(cache.recall(&file, "rootfs", &fresh).is_none(), "too fresh to be sure");
        cache.remember_at(SystemTime::now() + SETTLED, &file, "rootfs", &fresh, known);
        assert_eq!(cache.recall(&file, "rootfs", &fresh).map(|k| k.digest), Some(known.digest));
        assert!(cache.recall(&file, "docker-archive", &fresh).is_none());
        fs::write(&file, "y").expect("written");
        assert!(cache.recall(&file, "rootfs", &fs::metadata(&file).expect("is there")).is_none());
    }
}
