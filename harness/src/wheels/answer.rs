//! What is told, image by image: `libcdiff.wheels/1`, a contract to which fields are only added.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::choice::Choice;
use super::needs::Needs;
use super::pip::Pip;
use super::resolver::{Refused, Resolution};
use super::tags::{Known, Target};
use crate::anatomy::table::bytes as size;
use crate::runfile::Tool;

/// The value of `schema`.
pub const SCHEMA: &str = "libcdiff.wheels/1";

/// The whole answer.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
pub struct Answer {
    /// `libcdiff.wheels/1`.
    pub schema: String,
    /// The program that made it.
    pub tool: Tool,
    /// What chose the versions: `uv 0.13.9`, `npm 11.19.1`, or `the lock`.
    pub resolver: String,
    /// The day that the index is looked at as it was; none for today.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<String>,
    /// Kinds of wheels that no pip of that day took, and since when it does.
    pub not_yet: Vec<String>,
    /// The images, in the order in which they were given.
    pub images: Vec<Installed>,
    /// What is told of Node's add-ons, where that was the question; `images` is empty then.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub node: Vec<crate::addons::answer::Installed>,
    /// Requirements that could not be answered, and why; the others were, without them.
    pub failed: Vec<Failed>,
    /// What else has to be said.
    pub notes: Vec<String>,
}

/// What is installed in one image.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
pub struct Installed {
    /// The image's short name.
    pub image: String,
    /// What was asked for.
    pub reference: String,
    /// `glibc` or `musl`.
    pub family: String,
    /// The C library's version, as tags count it: `2.41`, `1.2`.
    pub libc: String,
    /// The architecture, as `uname -m` says.
    pub arch: String,
    /// The Python: `3.12`.
    pub python: String,
    /// Whether it was found in the image; else `--python` said so.
    pub python_found: bool,
    /// The version of the pip that was found with it, as 20.2; wheels are those that it takes, else those of a current one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pip: Option<String>,
    /// Kinds of wheels that this pip does not take, and since when pip does.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub not_taken: Vec<String>,
    /// Every package, by name.
    pub packages: Vec<Package>,
    /// Sums over them.
    pub totals: Totals,
    /// In one sentence.
    pub sentence: String,
}

/// A package in one image.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
pub struct Package {
    /// Its name.
    pub name: String,
    /// Its version; none where none could be chosen.
    pub version: Option<String>,
    /// How it is installed.
    pub verdict: Verdict,
    /// The file that is downloaded.
    pub file: Option<File>,
    /// What building it takes, of source.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub needs: Option<Needs>,
    /// What makes the answer less than whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// How a package is installed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// From a wheel.
    Wheel,
    /// From source, which is built in the image.
    Source,
    /// Not at all: no wheel fits and there is no source.
    Nothing,
}

/// A file of the index.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
pub struct File {
    /// Its name.
    pub name: String,
    /// The tag of a wheel by which the image takes it.
    pub tag: Option<String>,
    /// Its size, if the index says it.
    pub bytes: Option<u64>,
}

/// Sums over the packages of an image.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
pub struct Totals {
    /// Packages.
    pub packages: usize,
    /// Of them from wheels.
    pub wheels: usize,
    /// From source.
    pub sources: usize,
    /// Not at all.
    pub nothing: usize,
    /// Bytes to download, as far as sizes are known, without what builds ask for.
    pub bytes: u64,
    /// Files whose size is not known.
    pub of_unknown_size: usize,
}

/// A requirement without an answer.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
pub struct Failed {
    /// Its name.
    pub name: String,
    /// In which images.
    pub images: Vec<String>,
    /// Why.
    pub why: String,
}

impl Package {
    /// The packages of a resolution, those that fit nowhere among them.
    pub fn all(resolved: &Resolution, tags: &[String], needs: &mut dyn FnMut(&Choice) -> Needs) -> Vec<Self> {
        let chosen = resolved.lock.packages.iter().map(|package| {
            let choice = Choice::of(package, tags);
            let unbuilt = resolved.unbuilt.contains_key(&package.name);
            Self {
                name: package.name.clone(),
                version: package.version.clone(),
                verdict: choice.verdict,
                needs: (choice.verdict == Verdict::Source).then(|| needs(&choice)),
                file: choice.file,
                note: unbuilt.then(|| {
                    "what it depends on is not known and not below: only its build says, and that fails on this machine".into()
                }),
            }
        });
        let nothing = resolved.refused.iter().filter(|refused| refused.unfit).map(Self::nothing);
        let mut packages: Vec<_> = chosen.chain(nothing).collect();
        packages.sort_by(|one, other| one.name.cmp(&other.name));
        packages
    }

