//! Unpacked images on disk, each under the digest of its content: `images/sha256-HEX/rootfs`, and `image.json` beside it.
//!
//! An image is made under a temporary name and renamed when it is whole, so that no half-made one is ever found under a digest,
//! and two processes that make the same one at once both succeed. Whoever makes one holds a lock on it; what is found without
//! a lock was left by a process that died, and is removed. A power cut can empty files that were not on disk yet; to wait for
//! the disk can take a minute on a busy machine, so instead each image is measured again once after the machine has started
//! anew. What is in an image is not known here.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io,
    os::unix::fs::{MetadataExt, PermissionsExt},
    path::{Path, PathBuf},
    sync::Arc,
    time::{SystemTime, UNIX_EPOCH},
};

use rustix::{fs::FlockOperation, io::Errno};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use tempfile::TempDir;

use super::{
    LayerSize,
    digest::Digest,
    error::ImageError,
    layer::{LeftOut, Settled},
    measure::Measure,
};

/// The folder of unpacked images.
#[derive(Clone, Debug)]
pub(crate) struct Cache {
    images: PathBuf,
}

/// What is known of an unpacked image beside its files.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub(crate) struct Record {
    /// Environment of its programs.
    pub env: BTreeMap<String, String>,
    /// What it lacks.
    pub left_out: LeftOut,
    /// How much there is of it.
    #[serde(default)]
    pub measure: Measure,
    /// Its layers, lowest first; none of one that is no stack of layers.
    #[serde(default)]
    pub layers: Vec<LayerSize>,
    /// The start of the machine in which it was last measured.
    #[serde(default)]
    pub boot: String,
}

/// Which start of the machine this is; empty where the kernel does not say, and then nothing is measured again.
fn boot() -> String {
    fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default().trim().to_owned()
}

/// An image in the cache.
#[derive(Clone, Debug)]
pub(crate) struct Kept {
    /// Its root file system.
    pub root: PathBuf,
    /// Digest of its content.
    pub digest: Digest,
    /// What is known of it.
    pub record: Record,
    /// Keeps others from removing it.
    pub hold: Hold,
}

/// Keeps an image in the cache as long as there is a copy of this in some process.
#[derive(Clone, Debug, Default)]
pub struct Hold {
    _lock: Option<Arc<File>>,
}

impl Hold {
    /// Keeps the image until this process ends, for those who hand on nothing but the path of its root.
    pub fn until_exit(self) {
        std::mem::forget(self);
    }
}

/// An image in the making; dropped before it is published, it is removed.
pub(crate) struct Draft<'a> {
    cache: &'a Cache,
    folder: TempDir,
    lock: File,
}

/// The images have this name with a digest after it; drafts have the other one.
const KEPT: &str = "sha256-";
const DRAFT: &str = ".new-";

impl Cache {
    /// The cache below `folder`, an absolute path; nothing is made yet.
    pub fn new(folder: &Path) -> Self {
        Self { images: folder.join("images") }
    }

    /// Where images are.
    pub fn path(&self) -> &Path {
        &self.images
    }

    fn failed(&self, doing: &'static str) -> impl Fn(io::Error) -> ImageError {
        move |error| ImageError::keeping(doing, &self.images, error)
    }

    fn slot(&self, digest: &Digest) -> PathBuf {
        self.images.join(format!("{KEPT}{}", digest.hex()))
    }

