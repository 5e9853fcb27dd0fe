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
//! res_query and res_search are answered by the records that it finds, in a message of its own making, without a length.
//!
//! One of its options is set: servers are taken in the order of the file. By default it starts from a random order and
//! learns which one is faster, which would make the column differ from itself from run to run. Two at once it asks anyway.

use std::net::IpAddr;
use std::time::Instant;

use hickory_resolver::TokioResolver;
use hickory_resolver::config::{LookupIpStrategy, ServerOrderingStrategy};
use hickory_resolver::lookup::Lookup;
use hickory_resolver::lookup_ip::LookupIp;
use hickory_resolver::net::{DnsError, NetError};
use hickory_resolver::proto::op::ResponseCode;
use hickory_resolver::proto::rr::{Name, RData, RecordType};
use libcdiff_probes::Outcome;
use libcdiff_probes::dns::answer::NamesOf;
use libcdiff_probes::dns::{self, Address, Answer, Call, Family, Function, Hints};
use tokio::runtime::Runtime;

/// The answer to one case; unsupported where hickory-resolver has nothing like the call.
pub fn answer(_case: &str, arguments: &[String]) -> Option<Outcome> {
    let mut outcome = Outcome::default();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match dns::steps::parse(&words) {
        Ok(steps) => {
            let mut program = Program::default();
            dns::tell(&steps, &mut outcome, |call, o| program.make(call, o));
        }
        Err(message) => outcome.broke(message),
    }
    Some(outcome)
}

/// A program that keeps its resolvers from call to call, as the documentation advises: one for each choice of address
/// families, which is an option of the resolver and not of the call.
#[derive(Default)]
struct Program {
    runtime: Option<Runtime>,
    resolvers: Vec<(LookupIpStrategy, TokioResolver)>,
}

impl Program {
    fn make(&mut self, call: &Call, o: &mut Outcome) {
        let name = call.name.to_string_lossy();
        let start = Instant::now();
        let elapsed_ms = |start: Instant| start.elapsed().as_millis() as u64;
        match &call.function {
            Function::GetHostByAddr(ip) => {
                let result = self.names(*ip);
                note(&result, o);
                host_of(result, *ip, elapsed_ms(start)).describe(call, o);
            }
            Function::GetNameInfo(names) if names.flags & !libc::NI_NAMEREQD != 0 || names.host_size < 1025 => {
                o.unsupported("hickory-resolver has no flags of getnameinfo, and no buffers");
            }
            Function::GetNameInfo(names) => {
                let result = self.names(names.address.ip);
                note(&result, o);
                names_of(result, names.port, elapsed_ms(start)).describe(o);
            }
            Function::ResQuery(query) | Function::ResSearch(query) if query.changes_state() => {
                o.unsupported("hickory-resolver has no state of the C library's");
            }
            Function::ResQuery(query) => self.records(&format!("{}.", name.trim_end_matches('.')), query.kind, o),
            Function::ResSearch(query) => self.records(&name, query.kind, o),
            function => match strategy(function, call.shown.entries) {
                Ok(strategy) => {
                    let result = self.addresses(&name, strategy);
                    note(&result, o);
                    described(result, function, elapsed_ms(start)).describe(call, o);
                }
                Err(reason) => o.unsupported(reason),
            },
        }
    }

    /// The resolver for a choice of families, made when it is first wanted, and what it runs in.
    fn resolver(&mut self, strategy: LookupIpStrategy) -> Result<(&Runtime, &TokioResolver), Failure> {
        if self.runtime.is_none() {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(NetError::from)?;
            self.runtime = Some(runtime);
        }
        if !self.resolvers.iter().any(|(known, _)| *known == strategy) {
            let fail = |e: NetError| Failure { words: FAIL, error: e.to_string() };
            let mut builder = TokioResolver::builder_tokio().map_err(fail)?;
            let options = builder.options_mut();
            options.ip_strategy = strategy;
            options.server_ordering_strategy = ServerOrderingStrategy::UserProvidedOrder;
            self.resolvers.push((strategy, builder.build()?));
        }
        let resolver = self.resolvers.iter().find(|(known, _)| *known == strategy).map(|(_, resolver)| resolver);
        self.runtime.as_ref().zip(resolver).ok_or(Failure { words: FAIL, error: "no resolver".into() })
    }

    fn addresses(&mut self, name: &str, strategy: LookupIpStrategy) -> Result<LookupIp, Failure> {
        Name::from_utf8(name).map_err(|e| Failure { words: NO_NAME, error: e.to_string() })?;
        let (runtime, resolver) = self.resolver(strategy)?;
        Ok(runtime.block_on(resolver.lookup_ip(name))?)
    }

