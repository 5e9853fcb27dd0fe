//! Messages to the harness: one JSON line each on standard output, each written at once. Where the output is a log that
//! others keep, each goes in frames.

use std::io::Write;
use std::sync::{Mutex, OnceLock};

use libcdiff_protocol::Message;
use libcdiff_protocol::frame::{Stream, Writer};

/// The frames of standard output, of which a process has one.
static FRAMES: OnceLock<Mutex<Writer>> = OnceLock::new();

/// From now on, messages go in frames of this stream.
pub fn put_into_frames(stream: &Stream) {
    let _ = FRAMES.set(Mutex::new(Writer::new(stream)));
}

/// Sends one message. When nobody reads any more the agent ends: the harness is gone.
pub fn send(message: &Message) {
    let Ok(line) = serde_json::to_string(message) else { return };
    let framed = FRAMES.get().and_then(|frames| Some(frames.lock().ok()?.lines(&line)));
    send_line(framed.unwrap_or_else(|| line + "\n").as_bytes());
}

/// Sends a line that is a message already.
pub fn send_line(line: &[u8]) {
    let mut out = std::io::stdout().lock();
    if out.write_all(line).and_then(|()| out.flush()).is_err() {
        std::process::exit(3);
    }
}
