//! What `libcdiff doctor` says of an engine: whether it is there, what it is, and whether the agent can do its work in a
//! container of it.

use super::{Client, EngineError};
use crate::bundle::Programs;
use crate::image::Engine;
use crate::plan::Plan;
use crate::runner::{Container, Runner, Subject};

/// What was found; `None` where there is no engine.
///
/// # Errors
/// What is wrong with an engine that is there, and what to do about it.
pub fn state(engine: Engine, programs: Programs) -> Result<Option<String>, String> {
    let client = match Client::connect(engine) {
        Ok(client) => client,
        Err(EngineError::None { .. }) => return Ok(None),
        Err(error) => return Err(error.to_string()),
    };
    let about = client.about().map_err(|e| e.to_string())?;
    let info = about.info;
    let driver = info.driver.unwrap_or_else(|| "?".into());
    let rootless = info.security_options.unwrap_or_default().iter().any(|option| option.contains("rootless"));
    let kind = if rootless { ", rootless" } else { "" };
    let place = client.place();
    let empty = tempfile::tempdir().map_err(|e| e.to_string())?;
    // An engine takes no image without a file in it.
    std::fs::write(empty.path().join("empty"), "").map_err(|e| e.to_string())?;
    let plan = Plan { computing: 1, waiting: 1, items: Vec::new() };
    let runner = Container::new(engine, programs);
    let subject = Subject::new("an empty image", empty.path());
    runner.run(&subject, plan, &|_| ()).map_err(|e| format!("{} ({driver}{kind}) at {place}: {e}", about.version))?;
    let done = "a container was entered, found isolated, removed";
    Ok(Some(format!("{} ({driver}{kind}) at {place}: {done}", about.version)))
}
