//! Questions to the workers: a plan of a few items for each image, through whichever runner there is.

use std::thread::Scope;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use libcdiff_protocol::dns::Script;
use libcdiff_protocol::{File, Flavour, Item, Limits, Observation, Status};

use super::input::{Input, Record, records};
use super::resident::{Place, Resident};
use super::target::Target;
use crate::plan::{ADDRESS_SPACE_BYTES, PROCESSES, Plan, STACK};
use crate::runner::{Runner, RunnerError};

/// Where the worker finds what it is given.
const GIVEN: &str = "/libcdiff-fuzz-given";
/// Where the worker finds the corpus.
const CORPUS: &str = "/libcdiff-fuzz-corpus";
/// Milliseconds for a batch, in which a few inputs may hang.
const DEADLINE_MS: u64 = 120_000;
/// Inputs of an item whose answers are wanted whole.
const WHOLE: usize = 4_000;
/// Bytes of what a worker writes: its log, in base 64.
const OUTPUT_BYTES: u64 = 96 << 20;

/// Why a target was not asked.
#[derive(Debug, thiserror::Error)]
pub enum AskError {
    /// The runner.
    #[error(transparent)]
    Runner(#[from] RunnerError),
    /// A worker came to no end.
    #[error("asking {target} in {image}: {reason}")]
    Worker {
        /// The target.
        target: String,
        /// The image.
        image: String,
        /// What it said.
        reason: String,
    },
}

/// The images, each with a session that stays in it.
pub struct Lab<'scope, 'env> {
    residents: Vec<Resident<'scope, 'env>>,
    side_by_side: bool,
}

/// What a target's inputs follow from.
#[derive(Clone, Copy)]
pub struct Source<'a> {
    /// The target.
    pub target: &'a Target,
    /// The seed.
    pub seed: u64,
    /// Inputs to be changed further.
    pub corpus: &'a [Input],
}

impl<'scope, 'env> Lab<'scope, 'env> {
    /// Sessions in these places, whose threads are the scope's. Whether images are asked side by side is for who knows how many
    /// others ask at the same time.
    pub fn new(
        scope: &'scope Scope<'scope, 'env>,
        runner: &'env dyn Runner,
        places: &'env [Place],
        side_by_side: bool,
    ) -> Self {
        let residents = places.iter().map(|place| Resident::new(scope, runner, place)).collect();
        Self { residents, side_by_side }
    }

    /// The hashes of the answers to `count` inputs from number `from` on, for each image.
    ///
    /// # Errors
    /// A worker, or what runs it.
    pub fn hashes(&self, source: Source<'_>, from: u64, count: u64) -> Result<Vec<Vec<u32>>, AskError> {
        let mut args = vec!["hash".to_owned(), source.seed.to_string(), from.to_string(), count.to_string()];
        let files = source.corpus_file(&mut args);
        let logs = self.logs(source.target, vec![(args, files)])?;
        Ok(logs.iter().map(|log| hashes(&log[0])).collect())
    }

    /// The inputs of these numbers and their answers, for each image.
    ///
    /// # Errors
    /// A worker, or what runs it.
    pub fn show(&self, source: Source<'_>, numbers: &[u64]) -> Result<Vec<Vec<Record>>, AskError> {
        let piece = |numbers: &[u64]| {
            let mut args = vec!["show".to_owned(), source.seed.to_string(), GIVEN.into()];
            let bytes: Vec<u8> = numbers.iter().flat_map(|number| number.to_le_bytes()).collect();
            let mut files = vec![file(GIVEN, &bytes)];
            files.extend(source.corpus_file(&mut args));
            (args, files)
        };
        self.whole(source.target, numbers.chunks(WHOLE).map(piece).collect())
    }

    /// The answers to these inputs, for each image.
    ///
    /// # Errors
    /// A worker, or what runs it.
    pub fn given(&self, target: &Target, inputs: &[Input]) -> Result<Vec<Vec<Record>>, AskError> {
        self.whole(target, inputs.chunks(WHOLE).map(given).collect())
    }

    /// As [`Self::given`], each in a process of its own.
    ///
    /// # Errors
    /// A worker, or what runs it.
    pub fn alone(&self, target: &Target, inputs: &[Input]) -> Result<Vec<Vec<Record>>, AskError> {
        self.whole(target, inputs.chunks(1).map(given).collect())
    }

    fn whole(&self, target: &Target, tasks: Vec<Task>) -> Result<Vec<Vec<Record>>, AskError> {
        if tasks.is_empty() {
            return Ok(vec![Vec::new(); self.residents.len()]);
        }
        let logs = self.logs(target, tasks)?;
        let read = |(n, logs): (usize, &Vec<Vec<u8>>)| {
            let all = logs.iter().map(|log| records(log)).collect::<Option<Vec<_>>>();
            all.map(|all| all.concat()).ok_or_else(|| self.broke(target, n, "its log is cut".into()))
        };
        logs.iter().enumerate().map(read).collect()
    }

