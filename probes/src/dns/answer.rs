//! What came back from a look-up, and how it is described: the code by name, the addresses, how long it took.
//!
//! The compared text holds the addresses as a set, sorted and with runs put together, because RFC 6724 orders them by
//! the routes of the machine, and some libraries by chance; the values hold them as they came. The canonical name is
//! compared where the caller asked for it: musl fills it in uninvited, which is one difference and not one in each case.

use core::ffi::c_int;
use core::fmt::Write;
use core::net::IpAddr;
use heap::string::{String, ToString};
use heap::vec::Vec;

use super::Call;
use crate::outcome::Outcome;
use crate::text;

/// One address, with the scope of a link-local one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Address {
    /// The address.
    pub ip: IpAddr,
    /// `sin6_scope_id`; 0 for none.
    pub scope: u32,
}

/// What a socket is to be made of, for one address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Entry {
    /// The address.
    pub address: Address,
    /// `ai_socktype`.
    pub socktype: c_int,
    /// `ai_protocol`.
    pub protocol: c_int,
    /// The port.
    pub port: u16,
}

/// What a look-up came back with.
#[derive(Clone, Debug, Default)]
pub struct Answer {
    /// The error's name in the C headers, `0` for none.
    pub return_code: String,
    /// The error number, where the code says that it is one.
    pub errno: Option<i32>,
    /// The canonical name, where one was given.
    pub canonical_name: Option<String>,
    /// The addresses in the order in which they came.
    pub addresses: Vec<Address>,
    /// The other names of a host, in the order in which they came.
    pub aliases: Vec<String>,
    /// The entries of getaddrinfo, in the order in which they came.
    pub entries: Vec<Entry>,
    /// How long the call took.
    pub elapsed_ms: u64,
}

/// The names of an address, as getnameinfo gives them.
#[derive(Clone, Debug)]
pub struct NamesOf {
    /// The error's name, `0` for none.
    pub return_code: String,
    /// The error number, where the code says that it is one.
    pub errno: Option<i32>,
    /// Host and service, where there was no error.
    pub names: Option<(String, String)>,
    /// How long the call took.
    pub elapsed_ms: u64,
}

/// Upper edges of the classes of elapsed time, in milliseconds. Resolvers wait whole seconds (0, 1, 2, 3, 4, 5, 6, 10,
/// 15), and a wait grows by what the machine is busy with, but is never shorter. So every edge lies just under a whole
/// second, and what is in a class has most of a second to be late. Scenarios wait whole seconds, or nearly nothing.
pub const ELAPSED_CLASSES: [(u64, &str); 5] = [
    (900, "under 0.9 s"),
    (1900, "0.9 to 1.9 s"),
    (3900, "1.9 to 3.9 s"),
    (7900, "3.9 to 7.9 s"),
    (14900, "7.9 to 14.9 s"),
];

/// The class of what is above the last edge.
pub const ELAPSED_LONGEST: &str = "over 14.9 s";

/// The name of a class of elapsed time.
pub fn elapsed_class(ms: u64) -> &'static str {
    ELAPSED_CLASSES.iter().find(|(edge, _)| ms < *edge).map_or(ELAPSED_LONGEST, |(_, name)| name)
}

/// The name of a code of getaddrinfo. The numbers are glibc's (resolv/netdb.h) and musl's (include/netdb.h), which agree.
pub fn eai(code: c_int) -> String {
    let name = match code {
        0 => "0",
        -1 => "EAI_BADFLAGS",
        -2 => "EAI_NONAME",
        -3 => "EAI_AGAIN",
        -4 => "EAI_FAIL",
        -5 => "EAI_NODATA",
        -6 => "EAI_FAMILY",
        -7 => "EAI_SOCKTYPE",
        -8 => "EAI_SERVICE",
        -9 => "EAI_ADDRFAMILY",
        -10 => "EAI_MEMORY",
        -11 => "EAI_SYSTEM",
        -12 => "EAI_OVERFLOW",
        -105 => "EAI_IDN_ENCODE",
        other => return heap::format!("EAI {other}"),
    };
    name.into()
}

