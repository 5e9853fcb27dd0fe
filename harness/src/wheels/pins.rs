//! What the locks of Poetry, PDM and Pipenv pin: names and versions, without the files that the index has of them. Nothing in them
//! is believed beyond its form.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::IgnoredAny;

/// A package of a lock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pin {
    /// Its name.
    pub name: String,
    /// Its version; a lock of Pipenv may leave it open.
    pub version: Option<String>,
    /// Where it is wanted; empty for everywhere.
    pub marker: String,
    /// Why a plain installation from an index does not have it.
    pub left_out: Option<&'static str>,
}

/// Why a package is left out.
const ELSEWHERE: &str = "comes from no index";
const ASIDE: &str = "belongs to an extra or a group";

#[derive(Deserialize)]
struct PoetryLock {
    #[serde(default)]
    package: Vec<PoetryPackage>,
}

#[derive(Deserialize)]
struct PoetryPackage {
    name: String,
    version: String,
    #[serde(default)]
    optional: bool,
    category: Option<String>,
    groups: Option<Vec<String>>,
    markers: Option<toml::Value>,
    source: Option<toml::Table>,
}

#[derive(Deserialize)]
struct PdmLock {
    #[serde(default)]
    package: Vec<PdmPackage>,
}

#[derive(Deserialize)]
struct PdmPackage {
    name: String,
    version: Option<String>,
    /// Not there in locks that were made without `inherit_metadata`.
    groups: Option<Vec<String>>,
    marker: Option<String>,
    git: Option<IgnoredAny>,
    path: Option<IgnoredAny>,
    url: Option<IgnoredAny>,
}

#[derive(Deserialize)]
struct PipenvLock {
    default: BTreeMap<String, PipenvPackage>,
    #[serde(default)]
    develop: BTreeMap<String, IgnoredAny>,
}

#[derive(Deserialize)]
struct PipenvPackage {
    version: Option<String>,
    markers: Option<String>,
    git: Option<IgnoredAny>,
    path: Option<IgnoredAny>,
    file: Option<IgnoredAny>,
}

/// What a `poetry.lock` pins.
pub fn poetry(text: &str) -> Result<Vec<Pin>, String> {
    let lock: PoetryLock = toml::from_str(text).map_err(|e| e.to_string())?;
    let pin = |package: PoetryPackage| {
        let main = package.groups.as_ref().is_none_or(|groups| groups.iter().any(|group| group == "main"))
            && package.category.as_deref().is_none_or(|category| category == "main");
        let kind = package.source.as_ref().and_then(|source| source.get("type")).and_then(|kind| kind.as_str());
        let marker = match &package.markers {
            Some(toml::Value::String(marker)) => marker.as_str(),
            Some(toml::Value::Table(groups)) => groups.get("main").and_then(|m| m.as_str()).unwrap_or_default(),
            _ => "",
        };
        let left_out = match (main && !package.optional, kind) {
            (false, _) => Some(ASIDE),
            (true, Some("git" | "directory" | "file" | "url")) => Some(ELSEWHERE),
            (true, _) => None,
        };
        Pin { name: package.name, version: Some(package.version), marker: marker.into(), left_out }
    };
    Ok(lock.package.into_iter().map(pin).collect())
}

/// What a `pdm.lock` pins.
pub fn pdm(text: &str) -> Result<Vec<Pin>, String> {
    let lock: PdmLock = toml::from_str(text).map_err(|e| e.to_string())?;
    let pin = |package: PdmPackage| {
        let plain = package.groups.is_none_or(|groups| groups.iter().any(|group| group == "default"));
        let elsewhere = package.git.or(package.path).or(package.url).is_some();
        let left_out = match (plain, elsewhere) {
            (false, _) => Some(ASIDE),
            (true, true) => Some(ELSEWHERE),
            (true, false) => None,
        };
        Pin { name: package.name, version: package.version, marker: package.marker.unwrap_or_default(), left_out }
    };
    // A package stands there once more for each set of its extras.
    let mut pins: Vec<Pin> = lock.package.into_iter().map(pin).collect();
    pins.dedup();
    Ok(pins)
}