    /// What the workers wrote, for each image and task.
    fn logs(&self, target: &Target, tasks: Vec<Task>) -> Result<Vec<Vec<Vec<u8>>>, AskError> {
        let send = |resident: &Resident<'_, '_>| {
            let (.., flavour) = resident.place();
            let items = tasks.iter().enumerate().map(|(at, task)| item(target, *flavour, at, task).into()).collect();
            resident.send(Plan { computing: 1, waiting: 1, items });
        };
        if self.side_by_side {
            self.residents.iter().for_each(send);
        }
        let receive = |resident: &Resident<'_, '_>| {
            if !self.side_by_side {
                send(resident);
            }
            resident.receive()
        };
        // All of them, so that none is left with an answer that nobody took.
        let seen: Vec<_> = self.residents.iter().map(receive).collect();
        let read = |(n, seen): (usize, Result<Vec<Observation>, RunnerError>)| {
            let mut seen = seen?;
            seen.sort_by_key(|seen| seen.case.rsplit('#').next().and_then(|at| at.parse::<usize>().ok()));
            seen.iter().map(|seen| log(seen).map_err(|reason| self.broke(target, n, reason))).collect()
        };
        seen.into_iter().enumerate().map(read).collect()
    }

    fn broke(&self, target: &Target, image: usize, reason: String) -> AskError {
        AskError::Worker { target: target.id.clone(), image: self.residents[image].place().0.id.clone(), reason }
    }
}

/// The hashes of a log.
fn hashes(log: &[u8]) -> Vec<u32> {
    log.as_chunks().0.iter().map(|bytes| u32::from_le_bytes(*bytes)).collect()
}

/// The item that asks for the hashes of a batch where no file can be brought along.
pub fn batch(source: Source<'_>, flavour: Flavour, at: usize, (from, count): (u64, u64)) -> Item {
    let mut args = vec!["hash".to_owned(), source.seed.to_string(), from.to_string(), count.to_string()];
    if !source.corpus.is_empty() {
        let hex = packed(source.corpus).iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        args.push(format!("hex:{hex}"));
    }
    item(source.target, flavour, at, &(args, Vec::new()))
}

/// The hashes that the answer to such an item holds.
///
/// # Errors
/// Why there are none.
pub fn answered(seen: &Observation) -> Result<Vec<u32>, String> {
    log(seen).map(|log| hashes(&log))
}

/// Arguments behind the target, and files.
type Task = (Vec<String>, Vec<File>);

impl Source<'_> {
    fn corpus_file(self, args: &mut Vec<String>) -> Vec<File> {
        if self.corpus.is_empty() {
            return Vec::new();
        }
        args.push(CORPUS.into());
        vec![file(CORPUS, &packed(self.corpus))]
    }
}

fn given(inputs: &[Input]) -> Task {
    (vec!["given".into(), GIVEN.into()], vec![file(GIVEN, &packed(inputs))])
}

fn packed(inputs: &[Input]) -> Vec<u8> {
    let mut bytes = Vec::new();
    inputs.iter().for_each(|input| input.put(&mut bytes));
    bytes
}

fn file(path: &str, content: &[u8]) -> File {
    File { path: path.into(), content: STANDARD.encode(content) }
}

fn item(target: &Target, flavour: Flavour, at: usize, (args, files): &Task) -> Item {
    let case = format!("{}#{at}", target.case());
    let limits = Limits {
        deadline_ms: DEADLINE_MS,
        stack: STACK,
        output_bytes: OUTPUT_BYTES,
        disk_bytes: 64 << 20,
        processes: PROCESSES,
        address_space_bytes: ADDRESS_SPACE_BYTES,
        memory_bytes: None,
        memory_watched: false,
    };
    Item {
        args: [&[case.clone(), target.id.clone()], &args[..]].concat(),
        case,
        flavour,
        program: format!("{flavour}/fuzz-worker"),
        env: target.env.clone(),
        files: files.clone(),
        hostname: None,
        // The worker is its own server.
        dns: target.network.then(|| Script { servers: Vec::new(), ..Script::default() }),
        relay: None,
        limits,
    }
}

fn log(seen: &Observation) -> Result<Vec<u8>, String> {
    let reason = || seen.reason.clone().unwrap_or_else(|| seen.text.clone());
    match (seen.status, seen.values.get("log").and_then(|log| log.as_str())) {
        (Status::Described, Some(log)) => STANDARD.decode(log).map_err(|e| format!("its log does not read: {e}")),
        (Status::Timeout, _) => Err(format!("it took longer than {} s", DEADLINE_MS / 1000)),
        _ => Err(reason()),
    }
}
