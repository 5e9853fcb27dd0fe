//! Workloads: what a program does with its C library, each a row with its explanation, and the code that does it.
//!
//! A workload is deterministic: fixed seeds, one for each thread, and a number of iterations that the caller gives. It
//! calls nothing but the functions under test, and keeps its tables outside of their heap.

use serde::Serialize;

use crate::sys::heap::Heap;

mod aligned;
mod arenas;
mod burst;
mod bytes;
mod calloc;
mod churn;
mod drawn;
mod fragmentation;
mod larson;
mod locks;
mod pairs;
mod queue;
mod resize;
mod simple;
pub mod table;
mod text;
mod threads;

pub use table::TABLE;

/// One thread's part of a workload.
pub trait Work: Send {
    /// Makes the blocks that are live all the time.
    fn prepare(&mut self, _heap: &Heap) {}
    /// Does so many iterations.
    fn run(&mut self, heap: &Heap, iterations: u64);
    /// Does one step of the fixed work of which the memory is watched.
    fn step(&mut self, heap: &Heap, step: Step) {
        self.run(heap, step.iterations);
    }
    /// Bytes asked for and not yet freed, in between iterations.
    fn live_bytes(&self) -> u64 {
        0
    }
    /// Frees everything.
    fn release(&mut self, _heap: &Heap) {}
}

/// A step of fixed work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// Its number, from 0.
    pub number: usize,
    /// How many iterations it has, where it is made of those.
    pub iterations: u64,
}

/// All steps of a workload that is made of steps, and its end, so many times.
fn whole(work: &mut impl Work, heap: &Heap, steps: usize, times: u64) {
    for _ in 0..times {
        for number in 0..steps {
            work.step(heap, Step { number, iterations: 1 });
        }
        work.release(heap);
    }
}

/// The fixed work of which the memory is watched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Steps {
    /// How many steps there are.
    pub count: usize,
    /// Iterations of each thread in one.
    pub iterations: u64,
}

/// What a workload is made for.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    /// How many threads share the work.
    pub threads: usize,
    /// Bytes that a workload about memory holds at its height.
    pub bytes: usize,
}

/// Which question a workload answers first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// How long does it take?
    Time,
    /// How much memory does it hold?
    Memory,
}

/// What is under test.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Subject {
    /// The allocator, which may be another than the C library's.
    Alloc,
    /// Functions of the C library itself.
    Libc,
}

/// How the threads of a workload share it.
#[derive(Clone, Copy)]
pub enum Shape {
    /// Each has a part like the others', by its number; each does all operations of an iteration.
    Alike(fn(usize) -> Box<dyn Work>),
    /// As `Alike` with one thread, in a process that has a second one, which sleeps.
    Beside(fn(usize) -> Box<dyn Work>),
    /// One part, done by the first thread, which leads as many threads as are asked for; each of those does all operations
    /// of an iteration.
    Led(fn(&Plan) -> Box<dyn Work>),
    /// The parts belong together, and do the operations of an iteration between them.
    Together(fn(&Plan) -> Vec<Box<dyn Work>>),
}

/// A row of the table.
#[derive(Clone, Copy)]
pub struct Workload {
    /// Stable, lower case with dashes.
    pub name: &'static str,
    /// A few words for a table.
    pub title: &'static str,
    /// Which programs do this.
    pub models: &'static str,
    /// Sizes and counts, as they are in the code.
    pub parameters: &'static str,
    /// Where the pattern comes from.
    pub source: &'static str,
    /// Time or memory.
    pub kind: Kind,
    /// Allocator or C library.
    pub subject: Subject,
    /// The numbers of threads that it is meant for.
    pub threads: &'static [usize],
    /// What is counted.
    pub unit: &'static str,
    /// Whether a short run takes it.
    pub headline: bool,
    /// What is counted, in one iteration.
    pub operations: u64,
    /// The work of which the memory is watched; none where no memory is held.
    pub steps: Option<Steps>,
    /// How it is made.
    pub shape: Shape,
}

impl Workload {
    /// The parts, one for each thread.
    pub fn parts(&self, plan: &Plan) -> Vec<Box<dyn Work>> {
        match self.shape {
            Shape::Alike(make) | Shape::Beside(make) => (0..plan.threads).map(make).collect(),
            Shape::Led(make) => vec![make(plan)],
            Shape::Together(make) => make(plan),
        }
    }

    /// What is counted, in one iteration of all threads.
    pub fn operations_of(&self, threads: usize) -> u64 {
        match self.shape {
            Shape::Alike(_) | Shape::Beside(_) | Shape::Led(_) => self.operations * threads as u64,
            Shape::Together(_) => self.operations,
        }
    }
}

/// The row of this name.
pub fn find(name: &str) -> Option<&'static Workload> {
    TABLE.iter().find(|workload| workload.name == name)
}

#[cfg(test)]
mod tests;
