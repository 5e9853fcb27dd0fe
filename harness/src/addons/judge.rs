//! The verdict on each package: by its companions for single platforms, the binaries inside of it, and its install script.
//!
//! Looked into are packages that say that they are for some platforms, run a script, or depend on what loads or builds add-ons.
//! A binary that is hidden in any other package is not found.

use std::collections::{BTreeSet, HashSet};
use std::rc::Rc;

use super::answer::{Package, Verdict};
use super::binary::{Binary, Loads};
use super::lock::{Entry, Lock};
use super::platform::Platform;
use super::prebuilds;
use super::registry::Registry;
use super::script::Script;
use super::tarball::Contents;
use crate::wheels::needs::Tool;

/// Packages that load, fetch or build add-ons: who depends on one is looked into.
const HELPERS: [&str; 14] = [
    "node-gyp-build",
    "node-gyp-build-optional-packages",
    "prebuild-install",
    "node-pre-gyp",
    "@mapbox/node-pre-gyp",
    "@discordjs/node-pre-gyp",
    "bindings",
    "node-addon-api",
    "nan",
    "node-gyp",
    "cmake-js",
    "pkg-prebuilds",
    "require-addon",
    "@neon-rs/load",
];

/// An image, and what is needed to judge in it.
#[derive(Debug)]
pub struct Judge<'a> {
    /// What would be installed.
    pub lock: &'a Lock,
    /// What the image is.
    pub platform: &'a Platform,
    /// The symbols of its C library.
    pub exported: &'a BTreeSet<String>,
    /// Whether packages for development alone are left out.
    pub omit_dev: bool,
}

/// What came of looking for binaries in one place.
enum Found {
    /// It loads: where from, why, and what else it asks for.
    Serves { because: String, libraries: Vec<String> },
    /// There are some, and none loads; why.
    Fails(String),
    /// There is none.
    Absent,
}

