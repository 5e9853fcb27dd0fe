//! `libcdiff-agent`: the one static program that goes into every image.
//!
//! On standard input comes one JSON document, the [`Session`]; on standard output go the messages, one JSON line each.
//! With `enter` in the session the agent first shuts itself into namespaces of its own; without, somebody else (a
//! container engine) has done so.

use std::io::Read;
use std::process::ExitCode;

use libcdiff_agent::dns::relay::broker;
use libcdiff_agent::{memory, messages, sandbox, session, sys};
use libcdiff_protocol::{Message, Session};

fn main() -> ExitCode {
    // What the caller left open (a make's job server, say) is none of a program's business.
    if let Err(e) = sys::close_from(3) {
        return fail(format!("closing inherited descriptors: {e} (Linux 5.9 or newer is needed)"));
    }
    let mut text = String::new();
    let session: Session = match std::io::stdin()
        .read_to_string(&mut text)
        .map_err(|e| e.to_string())
        .and_then(|_| serde_json::from_str(&text).map_err(|e| e.to_string()))
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
    let prepared = match memory::prepare(&session) {
        Ok(prepared) => prepared,
        Err(e) => return fail(e.to_string()),
    };
    let (keeper, cgroups) = (prepared.keeper, prepared.cgroups);
    let inside = |together| session::run(&session.plan, together, brokered, cgroups);
    let ran = sandbox::enter_and_run(&session, prepared.bounds, inside);
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
