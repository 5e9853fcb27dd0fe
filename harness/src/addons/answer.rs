//! What is told of Node's add-ons, image by image: a part of `libcdiff.wheels/1`, to which fields are only added.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::platform::Platform;
use crate::anatomy::table::bytes as size;
use crate::image::Image;
use crate::wheels::needs::Tool;

/// What is installed in one image.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
pub struct Installed {
    /// The image's short name.
    pub image: String,
    /// What was asked for.
    pub reference: String,
    /// `glibc` or `musl`.
    pub family: String,
    /// The C library's version: `2.41`, `1.2`.
    pub libc: String,
    /// The architecture, as `uname -m` says.
    pub arch: String,
    /// `process.arch`: `x64`.
    pub cpu: String,
    /// The major version of Node; none where nothing says it.
    pub node: Option<String>,
    /// Whether it was found in the image; else `--node` said so.
    pub node_found: bool,
    /// Packages that have to do with binaries or run a script, by name.
    pub packages: Vec<Package>,
    /// Sums over them.
    pub totals: Totals,
    /// In one sentence.
    pub sentence: String,
}

/// A package in one image.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
pub struct Package {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Where its binary comes from.
    pub verdict: Verdict,
    /// What shows it.
    pub because: String,
    /// The packages or the file that hold the binary.
    pub from: Vec<String>,
    /// Packages with binaries that npm installs beside it for this platform, whether or not they serve.
    pub installs: Vec<String>,
    /// The address that an install script fetches a binary from; `{name}` is not known. Nobody asked whether it is there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Its install script.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub script: Option<String>,
    /// What building takes, where it is built; `certain` is false where it may be.
    pub tools: Vec<Tool>,
    /// Libraries that the binary asks for, beside the C library.
    pub libraries: Vec<String>,
    /// Bytes to download for the binary, with the package that holds it; none where they are not known.
    pub bytes: Option<u64>,
    /// Whether an installation goes on without it.
    pub optional: bool,
    /// Whether it is for development alone.
    pub dev: bool,
}

/// Where a package's binary comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// It comes from the index, and loads in the image.
    Prebuilt,
    /// It is built when the package is installed.
    Source,
    /// An install script fetches it from elsewhere; whether it is there is not known.
    Download,
    /// An install script of its own runs; what it does is not known.
    Script,
    /// There are binaries, none for this image, and nothing builds one.
    Nothing,
    /// The package could not be looked into.
    Unknown,
}

/// Sums over the packages of an image.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
pub struct Totals {
    /// All packages that are installed for any platform, by name and version.
    pub installed: usize,
    /// Of them, with a binary from the index.
    pub prebuilt: usize,
    /// Built.
    pub source: usize,
    /// Fetched by a script.
    pub download: usize,
    /// With a script of their own.
    pub script: usize,
    /// Without a binary.
    pub nothing: usize,
    /// Not looked into.
    pub unknown: usize,
    /// Bytes of binaries to download, as far as they are known.
    pub bytes: u64,
}

impl Package {
    /// A package of which nothing is known yet.
    pub fn new(name: &str, entry: &super::lock::Entry) -> Self {
        Self {
            name: name.into(),
            version: entry.version.clone().unwrap_or_default(),
            verdict: Verdict::Unknown,
            because: String::new(),
            from: Vec::new(),
            installs: Vec::new(),
            url: None,
            script: None,
            tools: Vec::new(),
            libraries: Vec::new(),
            bytes: None,
            optional: entry.optional || entry.dev_optional,
            dev: entry.dev,
        }
    }
}

impl Installed {
    /// What is said of an image, in which `installed` packages are looked at.
    pub fn new(image: &Image, platform: &Platform, packages: Vec<Package>, installed: usize) -> Self {
        let totals = Totals::of(&packages, installed);
        Self {
            image: image.id.clone(),
            reference: image.reference.clone(),
            family: platform.family.to_string(),
            libc: format!("{}.{}", platform.libc.0, platform.libc.1),
            arch: platform.arch.clone(),
            cpu: platform.cpu.into(),
            node: platform.node.map(|node| node.to_string()),
            node_found: platform.node_found,
            sentence: sentence(&image.id, &packages, &totals),
            packages,
            totals,
        }
    }
}

impl Totals {
    fn of(packages: &[Package], installed: usize) -> Self {
        let count = |verdict| packages.iter().filter(|package| package.verdict == verdict).count();
        Self {
            installed,
            prebuilt: count(Verdict::Prebuilt),
            source: count(Verdict::Source),
            download: count(Verdict::Download),
            script: count(Verdict::Script),
            nothing: count(Verdict::Nothing),
            unknown: count(Verdict::Unknown),
            bytes: packages.iter().filter_map(|package| package.bytes).sum(),
        }
    }
}

fn sentence(image: &str, packages: &[Package], totals: &Totals) -> String {
    let natives = packages.len() - totals.script;
    let names = |verdict| {
        let of = packages.iter().filter(|package| package.verdict == verdict);
        of.map(|package| package.name.as_str()).collect::<Vec<_>>().join(", ")
    };
    let mut text = match (natives, totals.prebuilt) {
        (0, _) => format!("{image}: no package with a binary among {}", totals.installed),
        (all, some) if all == some => {
            format!("{image}: every native add-on has a binary in the index, {some} of {some}")
        }
        (all, some) => format!("{image}: {some} of {all} native add-ons have a binary in the index"),
    };
    for (verdict, words) in [
        (Verdict::Source, "built from source"),
        (Verdict::Download, "fetched from elsewhere by an install script, if it is there"),
        (Verdict::Nothing, "without a binary for this image"),
        (Verdict::Unknown, "not known"),
        (Verdict::Script, "with an install script whose doings are not known"),
    ] {
        let names = names(verdict);
        if !names.is_empty() {
            text += &format!("; {words}: {names}");
        }
    }
    if totals.bytes > 0 {
        text += &format!("; {} to download for binaries", size(totals.bytes));
    }
    let mut tools: Vec<_> = packages
        .iter()
        .flat_map(|package| &package.tools)
        .filter(|tool| tool.certain)
        .map(|tool| tool.name.as_str())
        .collect();
    tools.sort_unstable();
    tools.dedup();
    if !tools.is_empty() {
        text += &format!("; building takes: {}", tools.join(", "));
    }
    text + "."
}