impl Judge<'_> {
    /// The packages that have to do with binaries or run scripts, by name, and how many there are in all.
    pub fn packages(&self, registry: &mut Registry) -> (Vec<Package>, usize) {
        let wanted = self.lock.packages().filter(|(.., entry)| !(self.omit_dev && entry.dev));
        let wanted: Vec<_> = wanted.collect();
        let owned: HashSet<&str> = wanted
            .iter()
            .flat_map(|(folder, _, entry)| {
                entry.optional_dependencies.keys().filter_map(|name| self.lock.find(folder, name))
            })
            .filter(|(_, entry)| entry.is_limited())
            .map(|(folder, _)| folder)
            .collect();
        let mut seen = HashSet::new();
        let mut packages = Vec::new();
        for (folder, name, entry) in &wanted {
            let new = seen.insert((*name, entry.version.as_deref().unwrap_or_default()));
            if new && !owned.contains(folder) {
                packages.extend(self.package(folder, name, entry, registry));
            }
        }
        packages.sort_by(|one, other| (&one.name, &one.version).cmp(&(&other.name, &other.version)));
        (packages, seen.len())
    }

    /// A package; `None` for those that have nothing to do with binaries here.
    fn package(&self, folder: &str, name: &str, entry: &Entry, registry: &mut Registry) -> Option<Package> {
        let mut package = Package::new(name, entry);
        if let Some(why) = self.platform.refuses(entry) {
            package.verdict = Verdict::Nothing;
            package.because = format!("npm refuses to install it on {}: it is for {why}", self.platform);
            return (!package.optional).then_some(package);
        }
        let companions = self.companions(folder, entry);
        let mut refused = None;
        if !companions.is_empty() {
            match self.by_companions(&companions, &mut package, registry) {
                Found::Serves { because, libraries } => {
                    (package.verdict, package.because, package.libraries) = (Verdict::Prebuilt, because, libraries);
                    return Some(package);
                }
                Found::Fails(why) => refused = Some(why),
                Found::Absent => {}
            }
        }
        let helped = HELPERS.iter().any(|helper| entry.dependencies.contains_key(*helper));
        if !(entry.has_install_script || helped || refused.is_some() || entry.is_limited()) {
            return None;
        }
        match registry.contents(name, entry) {
            Ok(contents) => self.by_contents(package, &contents, refused, entry),
            Err(why) => {
                package.because = why;
                Some(package)
            }
        }
    }

    /// Its optional dependencies for single platforms, if any of them is for Linux.
    fn companions(&self, folder: &str, entry: &Entry) -> Vec<(String, &Entry)> {
        let found = entry.optional_dependencies.keys().filter_map(|name| {
            let (_, entry) = self.lock.find(folder, name)?;
            entry.is_limited().then(|| (entry.name.clone().unwrap_or_else(|| name.clone()), entry))
        });
        let found: Vec<_> = found.collect();
        let for_linux = found.iter().any(|(_, entry)| entry.os.iter().any(|os| os == "linux"));
        if for_linux { found } else { Vec::new() }
    }

    fn by_companions(&self, companions: &[(String, &Entry)], package: &mut Package, registry: &mut Registry) -> Found {
        let fitting: Vec<_> = companions.iter().filter(|(_, entry)| self.platform.refuses(entry).is_none()).collect();
        package.installs = fitting.iter().map(|(name, _)| name.clone()).collect();
        let mut reasons = Vec::new();
        let (mut because, mut libraries, mut bytes) = (Vec::new(), BTreeSet::new(), Some(0));
        for (name, entry) in fitting {
            match self.companion(name, entry, registry) {
                (Found::Serves { because: why, libraries: asked }, size) => {
                    package.from.push(name.clone());
                    because.extend(Some(why).filter(|why| !why.is_empty()));
                    libraries.extend(asked);
                    bytes = bytes.zip(size).map(|(sum, size)| sum + size);
                }
                (Found::Fails(why), _) => reasons.push(format!("{name}: {why}")),
                (Found::Absent, _) => {}
            }
        }
        if !package.from.is_empty() {
            package.bytes = bytes;
            let own = because.first().cloned().unwrap_or_else(|| "it comes as a package for this platform".into());
            let libraries = libraries.into_iter().filter(|library| !library.starts_with("libvips")).collect();
            return Found::Serves { because: own, libraries };
        }
        let count = companions.len();
        let mut why = format!("none of its {count} packages for single platforms is for {}", self.platform);
        if !reasons.is_empty() {
            why = reasons.join("; ");
        }
        Found::Fails(why)
    }

    /// Whether a package for this platform has what loads here, and its bytes.
    fn companion(&self, name: &str, entry: &Entry, registry: &mut Registry) -> (Found, Option<u64>) {
        let contents = match registry.contents(name, entry) {
            Ok(contents) => contents,
            // It says for which C library it is, and that is believed; one that does not say so may be for any.
            Err(why) if !entry.libc.is_empty() => {
                return (
                    Found::Serves {
                        because: format!("its package says so; not looked into: {why}"),
                        libraries: Vec::new(),
                    },
                    None,
                );
            }
            Err(why) => return (Found::Fails(why), None),
        };
        let stated = Entry { libc: contents.manifest.libc(), ..Entry::default() };
        if let Some(why) = self.platform.refuses(&stated) {
            return (Found::Fails(format!("it is for {why}")), None);
        }
        let found = match self.load(contents.binaries.iter().map(|(name, binary)| (name.as_str(), binary))) {
            Found::Absent => Found::Serves { because: String::new(), libraries: Vec::new() },
            found => found,
        };
        (found, Some(contents.bytes))
    }

    /// Whether any of these binaries loads.
    fn load<'b>(&self, binaries: impl Iterator<Item = (&'b str, &'b Binary)>) -> Found {
        let mut reasons = Vec::new();
        for (name, binary) in binaries {
            let because = match binary.loads(self.platform, self.exported) {
                Loads::Yes => String::new(),
                Loads::Across(why) => format!("{name}: {why}"),
                Loads::No(why) => {
                    reasons.push((
                        binary.arch == Some(self.platform.arch.as_str()),
                        format!("{name} does not load: {why}"),
                    ));
                    continue;
                }
            };
            return Found::Serves { because, libraries: binary.libraries().map(str::to_owned).collect() };
        }
        // One for this machine says more than one for another.
        match reasons.into_iter().max_by_key(|(here, _)| *here) {
            Some((_, why)) => Found::Fails(why),
            None => Found::Absent,
        }
    }

    fn by_contents(
        &self,
        mut package: Package,
        contents: &Rc<Contents>,
        refused: Option<String>,
        entry: &Entry,
    ) -> Option<Package> {
        let script = Script::of(contents, self.platform);
        package.script = script.as_ref().map(|script| script.text.clone());
        let loads_prebuilds = ["node-gyp-build", "node-gyp-build-optional-packages"]
            .iter()
            .any(|name| entry.dependencies.contains_key(*name));
        let mut refused = refused;
        let prebuilt = |package: &mut Package, name: &str, refused: &mut Option<String>| {
            let binaries =
                contents.binaries.iter().filter(|(of, _)| of == name).map(|(name, binary)| (name.as_str(), binary));
            match self.load(binaries) {
                Found::Serves { because, libraries } => {
                    let plain = || "it comes along in the package".to_owned();
                    package.because = if because.is_empty() { plain() } else { because };
                    (package.verdict, package.libraries) = (Verdict::Prebuilt, libraries);
                    (package.from, package.bytes) = (vec![name.to_owned()], Some(contents.bytes));
                    return true;
                }
                Found::Fails(why) => *refused = Some(why),
                Found::Absent => {}
            }
            false
        };
        if loads_prebuilds {
            if let Some(name) = prebuilds::chosen(&contents.members, self.platform)
                && prebuilt(&mut package, name, &mut refused)
            {
                return Some(package);
            }
            if refused.is_none() && contents.members.iter().any(|member| member.starts_with("prebuilds/")) {
                refused = Some(format!("none of its prebuilds is for {}", self.platform));
            }
        }
        if let Some(script) = script.as_ref().filter(|script| script.url.is_some() || script.builds.is_some()) {
            self.by_script(&mut package, script, contents, refused);
            return Some(package);
        }
        let addons = contents.binaries.iter().map(|(name, _)| name.as_str());
        let addons: Vec<_> = addons.filter(|name| entry.is_limited() || name.ends_with(".node")).collect();
        if addons.iter().any(|name| prebuilt(&mut package, name, &mut refused)) {
            return Some(package);
        }
        self.left(package, script.is_some(), contents, refused)
    }

    /// A script that fetches or builds.
    fn by_script(&self, package: &mut Package, script: &Script, contents: &Contents, refused: Option<String>) {
        let before = refused.map(|why| format!("{why}; ")).unwrap_or_default();
        package.url.clone_from(&script.url);
        package.verdict = if script.url.is_some() { Verdict::Download } else { Verdict::Source };
        package.because = match (&script.url, script.builds) {
            (Some(_), Some(with)) => {
                format!("{before}its install script fetches a binary, and builds with {with} where there is none")
            }
            (Some(_), None) => format!("{before}its install script fetches a binary"),
            (None, with) => format!("{before}{} builds it", with.unwrap_or("its install script")),
        };
        package.bytes = Some(contents.bytes).filter(|_| script.url.is_none());
        let Some(with) = script.builds else { return };
        let tools: &[&str] = match with {
            "node-gyp" => &["Python 3", "make", "C++ compiler"],
            "cmake-js" => &["CMake", "make", "C++ compiler"],
            _ => &["Rust"],
        };
        let because = format!("{with} takes it");
        let tool = |name: &&str| Tool { name: (*name).into(), because: because.clone(), certain: script.url.is_none() };
        package.tools = tools.iter().map(tool).collect();
    }

    /// What has neither a binary that loads nor a script that is known.
    fn left(&self, mut package: Package, runs: bool, contents: &Contents, refused: Option<String>) -> Option<Package> {
        let source = contents.has("binding.gyp");
        if runs {
            package.verdict = Verdict::Script;
            let before = refused.map(|why| format!("{why}; ")).unwrap_or_default();
            let may = if source { ", and there is source to build" } else { "" };
            package.because = format!("{before}its install script is its own{may}");
            if source {
                let because = "it has a binding.gyp, which its script may build";
                let tool = |name: &str| Tool { name: name.into(), because: because.into(), certain: false };
                package.tools = ["Python 3", "make", "C++ compiler"].map(tool).into();
            }
            return Some(package);
        }
        package.because = refused?;
        package.verdict = Verdict::Nothing;
        Some(package)
    }
}