    /// The image of this digest, if it is there and whole.
    pub fn get(&self, digest: &Digest) -> Option<Kept> {
        let slot = self.slot(digest);
        let root = slot.join("rootfs");
        let hold = File::open(&slot).ok()?;
        // Waits for somebody who is removing it, and then finds that it is gone. Where there are no locks, nobody is.
        let _ = rustix::fs::flock(&hold, FlockOperation::LockShared);
        if !is_at(&hold, &slot) {
            return None;
        }
        let mut record: Record = read_json(&slot.join("image.json")).filter(|_| root.is_dir())?;
        let boot = boot();
        if record.boot != boot {
            match Measure::of(&root) {
                Ok(measure) if measure != record.measure => return None,
                // Another user's folders may be closed to this one; what can be seen was made whole.
                Err(error) if error.kind() != io::ErrorKind::PermissionDenied => return None,
                _ => {}
            }
            record.boot = boot;
            // Of an image that another user has made this fails, and it is measured each time.
            let _ = write_json(&slot.join("image.json"), &record);
        }
        // When it was last used; of another user's image that cannot be noted.
        let _ =
            File::options().write(true).open(slot.join("image.json")).and_then(|f| f.set_modified(SystemTime::now()));
        Some(Kept { root, digest: *digest, record, hold: Hold { _lock: Some(Arc::new(hold)) } })
    }

    /// Begins an image.
    pub fn begin(&self) -> Result<Draft<'_>, ImageError> {
        fs::create_dir_all(&self.images).map_err(self.failed("make a folder"))?;
        self.sweep();
        loop {
            let failed = self.failed("make a folder");
            let folder = tempfile::Builder::new().prefix(DRAFT).tempdir_in(&self.images).map_err(failed)?;
            let Ok(lock) = File::open(folder.path()) else { continue };
            // Another process may have taken it for a dead one's, before it was locked. Where there are no locks, none does.
            let taken = rustix::fs::flock(&lock, FlockOperation::NonBlockingLockExclusive) == Err(Errno::WOULDBLOCK);
            if !taken && is_at(&lock, folder.path()) {
                fs::create_dir(folder.path().join("rootfs")).map_err(self.failed("make a folder"))?;
                return Ok(Draft { cache: self, folder, lock });
            }
        }
    }

    /// Space for a file without a name, gone when it is closed.
    pub fn scratch(&self) -> Result<File, ImageError> {
        fs::create_dir_all(&self.images).map_err(self.failed("make a folder"))?;
        tempfile::tempfile_in(&self.images).map_err(self.failed("make a file"))
    }

    /// Removes drafts of processes that died. One that cannot be removed, being somebody else's, stays.
    pub fn sweep(&self) {
        for entry in fs::read_dir(&self.images).into_iter().flatten().flatten() {
            if entry.file_name().to_string_lossy().starts_with(DRAFT)
                && let Ok(folder) = File::open(entry.path())
                && rustix::fs::flock(&folder, FlockOperation::NonBlockingLockExclusive).is_ok()
                && is_at(&folder, &entry.path())
            {
                let _ = clear(&entry.path());
            }
        }
    }

    /// Every image, and when it was last used. Whether they are whole is not looked at.
    pub fn all(&self) -> Vec<(Digest, Record, SystemTime)> {
        let slots = fs::read_dir(&self.images).into_iter().flatten().flatten();
        let digests = slots.filter_map(|slot| Digest::from_hex(slot.file_name().to_str()?.strip_prefix(KEPT)?));
        let known = |digest| {
            let path = self.slot(&digest).join("image.json");
            let used = fs::metadata(&path).and_then(|meta| meta.modified()).unwrap_or(UNIX_EPOCH);
            Some((digest, read_json(&path)?, used))
        };
        digests.filter_map(known).collect()
    }

    /// Removes what dead processes left, and the images that `needed` does not want: those that it removed, and those that
    /// stayed because somebody uses them.
    pub fn prune(&self, needed: impl Fn(&Digest) -> bool) -> Result<(Vec<Digest>, Vec<Digest>), ImageError> {
        self.sweep();
        let (mut removed, mut used) = (Vec::new(), Vec::new());
        for (digest, ..) in self.all() {
            if !needed(&digest) {
                if self.remove(&digest)? { removed.push(digest) } else { used.push(digest) }
            }
        }
        Ok((removed, used))
    }

    /// Removes an image, unless somebody uses it. It is given another name first, so that nobody finds half of it. Of two that
    /// remove the same one, either is right.
    fn remove(&self, digest: &Digest) -> Result<bool, ImageError> {
        let (slot, failed) = (self.slot(digest), self.failed("remove an image"));
        let lock = match File::open(&slot) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(true),
            lock => lock.map_err(&failed)?,
        };
        if rustix::fs::flock(&lock, FlockOperation::NonBlockingLockExclusive) == Err(Errno::WOULDBLOCK) {
            return Ok(false);
        }
        if !is_at(&lock, &slot) {
            return Ok(true);
        }
        let rest = tempfile::Builder::new().prefix(DRAFT).tempdir_in(&self.images).map_err(&failed)?;
        fs::rename(&slot, rest.path().join("rest")).map_err(&failed)?;
        drop(lock);
        match clear(&rest.keep()) {
            // Somebody else may be sweeping.
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(failed(error)),
            _ => Ok(true),
        }
    }
}

