//! Names: which image each registry's name led to when it was last asked, so that it need not be asked again.
//!
//! One small file a name and platform, written whole or not at all. Nothing here knows registries.

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};

use super::{
    cache::{read_json, write_json},
    digest::Digest,
};

/// The folder of names.
#[derive(Clone, Debug)]
pub(crate) struct Names {
    folder: PathBuf,
}

/// What a name meant.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub(crate) struct Named {
    /// The name in full.
    pub name: String,
    /// The platform that was wanted.
    pub platform: String,
    /// Digest of what the name leads to: an index, or a manifest.
    pub digest: String,
    /// How many bytes that has.
    pub bytes: u64,
    /// Digest of the manifest for the platform.
    pub manifest: String,
    /// Digest of the configuration, under which the image is in the cache.
    pub image: String,
    /// Bytes of the layers, if they are compressed.
    pub compressed_bytes: Option<u64>,
    /// The name that always means the same.
    pub pinned: String,
}

impl Names {
    /// Below the folder `cache`; nothing is made yet.
    pub fn new(cache: &Path) -> Self {
        Self { folder: cache.join("names") }
    }

    fn path(&self, name: &str, platform: &str) -> PathBuf {
        self.folder.join(format!("{}.json", Digest::of(format!("{platform}\0{name}").as_bytes()).hex()))
    }

    /// What a name meant; one with a `digest` is also known by other names with that.
    pub fn get(&self, name: &str, digest: Option<Digest>, platform: &str) -> Option<Named> {
        let exact = read_json::<Named>(&self.path(name, platform))
            .filter(|named| named.name == name && named.platform == platform);
        exact.or_else(|| {
            let digest = digest?.to_string();
            self.all().into_iter().find(|named| named.platform == platform && named.digest == digest)
        })
    }

    /// Notes what a name means. Failing to is no failure: it is asked for again.
    pub fn put(&self, named: &Named) {
        let path = self.path(&named.name, &named.platform);
        let _ = fs::create_dir_all(&self.folder).and_then(|()| write_json(&path, named));
    }

    /// Forgets what a name meant.
    pub fn remove(&self, named: &Named) {
        let _ = fs::remove_file(self.path(&named.name, &named.platform));
    }

    /// All of them, in the order of names.
    pub fn all(&self) -> Vec<Named> {
        let files = fs::read_dir(&self.folder).into_iter().flatten().flatten();
        let mut all: Vec<Named> = files.filter_map(|entry| read_json(&entry.path())).collect();
        all.sort_by(|a, b| (&a.name, &a.platform).cmp(&(&b.name, &b.platform)));
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(name: &str, content: &[u8]) -> Named {
        let digest = Digest::of(content).to_string();
        Named {
            name: name.into(),
            platform: "linux/amd64".into(),
            digest: digest.clone(),
            bytes: 7,
            manifest: digest.clone(),
            image: digest,
            compressed_bytes: None,
            pinned: String::new(),
        }
    }

    #[test]
    fn a_name_is_known_for_its_platform_and_a_digest_by_any_name() {
        let folder = tempfile::tempdir().expect("a folder");
        let names = Names::new(folder.path());
        let (old, new) = (named("a:1", b"old"), named("a:1", b"new"));
        names.put(&old);
        names.put(&new);
        assert_eq!(names.get("a:1", None, "linux/amd64"), Some(new.clone()));
        assert_eq!(names.get("a:1", None, "linux/arm64"), None);
        assert_eq!(names.get("a", Some(Digest::of(b"new")), "linux/amd64"), Some(new.clone()));
        assert_eq!(names.get("a", Some(Digest::of(b"old")), "linux/amd64"), None);
        names.remove(&new);
        assert_eq!(names.all(), []);
    }
}
