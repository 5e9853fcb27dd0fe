//! A `package-lock.json` of version 2 or 3: every package by the folder that it is installed into. Nothing in it is believed
//! beyond its form.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer};
use thiserror::Error;

/// Why a lock cannot be used.
#[derive(Debug, Error)]
pub enum LockError {
    /// Not JSON, or not a lock's.
    #[error("it is no package-lock.json: {0}")]
    Form(#[from] serde_json::Error),
    /// Written by npm 6 or older: it does not say which packages are for which platform.
    #[error(
        "it is of version 1, which does not say what is for which platform: `npm install --package-lock-only` renews it"
    )]
    Old,
}

/// The file.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Lock {
    /// Packages by folder; the project itself has no name.
    #[serde(default)]
    packages: BTreeMap<String, Entry>,
}

/// A package.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Entry {
    /// Its name, where the folder is called otherwise.
    pub name: Option<String>,
    /// Its version.
    pub version: Option<String>,
    /// Where it comes from; not every lock says so.
    pub resolved: Option<String>,
    /// Digests of its archive.
    pub integrity: Option<String>,
    /// A folder of the project, linked.
    pub link: bool,
    /// Inside of another package's archive.
    pub in_bundle: bool,
    /// Whether installing goes on without it.
    pub optional: bool,
    /// For development alone.
    pub dev: bool,
    /// For development, or optional.
    pub dev_optional: bool,
    /// Whether installing runs a script of it, or builds it.
    pub has_install_script: bool,
    /// Names of systems.
    #[serde(deserialize_with = "one_or_many")]
    pub os: Vec<String>,
    /// Names of processors.
    #[serde(deserialize_with = "one_or_many")]
    pub cpu: Vec<String>,
    /// Families of C libraries; older locks leave this out.
    #[serde(deserialize_with = "one_or_many")]
    pub libc: Vec<String>,
    /// What it needs.
    pub dependencies: BTreeMap<String, String>,
    /// What it takes where there is one for the platform.
    pub optional_dependencies: BTreeMap<String, String>,
}

fn one_or_many<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Either {
        One(String),
        Many(Vec<String>),
    }
    Ok(match Option::<Either>::deserialize(from)? {
        None => Vec::new(),
        Some(Either::One(one)) => vec![one],
        Some(Either::Many(many)) => many,
    })
}

impl Entry {
    /// Whether it says for which platforms it is.
    pub fn is_limited(&self) -> bool {
        !(self.os.is_empty() && self.cpu.is_empty() && self.libc.is_empty())
    }
}

impl Lock {
    /// Reads the text of a file.
    pub fn parse(text: &str) -> Result<Self, LockError> {
        let value: serde_json::Value = serde_json::from_str(text)?;
        if value.get("packages").is_none() && value.get("lockfileVersion").is_some_and(|version| version == 1) {
            return Err(LockError::Old);
        }
        #[derive(Deserialize)]
        struct Whole {
            packages: BTreeMap<String, Entry>,
        }
        let Whole { packages } = serde_json::from_value(value)?;
        Ok(Self { packages })
    }

    /// The packages, by folder and name; not the project's own folders.
    pub fn packages(&self) -> impl Iterator<Item = (&str, &str, &Entry)> {
        let named = self.packages.iter().filter(|(folder, entry)| folder.contains("node_modules/") && !entry.link);
        named.map(|(folder, entry)| (folder.as_str(), entry.name.as_deref().unwrap_or(last(folder)), entry))
    }

    /// What `name` means inside of a package's folder, as Node looks for it: there, else in the folders around it.
    pub fn find(&self, folder: &str, name: &str) -> Option<(&str, &Entry)> {
        let mut at = Some(folder);
        while let Some(folder) = at {
            let inside = if folder.is_empty() { String::new() } else { format!("{folder}/") };
            if let Some((found, entry)) = self.packages.get_key_value(&format!("{inside}node_modules/{name}")) {
                return Some((found, entry));
            }
            at = match folder.rfind("node_modules/") {
                Some(end) => Some(folder[..end].trim_end_matches('/')),
                None if folder.is_empty() => None,
                None => Some(""),
            };
        }
        None
    }

    /// What another lock has, too, in a folder of its own.
    pub fn merge(&mut self, name: &str, other: Self) {
        let moved = other.packages.into_iter().filter(|(folder, _)| !folder.is_empty());
        self.packages.extend(moved.map(|(folder, entry)| (format!("{name}/{folder}"), entry)));
    }
}

/// The name in a folder's path: what follows the last `node_modules/`.
fn last(folder: &str) -> &str {
    folder.rsplit("node_modules/").next().unwrap_or(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_as_node_finds_them() {
        let text = r#"{"lockfileVersion": 3, "packages": {
            "": {"name": "x"},
            "node_modules/a": {"version": "1.0.0", "os": "linux", "libc": ["musl"]},
            "node_modules/b": {"version": "1.0.0"},
            "node_modules/b/node_modules/a": {"version": "2.0.0"},
            "node_modules/alias": {"name": "@s/real", "version": "3.0.0"},
            "web": {"version": "1.0.0"},
            "node_modules/web": {"link": true, "resolved": "web"},
            "web/node_modules/a": {"version": "4.0.0"}}}"#;
        let lock = Lock::parse(text).expect("a lock");
        let version = |folder, name| lock.find(folder, name).and_then(|(_, entry)| entry.version.as_deref());
        assert_eq!(version("node_modules/b", "a"), Some("2.0.0"));
        assert_eq!(version("node_modules/b/node_modules/a", "b"), Some("1.0.0"));
        assert_eq!(version("web", "a"), Some("4.0.0"));
        assert_eq!(version("web", "b"), Some("1.0.0"));
        assert_eq!(version("", "c"), None);
        let names: Vec<_> = lock.packages().map(|(_, name, _)| name).collect();
        assert_eq!(names, ["a", "@s/real", "b", "a", "a"]);
        assert!(lock.find("", "a").is_some_and(|(_, entry)| entry.is_limited() && entry.os == ["linux"]));
        let mut both = Lock::default();
        both.merge("b", lock);
        assert_eq!(both.find("b/node_modules/b", "a").and_then(|found| found.1.version.as_deref()), Some("2.0.0"));
        assert!(both.find("", "a").is_none());
    }

    #[test]
    fn what_is_no_lock_is_refused() {
        assert!(matches!(Lock::parse(r#"{"lockfileVersion": 1, "dependencies": {}}"#), Err(LockError::Old)));
        for text in ["", "[]", "{}", r#"{"packages": 7}"#] {
            assert!(matches!(Lock::parse(text), Err(LockError::Form(_))), "{text}");
        }
    }
}