/// The name of a value of `h_errno`; the same numbers in both families.
pub fn h_errno(code: c_int) -> String {
    let name = match code {
        -1 => "NETDB_INTERNAL",
        0 => "NETDB_SUCCESS",
        1 => "HOST_NOT_FOUND",
        2 => "TRY_AGAIN",
        3 => "NO_RECOVERY",
        4 => "NO_DATA",
        other => return heap::format!("h_errno {other}"),
    };
    name.into()
}

impl core::fmt::Display for Address {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "{}", self.ip)?;
        if self.scope == 0 { Ok(()) } else { write!(f, "%{}", self.scope) }
    }
}

impl Answer {
    /// Writes the answer down.
    pub fn describe(&self, call: &Call, o: &mut Outcome) {
        o.fact("return_code", self.return_code.as_str());
        if let Some(number) = self.errno {
            o.fact("errno", text::errno(number));
        }
        match call.shown.canonical {
            true => o.fact("canonical_name", self.canonical_name.clone()),
            false => o.measured("canonical_name", self.canonical_name.clone()),
        }
        match call.shown.aliases {
            true => o.fact("aliases", self.aliases.clone()),
            false => o.measured("aliases", self.aliases.clone()),
        }
        let as_they_came: Vec<String> = self.addresses.iter().map(ToString::to_string).collect();
        if call.shown.entries {
            let mut sorted = self.entries.clone();
            sorted.sort_unstable();
            sorted.iter().for_each(|entry| o.line(format_args!("entry: {entry}")));
        } else if !self.addresses.is_empty() {
            let shown = match (call.shown.counted, call.shown.ordered) {
                (true, _) => count(&self.addresses),
                (false, true) => as_they_came.join(", "),
                (false, false) => set(&self.addresses),
            };
            o.line(format_args!("addresses: {shown}"));
        }
        o.measured("addresses", as_they_came);
        elapsed(self.elapsed_ms, o);
    }
}

impl core::fmt::Display for Entry {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let socktype = match self.socktype {
            libc::SOCK_STREAM => "SOCK_STREAM",
            libc::SOCK_DGRAM => "SOCK_DGRAM",
            libc::SOCK_RAW => "SOCK_RAW",
            libc::SOCK_SEQPACKET => "SOCK_SEQPACKET",
            _ => "another type",
        };
        let protocol = match self.protocol {
            libc::IPPROTO_TCP => "IPPROTO_TCP",
            libc::IPPROTO_UDP => "IPPROTO_UDP",
            libc::IPPROTO_SCTP => "IPPROTO_SCTP",
            0 => "any protocol",
            _ => "another protocol",
        };
        write!(f, "{} port {}, {socktype}, {protocol}", self.address, self.port)
    }
}

impl NamesOf {
    /// Writes the names down.
    pub fn describe(&self, o: &mut Outcome) {
        o.fact("return_code", self.return_code.as_str());
        if let Some(number) = self.errno {
            o.fact("errno", text::errno(number));
        }
        if let Some((host, service)) = &self.names {
            o.fact("host", host.as_str());
            o.fact("service", service.as_str());
        }
        elapsed(self.elapsed_ms, o);
    }
}

/// Writes down how long a call took: its class is compared, its milliseconds are not.
pub fn elapsed(ms: u64, o: &mut Outcome) {
    o.fact("elapsed_class", elapsed_class(ms));
    o.measured("elapsed_ms", ms);
}

/// Sorted, duplicates kept, three and more consecutive ones as `192.0.2.1 to 192.0.2.60 (60)`.
fn set(addresses: &[Address]) -> String {
    let mut sorted = addresses.to_vec();
    sorted.sort_unstable();
    let mut out = String::new();
    for run in sorted.chunk_by(follows) {
        let separator = if out.is_empty() { "" } else { ", " };
        let _ = match run {
            [first, _, .., last] => write!(out, "{separator}{first} to {last} ({})", run.len()),
            [first, second] => write!(out, "{separator}{first}, {second}"),
            [only, ..] => write!(out, "{separator}{only}"),
            [] => Ok(()),
        };
    }
    out
}

