//! Databases of packages: dpkg's and apk's, which are text (deb-status(5), apk-package(5)), and rpm's.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::rpm;
use crate::image::View;

/// What a package manager has installed.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct Packages {
    /// `dpkg`, `apk` or `rpm`.
    pub manager: String,
    /// Bytes of what it has installed, as the packages say themselves.
    pub installed_bytes: u64,
    /// The packages, by name.
    pub installed: Vec<Package>,
    /// Why the database could not be read, where that is so; then nothing is known of what is installed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
}

/// A package.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct Package {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// The architecture, in its manager's word: `amd64`, `x86_64`, `noarch`; none where it says none.
    #[serde(default)]
    pub arch: Option<String>,
    /// Bytes installed, as it says itself.
    pub bytes: u64,
}

/// More than any database has.
const MOST_BYTES: u64 = 256 << 20;

/// Every database that there is.
pub fn all(view: &View) -> Vec<Packages> {
    let text = |path: &str| view.read(path, MOST_BYTES).map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    let dpkg = text("/var/lib/dpkg/status").unwrap_or_default() + &dpkg_parts(view);
    let apk = ["/lib/apk/db/installed", "/usr/lib/apk/db/installed"].iter().find_map(|path| text(path));
    let mut all = vec![
        Packages::of("dpkg", self::dpkg(&dpkg)),
        Packages::of("apk", apk.map(|text| self::apk(&text)).unwrap_or_default()),
    ];
    all.extend(rpm::installed(view).map(|found| match found {
        Ok(installed) => Packages::of("rpm", installed),
        Err(problem) => Packages { problem: Some(problem), ..Packages::of("rpm", Vec::new()) },
    }));
    all.retain(|packages| !packages.installed.is_empty() || packages.problem.is_some());
    all
}

impl Packages {
    fn of(manager: &str, mut installed: Vec<Package>) -> Self {
        installed.sort_by(|a, b| (&a.name, &a.version, &a.arch).cmp(&(&b.name, &b.version, &b.arch)));
        let installed_bytes = installed.iter().fold(0_u64, |sum, package| sum.saturating_add(package.bytes));
        Self { manager: manager.to_owned(), installed_bytes, installed, problem: None }
    }
}

/// Images without a package manager keep dpkg's records one by one.
fn dpkg_parts(view: &View) -> String {
    const FOLDER: &str = "/var/lib/dpkg/status.d";
    let parts = view.names(FOLDER).into_iter().filter(|name| !name.to_string_lossy().ends_with(".md5sums"));
    let texts = parts.filter_map(|name| view.read(std::path::Path::new(FOLDER).join(name), MOST_BYTES));
    texts.map(|bytes| format!("\n\n{}", String::from_utf8_lossy(&bytes))).collect()
}

fn dpkg(text: &str) -> Vec<Package> {
    let paragraphs = text.split("\n\n").map(|paragraph| {
        let fields = paragraph.lines().filter(|line| !line.starts_with([' ', '\t']));
        fields.filter_map(|line| line.split_once(':')).map(|(k, v)| (k, v.trim())).collect::<BTreeMap<_, _>>()
    });
    let installed = paragraphs.filter(|fields| fields.get("Status").is_none_or(|s| s.ends_with(" installed")));
    installed
        .filter_map(|fields| {
            let kib: u64 = fields.get("Installed-Size").and_then(|size| size.parse().ok()).unwrap_or(0);
            Some(Package {
                name: (*fields.get("Package")?).to_owned(),
                version: fields.get("Version").copied().unwrap_or_default().to_owned(),
                arch: fields.get("Architecture").map(|arch| (*arch).to_owned()),
                bytes: kib.saturating_mul(1024),
            })
        })
        .collect()
}

fn apk(text: &str) -> Vec<Package> {
    let field = |paragraph: &str, letter: &str| {
        paragraph.lines().find_map(|line| line.strip_prefix(letter)?.strip_prefix(':').map(str::to_owned))
    };
    let package = |paragraph: &str| {
        Some(Package {
            name: field(paragraph, "P")?,
            version: field(paragraph, "V").unwrap_or_default(),
            arch: field(paragraph, "A"),
            bytes: field(paragraph, "I").and_then(|size| size.parse().ok()).unwrap_or(0),
        })
    };
    text.split("\n\n").filter_map(package).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_installed_does_not_count() {
        let status = "Package: a\nStatus: install ok installed\nInstalled-Size: 2\nVersion: 1\nDescription: x\n Package: no\n\n\
                      Package: gone\nStatus: deinstall ok config-files\nVersion: 1\n\nPackage: distroless\nVersion: 3\n";
        let names: Vec<_> = dpkg(status).into_iter().map(|p| (p.name, p.bytes)).collect();
        assert_eq!(names, [("a".to_owned(), 2048), ("distroless".to_owned(), 0)]);
    }

    #[test]
    fn apk_says_bytes() {
        let installed = "C:Q1\nP:musl\nV:1.2.5-r0\nA:x86_64\nI:667648\nF:lib\nR:libc.so\n\nP:zlib\nV:1\nI:1\n";
        let found: Vec<_> = apk(installed).into_iter().map(|p| (p.name, p.version, p.bytes)).collect();
        assert_eq!(found, [("musl".into(), "1.2.5-r0".into(), 667_648), ("zlib".into(), "1".into(), 1)]);
    }
}
