//! Workloads: what is measured, as the program inside the image lists it, and the selection that a user makes of it.
//!
//! A [`Task`] is a workload with a number of threads, and all that its program needs: a trace is a task like any other,
//! with a program of its own and a file laid over the image.

use libcdiff_protocol::File;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::pitfalls::glob;

/// One workload.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema, PartialEq)]
pub struct Workload {
    /// Its name.
    #[serde(rename = "workload")]
    pub name: String,
    /// A few words.
    pub title: String,
    /// Which programs do the like.
    pub models: String,
    /// Sizes, counts and seeds.
    pub parameters: String,
    /// Where it comes from.
    pub source: String,
    /// Whether its time is looked at first, or its memory.
    pub kind: Kind,
    /// What it exercises.
    pub subject: Exercise,
    /// The numbers of threads that it can run with.
    pub threads: Vec<u32>,
    /// What its time is given for each of.
    pub unit: String,
    /// Whether `--quick` takes it.
    pub headline: bool,
}

impl Workload {
    /// Whether it is a recorded program's, which is about time and memory alike.
    pub fn is_trace(&self) -> bool {
        self.name.starts_with("trace-")
    }
}

/// What a workload is about.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, JsonSchema, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Nanoseconds.
    Time,
    /// Bytes, over time.
    Memory,
}

/// What a workload exercises.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, JsonSchema, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum Exercise {
    /// The allocator, so that another allocator makes a difference.
    Alloc,
    /// Other functions of the C library.
    Libc,
}

/// A workload with a number of threads: what one line of a table is about.
#[derive(Clone, Debug)]
pub struct Task {
    /// The workload.
    pub workload: Workload,
    /// Threads.
    pub threads: u32,
    /// The program, without its flavour: `bench`.
    pub program: String,
    /// Arguments before those that every program takes.
    pub args: Vec<String>,
    /// Files laid over the image.
    pub files: Vec<File>,
}

impl Task {
    /// A workload of the bench program.
    pub fn new(workload: &Workload, threads: u32) -> Self {
        Self {
            args: vec![format!("bench.{}", workload.name)],
            program: "bench".into(),
            workload: workload.clone(),
            threads,
            files: Vec::new(),
        }
    }

    /// How many processors it needs: threads of a workload contend for something, those of a trace mostly wait for each
    /// other, and any two show whether they can.
    pub fn processors(&self) -> u32 {
        if self.files.is_empty() { self.threads } else { self.threads.min(2) }
    }

    /// The case id that the program answers with.
    pub fn case(&self) -> String {
        format!("bench.{}", self.workload.name)
    }

    /// `churn, 2 threads`.
    pub fn label(&self) -> String {
        label(&self.workload.name, self.threads)
    }
}

/// A workload and its threads, in words.
pub fn label(workload: &str, threads: u32) -> String {
    format!("{workload}, {threads} thread{}", if threads == 1 { "" } else { "s" })
}

/// The one workload that a short run takes with two threads as well: half a second of contention in each block is most of
/// its time, and this is the one that shows how a server fares.
const SHARED: &str = "churn";

/// What a user wants of the workloads.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    /// Names or patterns; empty for all.
    pub names: Vec<String>,
    /// Numbers of threads; empty for all that a workload has.
    pub threads: Vec<u32>,
    /// Only those that make the headline.
    pub quick: bool,
}

/// A selection that nothing fits.
#[derive(Debug, PartialEq, thiserror::Error)]
pub enum SelectionError {
    /// No such workload.
    #[error("there is no workload `{name}`: {}", known(.near, .all))]
    Unknown {
        /// As it was typed.
        name: String,
        /// Names that are like it.
        near: Vec<String>,
        /// Every name.
        all: Vec<String>,
    },
    /// No selected workload runs with so many threads.
    #[error("no selected workload runs with {threads} threads: {}", .has.join("; "))]
    Threads {
        /// As it was typed.
        threads: u32,
        /// What each has.
        has: Vec<String>,
    },
}

