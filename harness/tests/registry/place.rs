//! A place for one test: a cache, credentials, and what was told of progress.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
    sync::{Arc, Mutex},
    time::Duration,
};

use libcdiff::image::{Access, Catalog, Event, Image, ImageError, Patience, Proxies, Pull, Reference, Store, Watch};
use tempfile::TempDir;

pub struct Place {
    folder: TempDir,
    pub access: Access,
    told: Arc<Mutex<Vec<String>>>,
}

impl Place {
    pub fn new() -> Self {
        let told = Arc::new(Mutex::new(Vec::new()));
        let hears = told.clone();
        let watch = Watch::new(move |event| {
            let text = match event {
                Event::Layer { bytes, held, .. } => format!("layer {held}/{bytes}"),
                Event::Bytes(_) => return,
                other => format!("{other:?}"),
            };
            hears.lock().expect("not poisoned").push(text);
        });
        let folder = tempfile::tempdir().expect("a folder");
        let patience = Patience { first_wait: Duration::from_millis(1), ..Patience::default() };
        let auth = folder.path().join("auth.json");
        let access = Access {
            proxies: Proxies::default(),
            credentials: vec![auth],
            patience,
            watch,
            ..Access::from_environment()
        };
        Self { folder, access, told }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file and gives its path as text.
    pub fn put(&self, name: &str, bytes: &[u8]) -> String {
        fs::write(self.path(name), bytes).expect("written");
        self.path(name).to_str().expect("is text").to_owned()
    }

    pub fn store(&self) -> Store {
        Store::open(self.path("cache")).with_access(self.access.clone())
    }

    pub fn resolve(&self, reference: &str) -> Result<Image, ImageError> {
        let catalog = Catalog::parse("").expect("parses");
        self.store().resolve(&Reference::parse(reference)?, &catalog)
    }

    pub fn pulling(mut self, pull: Pull) -> Self {
        self.access.pull = pull;
        self
    }

    /// What was told of progress since the last time.
    pub fn told(&self) -> Vec<String> {
        std::mem::take(&mut *self.told.lock().expect("not poisoned"))
    }

    /// What lies in the folder of blobs.
    pub fn blobs(&self) -> Vec<String> {
        names(&self.path("cache/blobs/sha256"))
    }

    /// What lies in the folder of images.
    pub fn images(&self) -> Vec<String> {
        names(&self.path("cache/images"))
    }

    /// The program, with this place's cache and home, and nothing of the machine's proxies and credentials.
    pub fn program(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_libcdiff"));
        command.args(arguments).env("LIBCDIFF_CACHE", self.path("cache")).env("HOME", self.folder.path());
        let all = [
            "HTTPS_PROXY",
            "HTTP_PROXY",
            "ALL_PROXY",
            "NO_PROXY",
            "https_proxy",
            "http_proxy",
            "all_proxy",
            "no_proxy",
        ];
        for name in all.iter().chain(&["REGISTRY_AUTH_FILE", "DOCKER_CONFIG", "XDG_RUNTIME_DIR", "XDG_CONFIG_HOME"]) {
            command.env_remove(name);
        }
        command
    }

    /// Runs the program: its exit code, and what it printed on both ways.
    pub fn run(&self, arguments: &[&str]) -> (Option<i32>, String, String) {
        read(&self.program(arguments).output().expect("libcdiff starts"))
    }
}

pub fn read(output: &Output) -> (Option<i32>, String, String) {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code(), text(&output.stdout), text(&output.stderr))
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut names: Vec<_> = entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}
