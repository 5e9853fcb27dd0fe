//! The runners `docker` and `podman`: one container of each image for the session, and in it the agent, which makes the same
//! namespaces as in the built-in sandbox. So a case sees the same, and leaves as little behind for the next.
//!
//! The agent ends when the connection does, and its container with it; what is left of a process that was killed goes with the
//! next run ([`crate::engine::reap`]).

use std::collections::BTreeMap;
use std::io::BufReader;
use std::path::PathBuf;
use std::sync::Mutex;

use libcdiff_protocol::{Observation, Session, Within};

use super::{Orders, Ran, Runner, RunnerError, Subject, all_of, listen};
use crate::bundle::Programs;
use crate::engine::{self, Client, EngineError, Owner, Streams};
use crate::image::{Engine, Reference, Source};
use crate::plan::{Due, Plan};

mod cargo;
mod request;

/// Where the agent and the probes are in a container.
const STAGE: &str = "/.libcdiff-stage";

/// What an engine puts into a container where the image has nothing of that name.
const OF_ENGINES: [&str; 14] = [
    "/etc",
    "/etc/hostname",
    "/etc/hosts",
    "/etc/mtab",
    "/etc/resolv.conf",
    "/.dockerenv",
    "/dev",
    "/proc",
    "/run",
    "/run/.containerenv",
    "/run/secrets",
    "/sys",
    "/var",
    "/var/run",
];

/// Containers at an engine.
pub struct Container {
    engine: Engine,
    programs: Programs,
    /// Images that were made of root folders, by these; removed at the end.
    made: Mutex<BTreeMap<PathBuf, String>>,
    /// Whether what dead processes left has been looked for.
    reaped: std::sync::Once,
}

impl Container {
    /// Containers at this engine, wherever it is.
    pub fn new(engine: Engine, programs: Programs) -> Self {
        Self { engine, programs, made: Mutex::default(), reaped: std::sync::Once::new() }
    }

    /// A container of the image with the agent in it, which was given the first plan.
    fn begin<'c>(
        &self,
        client: &'c Client,
        subject: &Subject<'_>,
        plan: Plan<'_>,
        stays: bool,
    ) -> Result<Begun<'c>, RunnerError> {
        let carrier = |error: EngineError| self.carrier(subject, error.to_string());
        let tar = cargo::of_programs(&self.programs, &plan)
            .map_err(|e| self.carrier(subject, format!("packing the probes: {e}")))?;
        let session = Session { enter: None, within: Some(within(subject)), travel: None, stays, plan };
        let mut session = serde_json::to_vec(&session).map_err(|e| self.carrier(subject, e.to_string()))?;
        session.push(b'\n');
        let image = self.image(client, subject)?;
        let id = {
            let _making = engine::making();
            client.create(request::container(&image, self.engine)).map_err(carrier)?
        };
        let kept = Kept { client, id };
        client.upload(&kept.id, tar).map_err(carrier)?;
        let mut streams = client.start(&kept.id).map_err(carrier)?;
        let sent = streams.write(&session);
        Ok(Begun { sent, output: BufReader::new(streams), _kept: kept })
    }

    /// Hears what the agent says of a plan of so many items.
    fn hear(
        &self,
        client: &Client,
        begun: &mut Begun<'_>,
        subject: &Subject<'_>,
        planned: usize,
        seen: Seen<'_>,
    ) -> Result<Ran, RunnerError> {
        let carrier = |error: EngineError| self.carrier(subject, error.to_string());
        let ran = listen(subject.id, &mut begun.output, seen);
        let streams = begun.output.get_mut();
        if let Some(error) = streams.broke() {
            return Err(carrier(error));
        }
        let said = streams.errors();
        match ran? {
            Some(ran) if ran.observations == planned => Ok(ran),
            ran => {
                std::mem::replace(&mut begun.sent, Ok(())).map_err(carrier)?;
                // An engine that has gone says so itself.
                client.about().map_err(carrier)?;
                let got = ran.map_or(0, |ran| ran.observations);
                let end = if said.is_empty() { "its container ended".into() } else { said };
                Err(RunnerError::Short { image: subject.id.into(), got, planned, end })
            }
        }
    }

    /// The engine, in which nothing is left of processes that are dead, where a container can run this plan.
    fn connect(&self, subject: &Subject<'_>, plan: &Plan<'_>) -> Result<Client, RunnerError> {
        if plan.items.iter().any(Due::is_relayed) {
            let problem = "look-ups as deployed are those of this process's own network, and a container has none; run \
                           libcdiff itself in a container of that network, without --runner";
            return Err(self.carrier(subject, problem.into()));
        }
        let carrier = |error: EngineError| self.carrier(subject, error.to_string());
        let client = Client::connect(self.engine).map_err(carrier)?;
        engine::remove_when_stopped(self.engine);
        let mut reaped = Ok(());
        self.reaped.call_once(|| reaped = engine::reap(&client).map(drop));
        reaped.map_err(carrier)?;
        Ok(client)
    }

    /// What the engine calls the image: its own name for it where it came from there, else that of one made of the root folder.
    fn image(&self, client: &Client, subject: &Subject<'_>) -> Result<String, RunnerError> {
        let carrier = |error: EngineError| self.carrier(subject, error.to_string());
        if let Some(Source::Engine(engine, name)) = Reference::parse(subject.reference).ok().map(|r| r.source().clone())
            && engine == self.engine
        {
            let held = client.image(&name).map_err(carrier)?;
            // Elsewhere the name of an image is not that of its content, and what was unpacked is taken there.
            if subject.digest == Some(&held.id) {
                return Ok(held.id);
            }
        }
        if subject.root == std::path::Path::new("/") {
            let problem = "this machine itself is no image, so that no container can be made of it; leave --runner out";
            return Err(self.carrier(subject, problem.into()));
        }
        let mut made = self.made.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(name) = made.get(subject.root) {
            return Ok(name.clone());
        }
        let tag = format!("{}-{}", Owner::me(), made.len());
        let _making = engine::making();
        let name = client.import(&tag, |to| engine::of_root(subject.root, to)).map_err(carrier)?;
        made.insert(subject.root.into(), name.clone());
        Ok(name)
    }

    fn carrier(&self, subject: &Subject<'_>, problem: String) -> RunnerError {
        RunnerError::Carrier { runner: self.engine.command(), image: subject.id.into(), problem }
    }
}