fn known(near: &[String], all: &[String]) -> String {
    let tell = "`libcdiff list workloads` describes them";
    match near.is_empty() {
        true => format!("there are {} ({tell})", all.join(", ")),
        false => format!("perhaps {} ({tell})", near.join(", ")),
    }
}

impl Selection {
    /// The selected workloads with their numbers of threads, in the order of the list.
    pub fn of(&self, workloads: &[Workload]) -> Result<Vec<Task>, SelectionError> {
        for name in &self.names {
            if !workloads.iter().any(|w| glob(name, &w.name)) {
                return Err(unknown(name, workloads));
            }
        }
        let wanted = |w: &&Workload| match self.names.is_empty() {
            true => !self.quick || w.headline,
            false => self.names.iter().any(|name| glob(name, &w.name)),
        };
        let chosen: Vec<&Workload> = workloads.iter().filter(wanted).collect();
        for threads in &self.threads {
            if !chosen.iter().any(|w| w.threads.contains(threads)) {
                let has = |w: &&Workload| format!("{} has {}", w.name, numbers(&w.threads));
                return Err(SelectionError::Threads { threads: *threads, has: chosen.iter().map(has).collect() });
            }
        }
        let named = !self.names.is_empty();
        let fits = |w: &Workload, threads: u32| match self.threads.is_empty() {
            true => named || !self.quick || threads == 1 || w.name == SHARED,
            false => self.threads.contains(&threads),
        };
        let tasks =
            |w: &&Workload| w.threads.iter().filter(|t| fits(w, **t)).map(|t| Task::new(w, *t)).collect::<Vec<_>>();
        Ok(chosen.iter().flat_map(tasks).collect())
    }
}

fn numbers(threads: &[u32]) -> String {
    threads.iter().map(u32::to_string).collect::<Vec<_>>().join(" and ")
}

fn unknown(name: &str, workloads: &[Workload]) -> SelectionError {
    let all: Vec<String> = workloads.iter().map(|w| w.name.clone()).collect();
    // What begins alike up to the first dash, or holds what was typed.
    let stem = name.split('-').next().unwrap_or(name);
    let like = |w: &&String| !stem.is_empty() && (w.starts_with(stem) || w.contains(name));
    SelectionError::Unknown { name: name.to_owned(), near: all.iter().filter(like).cloned().collect(), all }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::double::workload;

    fn list() -> Vec<Workload> {
        let headline = |name| Workload { headline: true, ..workload(name, &[1, 2]) };
        vec![headline("churn"), workload("churn-100k", &[1]), headline("calloc-large"), workload("memcpy-16", &[1])]
    }

    fn labels(selection: Selection) -> Vec<String> {
        selection.of(&list()).expect("a selection").iter().map(Task::label).collect()
    }

    #[test]
    fn names_patterns_and_threads_select() {
        let names = |names: &[&str]| names.iter().map(|n| (*n).to_owned()).collect::<Vec<_>>();
        assert_eq!(labels(Selection::default()).len(), 6);
        let quick = labels(Selection { quick: true, ..Selection::default() });
        assert_eq!(quick, ["churn, 1 thread", "churn, 2 threads", "calloc-large, 1 thread"]);
        let named = Selection { names: names(&["mem*", "churn"]), threads: vec![1], quick: true };
        assert_eq!(labels(named), ["churn, 1 thread", "memcpy-16, 1 thread"]);
    }

    #[test]
    fn what_there_is_not_is_refused_with_what_there_is() {
        let refused = |name: &str, threads: &[u32]| {
            let selection = Selection { names: vec![name.into()], threads: threads.to_vec(), quick: false };
            selection.of(&list()).expect_err("refused").to_string()
        };
        assert!(refused("churn-10k", &[]).contains("perhaps churn, churn-100k"));
        assert!(refused("larson", &[]).contains("there are churn, churn-100k, calloc-large, memcpy-16"));
        assert!(refused("memcpy-16", &[2]).contains("memcpy-16 has 1"));
    }
}
