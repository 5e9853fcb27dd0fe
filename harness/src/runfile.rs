//! The run file, version 1: everything one run saw, as one JSON document. Every report is rendered from it, and
//! `libcdiff report` reads it back. Its JSON Schema (`reports/run.schema.json`) is generated from these types.
//!
//! The format is a contract: fields are added, never renamed or given another meaning.

use std::collections::BTreeMap;
use std::{fmt, io};

use libcdiff_protocol::{self as protocol, Confinement, Flavour, Query, Status, Values};
use schemars::JsonSchema;
use serde::de::{SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

use crate::check::record::Check;
use crate::held::Held;
use crate::impact::answer::Impact;
use crate::text::{Text, Texts};

/// The value of `schema` in a file of this version.
pub const SCHEMA: &str = "libcdiff.run/1";

/// One run.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
pub struct RunFile {
    /// `libcdiff.run/1`.
    pub schema: String,
    /// The program that made the file.
    pub tool: Tool,
    /// Where it ran.
    pub host: Host,
    /// When the run began, RFC 3339, UTC.
    pub started: String,
    /// When it ended.
    pub finished: String,
    /// The images, in the order in which they were given; the first one is what the others are compared with.
    pub images: Vec<Image>,
    /// The flavours that ran.
    pub flavours: Vec<FlavourInfo>,
    /// What the cases said, by case, image and flavour.
    #[serde(deserialize_with = "shared")]
    pub observations: Vec<Observation>,
    /// The cases on which the images differ.
    pub differences: Vec<Difference>,
    /// What the run showed of remedies: those of the pitfalls behind its differences that name a case, in each image
    /// that the pitfall hits.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub remedies: Vec<Judged>,
    /// What was not run, and why.
    #[serde(default)]
    pub dropped: Vec<Dropped>,
    /// Cases that were asked a second time: those of DNS because one C library had answered them in two ways, the machine was
    /// too busy, or images differed on real nameservers, others because they did not end; the second answers are the ones here.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub asked_again: Vec<String>,
    /// The resolver configuration and the names of a run with `--as-deployed`, which asks nothing else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub as_deployed: Option<AsDeployed>,
    /// What `libcdiff check` came to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub check: Option<Check>,
    /// Which of the differences touch a program, as `libcdiff impact` and `libcdiff check --for` find it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub impact: Option<Box<Impact>>,
    /// Counts.
    pub summary: Summary,
}

/// Look-ups by the resolver configuration that the process had.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema, PartialEq)]
pub struct AsDeployed {
    /// The file.
    pub resolv_conf: String,
    /// Its nameservers in order; the first is `s1` on the wire.
    pub nameservers: Vec<String>,
    /// Its search list.
    pub search: Vec<String>,
    /// Its options.
    pub options: Vec<String>,
    /// The names that were looked up; each is the case `dns.as-deployed.NAME`.
    pub names: Vec<String>,
    /// Queries of one look-up that were passed on at most.
    pub most_queries: u32,
    /// Seconds that one look-up could take at most.
    pub within_seconds: u64,
}

/// The program that made a file.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema, PartialEq)]
pub struct Tool {
    /// `libcdiff`.
    pub name: String,
    /// Its version.
    pub version: String,
}

/// The machine that a run was made on.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema, PartialEq)]
pub struct Host {
    /// `uname -r`.
    pub kernel: String,
    /// The machine architecture, as `uname -m` spells it.
    pub arch: String,
    /// Processors that the run could use.
    pub cpus: usize,
}

/// An image.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
pub struct Image {
    /// The name of this image in the file; unique in it.
    pub id: String,
    /// The reference as it was given.
    pub reference: String,
    /// What it held, exactly; null where that cannot be said (`host`).
    pub digest: Option<String>,
    /// The distribution, from os-release.
    pub os: Os,
    /// The C library that the image's own programs use; null where it has none.
    pub libc: Option<Libc>,
    /// Every C library found in it, the image's own first.
    #[serde(default)]
    pub libcs: Vec<Libc>,
    /// Sizes.
    pub size: Size,
    /// The kernel that the image's programs saw.
    #[serde(default)]
    pub kernel: String,
    /// What they ran behind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confinement: Option<Confinement>,
    /// The architecture of its programs, as `uname -m` spells it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub arch: String,
    /// What ran its programs where this machine cannot, with its version: `qemu-aarch64 7.2.22`. What programs see of threads,
    /// signals and `/proc` is then partly its doing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub emulated_by: Option<String>,
}

/// A distribution.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
pub struct Os {
    /// `ID` of os-release, such as `alpine`.
    pub id: Option<String>,
    /// `VERSION_ID` of os-release.
    pub version: Option<String>,
}

/// A C library in an image or in a program.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema, PartialEq)]
pub struct Libc {
    /// `glibc`, `musl`, or what it calls itself.
    pub family: String,
    /// Its version, such as `2.41` or `1.2.5`.
    pub version: Option<String>,
    /// The path of its dynamic loader in the image.
    pub interpreter: String,
}

/// Sizes of an image.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
pub struct Size {
    /// As stored or sent; null for a folder.
    pub compressed_bytes: Option<u64>,
    /// Sum of its files.
    pub unpacked_bytes: Option<u64>,
}

/// How the probes of one flavour were built.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
pub struct FlavourInfo {
    /// The flavour.
    pub name: Flavour,
    /// The architecture that it was built for, as `uname -m` spells it, where that is not the machine's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub arch: Option<String>,
    /// The C library inside the probes; null where the image brings it.
    pub libc: Option<FlavourLibc>,
    /// The compiler.
    pub toolchain: String,
    /// The oldest glibc that the probes promise to start on; null for other families.
    pub floor: Option<String>,
    /// The newest glibc symbol version that they ask for, which the audit holds at or below the floor.
    #[serde(default)]
    pub newest_symbol_version: Option<String>,
    /// Digest over the programs.
    pub sha256: String,
}

/// The C library that a static flavour carries.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
pub struct FlavourLibc {
    /// `musl`.
    pub family: String,
    /// Its version.
    pub version: String,
}

/// What one case said in one image with one flavour.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema, PartialEq)]
pub struct Observation {
    /// The case.
    pub case: Text,
    /// Its area.
    pub area: Text,
    /// The image's id.
    pub image: Text,
    /// How the probe was built.
    pub flavour: Flavour,
    /// How the case ended.
    pub status: Status,
    /// The signal that ended it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signal: Option<Text>,
    /// Why it is unsupported or broke.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Text>,
    /// Canonical text: what is compared.
    pub text: Text,
    /// Typed figures.
    pub values: Held<Values>,
    /// Queries at the scripted DNS servers, in order of arrival.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wire: Option<Held<Vec<Query>>>,
    /// Milliseconds from start to end of the program.
    pub elapsed_ms: u64,
}

impl Observation {
    /// An agent's observation, placed in an image; it shares its texts with those that say the same.
    pub fn placed(image: &str, seen: &protocol::Observation, texts: &mut Texts) -> Self {
        Self {
            area: texts.shared(seen.case.split('.').next().unwrap_or_default()),
            case: texts.shared(&seen.case),
            image: texts.shared(image),
            flavour: seen.flavour,
            status: seen.status,
            signal: seen.signal.as_deref().map(|signal| texts.shared(signal)),
            reason: seen.reason.as_deref().map(|reason| texts.shared(reason)),
            text: texts.shared(&seen.text),
            values: Held::new(&seen.values, texts),
            wire: seen.wire.as_ref().map(|wire| Held::new(wire, texts)),
            elapsed_ms: seen.elapsed_ms,
        }
    }

    /// The same, sharing its texts with those that say the same.
    fn shared(self, texts: &mut Texts) -> Self {
        Self {
            case: texts.shared(&self.case),
            area: texts.shared(&self.area),
            image: texts.shared(&self.image),
            signal: self.signal.map(|signal| texts.shared(&signal)),
            reason: self.reason.map(|reason| texts.shared(&reason)),
            text: texts.shared(&self.text),
            values: self.values.shared(texts),
            wire: self.wire.map(|wire| wire.shared(texts)),
            ..self
        }
    }

    /// The queries at the scripted servers; none where it has none.
    pub fn queries(&self) -> Vec<Query> {
        self.wire.as_ref().map(Held::get).unwrap_or_default()
    }

    /// The answer in a form that can be compared and shown: the text, or why there is none.
    pub fn answer(&self) -> Text {
        match (self.status, &self.reason) {
            (Status::Unsupported, Some(reason)) => format!("unsupported: {reason}").into(),
            (Status::Broke, Some(reason)) => format!("broke: {reason}").into(),
            _ => self.text.clone(),
        }
    }
}

/// A case on which images, or flavours of one image, differ.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
pub struct Difference {
    /// The case.
    pub case: String,
    /// The observations, grouped by equal answers; the reference is never among them.
    pub groups: Vec<Group>,
    /// Where the difference comes from.
    pub attribution: Attribution,
    /// What that is concluded from, in a sentence.
    pub evidence: String,
    /// The id of the pitfall that explains it; null where nothing does yet.
    pub pitfall: Option<String>,
}

/// Observations that say the same.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
pub struct Group {
    /// Places in `observations`, counted from 0.
    pub observations: Vec<usize>,
    /// What they say.
    pub text: Text,
}

/// Where a difference comes from.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, JsonSchema, PartialEq, Eq, PartialOrd, Ord)]
#[serde(rename_all = "lowercase")]
pub enum Attribution {
    /// The C library.
    Libc,
    /// The files of the image.
    Image,
    /// How the program was linked.
    Flavour,
    /// The kernel.
    Kernel,
    /// The architecture, or what emulates it.
    Machine,
}

impl std::fmt::Display for Attribution {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(match self {
            Self::Libc => "libc",
            Self::Image => "image",
            Self::Flavour => "flavour",
            Self::Kernel => "kernel",
            Self::Machine => "machine",
        })
    }
}

