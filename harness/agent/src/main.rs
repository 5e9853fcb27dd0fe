//! `libcdiff-agent`: the one static program that goes into every image.
//!
//! On standard input comes one JSON document, the [`Session`], and further plans where it stays; on standard output go the
//! messages, one JSON line each.
//! With `enter` in the session the agent shuts itself into an image on this machine; with `within`, somebody else (a
//! container engine) has made a container of the image, and started the agent in it; with neither, that container allows
//! no more, and programs run in it as they are.
//!
//! In a pod nobody holds its standard input: `libcdiff-agent install FOLDER` brings the agent and the probes there, and
//! `libcdiff-agent pod FOLDER` reads the session from files and puts its messages into frames.

use std::io::BufRead;
use std::path::Path;
use std::process::ExitCode;

use libcdiff_agent::dns::relay::broker;
use libcdiff_agent::{memory, messages, plain, pod, sandbox, session, sys};
use libcdiff_protocol::{Message, Session};

fn main() -> ExitCode {
    // What the caller left open (a make's job server, say) is none of a program's business.
    if let Err(e) = sys::close_from(3) {
        return fail(format!("closing inherited descriptors: {e} (Linux 5.9 or newer is needed)"));
    }
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words[..] {
        [] => from_input(),
        ["install", folder] => match pod::install(Path::new(folder)) {
            Ok(()) => ExitCode::SUCCESS,
            Err(e) => complain(&e.to_string()),
        },
        ["pod", folder] => {
            // Whose pod this is the plan says, so that without one there is no frame to say it in.
            let shard = std::env::var("JOB_COMPLETION_INDEX").ok();
            match pod::session(Path::new(folder), shard.as_deref()) {
                Ok((session, stream)) => {
                    messages::put_into_frames(&stream);
                    ExitCode::from(plain::run(&session.plan, session.travel.as_ref()))
                }
                Err(e) => complain(&e.to_string()),
            }
        }
        _ => complain("it takes no arguments, or `install FOLDER`, or `pod FOLDER`"),
    }
}

/// The session of standard input.
fn from_input() -> ExitCode {
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
    if session.enter.is_none() && session.within.is_none() {
        return ExitCode::from(plain::run(&session.plan, session.travel.as_ref()));
    }
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
    let (keeper, cgroups, kills) = (prepared.keeper, prepared.cgroups, prepared.kills);
    let inside = |together| session::run(&session, together, session::Outfits { brokered, cgroups, kills });
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

fn complain(reason: &str) -> ExitCode {
    eprintln!("libcdiff-agent: {reason}");
    ExitCode::from(3)
}
