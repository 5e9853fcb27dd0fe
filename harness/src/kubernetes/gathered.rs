//! From logs of pods to a run file: what each image's shards have said, and what is missing of it.

use std::collections::BTreeMap;

use libcdiff_protocol::frame::{Messages, Reader, Stream};
use libcdiff_protocol::{Confinement, Flavour, Message, Observation, Place};

use super::Record;
use crate::deployed::ResolvConf;
use crate::runfile::{self, Dropped, Host, RunFile};

/// What was said of one image.
pub struct Asked {
    record: Record,
    /// Observations that were due.
    planned: usize,
    kernel: String,
    confinement: Option<Confinement>,
    found: Option<Place>,
    observations: Vec<Observation>,
    /// What is wrong with it, in words.
    pub gaps: Vec<String>,
}

/// Why logs make no run.
#[derive(Debug, thiserror::Error)]
pub enum GatherError {
    /// There is nothing of ours in them.
    #[error("there is no answer of an agent in these logs{0}")]
    Nothing(String),
    /// They are of several runs.
    #[error("these are logs of the runs {0}: give those of one at a time")]
    Several(String),
    /// The beginning and the end of every log are missing.
    #[error("nothing says which image these logs are of: their beginnings and their ends are missing")]
    Nameless,
    /// They are of another version.
    #[error("the logs do not read: {0}; this is libcdiff {version}, is it the one that made the manifests?", version = env!("CARGO_PKG_VERSION"))]
    Read(#[from] serde_json::Error),
}

/// Whether a log holds everything that its agent said.
pub fn is_whole(log: &[u8]) -> bool {
    let mut reader = Reader::default();
    String::from_utf8_lossy(log).lines().for_each(|line| reader.take(line));
    reader.damaged() == 0 && reader.streams().any(|(_, read)| read.missing == 0 && Said::of(&read).done)
}

/// What one attempt at a shard has said.
#[derive(Default)]
struct Said {
    about: Option<libcdiff_protocol::About>,
    kernel: Option<String>,
    confinement: Option<Confinement>,
    place: Option<Place>,
    observations: Vec<Observation>,
    failed: Option<String>,
    done: bool,
    missing: u64,
}

impl Said {
    fn of(read: &Messages) -> Self {
        let mut said = Self { missing: read.missing, ..Self::default() };
        for text in &read.messages {
            match serde_json::from_str(text) {
                Ok(Message::About(about)) => said.about = Some(*about),
                Ok(Message::Hello { kernel, confinement }) => {
                    (said.kernel, said.confinement) = (Some(kernel), confinement)
                }
                Ok(Message::Place(place)) => said.place = Some(*place),
                Ok(Message::Observation(seen)) => said.observations.push(*seen),
                Ok(Message::Failed { reason }) => said.failed = Some(reason),
                Ok(Message::Done) => said.done = true,
                // The end of a message whose beginning is missing.
                Err(_) => said.missing += 1,
            }
        }
        said
    }