/// What a run showed of one remedy in one image.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema, PartialEq)]
pub struct Judged {
    /// The pitfall.
    pub pitfall: String,
    /// The place of the remedy among the pitfall's, counted from 0.
    pub remedy: usize,
    /// The case that applies the remedy.
    pub case: String,
    /// The image.
    pub image: String,
    /// The flavour whose observation was judged.
    pub flavour: Flavour,
    /// What it showed.
    pub verdict: Verdict,
    /// The line or value that is missing, or why the case did not run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// Whether a remedy works.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, JsonSchema, PartialEq, Eq, PartialOrd, Ord)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Its case said what the remedy promises.
    Works,
    /// Its case ran, and did not say it.
    DoesNot,
    /// Its case did not run there, or could not be asked.
    NotRun,
}

/// Cases that were not run in an image with a flavour.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema, PartialEq)]
pub struct Dropped {
    /// The image.
    pub image: String,
    /// The flavour.
    pub flavour: Flavour,
    /// How many cases.
    pub cases: usize,
    /// Why.
    pub reason: String,
}

/// Counts over the run.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
pub struct Summary {
    /// Cases that ran.
    pub cases: usize,
    /// Observations made.
    pub observations: usize,
    /// Cases on which the images differ.
    pub differences: usize,
    /// Differences that no pitfall explains.
    pub unexplained: usize,
    /// Observations that say nothing about the C library, because the probe or the agent failed.
    #[serde(default)]
    pub broke: usize,
    /// The same by area.
    pub by_area: BTreeMap<String, AreaSummary>,
}

