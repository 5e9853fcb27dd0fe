//! What getaddrinfo and getnameinfo are told besides the name: families, socket types, flags.

use core::ffi::c_int;
use core::net::IpAddr;
use heap::ffi::CString;

use super::Address;
use super::call::flags;

/// What getaddrinfo is told to look for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hints {
    /// The address family.
    pub family: Family,
    /// `SOCK_STREAM`, `SOCK_DGRAM`, .., or 0 for every kind. One kind is the default, so that every address comes once.
    pub socktype: c_int,
    /// `AI_` flags; none by default.
    pub flags: c_int,
    /// The service, as a number or a name; none by default.
    pub service: Option<CString>,
    /// A null pointer instead of the name.
    pub no_name: bool,
    /// A null pointer instead of all of the above but the service.
    pub none: bool,
}

/// What getnameinfo is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Names {
    /// The address whose name is wanted.
    pub address: Address,
    /// The port whose service is wanted; 0 by default.
    pub port: u16,
    /// `NI_` flags; none by default.
    pub flags: c_int,
    /// How many bytes the caller has for the host.
    pub host_size: usize,
}

/// An address family, or both.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Family {
    /// `AF_UNSPEC`: both.
    #[default]
    Unspecified,
    /// `AF_INET`.
    Inet,
    /// `AF_INET6`.
    Inet6,
    /// `AF_UNIX`, which has no host names.
    Unix,
}

/// The flags of getaddrinfo by name. Both families give them the same numbers; `AI_IDN` and `AI_CANONIDN` are glibc's alone.
const AI: [(&str, c_int); 9] = [
    ("AI_PASSIVE", libc::AI_PASSIVE),
    ("AI_CANONNAME", libc::AI_CANONNAME),
    ("AI_NUMERICHOST", libc::AI_NUMERICHOST),
    ("AI_V4MAPPED", libc::AI_V4MAPPED),
    ("AI_ALL", libc::AI_ALL),
    ("AI_ADDRCONFIG", libc::AI_ADDRCONFIG),
    ("AI_NUMERICSERV", libc::AI_NUMERICSERV),
    ("AI_IDN", 0x40),
    ("AI_CANONIDN", 0x80),
];

/// The flags of getnameinfo by name; the last but one is glibc's alone, the last musl's.
const NI: [(&str, c_int); 7] = [
    ("NI_NUMERICHOST", libc::NI_NUMERICHOST),
    ("NI_NUMERICSERV", libc::NI_NUMERICSERV),
    ("NI_NOFQDN", libc::NI_NOFQDN),
    ("NI_NAMEREQD", libc::NI_NAMEREQD),
    ("NI_DGRAM", libc::NI_DGRAM),
    ("NI_IDN", 0x20),
    ("NI_NUMERICSCOPE", 0x100),
];

impl Family {
    /// A family by its name.
    pub(super) fn named(name: &str) -> Result<Self, &'static str> {
        Ok(match name {
            "unspec" => Self::Unspecified,
            "inet" => Self::Inet,
            "inet6" => Self::Inet6,
            "unix" => Self::Unix,
            _ => return Err("unknown family: expected unspec, inet, inet6 or unix"),
        })
    }

    /// The number in the C headers.
    pub fn number(self) -> c_int {
        match self {
            Self::Unspecified => libc::AF_UNSPEC,
            Self::Inet => libc::AF_INET,
            Self::Inet6 => libc::AF_INET6,
            Self::Unix => libc::AF_UNIX,
        }
    }
}

impl Hints {
    pub(super) fn set(&mut self, option: &str, value: &str) -> Result<(), &'static str> {
        match option {
            "--family" => self.family = Family::named(value)?,
            "--socktype" => {
                self.socktype = match value {
                    "any" => 0,
                    "stream" => libc::SOCK_STREAM,
                    "dgram" => libc::SOCK_DGRAM,
                    "raw" => libc::SOCK_RAW,
                    "seqpacket" => libc::SOCK_SEQPACKET,
                    _ => return Err("unknown socket type: expected stream, dgram, raw, seqpacket or any"),
                }
            }
            "--flags" => self.flags |= flags(&AI, value)?,
            "--service" => self.service = Some(CString::new(value).map_err(|_| "the service holds a zero byte")?),
            _ => return Err("unknown option"),
        }
        Ok(())
    }
}

impl Names {
    /// The question for the name of `address`, which may have a scope behind a percent sign.
    pub(super) fn of(address: &str) -> Result<Self, &'static str> {
        let (ip, scope) = address.split_once('%').unwrap_or((address, "0"));
        let ip: IpAddr = ip.parse().map_err(|_| "not an address")?;
        let scope = scope.parse().map_err(|_| "a scope is a number")?;
        // NI_MAXHOST, which both families' netdb.h set to this.
        Ok(Self { address: Address { ip, scope }, port: 0, flags: 0, host_size: 1025 })
    }

    pub(super) fn set(&mut self, option: &str, value: &str) -> Result<(), &'static str> {
        match option {
            "--flags" => self.flags |= flags(&NI, value)?,
            "--service" => self.port = value.parse().map_err(|_| "a port is a number")?,
            "--host-size" => self.host_size = value.parse().map_err(|_| "a size is a number of bytes")?,
            _ => return Err("unknown option"),
        }
        Ok(())
    }
}
