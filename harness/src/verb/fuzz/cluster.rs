//! A campaign whose asking is spread over a cluster: each image's pods are asked its batches and say hashes in their logs. What
//! differs between them is then asked again, made small and confirmed here, by workers that make the same inputs from the seed.

use std::collections::BTreeMap;
use std::path::Path;
use std::thread;
use std::time::Instant;

use libcdiff_protocol::{Flavour, Observation, Plan, Status};

use crate::cli::{self, Cli};
use crate::exit::{Exit, Failure};
use crate::fuzz::ask::{self, Lab, Source};
use crate::fuzz::campaign::{self, Heard};
use crate::fuzz::input::Input;
use crate::fuzz::resident::Place;
use crate::fuzz::state::{Campaign, Found};
use crate::fuzz::target::Target;
use crate::image::Image;
use crate::kubernetes::gathered::Asked;
use crate::kubernetes::{Options, Wanted, objects, run_name};
use crate::progress;
use crate::runner::Runner;
use crate::verb::kubernetes;

/// Bytes of a pod's log that nodes keep, where nobody says otherwise (the kubelet's containerLogMaxSize is 10 MiB), with room
/// for the frames.
const LOG_BYTES: u64 = 8 << 20;
/// Bytes of a corpus that travel, as two digits each: an argument has at most 128 KiB.
const CORPUS_BYTES: usize = 32 << 10;

/// The cluster, and what it is asked.
pub struct Cluster<'a> {
    request: &'a cli::Fuzz,
    options: Options,
    /// The names that nodes pull the images by.
    pinned: Vec<String>,
}

/// A batch of a round of a target, which is an item of each image's plan.
struct Batch<'a> {
    target: &'a Target,
    round: u64,
    inputs: (u64, u64),
}

impl<'a> Cluster<'a> {
    /// The cluster that is meant, for images that its nodes can pull.
    ///
    /// # Errors
    /// What is missing of the request, and images that are at no registry.
    pub fn of(request: &'a cli::Fuzz, images: &[Image]) -> Result<Self, Failure> {
        if request.time.is_some() {
            return Err(Failure::request(
                "pods are asked so many rounds, and not for so long: --rounds in place of --time",
            ));
        }
        let options = kubernetes::options(&request.pods)?;
        let pinned = images.iter().map(kubernetes::pinned).collect::<Result<_, _>>()?;
        Ok(Self { request, options, pinned })
    }

    /// Asks there, and looks at what differs; and whether it was stopped, which ends it without a result.
    pub fn look(
        mut self,
        cli: &Cli,
        runner: &dyn Runner,
        places: &[Place],
        mut campaign: Campaign,
        path: &Path,
        targets: &[Target],
    ) -> Result<(Campaign, bool), Failure> {
        let corpora: BTreeMap<&str, Vec<Input>> =
            targets.iter().map(|target| (target.id.as_str(), carried(&campaign.target(&target.id).corpus))).collect();
        let batches = self.batches(&mut campaign, targets);
        let said: u64 = batches.iter().map(|batch| batch.inputs.1 * 16 / 3).sum();
        self.options.shards = self.options.shards.max(said.div_ceil(LOG_BYTES).clamp(1, 64) as u32);
        if said / u64::from(self.options.shards) > LOG_BYTES {
            let text = "that is more than nodes keep of the logs of 64 pods; name fewer targets, or fewer rounds";
            return Err(Failure::request(text));
        }
        let begun = Instant::now();
        let asked = self.ask(cli, places, &batches, |target, flavour, at, inputs| {
            let source = Source { target, seed: self.request.seed, corpus: &corpora[target.id.as_str()] };
            ask::batch(source, flavour, at, inputs)
        })?;
        let heard = heard(&asked, &batches, begun.elapsed().as_secs_f64());
        thread::scope(|scope| {
            let lab = Lab::new(scope, runner, places, true);
            for ((id, round), heard) in heard {
                let Some(target) = targets.iter().find(|target| target.id == id) else { continue };
                let found = campaign.target(&target.id);
                // The next run asks the rounds from this one on again.
                if found.failed.is_some() {
                    continue;
                }
                let source = Source { target, seed: self.request.seed, corpus: &corpora[id] };
                let settled = heard.and_then(|heard| {
                    campaign::settle(&lab, source, round, heard, found).map_err(|error| error.to_string())
                });
                found.failed = settled.err();
            }
        });
        campaign.targets.sort_by(|a, b| a.target.cmp(&b.target));
        campaign.write(path)?;
        Ok((campaign, false))
    }