    fn nothing(refused: &Refused) -> Self {
        Self {
            name: refused.name.clone(),
            version: None,
            verdict: Verdict::Nothing,
            file: None,
            needs: None,
            note: Some(format!(
                "no version of it can be chosen, and what it depends on is not among these. uv says: {}",
                refused.why
            )),
        }
    }
}

impl Installed {
    /// What is said of an image.
    pub fn new(
        image: &crate::image::Image,
        target: &Target,
        pip: Option<Pip>,
        packages: Vec<Package>,
        found: bool,
    ) -> Self {
        let totals = Totals::of(&packages);
        Self {
            image: image.id.clone(),
            reference: image.reference.clone(),
            family: target.family.to_string(),
            libc: format!("{}.{}", target.libc.0, target.libc.1),
            arch: target.arch.clone(),
            python: target.python.to_string(),
            python_found: found,
            pip: pip.map(|pip| pip.to_string()),
            not_taken: Known::at(None).and(pip).lacking(),
            sentence: sentence(&image.id, &packages, &totals),
            packages,
            totals,
        }
    }
}

impl Totals {
    fn of(packages: &[Package]) -> Self {
        let count = |verdict| packages.iter().filter(|package| package.verdict == verdict).count();
        let sizes = packages.iter().filter(|p| p.verdict != Verdict::Nothing);
        let sizes: Vec<_> = sizes.map(|package| package.file.as_ref().and_then(|file| file.bytes)).collect();
        Self {
            packages: packages.len(),
            wheels: count(Verdict::Wheel),
            sources: count(Verdict::Source),
            nothing: count(Verdict::Nothing),
            bytes: sizes.iter().flatten().sum(),
            of_unknown_size: sizes.iter().filter(|size| size.is_none()).count(),
        }
    }
}

fn sentence(image: &str, packages: &[Package], totals: &Totals) -> String {
    let download = match totals.of_unknown_size {
        0 => format!("{} to download", size(totals.bytes)),
        n => format!("{} to download, and {n} files of unknown size", size(totals.bytes)),
    };
    let names = |verdict| {
        let of = packages.iter().filter(|package| package.verdict == verdict);
        of.map(|package| package.name.as_str()).collect::<Vec<_>>().join(", ")
    };
    let mut text = match (totals.sources, totals.packages) {
        (_, 0) => format!("{image}: nothing to install"),
        (0, _) if totals.nothing == 0 => format!("{image}: every package has a wheel; {download}"),
        (0, of) => format!("{image}: {} of {of} packages have a wheel; {download}", totals.wheels),
        (n, of) => format!(
            "{image}: {n} of {of} packages must be built from source ({}); {download}, without what the builds ask for",
            names(Verdict::Source)
        ),
    };
    let needs: Vec<_> = packages.iter().filter_map(|package| package.needs.as_ref()).collect();
    let tools = |certain| -> BTreeSet<&str> {
        let tools = needs.iter().flat_map(|needs| &needs.tools).filter(|tool| tool.certain == certain);
        tools.map(|tool| tool.name.as_str()).collect()
    };
    let (sure, doubtful) = (tools(true), tools(false));
    let listed = |tools: Vec<&str>| tools.join(", ");
    if !sure.is_empty() {
        text += &format!("; that takes: {}", listed(sure.iter().copied().collect()));
    }
    let doubtful: Vec<_> = doubtful.difference(&sure).copied().collect();
    if !doubtful.is_empty() {
        text += &format!("; perhaps: {}", listed(doubtful));
    }
    let unread = needs.iter().filter(|needs| needs.unknown.is_some()).count();
    if unread > 0 {
        text += &format!("; what {unread} of them take is not known");
    }
    if totals.nothing > 0 {
        text += &format!("; cannot be installed, for want of a wheel and of source: {}", names(Verdict::Nothing));
    }
    text + "."
}

/// The header of an answer.
pub fn empty(resolver: String, at: Option<String>, known: Known) -> Answer {
    Answer {
        schema: SCHEMA.into(),
        tool: Tool { name: env!("CARGO_PKG_NAME").into(), version: env!("CARGO_PKG_VERSION").into() },
        resolver,
        at,
        not_yet: known.lacking(),
        images: Vec::new(),
        node: Vec::new(),
        failed: Vec::new(),
        notes: Vec::new(),
    }
}

impl Answer {
    /// Its JSON Schema.
    pub fn json_schema() -> Result<String, serde_json::Error> {
        serde_json::to_string_pretty(&schemars::schema_for!(Self)).map(|text| text + "\n")
    }
}