/// What a `Pipfile.lock` pins.
pub fn pipenv(text: &str) -> Result<Vec<Pin>, String> {
    let lock: PipenvLock = serde_json::from_str(text).map_err(|e| e.to_string())?;
    let aside = |(name, _): (String, _)| Pin { name, version: None, marker: String::new(), left_out: Some(ASIDE) };
    let develop: Vec<_> = lock.develop.into_iter().filter(|(name, _)| !lock.default.contains_key(name)).collect();
    let pin = |(name, package): (String, PipenvPackage)| {
        let elsewhere = package.git.or(package.path).or(package.file).is_some();
        // `*` for what is wanted on other platforms than the one that the lock was made on.
        let version = package.version.and_then(|version| version.strip_prefix("==").map(str::to_owned));
        let marker = package.markers.unwrap_or_default();
        Pin { name, version, marker, left_out: elsewhere.then_some(ELSEWHERE) }
    };
    Ok(lock.default.into_iter().map(pin).chain(develop.into_iter().map(aside)).collect())
}

impl Pin {
    /// Its line in a file of requirements.
    pub fn line(&self) -> String {
        let version = self.version.as_ref().map_or(String::new(), |version| format!("=={version}"));
        match self.marker.as_str() {
            "" => format!("{}{version}\n", self.name),
            marker => format!("{}{version} ; {marker}\n", self.name),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The lines, and what is left out after a `-`.
    fn said(pins: Result<Vec<Pin>, String>) -> Vec<String> {
        let said = |pin: Pin| match pin.left_out {
            Some(why) => format!("- {} {why}", pin.name),
            None => pin.line().trim_end().to_owned(),
        };
        pins.expect("a lock").into_iter().map(said).collect()
    }

    #[test]
    fn a_lock_of_poetry_pins_its_main_group() {
        let text = "[[package]]\nname = 'a'\nversion = '1'\ngroups = ['main', 'dev']\nmarkers = {main = \"x == '1'\"}\n\
            [[package]]\nname = 'b'\nversion = '1'\ncategory = 'dev'\n[[package]]\nname = 'c'\nversion = '1'\noptional = true\n\
            [[package]]\nname = 'd'\nversion = '1'\nmarkers = \"y == '2'\"\nsource = {type = 'legacy'}\n\
            [[package]]\nname = 'e'\nversion = '1'\nsource = {type = 'git'}\n";
        assert_eq!(
            said(poetry(text)),
            [
                "a==1 ; x == '1'",
                "- b belongs to an extra or a group",
                "- c belongs to an extra or a group",
                "d==1 ; y == '2'",
                "- e comes from no index"
            ]
        );
    }

    #[test]
    fn a_lock_of_pdm_pins_its_default_group() {
        let text = "[metadata]\ngroups = ['default', 'dev']\nlock_version = '4.5.0'\n\
            [[package]]\nname = 'a'\nversion = '1'\ngroups = ['default', 'dev']\nmarker = \"x == '1'\"\n\
            [[package]]\nname = 'a'\nversion = '1'\nextras = ['s']\ngroups = ['default']\nmarker = \"x == '1'\"\n\
            [[package]]\nname = 'b'\nversion = '1'\ngroups = ['dev']\n[[package]]\nname = 'c'\nversion = '1'\n\
            [[package]]\nname = 'd'\npath = './d'\ngroups = ['default']\n";
        let all = ["a==1 ; x == '1'", "- b belongs to an extra or a group", "c==1", "- d comes from no index"];
        assert_eq!(said(pdm(text)), all);
    }

    #[test]
    fn a_lock_of_pipenv_pins_what_is_not_for_development() {
        let text = r#"{"_meta": {}, "default": {
            "a": {"version": "==1", "markers": "x == '1'", "hashes": ["sha256:0"], "extras": ["s"]},
            "b": {"version": "*", "markers": "sys_platform == 'win32'"}, "c": {"git": "https://h/c", "ref": "0"}},
            "develop": {"a": {"version": "==1"}, "d": {"version": "==1"}}}"#;
        assert_eq!(
            said(pipenv(text)),
            [
                "a==1 ; x == '1'",
                "b ; sys_platform == 'win32'",
                "- c comes from no index",
                "- d belongs to an extra or a group"
            ]
        );
        assert!(pipenv("{}").expect_err("no lock").contains("default"));
    }
}