    /// Records of any type, described as the message that hickory-resolver makes of them.
    fn records(&mut self, name: &str, kind: u16, o: &mut Outcome) {
        let start = Instant::now();
        let result = self.lookup(name, kind);
        let elapsed_ms = start.elapsed().as_millis() as u64;
        note(&result, o);
        match result {
            Ok(message) => dns::message::describe(&message, o),
            Err(Failure { words, .. }) => o.fact("h_errno", words.1),
        }
        dns::answer::elapsed(elapsed_ms, o);
    }

    fn lookup(&mut self, name: &str, kind: u16) -> Result<Vec<u8>, Failure> {
        let (runtime, resolver) = self.resolver(LookupIpStrategy::Ipv6AndIpv4)?;
        let found = runtime.block_on(resolver.lookup(name, RecordType::from(kind)))?;
        found.message().to_vec().map_err(|e| Failure { words: FAIL, error: e.to_string() })
    }

    fn names(&mut self, ip: IpAddr) -> Result<Lookup, Failure> {
        let (runtime, resolver) = self.resolver(LookupIpStrategy::Ipv6AndIpv4)?;
        Ok(runtime.block_on(resolver.reverse_lookup(ip))?)
    }
}

/// Keeps hickory's own words for an error.
fn note<T>(result: &Result<T, Failure>, o: &mut Outcome) {
    if let Err(Failure { error, .. }) = result {
        o.measured("error", error.as_str());
    }
}

/// Which records are asked for.
fn strategy(function: &Function, entries: bool) -> Result<LookupIpStrategy, &'static str> {
    let family = match function {
        Function::GetHostByName => Family::Inet,
        Function::GetHostByName2(family) => *family,
        Function::GetAddrInfo(hints) => without_counterpart(hints, entries).map_or(Ok(hints.family), Err)?,
        Function::ResInit => return Err("hickory-resolver has no state of the C library's"),
        _ => return Err("hickory-resolver cannot list the hosts file"),
    };
    match family {
        Family::Unspecified => Ok(LookupIpStrategy::Ipv6AndIpv4),
        Family::Inet => Ok(LookupIpStrategy::Ipv4Only),
        Family::Inet6 => Ok(LookupIpStrategy::Ipv6Only),
        Family::Unix => Err("hickory-resolver cannot be asked for another family"),
    }
}

/// What hickory-resolver has nothing like.
fn without_counterpart(hints: &Hints, entries: bool) -> Option<&'static str> {
    match hints {
        _ if hints.flags & !libc::AI_CANONNAME != 0 => Some("hickory-resolver has none of these AI_ flags"),
        _ if hints.service.is_some() => Some("hickory-resolver knows no services"),
        _ if hints.no_name => Some("hickory-resolver looks up names alone"),
        _ if entries => Some("hickory-resolver gives addresses, without socket types"),
        _ => None,
    }
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
    Answer { return_code: return_code.into(), canonical_name, addresses, elapsed_ms, ..Answer::default() }
}

/// The names that a reverse look-up found, without the final dot, and sorted: those of the hosts file come in chance order.
fn pointers(found: &Lookup) -> Vec<String> {
    let named = found.answers().iter().filter_map(|record| match &record.data {
        RData::PTR(name) => Some(name.0.to_ascii().trim_end_matches('.').to_owned()),
        _ => None,
    });
    let mut names: Vec<String> = named.collect();
    names.sort_unstable();
    names
}

fn host_of(result: Result<Lookup, Failure>, ip: IpAddr, elapsed_ms: u64) -> Answer {
    match result {
        Err(Failure { words, .. }) => Answer { return_code: words.1.into(), elapsed_ms, ..Answer::default() },
        Ok(found) => {
            let mut names = pointers(&found).into_iter();
            Answer {
                return_code: "0".into(),
                canonical_name: names.next(),
                aliases: names.collect(),
                addresses: vec![Address { ip, scope: 0 }],
                elapsed_ms,
                ..Answer::default()
            }
        }
    }
}

fn names_of(result: Result<Lookup, Failure>, port: u16, elapsed_ms: u64) -> NamesOf {
    let (return_code, names) = match result {
        Err(Failure { words, .. }) => (words.0, None),
        Ok(found) => ("0", pointers(&found).into_iter().next().map(|name| (name, port.to_string()))),
    };
    NamesOf { return_code: return_code.into(), errno: None, names, elapsed_ms }
}
