//! Measuring: rounds of blocks through a runner, each block in a session of its own, until there are enough.
//!
//! A subject whose block fails has failed: the block is kept, the subject gets no further turns and no ratio. Whoever is
//! asked to stop stops between two blocks, or in one that the same signal has ended.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::thread;

use libcdiff_protocol::Observation;

use super::block::{self, Block, Mode, Sampling};
use super::machine::{Disturbance, Machine};
use super::memory;
use super::random::Random;
use super::rounds::Rounds;
use super::schedule;
use super::subject::{Role, Subject};
use super::summary;
use super::survival;
use super::workload::Task;
use crate::plan::Plan;
use crate::runner::{self, Runner, RunnerError};

/// Why a workload was not measured to its end.
#[derive(Debug, thiserror::Error)]
pub enum MeasureError {
    /// Somebody wants it to end.
    #[error("stopped")]
    Stopped,
    /// The runner.
    #[error(transparent)]
    Runner(#[from] RunnerError),
    /// A subject without an image.
    #[error("the image `{0}` has no root folder")]
    NoRoot(String),
}

/// Whoever wants to know how far it is, and may end it.
pub trait Watch {
    /// A block begins.
    fn begins(&self, task: &Task, subject: &Subject, mode: Mode);
    /// It has ended, and so many milliseconds of work were in it by plan.
    fn ended(&self, planned_ms: u64);
    /// So many milliseconds of what was planned will not be needed.
    fn spared(&self, planned_ms: u64);
    /// Whether to stop.
    fn stopped(&self) -> bool;
}

/// How much is measured.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// What the orders of rounds and the resamples follow from.
    pub seed: u64,
    /// Rounds in time mode.
    pub rounds: Rounds,
    /// Rounds in memory mode; 0 for none.
    pub memory_rounds: usize,
    /// Whether memory workloads are tried under limits.
    pub survival: bool,
    /// Samples of a block, by its threads.
    pub sampling: fn(u32) -> Sampling,
    /// How often a block on a busy machine is run again at most.
    pub repeats: usize,
    /// Processors that this process may use.
    pub processors: usize,
}

/// Where blocks are run.
pub struct Lab<'a> {
    /// What runs them.
    pub runner: &'a dyn Runner,
    /// What else the machine does.
    pub machine: &'a dyn Machine,
    /// Root folders by image.
    pub roots: &'a BTreeMap<String, PathBuf>,
    /// Who watches.
    pub watch: &'a dyn Watch,
    /// How much.
    pub settings: Settings,
}

