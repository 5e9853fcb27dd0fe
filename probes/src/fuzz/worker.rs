//! The worker: makes inputs or takes them from a file, asks, and says what came back.
//!
//! A child asks and writes into memory that it shares with its parent ([`sys::fuzz`](crate::sys::fuzz)). A crash or a call
//! that never returns ends the child, costs one input, is that input's answer, and the next child goes on behind it.

use heap::vec::Vec;

use super::mutate::mutate;
use super::record::{self, put, take_inputs};
use super::{Answer, Input, Inputs, Random, Target, targets};
use crate::json;
use crate::sys::entry::{BROKE, DESCRIBED, USAGE};
use crate::sys::fuzz::{Ended, Log, attended};
use crate::sys::place::Place;
use crate::sys::process::write_all;

/// CORPUS is a file of inputs, or `hex:` and their bytes.
const HELP: &str = "usage: fuzz-worker CASE TARGET hash SEED FROM COUNT [CORPUS] | CASE TARGET show SEED NUMBERS [CORPUS] \
                    | CASE TARGET given INPUTS | --list\n";

/// What a worker is told to do.
struct Task {
    target: &'static Target,
    seed: u64,
    /// Inputs that differed before, to be changed further.
    corpus: Vec<Input>,
    which: Which,
    /// Whether whole answers are wanted, and not hashes.
    whole: bool,
}

/// Which inputs.
enum Which {
    /// Numbers from here, so many.
    Range(u64, u64),
    /// These numbers.
    Numbers(Vec<u64>),
    /// These inputs.
    Given(Vec<Input>),
}

/// The worker's `main`: the arguments are [`HELP`].
pub fn main(words: &[&str]) -> i32 {
    if words == ["--list"] {
        let said = targets::ALL.iter().all(|target| write_all(1, target.describe().as_bytes()));
        return if said { DESCRIBED } else { BROKE };
    }
    let Some((case, task)) = task(words) else {
        write_all(2, HELP.as_bytes());
        return USAGE;
    };
    match run(&task) {
        Ok(log) => {
            // In pieces, because the arena could not hold it twice.
            let said = write_all(
                1,
                heap::format!("{{\"case\":\"{case}\",\"status\":\"described\",\"text\":\"\",\"values\":{{\"log\":\"")
                    .as_bytes(),
            ) && log.bytes().chunks(3 << 16).all(written)
                && write_all(1, b"\"}}\n");
            if said { DESCRIBED } else { BROKE }
        }
        Err(error) => {
            write_all(2, heap::format!("fuzz-worker: {error}\n").as_bytes());
            BROKE
        }
    }
}

fn written(piece: &[u8]) -> bool {
    crate::sys::fuzz::and_back(|| write_all(1, json::base64(piece).as_bytes()))
}

fn task<'a>(words: &[&'a str]) -> Option<(&'a str, Task)> {
    let (head, rest) = words.split_at_checked(2)?;
    let target = Target::of(head[1])?;
    let corpus = |words: &[&str]| match words {
        [] => Some(Vec::new()),
        [word] => match word.strip_prefix("hex:") {
            Some(digits) => record::of_hex(digits).map(|bytes| take_inputs(&bytes)),
            None => crate::sys::fuzz::read(word).map(|bytes| take_inputs(&bytes)),
        },
        _ => None,
    };
    let number = |word: &str| word.parse::<u64>().ok();
    let task = match rest {
        ["hash", seed, from, count, rest @ ..] => Task {
            target,
            seed: number(seed)?,
            corpus: corpus(rest)?,
            which: Which::Range(number(from)?, number(count)?),
            whole: false,
        },
        ["show", seed, numbers, rest @ ..] => {
            let bytes = crate::sys::fuzz::read(numbers)?;
            let numbers = bytes.as_chunks::<8>().0.iter().map(|number| u64::from_le_bytes(*number)).collect();
            Task { target, seed: number(seed)?, corpus: corpus(rest)?, which: Which::Numbers(numbers), whole: true }
        }
        ["given", inputs] => {
            let inputs = take_inputs(&crate::sys::fuzz::read(inputs)?);
            Task { target, seed: 0, corpus: Vec::new(), which: Which::Given(inputs), whole: true }
        }
        _ => return None,
    };
    Some((head[0], task))
}

impl Task {
    fn count(&self) -> u64 {
        match &self.which {
            Which::Range(from, count) => match self.target.inputs {
                Inputs::Grammar(_) => *count,
                Inputs::All(end, _) => (*count).min(end.saturating_sub(*from)),
            },
            Which::Numbers(numbers) => numbers.len() as u64,
            Which::Given(inputs) => inputs.len() as u64,
        }
    }

    /// The number of the input at a place of the task.
    fn number(&self, at: u64) -> u64 {
        match &self.which {
            Which::Range(from, _) => from + at,
            Which::Numbers(numbers) => numbers[at as usize],
            Which::Given(_) => at,
        }
    }

    /// The input at a place of the task.
    fn input(&self, at: u64) -> Input {
        match &self.which {
            Which::Given(inputs) => inputs[at as usize].clone(),
            _ => made(self.target, self.seed, self.number(at), &self.corpus),
        }
    }

    /// What is written of an answer.
    fn note(&self, at: u64, input: &Input, ended: u8, answer: &Answer) -> Vec<u8> {
        if !self.whole {
            return record::hash(ended, answer.text()).to_le_bytes().to_vec();
        }
        let mut bytes = Vec::new();
        put(&mut bytes, self.number(at), input, ended, answer);
        bytes
    }
}

/// The input of a number: from the domain, or from the grammar or the corpus, changed or not.
pub fn made(target: &Target, seed: u64, number: u64, corpus: &[Input]) -> Input {
    let make = match target.inputs {
        Inputs::All(_, element) => return element(number),
        Inputs::Grammar(make) => make,
    };
    let mut random = Random::new(seed, target.id, number);
    // Changed inputs of the corpus stay near to what differed; half of the others are as the grammar wrote them.
    let (mut input, change) = match corpus.len() {
        n if n > 0 && random.one_in(8) => (corpus[random.below(n)].clone(), true),
        _ => (make(&mut random), random.one_in(2)),
    };
    if change {
        let other = make(&mut random);
        mutate(&mut random, &mut input, &other);
    }
    input
}

/// Asks all, with a new child after each one that ended early.
fn run(task: &Task) -> Result<Log, &'static str> {
    let log = Log::new().ok_or("no memory to share with the child")?;
    let _place = match task.target.place {
        true => Some(Place::enter().map_err(|_| "making a folder")?),
        false => None,
    };
    let count = task.count();
    while log.answered() < count {
        let before = log.answered();
        let ended = attended(&log, || {
            for at in before..count {
                let room = crate::sys::fuzz::and_back(|| {
                    let (input, mut answer) = (task.input(at), Answer::default());
                    (task.target.ask)(&input, &mut answer);
                    log.push(&task.note(at, &input, 0, &answer))
                });
                if !room {
                    return;
                }
            }
        })
        .ok_or("starting a child")?;
        let ended = match ended {
            Ended::Returned => match log.answered() == count {
                true => break,
                false => return Err("the answers are longer than the memory for them"),
            },
            // Whoever calls exit has not answered.
            Ended::Exited(_) => record::EXITED,
            Ended::Signal(signal) => signal as u8,
            Ended::Hung => record::HUNG,
        };
        let at = log.answered();
        log.push(&task.note(at, &task.input(at), ended, &Answer::default()));
    }
    Ok(log)
}
