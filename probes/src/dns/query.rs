//! What res_query and res_search are told, and what `_res` holds.

use core::ffi::{c_int, c_ulong};
use core::net::Ipv4Addr;
use heap::string::String;
use heap::vec::Vec;

use super::call::flags;
use super::record;
use crate::outcome::Outcome;

/// A query of the class IN.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Query {
    /// The record type.
    pub kind: u16,
    /// How many bytes the caller has for the answer.
    pub size: usize,
    /// The one server that the caller writes into `_res` before the call.
    pub server: Option<Ipv4Addr>,
    /// `RES_` flags that the caller adds to `_res.options` before the call.
    pub options: c_int,
}

impl Default for Query {
    /// An address is asked for, and the buffer is one that nothing here is too large for.
    fn default() -> Self {
        Self { kind: 1, size: 8192, server: None, options: 0 }
    }
}

impl Query {
    pub(super) fn set(&mut self, option: &str, value: &str) -> Result<(), &'static str> {
        match option {
            "--type" => self.kind = record::type_number(value).ok_or("unknown record type: a name or a number")?,
            "--size" => self.size = value.parse().map_err(|_| "a size is a number of bytes")?,
            "--server" => self.server = Some(value.parse().map_err(|_| "a server is an IPv4 address")?),
            "--options" => self.options |= flags(&OPTIONS, value)?,
            _ => return Err("unknown option"),
        }
        Ok(())
    }

    /// Whether `_res` is changed before the call.
    pub fn changes_state(&self) -> bool {
        self.server.is_some() || self.options != 0
    }
}

/// Flags of `_res.options` by name; the numbers of both families' resolv.h.
const OPTIONS: [(&str, c_int); 15] = [
    ("RES_INIT", 0x1),
    ("RES_DEBUG", 0x2),
    ("RES_USEVC", 0x8),
    ("RES_IGNTC", 0x20),
    ("RES_RECURSE", 0x40),
    ("RES_DEFNAMES", 0x80),
    ("RES_DNSRCH", 0x200),
    ("RES_ROTATE", 0x4000),
    ("RES_USE_EDNS0", 0x10_0000),
    ("RES_SNGLKUP", 0x20_0000),
    ("RES_SNGLKUPREOP", 0x40_0000),
    ("RES_USE_DNSSEC", 0x80_0000),
    ("RES_NOTLDQUERY", 0x100_0000),
    ("RES_NORELOAD", 0x200_0000),
    ("RES_TRUSTAD", 0x400_0000),
];

/// What `_res` holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct State {
    /// What res_init returned.
    pub returned: c_int,
    /// The servers.
    pub servers: Vec<Ipv4Addr>,
    /// The search list.
    pub search: Vec<String>,
    /// `ndots`.
    pub ndots: u32,
    /// Seconds of a try.
    pub retrans: c_int,
    /// How many tries.
    pub retry: c_int,
    /// `RES_` flags.
    pub options: c_ulong,
}

impl State {
    /// Writes the state down.
    pub fn describe(&self, o: &mut Outcome) {
        let servers: Vec<String> = self.servers.iter().map(|server| heap::format!("{server}")).collect();
        let known = OPTIONS.iter().filter(|(_, bit)| self.options & *bit as c_ulong != 0);
        let options: Vec<&str> = known.map(|(name, _)| *name).collect();
        o.fact("returned", self.returned);
        o.fact("servers", servers);
        o.fact("search", self.search.clone());
        o.fact("ndots", self.ndots);
        o.fact("retrans_seconds", self.retrans);
        o.fact("retry", self.retry);
        o.fact("options", options);
    }
}
