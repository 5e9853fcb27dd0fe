//! The built-in runner: no engine, no root. The agent shuts itself into namespaces of its own and dies with us.

use std::io::{self, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use libcdiff_protocol::{Emulator, Enter, Observation, Session};

use super::{Ran, Runner, RunnerError, Subject, listen};
use crate::bundle::Programs;
use crate::plan::Plan;

/// Tells the agent what to do, item by item: the text of a plan is never in memory whole.
fn send(to: impl Write, session: &Session<Plan<'_>>) -> io::Result<()> {
    let mut to = BufWriter::with_capacity(64 << 10, to);
    serde_json::to_writer(&mut to, session)?;
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
        let image = subject.id;
        let planned = plan.items.len();
        let start = |source| RunnerError::Start { image: image.to_owned(), source };
        let session = Session { enter: Some(self.enter(subject.root, emulator)), within: None, travel: None, plan };
        let mut agent = Command::new(&self.programs.agent)
            .env_clear()
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(start)?;
        // The agent reads everything before it says anything, so neither side can block the other. An error here means
        // that it has ended, and its output tells why.
        let _ = agent.stdin.take().map(|stdin| send(stdin, &session));
        let said = agent.stdout.take().map(BufReader::new);
        let ran = said.map_or(Ok(None), |said| listen(image, said, seen));
        if ran.is_err() {
            let _ = agent.kill();
        }
        let end = agent.wait().map_or_else(|e| e.to_string(), |status| status.to_string());
        match ran? {
            Some(ran) if ran.observations == planned => Ok(ran),
            ran => {
                let got = ran.map_or(0, |ran| ran.observations);
                Err(RunnerError::Short { image: image.to_owned(), got, planned, end })
            }
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
