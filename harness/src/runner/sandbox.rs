//! The built-in runner: no engine, no root. The agent shuts itself into namespaces of its own and dies with us.

use std::io::{BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use libcdiff_protocol::{Enter, Observation, Plan, Session};

use super::{Ran, Runner, RunnerError, Subject, listen};
use crate::bundle::Programs;

/// The built-in sandbox.
pub struct Sandbox {
    /// The agent and the probes.
    pub programs: Programs,
}

impl Runner for Sandbox {
    fn run(&self, subject: &Subject<'_>, plan: Plan, seen: &dyn Fn(&Observation)) -> Result<Ran, RunnerError> {
        let image = subject.id;
        let planned = plan.items.len();
        let start = |source| RunnerError::Start { image: image.to_owned(), source };
        let session = Session { enter: Some(self.enter(subject.root)), within: None, plan };
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
        let said = agent.stdout.take().map(BufReader::new);
        let ran = said.map_or(Ok(None), |said| listen(image, said, planned, seen));
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
}

impl Sandbox {
    fn enter(&self, root: &Path) -> Enter {
        let text = |path: &PathBuf| path.display().to_string();
        Enter {
            parent: i32::try_from(std::process::id()).unwrap_or(i32::MAX),
            image: root.display().to_string(),
            probes: text(&self.programs.probes),
        }
    }
}
