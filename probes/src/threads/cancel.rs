//! Cancellation: when a request is acted on, what runs then, and which functions act on one.
//!
//! glibc unwinds a cancelled thread with the image's libgcc_s.so.1, and aborts where there is none; so every case here
//! looks at the image as shipped.

use heap::string::String;
use heap::vec::Vec;

use crate::case::{Case, Needs};
use crate::outcome::{Outcome, Value};
use crate::sys::process::{Child, End};
use crate::sys::threads::cancel::{State, cancel};
use crate::sys::threads::points::{self, OTHER, Point, REQUIRED, try_point};

pub const BLOCKED_READ: Case = Case {
    id: "threads.cancel.blocked-read",
    title: "cancelling a blocked read",
    question: "What happens to a thread that is cancelled while it waits in read: do its cleanup handler and destructor run?",
    source: "POSIX pthread_cancel, pthread_cleanup_push; pthread_cancel(3); musl wiki, functional differences, cancellation",
    needs: Needs::as_shipped(None),
    run: |o| cancelled(o, State::BlockedRead),
};

pub const COMPUTING: Case = Case {
    id: "threads.cancel.computing",
    title: "cancelling a computation",
    question: "Does a thread that computes go on after it was cancelled, until pthread_testcancel?",
    source: "POSIX XSH 2.9.5.1, deferred cancellation is the default",
    needs: Needs::as_shipped(None),
    run: |o| cancelled(o, State::Computing),
};

pub const ASYNCHRONOUS: Case = Case {
    id: "threads.cancel.asynchronous",
    title: "cancelling a computation at once",
    question: "Does PTHREAD_CANCEL_ASYNCHRONOUS end a thread that computes for ever?",
    source: "POSIX pthread_setcanceltype",
    needs: Needs::as_shipped(None),
    run: |o| cancelled(o, State::Asynchronous),
};

pub const DISABLED: Case = Case {
    id: "threads.cancel.disabled",
    title: "cancelling a thread that forbids it",
    question: "Does a thread with PTHREAD_CANCEL_DISABLE return normally after it was cancelled?",
    source: "POSIX pthread_setcancelstate",
    needs: Needs::as_shipped(None),
    run: |o| cancelled(o, State::Disabled),
};

pub const BLOCKED_LOCK: Case = Case {
    id: "threads.cancel.blocked-lock",
    title: "cancelling a wait for a mutex",
    question: "Does a thread that waits for a mutex go on waiting after it was cancelled?",
    source: "POSIX XSH 2.9.5.2: pthread_mutex_lock shall not be a cancellation point",
    needs: Needs::as_shipped(None),
    run: |o| cancelled(o, State::BlockedLock),
};

pub const POINTS_REQUIRED: Case = Case {
    id: "threads.cancel.points-required",
    title: "cancellation points that POSIX requires",
    question: "Which functions that shall be cancellation points act on a request that is pending when they are called?",
    source: "POSIX XSH 2.9.5.2, first list",
    needs: Needs::as_shipped(None),
    run: |o| table(o, REQUIRED),
};

pub const POINTS_OTHER: Case = Case {
    id: "threads.cancel.points-optional",
    title: "cancellation points that POSIX allows",
    question: "Which functions that may be cancellation points, or must not, act on a request that is pending when they are called?",
    source: "POSIX XSH 2.9.5.2, second list; pthread_mutex_lock and pthread_barrier_wait are in neither, pthread_join is in the first",
    needs: Needs::as_shipped(None),
    run: |o| table(o, OTHER),
};

fn cancelled(o: &mut Outcome, state: State) {
    let Some(cancelled) = o.need("cancelling a thread", cancel(state)) else { return };
    if !matches!(cancelled.child.end, End::Exited(0)) {
        return died(o, &cancelled.child);
    }
    o.fact("join", cancelled.join.map(|j| heap::format!("{j}")));
    o.fact("went_on", cancelled.went_on);
    o.fact("cleanup_handler_ran", cancelled.handler);
    o.fact("destructor_ran", cancelled.destructor);
}

/// The process did not survive: how it ended, and the first line that it wrote.
fn died(o: &mut Outcome, child: &Child) {
    o.fact("process", heap::format!("{}", child.end));
    o.fact("message", first_line(child));
}

fn first_line(child: &Child) -> String {
    child.text().lines().next().unwrap_or_default().into()
}

fn table(o: &mut Outcome, points: &'static [Point]) {
    // Where a C library cannot cancel at all, one line says so, and not one for each function.
    if let Ok(points::Outcome::Ended(child)) = try_point(&points::CONTROL) {
        return died(o, &child);
    }
    let mut rows: Vec<(String, Value)> = Vec::new();
    for point in points {
        let Some(outcome) = o.need("cancelling a thread", try_point(point)) else { return };
        let answer = match outcome {
            points::Outcome::Acts => "acts".into(),
            points::Outcome::Returns => "returns".into(),
            points::Outcome::Ended(child) => heap::format!("{}: {}", child.end, first_line(&child)),
        };
        rows.push((point.name.into(), answer.into()));
    }
    o.table("pending_request", rows);
}
