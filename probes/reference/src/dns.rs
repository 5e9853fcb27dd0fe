//! The area `dns` without a C library: the same call answered by hickory-resolver, which reads /etc/resolv.conf and
//! /etc/hosts itself, from sockets of its own.
//!
//! Its errors are other ones than getaddrinfo's. They are spelled in the same words where there is one that means the
//! same to a caller, and that is a mapping of this project, not of hickory:
//!
//! | hickory-resolver | getaddrinfo | gethostbyname |
//! | --- | --- | --- |
//! | no records, NXDOMAIN; a name that is none | `EAI_NONAME` | `HOST_NOT_FOUND` |
//! | no records, any other code | `EAI_NODATA` | `NO_DATA` |
//! | time-out, socket error, truncated, SERVFAIL, REFUSED | `EAI_AGAIN` | `TRY_AGAIN` |
//! | everything else, a resolv.conf that it does not take among it | `EAI_FAIL` | `NO_RECOVERY` |
//!
//! One of its options is set: servers are taken in the order of the file. By default it starts from a random order and
//! learns which one is faster, which would make the column differ from itself from run to run. Two at once it asks anyway.

use std::time::Instant;

use hickory_resolver::TokioResolver;
use hickory_resolver::config::{LookupIpStrategy, ServerOrderingStrategy};
use hickory_resolver::lookup_ip::LookupIp;
use hickory_resolver::net::{DnsError, NetError};
use hickory_resolver::proto::op::ResponseCode;
use hickory_resolver::proto::rr::Name;
use libcdiff_probes::Outcome;
use libcdiff_probes::dns::{Address, Answer, Call, Family, Function};

/// The answer to one case; `None` for flags that hickory-resolver has nothing like.
pub fn answer(_case: &str, arguments: &[String]) -> Option<Outcome> {
    let mut outcome = Outcome::default();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let call = match Call::parse(&words) {
        Ok(call) => call,
        Err(message) => {
            outcome.broke(message);
            return Some(outcome);
        }
    };
    let strategy = strategy(&call.function)?;
    let start = Instant::now();
    let result = look_up(&call.name.to_string_lossy(), strategy);
    let elapsed_ms = start.elapsed().as_millis() as u64;
    if let Err(Failure { error, .. }) = &result {
        outcome.measured("error", error.as_str());
    }
    described(result, &call.function, elapsed_ms).describe(&call, &mut outcome);
    Some(outcome)
}

/// Which records are asked for.
fn strategy(function: &Function) -> Option<LookupIpStrategy> {
    let Function::GetAddrInfo(hints) = function else { return Some(LookupIpStrategy::Ipv4Only) };
    if hints.flags & !libc::AI_CANONNAME != 0 || hints.service.is_some() {
        return None;
    }
    Some(match hints.family {
        Family::Unspecified => LookupIpStrategy::Ipv6AndIpv4,
        Family::Inet => LookupIpStrategy::Ipv4Only,
        Family::Inet6 => LookupIpStrategy::Ipv6Only,
    })
}

/// A word of getaddrinfo and one of gethostbyname.
type Words = (&'static str, &'static str);
const NO_NAME: Words = ("EAI_NONAME", "HOST_NOT_FOUND");
const NO_DATA: Words = ("EAI_NODATA", "NO_DATA");
const AGAIN: Words = ("EAI_AGAIN", "TRY_AGAIN");
const FAIL: Words = ("EAI_FAIL", "NO_RECOVERY");

/// A look-up that came to nothing.
struct Failure {
    words: Words,
    /// As hickory says it.
    error: String,
}

impl From<NetError> for Failure {
    /// The table above.
    fn from(error: NetError) -> Self {
        let words = match &error {
            NetError::Dns(DnsError::NoRecordsFound(none)) if none.response_code == ResponseCode::NXDomain => NO_NAME,
            NetError::Dns(DnsError::NoRecordsFound(_)) => NO_DATA,
            NetError::Dns(DnsError::ResponseCode(ResponseCode::ServFail | ResponseCode::Refused)) => AGAIN,
            NetError::Timeout | NetError::Io(_) | NetError::NoConnections | NetError::Truncated => AGAIN,
            _ => FAIL,
        };
        Self { words, error: error.to_string() }
    }
}

/// One look-up by a resolver of its own, as a new process would make it.
fn look_up(name: &str, strategy: LookupIpStrategy) -> Result<LookupIp, Failure> {
    Name::from_utf8(name).map_err(|e| Failure { words: NO_NAME, error: e.to_string() })?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(NetError::from)?;
    let mut builder = TokioResolver::builder_tokio().map_err(|e| Failure { words: FAIL, error: e.to_string() })?;
    let options = builder.options_mut();
    options.ip_strategy = strategy;
    options.server_ordering_strategy = ServerOrderingStrategy::UserProvidedOrder;
    let resolver = builder.build()?;
    Ok(runtime.block_on(resolver.lookup_ip(name))?)
}

fn described(result: Result<LookupIp, Failure>, function: &Function, elapsed_ms: u64) -> Answer {
    let (return_code, canonical_name, addresses) = match result {
        Ok(found) => {
            let owner = found.as_lookup().answers().iter().find(|record| record.data.ip_addr().is_some());
            let name = owner.map(|record| record.name.to_ascii().trim_end_matches('.').to_owned());
            ("0", name, found.iter().map(|ip| Address { ip, scope: 0 }).collect())
        }
        Err(Failure { words, .. }) => {
            let word = if matches!(function, Function::GetAddrInfo(_)) { words.0 } else { words.1 };
            (word, None, Vec::new())
        }
    };
    Answer { return_code: return_code.into(), errno: None, canonical_name, addresses, elapsed_ms }
}
