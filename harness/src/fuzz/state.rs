//! Where a campaign stands: a file that is its result as well, that a later run goes on from, and that others are merged with.

use std::fs;
use std::io::Write;
use std::path::Path;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::class::{self, Class};
use super::input::Input;
use super::target::Target;
use crate::exit::{Exit, Failure};
use crate::runfile;

/// The name and version of the format.
pub const SCHEMA: &str = "libcdiff.fuzz/1";

/// A campaign: what was asked of which images, and what was found.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Campaign {
    /// `libcdiff.fuzz/1`.
    pub schema: String,
    /// What the inputs follow from.
    pub seed: u64,
    /// Which part of the rounds this is: `[K, N]` are those whose number leaves K when divided by N. `[0, 1]` is all.
    pub shard: [u64; 2],
    /// The images, in the order of answers.
    pub images: Vec<Subject>,
    /// The targets that were asked.
    pub targets: Vec<Found>,
}

/// An image of a campaign.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Subject {
    /// Its name in what is printed.
    pub id: String,
    /// As it was given.
    pub reference: String,
    /// The digest of its content, where it has one.
    pub digest: Option<String>,
    /// Its C library: `musl 1.2.5`.
    pub libc: String,
}

/// What was found with a target.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct Found {
    /// The target.
    pub target: String,
    /// Rounds that are done.
    pub rounds: u64,
    /// Whether every element of a small domain was asked.
    pub complete: bool,
    /// Inputs that were asked in every image.
    pub asked: u64,
    /// Inputs whose answers differ.
    pub differed: u64,
    /// Findings that were dropped because they did not come again in a process of their own.
    pub unstable: u64,
    /// Seconds from the beginning of each round to its end, all images one after the other.
    pub seconds: f64,
    /// The part of them in which inputs of batches were asked, and nothing was made smaller.
    pub asking_seconds: f64,
    /// Why it was given up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failed: Option<String>,
    /// What differs, by cause.
    pub classes: Vec<Finding>,
    /// Inputs that later rounds change further.
    pub corpus: Vec<Input>,
}

/// A class, with what is known of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Finding {
    /// A stable name: the target and a digest of what makes the class one.
    pub id: String,
    /// The class.
    #[serde(flatten)]
    pub class: Class,
    /// The pitfall that explains it; null where none does.
    pub pitfall: Option<String>,
}

impl From<&runfile::Image> for Subject {
    fn from(image: &runfile::Image) -> Self {
        let libc = image.libc.as_ref();
        let libc =
            libc.map_or_else(String::new, |libc| format!("{} {}", libc.family, libc.version.as_deref().unwrap_or("?")));
        Self { id: image.id.clone(), reference: image.reference.clone(), digest: image.digest.clone(), libc }
    }
}

impl Campaign {
    /// One that has not begun.
    pub fn new(seed: u64, shard: [u64; 2], images: Vec<Subject>) -> Self {
        Self { schema: SCHEMA.into(), seed, shard, images, targets: Vec::new() }
    }

    /// The JSON Schema of its file.
    ///
    /// # Errors
    /// None that is known.
    pub fn json_schema() -> Result<String, serde_json::Error> {
        serde_json::to_string_pretty(&schemars::schema_for!(Self)).map(|text| text + "\n")
    }

    /// Reads a file.
    ///
    /// # Errors
    /// A file that cannot be read, or is none of a campaign.
    pub fn read(path: &Path) -> Result<Self, Failure> {
        let wrong = |why: String| Failure::request(format!("reading the campaign {}: {why}", path.display()));
        let text = fs::read_to_string(path).map_err(|e| wrong(e.to_string()))?;
        let campaign: Self = serde_json::from_str(&text).map_err(|e| wrong(format!("it is no file of `fuzz`: {e}")))?;
        match campaign.schema == SCHEMA {
            true => Ok(campaign),
            false => Err(wrong(format!("it is of the form {}, and this program reads {SCHEMA}", campaign.schema))),
        }
    }

    /// Writes it, all or nothing.
    ///
    /// # Errors
    /// What the file system says.
    pub fn write(&self, path: &Path) -> Result<(), Failure> {
        let failed = |e: std::io::Error| Failure {
            exit: Exit::Failed,
            message: format!("writing the campaign {}: {e}", path.display()),
        };
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        fs::create_dir_all(folder).map_err(failed)?;
        let mut file = tempfile::NamedTempFile::new_in(folder).map_err(failed)?;
        let text = serde_json::to_vec_pretty(self)?;
        file.write_all(&text).and_then(|()| file.write_all(b"\n")).map_err(failed)?;
        file.persist(path).map_err(|e| failed(e.error))?;
        Ok(())
    }

    /// The place of a target; a new one where it was not asked yet.
    pub fn target(&mut self, id: &str) -> &mut Found {
        let at = self.targets.iter().position(|found| found.target == id).unwrap_or_else(|| {
            self.targets.push(Found { target: id.into(), ..Found::default() });
            self.targets.len() - 1
        });
        &mut self.targets[at]
    }

    /// Takes what another one found.
    ///
    /// # Errors
    /// One of other images or of another seed.
    pub fn merge(&mut self, other: Self, targets: &[Target]) -> Result<(), Failure> {
        if (&self.images, self.seed) != (&other.images, other.seed) {
            return Err(Failure::request(
                "campaigns are merged that have the same images, in the same order, and the same seed",
            ));
        }
        self.shard = [0, 1];
        for found in other.targets {
            let Some(target) = targets.iter().find(|target| target.id == found.target) else { continue };
            self.target(&found.target).merge(found, target);
        }
        Ok(())
    }
}

impl Found {
    fn merge(&mut self, other: Self, target: &Target) {
        let mut classes: Vec<Class> = std::mem::take(&mut self.classes).into_iter().map(|found| found.class).collect();
        if self.complete && other.complete {
            // Both have asked the whole domain, and found the same.
            self.classes = classes.into_iter().map(|class| Finding::of(target, class)).collect();
            return;
        }
        other.classes.into_iter().for_each(|found| class::put(&mut classes, found.class, target));
        self.classes = classes.into_iter().map(|class| Finding::of(target, class)).collect();
        self.rounds += other.rounds;
        self.complete |= other.complete;
        self.asked += other.asked;
        self.differed += other.differed;
        self.unstable += other.unstable;
        self.seconds += other.seconds;
        self.asking_seconds += other.asking_seconds;
        self.failed = self.failed.take().or(other.failed);
        let new = other.corpus.into_iter().filter(|input| !self.corpus.contains(input)).collect::<Vec<_>>();
        self.corpus.extend(new);
    }
}

impl Finding {
    /// A class with its name; nothing explains it yet.
    pub fn of(target: &Target, class: Class) -> Self {
        use sha2::{Digest, Sha256};
        let first = if target.by_shape() { Vec::new() } else { class.input.0.first().cloned().unwrap_or_default() };
        let shape = serde_json::to_string(&class.shape).unwrap_or_default();
        let digest = Sha256::digest([shape.as_bytes(), b"\0", &first].concat());
        let short: String = digest.iter().take(3).map(|byte| format!("{byte:02x}")).collect();
        Self { id: format!("{}-{short}", target.id), class, pitfall: None }
    }
}