/// Removes a folder, also folders in it that are closed to their owner.
fn clear(folder: &Path) -> io::Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
            open_up(folder)?;
            fs::remove_dir_all(folder)
        }
        other => other,
    }
}

fn open_up(folder: &Path) -> io::Result<()> {
    fs::set_permissions(folder, PermissionsExt::from_mode(0o700))?;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            open_up(&entry.path())?;
        }
    }
    Ok(())
}

/// Whether the open `folder` is still what `path` names.
fn is_at(folder: &File, path: &Path) -> bool {
    match (folder.metadata(), fs::symlink_metadata(path)) {
        (Ok(a), Ok(b)) => (a.dev(), a.ino()) == (b.dev(), b.ino()),
        _ => false,
    }
}

pub(super) fn read_json<T: DeserializeOwned>(path: &Path) -> Option<T> {
    serde_json::from_slice(&fs::read(path).ok()?).ok()
}

/// Writes a file that appears whole or not at all.
pub(super) fn write_json(path: &Path, value: &impl Serialize) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("/"));
    let mut file = tempfile::Builder::new().permissions(fs::Permissions::from_mode(0o644)).tempfile_in(folder)?;
    io::Write::write_all(&mut file, &serde_json::to_vec(value)?)?;
    file.persist(path)?;
    Ok(())
}

