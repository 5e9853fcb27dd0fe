//! Doubles for tests: a runner whose programs are formulas, a machine that does as it is told, and the figures they use.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Mutex;

use libcdiff_protocol::{Flavour, Observation, Status, Values};
use serde_json::json;

use super::allocator::Allocator;
use super::block::Mode;
use super::machine::{Counters, Machine};
use super::measure::Watch;
use super::subject::{self, Subject};
use super::workload::{Exercise, Kind, Task, Workload};
use crate::plan::Plan;
use crate::runfile::{Image, Libc, Os, Size};
use crate::runner::{self, Ran, Runner, RunnerError};

/// An image of a family.
pub fn image(id: &str, family: &str) -> Image {
    let interpreter = if family == "glibc" { "/lib64/ld-linux-x86-64.so.2" } else { "/lib/ld-musl-x86_64.so.1" };
    let version = if family == "glibc" { "2.41" } else { "1.2.5" };
    let libc = Libc { family: family.into(), version: Some(version.into()), interpreter: interpreter.into() };
    Image {
        id: id.into(),
        reference: id.into(),
        digest: None,
        os: Os::default(),
        libc: Some(libc.clone()),
        libcs: vec![libc],
        size: Size::default(),
        kernel: String::new(),
        confinement: None,
        arch: String::new(),
        emulated_by: None,
    }
}

/// A subject alone.
pub fn subject(image: &str) -> Subject {
    Subject {
        id: image.into(),
        image: image.into(),
        flavour: Flavour::Gnu,
        allocator: Allocator::system(),
        role: subject::Role::Other,
    }
}

/// Subjects of these images, the first one twice.
pub fn subjects(images: &[&str]) -> Vec<Subject> {
    let images: Vec<Image> = images.iter().map(|id| image(id, "glibc")).collect();
    subject::cross(&images, &[], &[Allocator::system()]).0
}

/// A workload of the allocator.
pub fn workload(name: &str, threads: &[u32]) -> Workload {
    Workload {
        name: name.into(),
        title: format!("the title of {name}"),
        models: "programs".into(),
        parameters: "none".into(),
        source: "a test".into(),
        kind: Kind::Time,
        subject: Exercise::Alloc,
        threads: threads.to_vec(),
        unit: "op".into(),
        headline: false,
    }
}

/// What a program says whose operation takes so many nanoseconds.
pub fn observation(workload: &str, ns: f64) -> Observation {
    let values = json!({
        "ops_per_iteration": 10,
        "iters": [100, 100, 100, 100],
        "times_ns": [ns * 1000.0, ns * 1000.0, ns * 1000.0, ns * 1200.0],
        "usage": {"user_us": 300, "system_us": 100, "minor_faults": 12, "major_faults": 0,
                  "voluntary_switches": 4, "involuntary_switches": 1},
        "peak_bytes": 10_000_000, "live_peak_bytes": 8_000_000, "after_bytes": 10_000, "after_idle_bytes": 5_000,
        "curve": [[0, 0, 0], [5, 1_000_000, 800_000], [10, 10_000, 0]],
    });
    Observation {
        case: format!("bench.{workload}"),
        flavour: Flavour::Gnu,
        status: Status::Described,
        signal: None,
        reason: None,
        text: workload.into(),
        values: values.as_object().expect("an object").clone().into_iter().collect::<Values>(),
        wire: None,
        elapsed_ms: 500,
    }
}

/// What a program does, by its image and how many blocks ran before.
type Program<'a> = dyn Fn(&str, usize) -> Observation + Sync + 'a;

/// A runner that asks a formula.
pub struct Formula<'a> {
    program: &'a Program<'a>,
    /// The images in the order in which they ran, with the arguments.
    pub ran: Mutex<Vec<(String, Vec<String>)>>,
}

impl<'a> Formula<'a> {
    /// A runner of this program.
    pub fn new(program: &'a Program<'a>) -> Self {
        Self { program, ran: Mutex::new(Vec::new()) }
    }

    /// How many blocks ran.
    pub fn count(&self) -> usize {
        self.ran.lock().expect("not poisoned").len()
    }
}

impl Runner for Formula<'_> {
    fn run(
        &self,
        subject: &runner::Subject<'_>,
        plan: Plan<'_>,
        seen: &dyn Fn(Observation),
    ) -> Result<Ran, RunnerError> {
        let image = subject.id;
        let mut ran = self.ran.lock().expect("not poisoned");
        plan.items.iter().for_each(|_| seen((self.program)(image, ran.len())));
        let observations = plan.items.len();
        ran.extend(plan.items.iter().map(|due| (image.to_owned(), due.item().args.clone())));
        Ok(Ran { kernel: "6.1".into(), confinement: None, observations })
    }
}

/// Root folders of these images.
pub fn roots(images: &[&str]) -> BTreeMap<String, PathBuf> {
    images.iter().map(|id| ((*id).to_owned(), PathBuf::from("/"))).collect()
}

/// A machine that is stolen from between these pairs of readings, counted from 0.
#[derive(Default)]
pub struct Stolen {
    /// Which pairs.
    pub blocks: Vec<usize>,
    readings: RefCell<(usize, Counters)>,
}

impl Stolen {
    /// A machine that is stolen from during these blocks.
    pub fn during(blocks: &[usize]) -> Self {
        Self { blocks: blocks.to_vec(), ..Self::default() }
    }
}

impl Machine for Stolen {
    fn counters(&self) -> Counters {
        let mut readings = self.readings.borrow_mut();
        let (count, ref mut counters) = *readings;
        if count % 2 == 1 && self.blocks.contains(&(count / 2)) {
            counters.steal_ms += 400;
        }
        let now = *counters;
        readings.0 += 1;
        now
    }
}

/// Nobody watches; stops after so many blocks, where that is said.
#[derive(Default)]
pub struct Patience {
    /// Blocks until the end.
    pub blocks: Option<usize>,
    /// Blocks that began.
    pub begun: RefCell<usize>,
    /// Milliseconds of planned work that were done, and spared.
    pub planned: RefCell<(u64, u64)>,
}

impl Watch for Patience {
    fn begins(&self, _: &Task, _: &Subject, _: Mode) {
        *self.begun.borrow_mut() += 1;
    }

    fn ended(&self, planned_ms: u64) {
        self.planned.borrow_mut().0 += planned_ms;
    }

    fn spared(&self, planned_ms: u64) {
        self.planned.borrow_mut().1 += planned_ms;
    }

    fn stopped(&self) -> bool {
        self.blocks.is_some_and(|blocks| *self.begun.borrow() >= blocks)
    }
}
