//! The area `dns`: look-ups by functions of the C library. What is looked up, and in what surroundings, is data
//! (`probes/scenarios`), so this program has no table of cases: its arguments say what to ask.
//!
//! From a shell, against the machine's own resolver: `dns dns.try getaddrinfo example.org --family inet`.

use heap::vec::Vec;

use crate::outcome::Outcome;
use crate::sys::dns as sys;
use crate::text;

pub mod answer;
pub mod call;
pub mod hints;
pub mod message;
pub mod query;
pub mod record;
pub mod steps;

pub use answer::{Address, Answer, Entry};
pub use call::{Call, Function, Shown};
pub use hints::{Family, Hints, Names};
pub use query::{Query, State};
pub use steps::{Change, Step};

/// Makes the calls that the arguments after the case id spell out, and describes what came back.
///
/// # Errors
/// What is wrong with the arguments.
pub fn ask(arguments: &[&str], o: &mut Outcome) -> Result<(), &'static str> {
    tell(&steps::parse(arguments)?, o, make);
    Ok(())
}

/// Makes one call after the other and describes each: one alone as the whole text, several in blocks of their own.
pub fn tell(steps: &[Step], o: &mut Outcome, mut make: impl FnMut(&Call, &mut Outcome)) {
    let mut blocks = Vec::new();
    for step in steps {
        for change in &step.changes {
            if let Err(error) = sys::files::apply(change) {
                return o.broke(format_args!("changing {:?}: {}", change.path, text::errno(error.0)));
            }
        }
        let mut block = Outcome::default();
        make(&step.call, &mut block);
        blocks.push((step.words.as_str(), block));
    }
    match blocks.pop() {
        Some((_, only)) if blocks.is_empty() => *o = only,
        last => o.blocks("calls", blocks.into_iter().chain(last)),
    }
}

/// One call to the C library.
fn make(call: &Call, o: &mut Outcome) {
    let answer = match &call.function {
        Function::GetAddrInfo(hints) => sys::getaddrinfo(&call.name, hints),
        Function::GetHostByName => sys::hosts::by_name(&call.name),
        Function::GetHostByName2(family) => sys::hosts::by_name2(&call.name, *family),
        Function::GetHostByAddr(ip) => sys::hosts::by_address(*ip),
        Function::GetNameInfo(names) => return sys::names::getnameinfo(names).describe(o),
        Function::ResQuery(query) => return sys::queries::query(&call.name, query, o),
        Function::ResSearch(query) => return sys::queries::search(&call.name, query, o),
        Function::ResInit => return sys::state::init().describe(o),
        Function::GetHostEnt => return hosts(o),
    };
    answer.describe(call, o);
}

/// All entries that gethostent gives.
fn hosts(o: &mut Outcome) {
    let hosts = sys::hosts::all();
    o.fact("hosts", hosts.len());
    for host in hosts {
        o.line(format_args!("host: {host}"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_of_one_process_are_told_one_by_one() {
        let steps = steps::parse(&["res_init", "--then", "gethostent"]).expect("two steps");
        let mut count = 0;
        let mut o = Outcome::default();
        tell(&steps, &mut o, |_, block| {
            count += 1;
            block.fact("nth", count);
        });
        assert_eq!(o.text(), "res_init\n  nth: 1\ngethostent\n  nth: 2");
    }

    #[test]
    fn one_call_is_told_without_a_heading() {
        let steps = steps::parse(&["res_init"]).expect("a step");
        let mut o = Outcome::default();
        tell(&steps, &mut o, |_, block| block.fact("nth", 1));
        assert_eq!(o.text(), "nth: 1");
    }
}
