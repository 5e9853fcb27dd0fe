//! Messages to the harness: one JSON line each on standard output, each written at once.

use std::io::Write;

use libcdiff_protocol::Message;

/// Sends one message. When nobody reads any more the agent ends: the harness is gone.
pub fn send(message: &Message) {
    let Ok(mut line) = serde_json::to_string(message) else { return };
    line.push('\n');
    send_line(line.as_bytes());
}

/// Sends a line that is a message already.
pub fn send_line(line: &[u8]) {
    let mut out = std::io::stdout().lock();
    if out.write_all(line).and_then(|()| out.flush()).is_err() {
        std::process::exit(3);
    }
}
