//! Look-ups: calls to the stub resolver under test. A call is timed from just before to just after; nothing else happens
//! in between.

use core::ffi::{CStr, c_char, c_int};
use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use heap::ffi::CString;
use heap::vec::Vec;

use super::call::errno;
use super::process::monotonic_ms;
use crate::dns::answer::{eai, h_errno};
use crate::dns::{Address, Answer, Family, Hints};
use crate::text;

unsafe extern "C" {
    #[link_name = "gethostbyname"]
    fn host_by_name(name: *const c_char) -> *const libc::hostent;
    /// What the macro `h_errno` of both families' netdb.h calls.
    fn __h_errno_location() -> *const c_int;
}

/// getaddrinfo(3).
pub fn getaddrinfo(name: &CString, hints: &Hints) -> Answer {
    // SAFETY: all zero is how hints start out, by the manual page.
    let mut wanted: libc::addrinfo = unsafe { core::mem::zeroed() };
    wanted.ai_family = match hints.family {
        Family::Unspecified => libc::AF_UNSPEC,
        Family::Inet => libc::AF_INET,
        Family::Inet6 => libc::AF_INET6,
    };
    wanted.ai_socktype = hints.socktype;
    wanted.ai_flags = hints.flags;
    let service = hints.service.as_ref().map_or(core::ptr::null(), |s| s.as_ptr());
    let mut list = core::ptr::null_mut();
    let start = monotonic_ms();
    // SAFETY: both strings are terminated or null, the hints are initialised, and the result has a place.
    let code = unsafe { libc::getaddrinfo(name.as_ptr(), service, &wanted, &mut list) };
    let elapsed_ms = monotonic_ms() - start;
    let errno = (code == libc::EAI_SYSTEM).then(errno);
    let (mut canonical_name, mut addresses) = (None, Vec::new());
    let mut next = if code == 0 { list } else { core::ptr::null_mut() };
    // SAFETY: on success the list ends in null, and every entry lives until freeaddrinfo, which is never called.
    while let Some(entry) = unsafe { next.as_ref() } {
        if !entry.ai_canonname.is_null() && canonical_name.is_none() {
            // SAFETY: the library's own terminated string, alive as long as the list.
            canonical_name = Some(text::bytes(unsafe { CStr::from_ptr(entry.ai_canonname) }.to_bytes()));
        }
        // SAFETY: an entry's ai_addr points to a socket address of the family it names.
        addresses.extend(unsafe { socket_address(entry.ai_addr) });
        next = entry.ai_next;
    }
    Answer { return_code: eai(code), errno, canonical_name, addresses, elapsed_ms }
}

/// The address in a socket address; `None` for a family that is neither.
///
/// # Safety
/// `address` is null or points to a socket address that is as long as its family says.
unsafe fn socket_address(address: *const libc::sockaddr) -> Option<Address> {
    // SAFETY: the caller vouches for it.
    match c_int::from(unsafe { address.as_ref() }?.sa_family) {
        libc::AF_INET => {
            // SAFETY: the family says that this is what it is.
            let v4 = unsafe { &*address.cast::<libc::sockaddr_in>() };
            Some(Address { ip: Ipv4Addr::from_bits(u32::from_be(v4.sin_addr.s_addr)).into(), scope: 0 })
        }
        libc::AF_INET6 => {
            // SAFETY: the family says that this is what it is.
            let v6 = unsafe { &*address.cast::<libc::sockaddr_in6>() };
            Some(Address { ip: Ipv6Addr::from(v6.sin6_addr.s6_addr).into(), scope: v6.sin6_scope_id })
        }
        _ => None,
    }
}

/// gethostbyname(3).
pub fn gethostbyname(name: &CString) -> Answer {
    let start = monotonic_ms();
    // SAFETY: the name is terminated; the result is the library's own and overwritten by no other call here.
    let host = unsafe { host_by_name(name.as_ptr()).as_ref() };
    let elapsed_ms = monotonic_ms() - start;
    let Some(host) = host else {
        // SAFETY: this thread's own h_errno.
        let code = unsafe { *__h_errno_location() };
        let errno = (code == -1).then(errno);
        return Answer { return_code: h_errno(code), errno, canonical_name: None, addresses: Vec::new(), elapsed_ms };
    };
    // SAFETY: a host entry's name is a terminated string.
    let canonical_name = Some(text::bytes(unsafe { CStr::from_ptr(host.h_name) }.to_bytes()));
    let mut addresses = Vec::new();
    for n in 0.. {
        // SAFETY: the list ends in null, and every entry holds `h_length` bytes.
        let bytes = unsafe {
            let entry = *host.h_addr_list.add(n);
            if entry.is_null() {
                break;
            }
            core::slice::from_raw_parts(entry.cast::<u8>(), host.h_length as usize)
        };
        let v4 = <[u8; 4]>::try_from(bytes).map(IpAddr::from);
        let ip = v4.or_else(|_| <[u8; 16]>::try_from(bytes).map(IpAddr::from));
        addresses.extend(ip.map(|ip| Address { ip, scope: 0 }));
    }
    Answer { return_code: "0".into(), errno: None, canonical_name, addresses, elapsed_ms }
}