/// How many there are of each family: `2 IPv4, 1 IPv6`.
fn count(addresses: &[Address]) -> String {
    let v4 = addresses.iter().filter(|address| address.ip.is_ipv4()).count();
    let families = [(v4, "IPv4"), (addresses.len() - v4, "IPv6")];
    let shown = families.iter().filter(|(n, _)| *n > 0).map(|(n, family)| heap::format!("{n} {family}"));
    shown.collect::<Vec<_>>().join(", ")
}

fn follows(a: &Address, b: &Address) -> bool {
    let next = match (a.ip, b.ip) {
        (IpAddr::V4(a), IpAddr::V4(b)) => a.to_bits().checked_add(1) == Some(b.to_bits()),
        (IpAddr::V6(a), IpAddr::V6(b)) => a.to_bits().checked_add(1) == Some(b.to_bits()),
        _ => false,
    };
    next && a.scope == b.scope
}

#[cfg(test)]
mod tests {
    use super::*;

    fn addresses(all: &[&str]) -> Vec<Address> {
        all.iter().map(|a| Address { ip: a.parse().expect(a), scope: 0 }).collect()
    }

    #[test]
    fn a_set_is_sorted_and_runs_are_put_together() {
        assert_eq!(set(&addresses(&["2001:db8::1", "192.0.2.9", "192.0.2.1"])), "192.0.2.1, 192.0.2.9, 2001:db8::1");
        assert_eq!(set(&addresses(&["192.0.2.2", "192.0.2.1"])), "192.0.2.1, 192.0.2.2");
        assert_eq!(set(&addresses(&["192.0.2.3", "192.0.2.2", "192.0.2.1"])), "192.0.2.1 to 192.0.2.3 (3)");
        assert_eq!(set(&addresses(&["192.0.2.1", "192.0.2.1"])), "192.0.2.1, 192.0.2.1", "twice is not once");
    }

    #[test]
    fn a_scope_belongs_to_its_address() {
        let address = Address { ip: "fe80::1".parse().expect("an address"), scope: 1 };
        assert_eq!(set(&[address]), "fe80::1%1");
    }

    #[test]
    fn every_wait_of_a_resolver_has_its_class_and_room_to_be_late() {
        for (ms, class) in [
            (200, "under 0.9 s"),
            (1000, "0.9 to 1.9 s"),
            (2000, "1.9 to 3.9 s"),
            (3000, "1.9 to 3.9 s"),
            (4000, "3.9 to 7.9 s"),
            (6000, "3.9 to 7.9 s"),
            (10000, "7.9 to 14.9 s"),
            (15000, "over 14.9 s"),
        ] {
            assert_eq!(elapsed_class(ms), class);
            assert_eq!(elapsed_class(ms + 600), class, "{ms} ms and late");
        }
    }

    #[test]
    fn the_text_leaves_out_what_was_not_asked_for_and_the_values_do_not() {
        let answer = Answer {
            return_code: eai(0),
            errno: None,
            canonical_name: Some("db.test".into()),
            addresses: addresses(&["192.0.2.2", "192.0.2.1"]),
            elapsed_ms: 7,
            ..Answer::default()
        };
        let described = |words: &[&str]| {
            let mut o = Outcome::default();
            answer.describe(&Call::parse(words).expect("a call"), &mut o);
            o
        };
        let plain = described(&["getaddrinfo", "db"]);
        assert_eq!(plain.text(), "return_code: 0\naddresses: 192.0.2.1, 192.0.2.2\nelapsed_class: under 0.9 s");
        assert_eq!(plain.get("canonical_name"), Some(&"db.test".into()));
        assert_eq!(plain.get("addresses"), Some(&heap::vec!["192.0.2.2", "192.0.2.1"].into()));
        let counted = described(&["getaddrinfo", "db", "--counted"]);
        assert_eq!(counted.text(), "return_code: 0\naddresses: 2 IPv4\nelapsed_class: under 0.9 s");
        let all = described(&["getaddrinfo", "db", "--ordered", "--canonical"]);
        assert_eq!(
            all.text(),
            "return_code: 0\ncanonical_name: db.test\naddresses: 192.0.2.2, 192.0.2.1\nelapsed_class: under 0.9 s"
        );
    }
}
