//! The area `dns`: one look-up by one function of the C library. What is looked up, and in what surroundings, is data
//! (`probes/scenarios`), so this program has no table of cases: its arguments say what to ask.
//!
//! From a shell, against the machine's own resolver: `dns dns.try getaddrinfo example.org --family inet`.

use crate::outcome::Outcome;
use crate::sys::dns as sys;

pub mod answer;
pub mod call;

pub use answer::{Address, Answer};
pub use call::{Call, Family, Function, Hints};

/// Makes the call that the arguments after the case id spell out, and describes what came back.
///
/// # Errors
/// What is wrong with the arguments.
pub fn ask(arguments: &[&str], o: &mut Outcome) -> Result<(), &'static str> {
    let call = Call::parse(arguments)?;
    let answer = match &call.function {
        Function::GetAddrInfo(hints) => sys::getaddrinfo(&call.name, hints),
        Function::GetHostByName => sys::gethostbyname(&call.name),
    };
    answer.describe(&call, o);
    Ok(())
}
