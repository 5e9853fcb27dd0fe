//! From how a program ended and what it wrote to its observation. The states never share a meaning: a crash is an
//! observation of the C library, a probe that broke is not.

use std::time::Duration;

use libcdiff_protocol::{Flavour, Item, Observation, Query, Status, Values};
use nix::sys::signal::Signal;
use nix::sys::wait::WaitStatus;
use serde_json::{Value, json};

use crate::case::Run;
use crate::dns;
use crate::memory::Outcome;

/// Makes the observation of one case.
pub fn observation(item: &Item, run: &Run, wire: Option<Vec<Query>>) -> Observation {
    let mut seen = Observation {
        case: item.case.clone(),
        flavour: item.flavour,
        status: Status::Broke,
        signal: None,
        reason: None,
        text: String::new(),
        values: Values::new(),
        wire: None,
        elapsed_ms: millis(run.elapsed),
    };
    match run.end {
        _ if run.memory.is_some_and(|memory| memory.exceeded) => ended_for_memory(&mut seen, run.memory),
        _ if run.flooded => {
            seen.reason = Some(format!("it wrote more than {} bytes and was stopped", item.limits.output_bytes))
        }
        None => {
            seen.status = Status::Timeout;
            seen.text = "did not end".into();
        }
        Some(WaitStatus::Signaled(_, signal, _)) => {
            seen.status = Status::Crashed;
            seen.signal = Some(signal.as_str().into());
            seen.text = format!("crashed: {signal}");
        }
        Some(_) => take_line(&mut seen, run),
    }
    if let Some(wire) = wire {
        // hickory-resolver retransmits by measured round-trip times, so that only the outline of its queries is stable.
        let shown = item.dns.as_ref().map(|script| script.shown).unwrap_or_default();
        let text = if item.flavour == Flavour::Reference { dns::outline } else { dns::summary };
        let queries = text(&wire, shown);
        if !queries.is_empty() && seen.status != Status::Broke && seen.status != Status::Unsupported {
            seen.text = format!("{}\n{queries}", seen.text);
        }
        seen.wire = Some(wire);
        seen.values.insert("run_delay_ms".into(), millis(run.delay).into());
    }
    if let Some(Outcome { bytes, enforced_by, exceeded, peak_bytes }) = run.memory {
        let value = json!({
            "bytes": bytes, "enforced_by": enforced_by, "exceeded": exceeded, "peak_bytes": peak_bytes,
        });
        seen.values.insert("memory_limit".into(), value);
    }
    seen
}

/// The program was ended because it had more memory than it may, or would have been had it lived a moment longer.
fn ended_for_memory(seen: &mut Observation, memory: Option<Outcome>) {
    let bytes = memory.map_or(0, |memory| memory.bytes);
    seen.status = Status::Crashed;
    seen.signal = Some(Signal::SIGKILL.as_str().into());
    seen.text = format!("ended: it had more than {bytes} bytes of memory");
    seen.reason = Some(format!("it had more than the {bytes} bytes of memory that it was given, and was ended"));
}

/// Takes over what the program itself says of the case: the last line of its standard output.
fn take_line(seen: &mut Observation, run: &Run) {
    let line = run.stdout.split(|b| *b == b'\n').rfind(|line| !line.is_empty()).unwrap_or_default();
    let said = serde_json::from_slice::<serde_json::Map<String, Value>>(line).ok();
    let said = said.filter(|map| map.get("case").and_then(Value::as_str) == Some(seen.case.as_str()));
    let Some(mut said) = said else {
        let error = String::from_utf8_lossy(&run.stderr);
        let end = run.end.map(|e| format!("{e:?}")).unwrap_or_default();
        seen.reason = Some(format!("it described nothing ({end}): {}", error.trim()));
        return;
    };
    let mut text = |name: &str| said.remove(name).and_then(|v| v.as_str().map(str::to_owned));
    seen.status = match text("status").as_deref() {
        Some("described") => Status::Described,
        Some("unsupported") => Status::Unsupported,
        _ => Status::Broke,
    };
    seen.reason = text("reason");
    seen.text = text("text").unwrap_or_default();
    if let Some(Value::Object(values)) = said.remove("values") {
        seen.values = values.into_iter().collect();
    }
}

fn millis(elapsed: Duration) -> u64 {
    u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::example::item;
    use nix::unistd::Pid;

    fn run(end: Option<WaitStatus>, stdout: &str) -> Run {
        Run {
            end,
            stdout: stdout.into(),
            stderr: b"oops\n".to_vec(),
            flooded: false,
            elapsed: Duration::from_millis(7),
            delay: Duration::ZERO,
            memory: None,
        }
    }

    fn exited(code: i32) -> Option<WaitStatus> {
        Some(WaitStatus::Exited(Pid::from_raw(2), code))
    }

    #[test]
    fn the_last_line_is_the_answer() {
        let said = "noise\n{\"case\":\"alloc.x\",\"status\":\"described\",\"text\":\"a: 1\",\"values\":{\"a\":1}}\n";
        let seen = observation(&item(), &run(exited(0), said), None);
        assert_eq!((seen.status, seen.text.as_str(), seen.values["a"].as_i64()), (Status::Described, "a: 1", Some(1)));
    }

    #[test]
    fn a_line_of_another_case_is_no_answer() {
        let said = "{\"case\":\"alloc.y\",\"status\":\"described\",\"text\":\"a\",\"values\":{}}\n";
        let seen = observation(&item(), &run(exited(0), said), None);
        assert_eq!(seen.status, Status::Broke);
        assert!(seen.reason.is_some_and(|r| r.contains("oops")));
    }

    #[test]
    fn a_program_that_is_ended_for_its_memory_is_told_from_one_that_is_killed() {
        let killed = Some(WaitStatus::Signaled(Pid::from_raw(2), Signal::SIGKILL, false));
        let memory = |exceeded| Some(Outcome { bytes: 1000, enforced_by: "watching", exceeded, peak_bytes: 1500 });
        let plain = observation(&item(), &Run { memory: memory(false), ..run(killed, "") }, None);
        assert_eq!((plain.status, plain.reason.as_deref()), (Status::Crashed, None));
        assert_eq!(plain.values["memory_limit"]["exceeded"], false);
        let said = "{\"case\":\"alloc.x\",\"status\":\"described\",\"text\":\"a\",\"values\":{}}\n";
        for end in [killed, exited(0), None] {
            let seen = observation(&item(), &Run { memory: memory(true), ..run(end, said) }, None);
            assert_eq!((seen.status, seen.signal.as_deref()), (Status::Crashed, Some("SIGKILL")));
            assert!(seen.reason.is_some_and(|reason| reason.contains("1000 bytes of memory")));
            assert_eq!(seen.values["memory_limit"]["enforced_by"], "watching");
        }
    }

    #[test]
    fn a_crash_a_deadline_and_a_flood_are_three_things() {
        let crash = Some(WaitStatus::Signaled(Pid::from_raw(2), Signal::SIGFPE, false));
        let seen = observation(&item(), &run(crash, ""), None);
        assert_eq!((seen.status, seen.signal.as_deref()), (Status::Crashed, Some("SIGFPE")));
        assert_eq!(observation(&item(), &run(None, ""), None).status, Status::Timeout);
        let flood = Run { flooded: true, ..run(None, "xxxx") };
        assert_eq!(observation(&item(), &flood, None).status, Status::Broke);
    }
}