impl Draft<'_> {
    /// The folder to unpack into.
    pub fn root(&self) -> PathBuf {
        self.folder.path().join("rootfs")
    }

    /// Makes this the image of `digest`; if somebody else was faster, theirs is as good.
    pub fn publish(
        self,
        digest: Digest,
        env: BTreeMap<String, String>,
        Settled { left_out, measure }: Settled,
        layers: Vec<LayerSize>,
    ) -> Result<Kept, ImageError> {
        let cache = self.cache;
        let failed = cache.failed("keep an image");
        debug_assert!(Measure::of(&self.root()).map_or(true, |found| found == measure), "counted wrongly: {measure:?}");
        let record = Record { env, left_out, measure, layers, boot: boot() };
        write_json(&self.folder.path().join("image.json"), &record).map_err(&failed)?;
        // Others may use an image that one user has made.
        fs::set_permissions(self.folder.path(), PermissionsExt::from_mode(0o755)).map_err(&failed)?;
        let slot = cache.slot(&digest);
        let mut result = fs::rename(self.folder.path(), &slot);
        if result.is_err() && slot.exists() {
            if let Some(kept) = cache.get(&digest) {
                return Ok(kept);
            }
            // A tidying program has been at it: its place is taken, what is left of it goes.
            let rest = tempfile::Builder::new().prefix(DRAFT).tempdir_in(&cache.images).map_err(&failed)?;
            fs::rename(&slot, rest.path().join("rest")).map_err(&failed)?;
            result = fs::rename(self.folder.path(), &slot);
        }
        result.map_err(&failed)?;
        // The name is gone; nothing is left to remove.
        let _ = self.folder.keep();
        let _ = rustix::fs::flock(&self.lock, FlockOperation::LockShared);
        Ok(Kept { root: slot.join("rootfs"), digest, record, hold: Hold { _lock: Some(Arc::new(self.lock)) } })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn publish(draft: Draft<'_>, digest: Digest) -> Kept {
        let measure = Measure::of(&draft.root()).expect("counts");
        let settled = Settled { left_out: LeftOut::default(), measure };
        draft.publish(digest, BTreeMap::new(), settled, Vec::new()).expect("publishes")
    }

    fn names(cache: &Cache) -> Vec<String> {
        let entries = fs::read_dir(cache.path()).into_iter().flatten().flatten();
        entries.map(|e| e.file_name().to_string_lossy().into_owned()).collect()
    }

    #[test]
    fn an_image_appears_whole_or_not_at_all() {
        let folder = tempfile::tempdir().expect("a folder");
        let cache = Cache::new(folder.path());
        let digest = Digest::of(b"content");
        let draft = cache.begin().expect("begins");
        fs::write(draft.root().join("file"), "abc").expect("written");
        assert!(cache.get(&digest).is_none());
        drop(draft);
        assert_eq!(names(&cache), Vec::<String>::new(), "a dropped draft leaves nothing");
        let draft = cache.begin().expect("begins");
        fs::write(draft.root().join("file"), "abc").expect("written");
        let kept = publish(draft, digest);
        assert_eq!(fs::read_to_string(kept.root.join("file")).expect("is there"), "abc");
        assert_eq!(cache.get(&digest).expect("is there").record.measure, Measure { entries: 1, bytes: 3 });
        assert_eq!(names(&cache), [format!("sha256-{}", digest.hex())]);
    }

    #[test]
    fn the_second_of_two_makers_gets_the_first_one_s() {
        let folder = tempfile::tempdir().expect("a folder");
        let cache = Cache::new(folder.path());
        let digest = Digest::of(b"content");
        let (one, two) = (cache.begin().expect("begins"), cache.begin().expect("begins, and spares the other"));
        fs::write(one.root().join("by"), "one").expect("written");
        fs::write(two.root().join("by"), "two").expect("written");
        publish(one, digest);
        let kept = publish(two, digest);
        assert_eq!(fs::read_to_string(kept.root.join("by")).expect("is there"), "one");
        assert_eq!(names(&cache).len(), 1);
    }

    #[test]
    fn what_a_dead_process_left_is_removed_and_what_was_tidied_away_is_made_again() {
        let folder = tempfile::tempdir().expect("a folder");
        let cache = Cache::new(folder.path());
        let digest = Digest::of(b"content");
        fs::create_dir_all(cache.path().join(".new-dead/rootfs/etc")).expect("made");
        fs::create_dir_all(cache.slot(&digest).join("rootfs")).expect("made, without image.json");
        assert!(cache.get(&digest).is_none());
        publish(cache.begin().expect("begins"), digest);
        assert!(cache.get(&digest).is_some());
        assert_eq!(names(&cache), [format!("sha256-{}", digest.hex())]);
    }

    #[test]
    fn after_a_new_start_of_the_machine_an_image_is_measured_again() {
        let folder = tempfile::tempdir().expect("a folder");
        let cache = Cache::new(folder.path());
        let digest = Digest::of(b"content");
        let draft = cache.begin().expect("begins");
        fs::write(draft.root().join("file"), "abc").expect("written");
        let kept = publish(draft, digest);
        let before = |boot: &str| {
            let record = Record { boot: boot.into(), ..kept.record.clone() };
            write_json(&cache.slot(&digest).join("image.json"), &record).expect("written");
        };
        before("another start");
        assert_eq!(cache.get(&digest).expect("is whole").record.boot, boot());
        fs::write(kept.root.join("file"), "").expect("emptied");
        assert!(cache.get(&digest).is_some(), "within one start nothing empties files");
        before("another start");
        assert!(cache.get(&digest).is_none());
    }
}
