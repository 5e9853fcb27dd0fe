//! What an image is to Node: the names that npm has for its system, processor and C library, and its Node where there is one.

use std::fmt;
use std::path::Path;
use std::str::FromStr;

use super::lock::Entry;
use crate::image::{Family, Image, View};

/// The numbers of Node's interface for add-ons (`process.versions.modules`) by its major version, from Node's own registry of
/// them (`doc/abi_version_registry.json`), and the newest Node-API of the last release of each (`process.versions.napi`).
const INTERFACES: [(u32, u32, u32); 11] = [
    (10, 64, 7),
    (12, 72, 8),
    (14, 83, 8),
    (16, 93, 8),
    (18, 108, 9),
    (20, 115, 9),
    (21, 120, 9),
    (22, 127, 10),
    (23, 131, 10),
    (24, 137, 10),
    (25, 141, 10),
];

/// Bytes of a database of packages that are read.
const DATABASE: u64 = 32 << 20;

/// A version of Node; its first number alone counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Node(pub u32);

impl fmt::Display for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

impl FromStr for Node {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let first = text.trim_start_matches('v').split('.').next().unwrap_or_default();
        match first.parse() {
            Ok(major @ 1..=999) => Ok(Self(major)),
            _ => Err("a version of Node is like 22".into()),
        }
    }
}

impl Node {
    /// Its interface for add-ons that are built for one version: 127.
    pub fn modules(self) -> Option<u32> {
        INTERFACES.iter().find(|(node, ..)| *node == self.0).map(|(_, modules, _)| *modules)
    }

    /// The newest Node-API that it has.
    pub fn napi(self) -> Option<u32> {
        INTERFACES.iter().find(|(node, ..)| *node == self.0).map(|(.., napi)| *napi)
    }
}

/// An image, as Node sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Platform {
    /// The C library's family: glibc or musl.
    pub family: Family,
    /// Its version, major and minor.
    pub libc: (u32, u32),
    /// The architecture, as `uname -m` says.
    pub arch: String,
    /// `process.arch`: `x64`, `arm64`.
    pub cpu: &'static str,
    /// Whether there is `/etc/alpine-release`, which some loaders ask instead of the C library.
    pub alpine: bool,
    /// The Node that is in it or will be.
    pub node: Option<Node>,
    /// Whether it was found in the image.
    pub node_found: bool,
}

impl Platform {
    /// What this image is, with this Node or the one that is found; else why that cannot be said.
    pub fn of(image: &Image, asked: Option<Node>) -> Result<Self, String> {
        let id = &image.id;
        let (family, libc) = crate::wheels::target::libc(image)?;
        let cpu = cpu(&image.arch).ok_or_else(|| format!("{id} is for {}, which Node has no name for", image.arch))?;
        let view = View::open(&image.root).map_err(|e| format!("{id} cannot be looked into: {e}"))?;
        let found = if asked.is_none() { find(image, &view) } else { None };
        let alpine = view.file("/etc/alpine-release").is_some();
        Ok(Self {
            family,
            libc,
            arch: image.arch.clone(),
            cpu,
            alpine,
            node: asked.or(found),
            node_found: found.is_some(),
        })
    }

    /// `glibc` or `musl`.
    pub fn libc_name(&self) -> &'static str {
        if self.family == Family::Musl { "musl" } else { "glibc" }
    }

    /// What of this package is not for this platform, in npm's words: `cpu arm64`; `None` where it is.
    pub fn refuses(&self, entry: &Entry) -> Option<String> {
        let lists =
            [("os", &entry.os, "linux"), ("cpu", &entry.cpu, self.cpu), ("libc", &entry.libc, self.libc_name())];
        let wrong = lists.iter().find(|(_, list, value)| !listed(list, value));
        wrong.map(|(what, list, _)| format!("{what} {}", list.join(", ")))
    }
}

impl fmt::Display for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "linux-{}-{}", self.cpu, self.libc_name())
    }
}

/// Whether a list of `os`, `cpu` or `libc` takes a value, as npm reads it: what is named with `!` never, the rest by name; a
/// list of such refusals alone, or without anything in it, takes all else.
fn listed(list: &[String], value: &str) -> bool {
    if list.len() == 1 && list[0] == "any" {
        return true;
    }
    let (refused, taken): (Vec<_>, Vec<_>) = list.iter().partition(|one| one.starts_with('!'));
    !refused.iter().any(|one| one[1..] == *value) && (taken.is_empty() || taken.iter().any(|one| *one == value))
}

