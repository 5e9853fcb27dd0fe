//! `libcdiff-agent`: the one static program that goes into every image.
//!
//! On standard input comes one JSON document, the [`Session`]; on standard output go the messages, one JSON line each.
//! With `enter` in the session the agent shuts itself into an image on this machine; with `within`, somebody else (a
//! container engine) has made a container of the image, and started the agent in it.

use std::io::BufRead;
use std::process::ExitCode;

use libcdiff_agent::dns::relay::broker;
use libcdiff_agent::{memory, messages, sandbox, session, sys};
use libcdiff_protocol::{Message, Session};

fn main() -> ExitCode {
    // What the caller left open (a make's job server, say) is none of a program's business.
    if let Err(e) = sys::close_from(3) {
        return fail(format!("closing inherited descriptors: {e} (Linux 5.9 or newer is needed)"));
    }
    // One line, or all there is: in a container, standard input stays open behind it.
    let mut text = Vec::new();
    let session: Session = match std::io::stdin()
        .lock()
        .read_until(b'\n', &mut text)
        .map_err(|e| e.to_string())
        .and_then(|_| serde_json::from_slice(&text).map_err(|e| e.to_string()))
    {
        Ok(session) => session,
        Err(e) => return fail(format!("reading the session on standard input: {e}")),
    };
    drop(text);
    // Real nameservers are reached from here and not from inside.
    let (broker, brokered) = match broker::start(&session.plan) {
        Ok(started) => started,
        Err(e) => return fail(e.to_string()),
    };
    // And cgroups are made here, where there are any.
    let (keeper, cgroups) = match memory::prepare(&session.plan) {
        Ok(prepared) => prepared,
        Err(e) => return fail(e.to_string()),
    };
    let ran = sandbox::enter_and_run(&session, || session::run(&session.plan, brokered, cgroups));
    broker.wait();
    keeper.wait();
    match ran {
        Ok(code) => ExitCode::from(code),
        Err(e) => fail(e.to_string()),
    }
}

fn fail(reason: String) -> ExitCode {
    messages::send(&Message::Failed { reason });
    ExitCode::from(3)
}