type Seen<'a> = &'a dyn Fn(Observation);

impl Runner for Container {
    fn run(&self, subject: &Subject<'_>, plan: Plan<'_>, seen: Seen<'_>) -> Result<Ran, RunnerError> {
        let (client, planned) = (self.connect(subject, &plan)?, plan.items.len());
        let mut begun = self.begin(&client, subject, plan, false)?;
        self.hear(&client, &mut begun, subject, planned, seen)
    }

    fn stay(&self, subject: &Subject<'_>, orders: &mut dyn Orders) -> Result<(), RunnerError> {
        let Some(plan) = orders.next() else { return Ok(()) };
        let (client, mut planned) = (self.connect(subject, &plan)?, plan.items.len());
        let mut begun = self.begin(&client, subject, plan, true)?;
        loop {
            orders.done(all_of(planned, |seen| self.hear(&client, &mut begun, subject, planned, seen))?);
            let Some(plan) = orders.next() else { return Ok(()) };
            planned = plan.items.len();
            let mut line = serde_json::to_vec(&plan).map_err(|e| self.carrier(subject, e.to_string()))?;
            line.push(b'\n');
            begun.sent = begun.output.get_mut().write(&line);
        }
    }
}

impl Drop for Container {
    fn drop(&mut self) {
        let made = std::mem::take(self.made.get_mut().unwrap_or_else(std::sync::PoisonError::into_inner));
        if made.is_empty() {
            return;
        }
        // What cannot be removed now is reaped by the next run.
        if let Ok(client) = Client::connect(self.engine) {
            for name in made.values() {
                let _ = client.remove_image(name);
            }
        }
    }
}

/// A session under way.
struct Begun<'a> {
    /// What became of the last plan on its way there.
    sent: Result<(), EngineError>,
    output: BufReader<Streams<'a>>,
    _kept: Kept<'a>,
}

/// A container that is removed when its session is over, however that ends.
struct Kept<'a> {
    client: &'a Client,
    id: String,
}

impl Drop for Kept<'_> {
    fn drop(&mut self) {
        // The agent in it ends by itself, and what cannot be removed now is reaped by the next run.
        let _ = self.client.remove_container(&self.id);
    }
}

/// What the agent must know of the container.
fn within(subject: &Subject<'_>) -> Within {
    let lacks = |path: &str| subject.root.join(path.trim_start_matches('/')).symlink_metadata().is_err();
    let absent = OF_ENGINES.iter().filter(|path| lacks(path)).map(|path| (*path).to_owned());
    Within { stage: STAGE.into(), absent: absent.collect() }
}