/// Counts over one area.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
pub struct AreaSummary {
    /// Cases that ran.
    pub cases: usize,
    /// Observations made.
    pub observations: usize,
    /// Cases on which the images differ.
    pub differences: usize,
    /// Differences that no pitfall explains.
    pub unexplained: usize,
}

/// Why a file could not be read as a run file.
#[derive(Debug, thiserror::Error)]
pub enum RunFileError {
    /// Not JSON, or not of this form.
    #[error("it is not a run file: {0}")]
    Form(#[from] serde_json::Error),
    /// It cannot be read.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// Another version.
    #[error("it has the schema `{0}`, and this version reads `{SCHEMA}`")]
    Schema(String),
    /// A place that does not exist.
    #[error("the difference on `{case}` points at observation {index}, and there are {count}")]
    Dangling {
        /// The case.
        case: String,
        /// Where it points.
        index: usize,
        /// How many there are.
        count: usize,
    },
}

/// The schema that a file says it has.
fn schema(mut from: impl io::Read + io::Seek) -> Result<String, RunFileError> {
    #[derive(Deserialize)]
    struct Head {
        schema: String,
    }
    from.rewind()?;
    let head: Head = serde_json::from_reader(io::BufReader::new(from))?;
    Ok(head.schema)
}

/// Reads observations one by one, and holds once what several of them say.
fn shared<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<Observation>, D::Error> {
    struct All;

    impl<'de> Visitor<'de> for All {
        type Value = Vec<Observation>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a sequence")
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut from: A) -> Result<Self::Value, A::Error> {
            let (mut texts, mut all) = (Texts::default(), Vec::new());
            while let Some(one) = from.next_element::<Observation>()? {
                all.push(one.shared(&mut texts));
            }
            Ok(all)
        }
    }