impl Lab<'_> {
    /// Measures one workload in all subjects; the blocks come back in the order in which they ran.
    pub fn measure(&self, task: &Task, subjects: &[Subject]) -> Result<Vec<Block>, MeasureError> {
        let mut blocks = Vec::new();
        if memory::has_time(&task.workload) {
            self.time(task, subjects, &mut blocks)?;
        }
        if memory::has_memory(&task.workload) {
            self.memory(task, subjects, &mut blocks)?;
        }
        if self.settings.survival && survival::is_tried(&task.workload) {
            self.survival(task, subjects, &mut blocks)?;
        }
        Ok(blocks)
    }

    fn time(&self, task: &Task, subjects: &[Subject], blocks: &mut Vec<Block>) -> Result<(), MeasureError> {
        let Settings { seed, rounds, .. } = self.settings;
        let mut random = Random::of(seed, &task.label());
        let mut failed = vec![false; subjects.len()];
        // Of a machine that is busy all the time nothing else is to be had: then only a part is run again.
        let mut repeats = (rounds.least * 2 * subjects.len()).div_ceil(4);
        for round in 0.. {
            for turn in schedule::round(subjects.len(), &mut random) {
                if failed[turn.subject] {
                    continue;
                }
                let block = self.block(task, &subjects[turn.subject], Mode::Time, &mut repeats)?;
                failed[turn.subject] = block.failure().is_some();
                blocks.push(Block { round, half: turn.half, ..block });
            }
            let noise =
                (round + 1 >= rounds.least).then(|| summary::noise(subjects, blocks, &mut Random::of(seed, "stop")));
            if failed.iter().all(|failed| *failed) || rounds.enough(round + 1, noise.flatten().as_ref()) {
                let left = rounds.most.saturating_sub(round + 1) * 2 * subjects.len();
                self.watch.spared(left as u64 * self.planned_ms(task, Mode::Time));
                return Ok(());
            }
        }
        Ok(())
    }

    /// Memory hardly varies, so each subject has one block a round, and the twin has none. How busy the machine is changes
    /// how long a block takes, and no byte: where processors are free, subjects are side by side.
    fn memory(&self, task: &Task, subjects: &[Subject], blocks: &mut Vec<Block>) -> Result<(), MeasureError> {
        let mut random = Random::of(self.settings.seed, &format!("{} memory", task.label()));
        let side_by_side = (self.settings.processors / task.processors().max(1) as usize).max(1);
        for round in 0..self.settings.memory_rounds {
            let failed = |subject: &&Subject| {
                blocks.iter().any(|b| b.subject == subject.id && b.mode == Mode::Memory && b.failure().is_some())
            };
            let order = random.permutation(subjects.len()).into_iter().map(|place| &subjects[place]);
            let turns: Vec<&Subject> = order.filter(|s| s.role != Role::Twin).filter(|s| !failed(s)).collect();
            for turn in turns.chunks(side_by_side) {
                let ran = self.run(task, turn, Mode::Memory, None)?;
                self.watch.ended(turn.len() as u64 * self.planned_ms(task, Mode::Memory));
                blocks.extend(ran.into_iter().map(|block| Block { round, ..block }));
            }
        }
        Ok(())
    }

    /// Each subject under each limit, once.
    fn survival(&self, task: &Task, subjects: &[Subject], blocks: &mut Vec<Block>) -> Result<(), MeasureError> {
        for (round, times) in survival::TIMES.into_iter().enumerate() {
            for subject in subjects.iter().filter(|s| s.role != Role::Twin) {
                let own: Vec<&Block> = blocks.iter().filter(|b| b.subject == subject.id).collect();
                let Some(limit) = survival::limit_bytes(times, &own) else { continue };
                let block = self.once(task, subject, Mode::Memory, Some(limit))?;
                self.watch.ended(planned_ms(&self.settings, task, Mode::Memory));
                blocks.push(Block { round, limit_bytes: Some(limit), ..block });
            }
        }
        Ok(())
    }

    /// One block, run again while the machine is too busy and `left` has some; of all the least disturbed one is kept.
    fn block(&self, task: &Task, subject: &Subject, mode: Mode, left: &mut usize) -> Result<Block, MeasureError> {
        let mut best = self.once(task, subject, mode, None)?;
        for repeats in 1..=self.settings.repeats.min(*left) {
            if best.failure().is_some() || !best.disturbance.is_much() {
                break;
            }
            let next = self.once(task, subject, mode, None)?;
            *left -= 1;
            if next.failure().is_some() || next.disturbance.measure() < best.disturbance.measure() {
                best = next;
            }
            best.repeats = repeats;
        }
        self.watch.ended(self.planned_ms(task, mode));
        Ok(best)
    }

    fn once(
        &self,
        task: &Task,
        subject: &Subject,
        mode: Mode,
        limit_bytes: Option<u64>,
    ) -> Result<Block, MeasureError> {
        let mut blocks = self.run(task, &[subject], mode, limit_bytes)?;
        Ok(blocks.swap_remove(0))
    }

    /// One block of each of these subjects, all at once, in their order.
    fn run(
        &self,
        task: &Task,
        subjects: &[&Subject],
        mode: Mode,
        limit_bytes: Option<u64>,
    ) -> Result<Vec<Block>, MeasureError> {
        if self.watch.stopped() {
            return Err(MeasureError::Stopped);
        }
        subjects.iter().for_each(|subject| self.watch.begins(task, subject, mode));
        let plans = subjects.iter().map(|subject| self.plan(task, subject, mode, limit_bytes));
        let plans = plans.collect::<Result<Vec<_>, _>>()?;
        let before = self.machine.counters();
        let within = self.runner;
        let ran: Vec<_> = thread::scope(|scope| {
            let sessions: Vec<_> = plans
                .into_iter()
                .zip(subjects)
                .map(|((root, plan), subject)| {
                    scope.spawn(move || within.collect(&runner::Subject::new(&subject.image, root), plan))
                })
                .collect();
            sessions.into_iter().map(thread::ScopedJoinHandle::join).collect()
        });
        if self.watch.stopped() {
            return Err(MeasureError::Stopped);
        }
        let after = self.machine.counters();
        let block = |(subject, ran): (&&Subject, thread::Result<Result<Vec<Observation>, RunnerError>>)| {
            let image = || subject.image.clone();
            let ran = ran.map_err(|_| RunnerError::Failed { image: image(), reason: "its session panicked".into() })?;
            let short = || RunnerError::Short { image: image(), got: 0, planned: 1, end: "no block".into() };
            let seen = ran?.pop().ok_or_else(short)?;
            let disturbance = Disturbance::between(&before, &after, seen.elapsed_ms);
            Ok(Block { disturbance, ..Block::new(subject, mode, seen) })
        };
        subjects.iter().zip(ran).map(block).collect()
    }

    /// Where a subject's block runs, and what.
    fn plan(
        &self,
        task: &Task,
        subject: &Subject,
        mode: Mode,
        limit_bytes: Option<u64>,
    ) -> Result<(&Path, Plan<'static>), MeasureError> {
        let root = self.roots.get(&subject.image).ok_or_else(|| MeasureError::NoRoot(subject.image.clone()))?;
        let item = block::item(task, subject, mode, (self.settings.sampling)(task.threads));
        let mut item = item.map_err(|reason| RunnerError::Failed { image: subject.image.clone(), reason })?;
        item.limits.memory_bytes = limit_bytes;
        Ok((root, Plan { computing: 1, waiting: 1, items: vec![item.into()] }))
    }

    /// Milliseconds that a block takes, by plan.
    pub fn planned_ms(&self, task: &Task, mode: Mode) -> u64 {
        planned_ms(&self.settings, task, mode)
    }
}

/// Milliseconds that a block takes, by plan: warm-up and start are as much again as half of the samples.
fn planned_ms(settings: &Settings, task: &Task, mode: Mode) -> u64 {
    match mode {
        Mode::Time => (settings.sampling)(task.threads).total_ms() * 3 / 2 + 60,
        Mode::Memory => 1500,
    }
}

/// Milliseconds that a workload takes at most, by plan.
pub fn longest_ms(settings: &Settings, task: &Task, subjects: usize) -> u64 {
    let blocks = |n: usize, mode: Mode| n as u64 * planned_ms(settings, task, mode);
    let time = if memory::has_time(&task.workload) { settings.rounds.most * 2 * subjects } else { 0 };
    let memory = if memory::has_memory(&task.workload) { settings.memory_rounds } else { 0 };
    let limits = if settings.survival && survival::is_tried(&task.workload) { survival::TIMES.len() } else { 0 };
    blocks(time, Mode::Time) + blocks((memory + limits) * (subjects - 1), Mode::Memory)
}

#[cfg(test)]
mod tests;