/// Node's name of an architecture.
fn cpu(arch: &str) -> Option<&'static str> {
    Some(match arch {
        "x86_64" => "x64",
        "i686" => "ia32",
        "aarch64" => "arm64",
        "arm" => "arm",
        "ppc64le" => "ppc64",
        "s390x" => "s390x",
        "riscv64" => "riscv64",
        "loongarch64" => "loong64",
        "mips64" => "mips64el",
        "mips" => "mipsel",
        _ => return None,
    })
}

/// The Node of an image: by its header, by the variable that its official images have, or by the records of its packages.
fn find(image: &Image, view: &View) -> Option<Node> {
    let has = |path: &str| view.file(path).is_some();
    for prefix in ["/usr/local", "/usr"] {
        if !has(&format!("{prefix}/bin/node")) {
            continue;
        }
        let header = view.read(Path::new(prefix).join("include/node/node_version.h"), 64 << 10);
        if let Some(node) = header.and_then(|bytes| defined(&String::from_utf8_lossy(&bytes))) {
            return Some(node);
        }
        if prefix == "/usr/local" {
            return image.env.get("NODE_VERSION").and_then(|version| version.parse().ok());
        }
        let apk =
            view.read("/lib/apk/db/installed", DATABASE).or_else(|| view.read("/usr/lib/apk/db/installed", DATABASE));
        let dpkg = view.read("/var/lib/dpkg/status", DATABASE);
        let recorded = |bytes: Option<Vec<u8>>, name, version| {
            recorded(&String::from_utf8_lossy(&bytes.unwrap_or_default()), name, version)
        };
        return recorded(apk, "P:nodejs", "V:").or_else(|| recorded(dpkg, "Package: nodejs", "Version: "));
    }
    None
}

/// `#define NODE_MAJOR_VERSION 22`.
fn defined(header: &str) -> Option<Node> {
    header.lines().find_map(|line| line.strip_prefix("#define NODE_MAJOR_VERSION ")?.trim().parse().ok())
}

/// The version in a database of packages whose entries are parted by empty lines.
fn recorded(database: &str, name: &str, version: &str) -> Option<Node> {
    let entry = database
        .split("\n\n")
        .find(|entry| entry.lines().any(|line| line == name || line.strip_prefix(name) == Some("-current")))?;
    entry.lines().find_map(|line| line.strip_prefix(version)?.parse().ok())
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn platform(family: Family, alpine: bool) -> Platform {
        let libc = if family == Family::Musl { (1, 2) } else { (2, 36) };
        Platform { family, libc, arch: "x86_64".into(), cpu: "x64", alpine, node: Some(Node(20)), node_found: false }
    }

    #[test]
    fn lists_are_read_as_npm_reads_them() {
        let list = |words: &str| words.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        for (words, taken) in [
            ("", true),
            ("any", true),
            ("linux", true),
            ("darwin linux", true),
            ("darwin", false),
            ("!win32", true),
            ("!linux", false),
            ("!win32 darwin", false),
        ] {
            assert_eq!(listed(&list(words), "linux"), taken, "{words}");
        }
        let entry = Entry { os: list("linux"), cpu: list("x64"), libc: list("musl"), ..Entry::default() };
        assert_eq!(platform(Family::Musl, true).refuses(&entry), None);
        assert_eq!(platform(Family::Glibc, false).refuses(&entry).as_deref(), Some("libc musl"));
    }

    #[test]
    fn the_version_of_node_is_in_headers_and_records() {
        assert_eq!(defined("#ifndef X\n#define NODE_MAJOR_VERSION 22\n"), Some(Node(22)));
        let apk = "P:npm\nV:10.9.1-r0\n\nC:Q1x\nP:nodejs\nV:20.15.1-r0\n";
        assert_eq!(recorded(apk, "P:nodejs", "V:"), Some(Node(20)));
        assert_eq!(recorded("P:nodejs-current\nV:21.7.3-r0\n", "P:nodejs", "V:"), Some(Node(21)));
        assert_eq!(recorded("P:npm\nV:10.9.1-r0\n", "P:nodejs", "V:"), None);
        assert_eq!("v22.3.1".parse(), Ok(Node(22)));
        assert!("lts".parse::<Node>().is_err());
        assert_eq!((Node(20).modules(), Node(20).napi(), Node(11).modules()), (Some(115), Some(9), None));
    }
}