    /// What is wrong with it.
    fn gap(&self, shard: u32) -> Option<String> {
        if let Some(reason) = &self.failed {
            return Some(format!("shard {shard}: {reason}"));
        }
        match (self.missing, self.done) {
            (0, true) => None,
            (0, false) => Some(format!("shard {shard}: its log ends early")),
            (n, true) => Some(format!("shard {shard}: {n} lines of its log are missing or damaged")),
            (n, false) => {
                Some(format!("shard {shard}: {n} lines of its log are missing or damaged, and it ends early"))
            }
        }
    }
}

/// Sorts out what the logs hold, by image.
///
/// # Errors
/// See [`GatherError`]. What is missing of a run is no error here.
pub fn gather(reader: &Reader) -> Result<Vec<Asked>, GatherError> {
    let mut runs: Vec<&str> = reader.streams().map(|(stream, _)| stream.run.as_str()).collect();
    runs.dedup();
    match runs.len() {
        0 => {
            let words = reader.others().join("; ");
            return Err(GatherError::Nothing(if words.is_empty() { words } else { format!(", they say: {words}") }));
        }
        1 => {}
        _ => return Err(GatherError::Several(runs.join(", "))),
    }
    // Of two attempts at a shard the one that got further counts.
    let mut images: BTreeMap<u32, (u32, BTreeMap<u32, Said>)> = BTreeMap::new();
    for (Stream { image, shard, shards, .. }, read) in reader.streams() {
        let said = Said::of(&read);
        let (_, known) = images.entry(*image).or_insert((*shards, BTreeMap::new()));
        let further = |other: &Said| (said.done, said.observations.len()) > (other.done, other.observations.len());
        if known.get(shard).is_none_or(further) {
            known.insert(*shard, said);
        }
    }
    let mut asked = Vec::new();
    for (shards, said) in images.into_values() {
        asked.extend(one(shards, said)?);
    }
    if asked.is_empty() { Err(GatherError::Nameless) } else { Ok(asked) }
}

fn one(shards: u32, said: BTreeMap<u32, Said>) -> Result<Option<Asked>, GatherError> {
    let Some(about) = said.values().find_map(|said| said.about.clone()) else { return Ok(None) };
    let mut asked = Asked {
        record: serde_json::from_value(about.record)?,
        planned: about.items,
        kernel: String::new(),
        confinement: None,
        found: None,
        observations: Vec::new(),
        gaps: Vec::new(),
    };
    let missing: Vec<String> = (0..shards).filter(|n| !said.contains_key(n)).map(|n| n.to_string()).collect();
    if !missing.is_empty() {
        asked.gaps.push(format!("of {shards} shards these are missing: {}", missing.join(", ")));
    }
    for (shard, said) in said {
        asked.gaps.extend(said.gap(shard));
        asked.kernel = said.kernel.unwrap_or(asked.kernel);
        asked.confinement = said.confinement.or(asked.confinement);
        asked.found = asked.found.or(said.place);
        asked.observations.extend(said.observations);
    }
    if asked.gaps.is_empty() && asked.observations.len() != asked.planned {
        asked.gaps.push(format!("{} of {} observations", asked.observations.len(), asked.planned));
    }
    Ok(Some(asked))
}

impl Asked {
    /// The image's name in the run.
    pub fn image(&self) -> &str {
        &self.record.image.id
    }

    /// What was seen there.
    pub fn observations(&self) -> &[Observation] {
        &self.observations
    }

    /// How many images the whole run has.
    pub fn images(&self) -> usize {
        self.record.images
    }

    /// Another version that made the manifests, if it was another.
    pub fn other_version(&self) -> Option<&str> {
        Some(self.record.tool.as_str()).filter(|tool| *tool != env!("CARGO_PKG_VERSION"))
    }

    /// How many cases could not be asked there.
    pub fn unsupported(&self) -> usize {
        self.observations.iter().filter(|seen| seen.status == libcdiff_protocol::Status::Unsupported).count()
    }
}

/// Puts what was said into a run file, which is yet to be judged.
pub fn fill(file: &mut RunFile, asked: Vec<Asked>) {
    if let Some(first) = asked.first() {
        file.started = first.record.started.clone();
        let found = asked.iter().find_map(|asked| asked.found.clone());
        if let Some(place) = &found {
            file.host = Host { kernel: first.kernel.clone(), arch: place.arch.clone(), cpus: place.cpus };
        }
        file.as_deployed = first.record.as_deployed.clone();
        if let Some(deployed) = &mut file.as_deployed
            && let Some(conf) = found.and_then(|place| ResolvConf::parse(place.resolv_conf?.into_bytes()).ok())
        {
            deployed.nameservers = conf.nameservers.iter().map(ToString::to_string).collect();
            deployed.search = conf.search;
            deployed.options = conf.options;
        }
    }
    let mut texts = crate::text::Texts::default();
    for asked in asked {
        let id = asked.record.image.id.clone();
        let mut missing: BTreeMap<Flavour, usize> = asked.record.planned.clone();
        for seen in &asked.observations {
            missing.entry(seen.flavour).and_modify(|left| *left = left.saturating_sub(1));
        }
        file.images.push(runfile::Image { kernel: asked.kernel, confinement: asked.confinement, ..asked.record.image });
        file.dropped.extend(asked.record.dropped.into_iter().filter(|dropped| dropped.cases > 0));
        let reason = format!("its answers are missing ({})", asked.gaps.join("; "));
        file.dropped.extend(missing.into_iter().filter(|(_, cases)| *cases > 0).map(|(flavour, cases)| Dropped {
            image: id.clone(),
            flavour,
            cases,
            reason: reason.clone(),
        }));
        let placed = |seen| runfile::Observation::placed(&id, seen, &mut texts);
        file.observations.extend(asked.observations.iter().map(placed));
    }
}
