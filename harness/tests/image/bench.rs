//! A place for one test: a cache, files to resolve, and things outside that nothing may touch.

use std::{
    fs,
    os::unix::fs::{MetadataExt, PermissionsExt, symlink},
    path::{Path, PathBuf},
};

use libcdiff::image::{Catalog, Image, ImageError, Limits, Reference, Store};
use tempfile::TempDir;

pub struct Bench {
    folder: TempDir,
    pub limits: Limits,
}

/// The catalog of a test.
const CATALOG: &str = "
    default = ['built']
    [[image]]
    name = 'built'
    definition = 'containers/built.image'
    [[image]]
    name = 'public'
    reference = 'registry:example.org/public:1'
";

impl Bench {
    pub fn new() -> Self {
        Self::within(tempfile::tempdir().expect("a folder"))
    }

    /// In a folder that is there already.
    pub fn within(folder: TempDir) -> Self {
        let bench = Self { folder, limits: Limits::default() };
        let outside = bench.outside();
        fs::create_dir(&outside).expect("made");
        fs::write(outside.join("file"), "untouched").expect("written");
        fs::set_permissions(outside.join("file"), fs::Permissions::from_mode(0o600)).expect("set");
        fs::create_dir(outside.join("folder")).expect("made");
        fs::write(outside.join("folder/below"), "untouched").expect("written");
        symlink("file", outside.join("link")).expect("linked");
        bench
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn outside(&self) -> PathBuf {
        self.path("outside")
    }

    pub fn cache(&self) -> PathBuf {
        self.path("cache")
    }

    pub fn store(&self) -> Store {
        Store::open(self.cache()).with_limits(self.limits).with_built(self.path("built"))
    }

    /// Writes a file and gives its path as text.
    pub fn put(&self, name: &str, bytes: &[u8]) -> String {
        let path = self.path(name);
        fs::create_dir_all(path.parent().expect("is below")).expect("made");
        fs::write(&path, bytes).expect("written");
        path.to_str().expect("is text").to_owned()
    }

    pub fn resolve(&self, reference: &str) -> Result<Image, ImageError> {
        let catalog = Catalog::parse(CATALOG).expect("parses");
        self.store().resolve(&Reference::parse(reference)?, &catalog)
    }

    /// What lies in the cache beside what is remembered of files.
    pub fn cached(&self) -> Vec<String> {
        let entries = fs::read_dir(self.cache().join("images")).into_iter().flatten().flatten();
        let names = entries.map(|e| e.file_name().to_string_lossy().into_owned());
        names.filter(|name| name != "known-files").collect()
    }
}

/// Everything about the entries of a folder that can be seen: types, modes, times, owners, names, targets, content.
pub fn snapshot(folder: &Path) -> Vec<String> {
    let mut lines = Vec::new();
    let mut names: Vec<_> = fs::read_dir(folder).expect("lists").flatten().map(|e| e.path()).collect();
    names.sort();
    for path in names {
        let meta = fs::symlink_metadata(&path).expect("is there");
        let content = match meta.file_type() {
            kind if kind.is_symlink() => fs::read_link(&path).expect("reads").display().to_string(),
            kind if kind.is_file() => String::from_utf8_lossy(&fs::read(&path).expect("reads")).into_owned(),
            _ => String::new(),
        };
        let (mode, times, owner) = (meta.mode(), (meta.mtime_nsec(), meta.ctime_nsec()), meta.uid());
        lines.push(format!("{} {mode:o} {times:?} {owner} {} {content}", path.display(), meta.nlink()));
        if meta.is_dir() {
            lines.extend(snapshot(&path));
        }
    }
    lines
}

/// The names below a folder, each with `/` if it is a folder, ` -> TARGET` if it is a symlink, else `=CONTENT`.
pub fn tree(folder: &Path) -> Vec<String> {
    fn add(folder: &Path, prefix: &str, lines: &mut Vec<String>) {
        let mut names: Vec<_> = fs::read_dir(folder).expect("lists").flatten().map(|e| e.file_name()).collect();
        names.sort();
        for name in names {
            let path = folder.join(&name);
            let shown = format!("{prefix}{}", name.to_string_lossy());
            let kind = fs::symlink_metadata(&path).expect("is there").file_type();
            if kind.is_dir() {
                lines.push(format!("{shown}/"));
                add(&path, &format!("{shown}/"), lines);
            } else if kind.is_symlink() {
                lines.push(format!("{shown} -> {}", fs::read_link(&path).expect("reads").display()));
            } else {
                assert!(kind.is_file(), "{shown} is neither file, folder nor symlink");
                lines.push(format!("{shown}={}", String::from_utf8_lossy(&fs::read(&path).expect("reads"))));
            }
        }
    }
    let mut lines = Vec::new();
    add(folder, "", &mut lines);
    lines
}

/// The permission bits of a path, symlinks not followed.
pub fn mode(path: &Path) -> u32 {
    fs::symlink_metadata(path).expect("is there").mode() & 0o7777
}