    /// What is due: so many rounds of each target that can be asked and is not complete.
    fn batches<'t>(&self, campaign: &mut Campaign, targets: &'t [Target]) -> Vec<Batch<'t>> {
        let [first, step] = campaign.shard;
        let mut all = Vec::new();
        for target in targets {
            let &mut Found { complete, rounds, ref failed, .. } = campaign.target(&target.id);
            let due = match target.domain {
                _ if failed.is_some() => 0,
                Some(_) => u64::from(!complete),
                None => self.request.rounds.unwrap_or(1),
            };
            for round in (rounds..rounds + due).map(|round| first + round * step) {
                let batches = campaign::batches(target, round);
                all.extend(batches.map(|inputs| Batch { target, round, inputs }));
            }
        }
        all
    }

    /// Has the pods of each image asked, and brings back what they said, for each image by the items' places.
    fn ask(
        &self,
        cli: &Cli,
        places: &[Place],
        batches: &[Batch<'_>],
        item: impl Fn(&Target, Flavour, usize, (u64, u64)) -> libcdiff_protocol::Item,
    ) -> Result<Vec<Vec<Option<Observation>>>, Failure> {
        let plan = |flavour: Flavour| {
            let items = batches.iter().enumerate().map(|(at, batch)| item(batch.target, flavour, at, batch.inputs));
            Plan { computing: 1, waiting: 1, items: items.collect() }
        };
        let wanted = |((image, _, flavour), pinned): (&Place, &String)| Wanted {
            image: image.clone(),
            pinned: pinned.clone(),
            arch: kubernetes::machine(&image.arch),
            plan: plan(*flavour),
            dropped: Vec::new(),
        };
        let wanted: Vec<Wanted> = places.iter().zip(&self.pinned).map(wanted).collect();
        let name = run_name();
        let shards = self.options.shards;
        progress::note(cli.quiet, &format!("{} batches for {shards} pods of each image", batches.len()));
        let outcome = kubernetes::flow(cli, &self.request.pods, &name, objects(&name, &wanted, None, &self.options)?)?;
        let ids: Vec<String> = places.iter().map(|(image, ..)| image.id.clone()).collect();
        let (asked, troubles) = kubernetes::gathered(&outcome, &ids);
        if !troubles.is_empty() {
            return Err(Failure { exit: Exit::Failed, message: troubles.join("\n") });
        }
        let asked = asked?;
        Ok(ids.iter().map(|id| in_order(&asked, id, batches.len())).collect())
    }
}

/// As many inputs of a corpus as travel in an argument.
fn carried(corpus: &[Input]) -> Vec<Input> {
    let mut bytes = 0;
    let fits = |input: &&Input| {
        bytes += input.size() + 2 * input.0.len() + 1;
        bytes <= CORPUS_BYTES
    };
    corpus.iter().take_while(fits).cloned().collect()
}

/// What was seen of an image, by the places of the items.
fn in_order(asked: &[Asked], image: &str, items: usize) -> Vec<Option<Observation>> {
    let mut all = vec![None; items];
    for seen in asked.iter().filter(|asked| asked.image() == image).flat_map(Asked::observations) {
        let at = seen.case.rsplit('#').next().and_then(|at| at.parse::<usize>().ok());
        if let Some(place) = at.and_then(|at| all.get_mut(at)) {
            *place = Some(seen.clone());
        }
    }
    all
}

/// What the images said of each round, or why nothing.
fn heard<'t>(
    asked: &[Vec<Option<Observation>>],
    batches: &[Batch<'t>],
    seconds: f64,
) -> BTreeMap<(&'t str, u64), Result<Heard, String>> {
    let mut all: BTreeMap<(&str, u64), Result<Heard, String>> = BTreeMap::new();
    for (at, batch) in batches.iter().enumerate() {
        let of_round = all.entry((batch.target.id.as_str(), batch.round)).or_insert_with(|| Ok(Heard::default()));
        let hashes: Result<Vec<_>, String> = asked.iter().map(|image| answer(image[at].as_ref())).collect();
        match (hashes, of_round) {
            (Ok(hashes), Ok(heard)) => {
                heard.take(batch.inputs.0, &hashes);
                // The pods' time, dealt out by what was asked.
                heard.seconds += seconds / batches.len() as f64;
            }
            (Err(reason), of_round) => *of_round = Err(reason),
            (Ok(_), Err(_)) => {}
        }
    }
    all
}

fn answer(seen: Option<&Observation>) -> Result<Vec<u32>, String> {
    match seen {
        None => Err("a pod has left it out".into()),
        Some(seen) if seen.status == Status::Unsupported => {
            Err(seen.reason.clone().unwrap_or_else(|| "pods cannot ask it".into()))
        }
        Some(seen) => ask::answered(seen),
    }
}
