//! The built-in runner: no engine, no root. The agent shuts itself into namespaces of its own and dies with us.

use std::io::{self, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use libcdiff_protocol::{Emulator, Enter, Observation, Session};
use serde::Serialize;

use super::{Orders, Ran, Runner, RunnerError, Subject, all_of, listen};
use crate::bundle::Programs;
use crate::plan::Plan;

/// Tells the agent what to do, item by item: the text of a plan is never in memory whole.
fn send(to: impl Write, line: &impl Serialize) -> io::Result<()> {
    let mut to = BufWriter::with_capacity(64 << 10, to);
    serde_json::to_writer(&mut to, line)?;
    to.write_all(b"\n")?;
    to.flush()
}

/// The built-in sandbox.
pub struct Sandbox {
    /// The agent and the probes.
    pub programs: Programs,
}

impl Runner for Sandbox {
    fn run(&self, subject: &Subject<'_>, plan: Plan<'_>, seen: &dyn Fn(Observation)) -> Result<Ran, RunnerError> {
        self.run_emulated(subject, plan, seen, None)
    }

    fn stay(&self, subject: &Subject<'_>, orders: &mut dyn Orders) -> Result<(), RunnerError> {
        self.stay_emulated(subject, orders, None)
    }
}

impl Sandbox {
    /// The same, with probes that `emulator` runs.
    pub fn run_emulated(
        &self,
        subject: &Subject<'_>,
        plan: Plan<'_>,
        seen: &dyn Fn(Observation),
        emulator: Option<Emulator>,
    ) -> Result<Ran, RunnerError> {
        let planned = plan.items.len();
        let enter = Some(self.enter(subject.root, emulator));
        let session = Session { enter, within: None, travel: None, stays: false, plan };
        let mut agent = Agent::start(&self.programs.agent, subject.id)?;
        agent.send(&session);
        agent.input = None;
        agent.hear(planned, seen)
    }

    /// As [`Runner::stay`], with probes that `emulator` runs.
    pub fn stay_emulated(
        &self,
        subject: &Subject<'_>,
        orders: &mut dyn Orders,
        emulator: Option<Emulator>,
    ) -> Result<(), RunnerError> {
        let Some(plan) = orders.next() else { return Ok(()) };
        let mut planned = plan.items.len();
        let enter = Some(self.enter(subject.root, emulator));
        let mut agent = Agent::start(&self.programs.agent, subject.id)?;
        agent.send(&Session { enter, within: None, travel: None, stays: true, plan });
        loop {
            orders.done(all_of(planned, |seen| agent.hear(planned, seen))?);
            let Some(plan) = orders.next() else { return Ok(()) };
            planned = plan.items.len();
            agent.send(&plan);
        }
    }

    fn enter(&self, root: &Path, emulator: Option<Emulator>) -> Enter {
        let text = |path: &PathBuf| path.display().to_string();
        Enter {
            parent: i32::try_from(std::process::id()).unwrap_or(i32::MAX),
            image: root.display().to_string(),
            probes: text(&self.programs.probes),
            emulator,
        }
    }
}

/// The agent's process; dropping it ends the session.
struct Agent<'a> {
    image: &'a str,
    process: Child,
    /// Closed where nothing more is wanted.
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
    /// It said something that nobody can go on from.
    is_lost: bool,
}

impl<'a> Agent<'a> {
    fn start(program: &Path, image: &'a str) -> Result<Self, RunnerError> {
        let start = |source| RunnerError::Start { image: image.to_owned(), source };
        let mut command = Command::new(program);
        let mut process = command.env_clear().stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().map_err(start)?;
        let pipes = process.stdin.take().zip(process.stdout.take());
        let (input, output) = pipes.ok_or_else(|| start(io::Error::from(io::ErrorKind::BrokenPipe)))?;
        Ok(Self { image, process, input: Some(input), output: BufReader::new(output), is_lost: false })
    }

    /// Sends a line. The agent reads all of it before it says anything, so neither side can block the other; an error here means
    /// that it has ended, and its output tells why.
    fn send(&mut self, line: &impl Serialize) {
        let _ = self.input.as_ref().map(|input| send(input, line));
    }

    /// Hears what it says of a plan of so many items.
    fn hear(&mut self, planned: usize, seen: &dyn Fn(Observation)) -> Result<Ran, RunnerError> {
        let heard = listen(self.image, &mut self.output, seen);
        self.is_lost = heard.is_err();
        match heard? {
            Some(ran) if ran.observations == planned => Ok(ran),
            ran => {
                self.input = None;
                let got = ran.map_or(0, |ran| ran.observations);
                let end = self.process.wait().map_or_else(|e| e.to_string(), |status| status.to_string());
                Err(RunnerError::Short { image: self.image.to_owned(), got, planned, end })
            }
        }
    }
}

impl Drop for Agent<'_> {
    fn drop(&mut self) {
        // It ends by itself when nobody wants anything more.
        self.input = None;
        if self.is_lost {
            let _ = self.process.kill();
        }
        let _ = self.process.wait();
    }
}