    from.deserialize_seq(All)
}

impl RunFile {
    /// Reads a run file and checks that it holds together.
    ///
    /// # Errors
    /// [`RunFileError`].
    pub fn parse(text: &str) -> Result<Self, RunFileError> {
        Self::read(io::Cursor::new(text))
    }

    /// Reads a run file, whose text is never in memory whole, and checks that it holds together.
    ///
    /// # Errors
    /// [`RunFileError`].
    pub fn read(mut from: impl io::Read + io::Seek) -> Result<Self, RunFileError> {
        from.rewind()?;
        let read = serde_json::from_reader::<_, Self>(io::BufReader::new(&mut from));
        // A file of another schema may have another form: what it is counts before what is wrong with it.
        let schema = match &read {
            Ok(run) => run.schema.clone(),
            Err(_) => schema(from)?,
        };
        if schema != SCHEMA {
            return Err(RunFileError::Schema(schema));
        }
        let mut run = read?;
        run.check_places()?;
        run.share_groups();
        Ok(run)
    }

    fn check_places(&self) -> Result<(), RunFileError> {
        let count = self.observations.len();
        for difference in &self.differences {
            if let Some(&index) = difference.groups.iter().flat_map(|g| &g.observations).find(|i| **i >= count) {
                return Err(RunFileError::Dangling { case: difference.case.clone(), index, count });
            }
        }
        Ok(())
    }

    /// A group says what its observations do: the text is held once.
    fn share_groups(&mut self) {
        for group in self.differences.iter_mut().flat_map(|difference| &mut difference.groups) {
            let first = group.observations.first().and_then(|place| self.observations.get(*place));
            if let Some(seen) = first.filter(|seen| seen.text == group.text) {
                group.text = seen.text.clone();
            }
        }
    }

    /// Writes the file's text as it is made: whole, it would take as much memory again as what it is made of.
    ///
    /// # Errors
    /// What the writer came back with.
    pub fn write_json(&self, mut to: impl io::Write) -> io::Result<()> {
        serde_json::to_writer_pretty(&mut to, self)?;
        to.write_all(b"\n")?;
        to.flush()
    }

    /// The JSON Schema of run files.
    pub fn json_schema() -> Result<String, serde_json::Error> {
        serde_json::to_string_pretty(&schemars::schema_for!(Self)).map(|text| text + "\n")
    }

    /// The image of this id.
    pub fn image(&self, id: &str) -> Option<&Image> {
        self.images.iter().find(|image| image.id == id)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    const RUN: &str = include_str!("../tests/fixtures/run.json");

    #[test]
    fn what_is_read_is_held_once_and_written_as_it_was() {
        let run = RunFile::parse(RUN).expect("a run file");
        let texts = || {
            let groups = run.differences.iter().flat_map(|difference| &difference.groups).map(|group| &group.text);
            run.observations.iter().flat_map(|o| [&o.case, &o.area, &o.image, &o.text]).chain(groups)
        };
        let said: BTreeSet<&str> = texts().map(Text::as_str).collect();
        let places: BTreeSet<*const u8> = texts().map(|text| text.as_ptr()).collect();
        assert!(texts().count() > said.len());
        assert_eq!(places.len(), said.len());
        let mut written = Vec::new();
        run.write_json(&mut written).expect("written");
        let json = |text: &[u8]| serde_json::from_slice::<serde_json::Value>(text).expect("JSON");
        assert_eq!(json(&written)["observations"], json(RUN.as_bytes())["observations"]);
    }

    #[test]
    fn an_observation_is_small_for_there_are_many() {
        assert!(size_of::<Observation>() <= 12 * size_of::<usize>());
    }

    #[test]
    fn another_schema_is_told_before_another_form() {
        let refused = |text: &str| RunFile::parse(text).expect_err("refused").to_string();
        assert!(refused(r#"{"schema": "libcdiff.run/2"}"#).starts_with("it has the schema `libcdiff.run/2`"));
        assert!(refused(&RUN.replace(SCHEMA, "libcdiff.run/0")).starts_with("it has the schema `libcdiff.run/0`"));
        for text in ["", "[1]", "{}", r#"{"schema": "libcdiff.run/1"}"#, &RUN[..RUN.len() / 2]] {
            assert!(refused(text).starts_with("it is not a run file: "), "{text}");
        }
    }
}
