//! Look-ups: calls to the stub resolver under test. A call is timed from just before to just after; nothing else happens
//! in between.

use core::ffi::{CStr, c_int};
use core::net::{Ipv4Addr, Ipv6Addr};
use heap::ffi::CString;
use heap::vec::Vec;

use super::call::errno;
use super::process::monotonic_ms;
use crate::dns::answer::eai;
use crate::dns::{Address, Answer, Entry, Hints};
use crate::text;

pub mod etc;
pub mod files;
pub mod hosts;
pub mod names;
pub mod parse;
pub mod queries;
pub mod server;
pub mod state;
pub mod wire;

/// getaddrinfo(3).
pub fn getaddrinfo(name: &CString, hints: &Hints) -> Answer {
    // SAFETY: all zero is how hints start out, by the manual page.
    let mut wanted: libc::addrinfo = unsafe { core::mem::zeroed() };
    wanted.ai_family = hints.family.number();
    wanted.ai_socktype = hints.socktype;
    wanted.ai_flags = hints.flags;
    let service = hints.service.as_ref().map_or(core::ptr::null(), |s| s.as_ptr());
    let name = if hints.no_name { core::ptr::null() } else { name.as_ptr() };
    let wanted = if hints.none { core::ptr::null() } else { &raw const wanted };
    let mut list = core::ptr::null_mut();
    let start = monotonic_ms();
    // SAFETY: both strings are terminated or null, the hints are initialised or null, and the result has a place.
    let code = unsafe { libc::getaddrinfo(name, service, wanted, &mut list) };
    let elapsed_ms = monotonic_ms() - start;
    let errno = (code == libc::EAI_SYSTEM).then(errno);
    let (mut canonical_name, mut entries) = (None, Vec::new());
    let mut next = if code == 0 { list } else { core::ptr::null_mut() };
    // SAFETY: on success the list ends in null, and every entry lives until it is freed below.
    while let Some(entry) = unsafe { next.as_ref() } {
        if !entry.ai_canonname.is_null() && canonical_name.is_none() {
            // SAFETY: the library's own terminated string, alive as long as the list.
            canonical_name = Some(text::bytes(unsafe { CStr::from_ptr(entry.ai_canonname) }.to_bytes()));
        }
        // SAFETY: an entry's ai_addr points to a socket address of the family it names.
        let found = unsafe { socket_address(entry.ai_addr) };
        let (socktype, protocol) = (entry.ai_socktype, entry.ai_protocol);
        entries.extend(found.map(|(address, port)| Entry { address, socktype, protocol, port }));
        next = entry.ai_next;
    }
    if code == 0 {
        // SAFETY: the list is the library's own, and all that is told of it was copied.
        unsafe { libc::freeaddrinfo(list) };
    }
    let addresses = entries.iter().map(|entry| entry.address).collect();
    Answer { return_code: eai(code), errno, canonical_name, addresses, aliases: Vec::new(), entries, elapsed_ms }
}

/// The address and the port in a socket address; `None` for a family that is neither.
///
/// # Safety
/// `address` is null or points to a socket address that is as long as its family says.
unsafe fn socket_address(address: *const libc::sockaddr) -> Option<(Address, u16)> {
    // SAFETY: the caller vouches for it.
    match c_int::from(unsafe { address.as_ref() }?.sa_family) {
        libc::AF_INET => {
            // SAFETY: the family says that this is what it is.
            let v4 = unsafe { &*address.cast::<libc::sockaddr_in>() };
            let ip = Ipv4Addr::from_bits(u32::from_be(v4.sin_addr.s_addr));
            Some((Address { ip: ip.into(), scope: 0 }, u16::from_be(v4.sin_port)))
        }
        libc::AF_INET6 => {
            // SAFETY: the family says that this is what it is.
            let v6 = unsafe { &*address.cast::<libc::sockaddr_in6>() };
            let ip = Ipv6Addr::from(v6.sin6_addr.s6_addr);
            Some((Address { ip: ip.into(), scope: v6.sin6_scope_id }, u16::from_be(v6.sin6_port)))
        }
        _ => None,
    }
}
