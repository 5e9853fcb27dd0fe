//! Runs on a cluster: for each image a Job, whose pods ask the cases in a container of that image, and whose logs are the
//! answers.
//!
//! The API is spoken to by `kubectl` alone ([`kubectl`]): it reads people's configuration, contexts and credentials, among
//! them those of plugins, which would otherwise have to be done again, and it fits the cluster at hand. What is made
//! ([`job`]), what becomes of it ([`state`], [`flow`]) and what its logs say ([`gathered`]) does not depend on it, so that
//! manifests that people apply by themselves, and logs that they bring back, are the same run in two halves.

use std::collections::BTreeMap;

use libcdiff_protocol::{About, Flavour, Plan, Session, Travel};
use serde::{Deserialize, Serialize};

use crate::runfile::{AsDeployed, Dropped, Image};

pub mod carrier;
pub mod confined;
pub mod doctor;
pub mod flow;
pub mod gathered;
pub mod job;
pub mod kubectl;
pub mod manifest;
pub mod payload;
pub mod state;
pub mod yaml;

/// How a run is laid out on a cluster.
#[derive(Clone, Debug)]
pub struct Options {
    /// The image that brings the agent and the probes.
    pub carrier: String,
    /// Whether it is mounted as a volume, instead of copied from by an init container.
    pub image_volume: bool,
    /// Pods of each image, among which its cases are dealt out.
    pub shards: u32,
    /// Where the objects live; else where kubectl's context says.
    pub namespace: Option<String>,
    /// Labels of the nodes that may run pods.
    pub node_selector: manifest::Map,
    /// Secrets for pulling.
    pub pull_secrets: Vec<String>,
    /// Seconds after which a Job is ended.
    pub deadline_seconds: u64,
    /// Seconds for which a Job that has ended is kept, should nobody delete it.
    pub keep_seconds: u64,
}

/// An image that is to be asked.
pub struct Wanted {
    /// What the run file says of it.
    pub image: Image,
    /// The name that nodes pull it by, with its digest.
    pub pinned: String,
    /// The architecture of its nodes, as Kubernetes spells it.
    pub arch: &'static str,
    /// What is asked.
    pub plan: Plan,
    /// What cannot be.
    pub dropped: Vec<Dropped>,
}

/// What the harness finds again in the log of a pod.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Record {
    /// The program's version.
    pub tool: String,
    /// When the manifests were made.
    pub started: String,
    /// How many images the run has.
    pub images: usize,
    /// The image of this pod.
    pub image: Image,
    /// How many observations are due of each flavour.
    pub planned: BTreeMap<Flavour, usize>,
    /// What it is not asked.
    pub dropped: Vec<Dropped>,
    /// Look-ups as deployed; what the pod's resolver configuration is, the pod says itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub as_deployed: Option<AsDeployed>,
}

/// A run's name: it tells its objects and its logs from those of others.
pub fn run_name() -> String {
    let letters = b"abcdefghijklmnopqrstuvwxyz0123456789";
    std::iter::repeat_with(|| char::from(letters[fastrand::usize(..letters.len())])).take(8).collect()
}

/// The objects of a run.
///
/// # Errors
/// Of packing a plan.
pub fn objects(
    run: &str,
    wanted: &[Wanted],
    as_deployed: Option<&AsDeployed>,
    options: &Options,
) -> std::io::Result<Vec<job::Objects>> {
    let started = crate::verb::run::now();
    let images = wanted.len();
    let one = |(place, wanted): (usize, &Wanted)| {
        let mut plan = wanted.plan.clone();
        payload::lighten(&mut plan);
        let record = Record {
            tool: env!("CARGO_PKG_VERSION").into(),
            started: started.clone(),
            images,
            image: wanted.image.clone(),
            planned: planned(&plan),
            dropped: wanted.dropped.clone(),
            as_deployed: as_deployed.cloned(),
        };
        let about = About {
            run: run.to_owned(),
            image: place as u32,
            items: plan.items.len(),
            record: serde_json::to_value(record)?,
        };
        let travel = Travel { about, shards: options.shards, confined: confined::of(&plan) };
        let session = Session { enter: None, within: None, travel: Some(travel), stays: false, plan };
        Ok(job::objects(run, place, wanted, &payload::parts(&session)?, options))
    };
    wanted.iter().enumerate().map(one).collect()
}

fn planned(plan: &Plan) -> BTreeMap<Flavour, usize> {
    let mut planned = BTreeMap::new();
    plan.items.iter().for_each(|item| *planned.entry(item.flavour).or_default() += 1);
    planned
}
