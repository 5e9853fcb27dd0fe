//! Threads: how large a stack they get, and what happens when it ends.

use crate::case::{Case, Needs};
use crate::outcome::Outcome;
use crate::sys::threads as sys;
use crate::text;

/// Every case of the area.
pub static CASES: &[Case] = &[Case {
    id: "threads.stack.default",
    title: "default thread stack and guard",
    question: "How large are the stack and the guard of a thread made without attributes?",
    source: "pthread_attr_init(3); musl src/internal/pthread_impl.h DEFAULT_STACK_SIZE; POSIX leaves the default open",
    needs: Needs::NOTHING,
    run: default,
}];

fn default(o: &mut Outcome) {
    match sys::default_attributes() {
        Ok((stack, guard)) => {
            o.fact("stack_bytes", stack);
            o.fact("guard_bytes", guard);
        }
        Err(e) => o.broke(format_args!("reading the default attributes: {}", text::errno(e.0))),
    }
}
