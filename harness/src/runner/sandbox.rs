//! The built-in runner: no engine, no root. The agent shuts itself into namespaces of its own and dies with us.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use libcdiff_protocol::{Emulator, Enter, Message, Observation, Plan, Session};

use super::{Ran, Runner, RunnerError};
use crate::bundle::Programs;

/// The built-in sandbox.
pub struct Sandbox {
    /// The agent and the probes.
    pub programs: Programs,
}

impl Runner for Sandbox {
    fn run(&self, image: &str, root: &Path, plan: Plan, seen: &dyn Fn(&Observation)) -> Result<Ran, RunnerError> {
        self.run_emulated(image, root, plan, seen, None)
    }
}

impl Sandbox {
    /// The same, with probes that `emulator` runs.
    pub fn run_emulated(
        &self,
        image: &str,
        root: &Path,
        plan: Plan,
        seen: &dyn Fn(&Observation),
        emulator: Option<Emulator>,
    ) -> Result<Ran, RunnerError> {
        let planned = plan.items.len();
        let start = |source| RunnerError::Start { image: image.to_owned(), source };
        let session = Session { enter: Some(self.enter(root, emulator)), plan };
        let session = serde_json::to_vec(&session).map_err(|e| start(e.into()))?;
        let mut agent = Command::new(&self.programs.agent)
            .env_clear()
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(start)?;
        // The agent reads everything before it says anything, so neither side can block the other. An error here means
        // that it has ended, and its output tells why.
        let _ = agent.stdin.take().map(|mut stdin| stdin.write_all(&session));
        let ran = listen(image, &mut agent, planned, seen);
        if ran.is_err() {
            let _ = agent.kill();
        }
        let end = agent.wait().map_or_else(|e| e.to_string(), |status| status.to_string());
        match ran? {
            Some(ran) if ran.observations.len() == planned => Ok(ran),
            ran => {
                let got = ran.map_or(0, |ran| ran.observations.len());
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

/// Reads the agent's messages to the last one; `None` when it said nothing at all.
fn listen(
    image: &str,
    agent: &mut Child,
    planned: usize,
    seen: &dyn Fn(&Observation),
) -> Result<Option<Ran>, RunnerError> {
    let Some(stdout) = agent.stdout.take() else { return Ok(None) };
    let mut ran = None;
    for line in BufReader::new(stdout).lines() {
        let garbled =
            |line: &str| RunnerError::Garbled { image: image.to_owned(), line: line.chars().take(200).collect() };
        let line = line.map_err(|e| garbled(&e.to_string()))?;
        match (serde_json::from_str(&line), &mut ran) {
            (Ok(Message::Hello { kernel }), None) => {
                ran = Some(Ran { kernel, observations: Vec::with_capacity(planned) });
            }
            (Ok(Message::Observation(observation)), Some(ran)) => {
                seen(&observation);
                ran.observations.push(*observation);
            }
            (Ok(Message::Failed { reason }), _) => return Err(RunnerError::Failed { image: image.to_owned(), reason }),
            (Ok(Message::Done), Some(_)) => break,
            _ => return Err(garbled(&line)),
        }
    }
    Ok(ran)
}
