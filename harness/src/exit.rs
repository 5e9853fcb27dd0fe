//! Exit codes: one documented type, so that a script can tell a finding from a failure.

use std::process::ExitCode;

/// How the program ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// 0: done. Differences are a result, not a failure.
    Done,
    /// 1: `check` found a change that the policy does not accept.
    Found,
    /// 2: the request was wrong: an unknown option, image, case or file, or nothing selected.
    Request,
    /// 3: the tool, or what it runs on, failed.
    Failed,
    /// `alloc record` alone: the recorded command's own exit code, or 128 and the signal that ended it.
    Command(u8),
    /// 130: a benchmark was stopped by Ctrl-C or SIGTERM; what was measured by then has been written.
    Stopped,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        ExitCode::from(match exit {
            Exit::Done => 0,
            Exit::Found => 1,
            Exit::Request => 2,
            Exit::Failed => 3,
            Exit::Command(code) => code,
            Exit::Stopped => 130,
        })
    }
}

/// An error that knows whose fault it is.
#[derive(Debug)]
pub struct Failure {
    /// The exit code.
    pub exit: Exit,
    /// What was being done, to what, and what to do about it.
    pub message: String,
}

impl Failure {
    /// The request was wrong.
    pub fn request(message: impl Into<String>) -> Self {
        Self { exit: Exit::Request, message: message.into() }
    }
}

/// Anything else is a failure of the tool.
impl<E: std::error::Error> From<E> for Failure {
    fn from(error: E) -> Self {
        let mut message = error.to_string();
        let mut cause = error.source();
        while let Some(next) = cause {
            let text = next.to_string();
            if !message.contains(&text) {
                message = format!("{message}: {text}");
            }
            cause = next.source();
        }
        Self { exit: Exit::Failed, message }
    }
}
