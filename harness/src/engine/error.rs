//! What can go wrong between this program and an engine.

use std::path::PathBuf;

/// Why an engine did not do as it was asked.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// A variable or a file that says where the engine is says something that cannot be used.
    #[error("{what} says that the engine is at {value}: {problem}")]
    Setting {
        /// The variable or the file.
        what: String,
        /// What it says.
        value: String,
        /// What is wrong with that, and what to do.
        problem: String,
    },
    /// No socket where engines have theirs.
    #[error(
        "no {engine} is running here: there is no socket at {}; start it ({start}), or set {variable} to where it is",
        looked(tried)
    )]
    None {
        /// The engine.
        engine: &'static str,
        /// Where a socket was looked for.
        tried: Vec<PathBuf>,
        /// What starts it.
        start: &'static str,
        /// The variable that names it.
        variable: &'static str,
    },
    /// The socket is there, and not for this user.
    #[error("{engine} at {at} does not let this user in: {remedy}")]
    Denied {
        /// The engine.
        engine: &'static str,
        /// Where it is.
        at: String,
        /// What to do.
        remedy: &'static str,
    },
    /// Nobody answers.
    #[error("{engine} at {at} does not answer ({problem}): is it running? {named} says that it is there")]
    Silent {
        /// The engine.
        engine: &'static str,
        /// Where it is.
        at: String,
        /// What came back.
        problem: String,
        /// Who says that it is there.
        named: String,
    },
    /// There is no such image.
    #[error("{engine} has no image `{name}`: `{engine} images` lists what it has, `{engine} pull {name}` gets it")]
    NoImage {
        /// The engine.
        engine: &'static str,
        /// The image.
        name: String,
    },
    /// It said no.
    #[error("{engine} refuses {doing}: {message}")]
    Refused {
        /// The engine.
        engine: &'static str,
        /// What it was asked for.
        doing: String,
        /// Its words.
        message: String,
    },
    /// The connection broke, or what came back is no answer.
    #[error("{engine} at {at}: {doing}: {problem}")]
    Broke {
        /// The engine.
        engine: &'static str,
        /// Where it is.
        at: String,
        /// What was being done.
        doing: String,
        /// What came back.
        problem: String,
    },
}

impl EngineError {
    /// Whether the request was wrong (exit code 2), rather than the engine or the machine (exit code 3).
    pub fn is_request(&self) -> bool {
        matches!(self, Self::Setting { .. } | Self::NoImage { .. })
    }
}

fn looked(tried: &[PathBuf]) -> String {
    tried.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join(", ")
}
