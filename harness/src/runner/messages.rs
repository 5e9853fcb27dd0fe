//! What the agent says, from whatever carries it: a pipe, an engine's stream, a pod's log.

use std::io::BufRead;

use libcdiff_protocol::{Message, Observation};

use super::{Ran, RunnerError};

/// Reads the agent's messages to the last one; `None` when it said nothing at all.
///
/// # Errors
/// [`RunnerError::Failed`] when the agent says that it cannot go on, [`RunnerError::Garbled`] for what is no message.
pub fn listen(image: &str, from: impl BufRead, seen: &dyn Fn(Observation)) -> Result<Option<Ran>, RunnerError> {
    let mut ran = None;
    for line in from.lines() {
        let garbled =
            |line: &str| RunnerError::Garbled { image: image.to_owned(), line: line.chars().take(200).collect() };
        let line = line.map_err(|e| garbled(&e.to_string()))?;
        match (serde_json::from_str(&line), &mut ran) {
            (Ok(Message::Hello { kernel, confinement }), None) => {
                ran = Some(Ran { kernel, confinement, observations: 0 });
            }
            (Ok(Message::Observation(observation)), Some(ran)) => {
                seen(*observation);
                ran.observations += 1;
            }
            // Where it is, and whose it is, the caller knows.
            (Ok(Message::About(_) | Message::Place(_)), _) => {}
            (Ok(Message::Failed { reason }), _) => return Err(RunnerError::Failed { image: image.to_owned(), reason }),
            (Ok(Message::Done), Some(_)) => break,
            _ => return Err(garbled(&line)),
        }
    }
    Ok(ran)
}
