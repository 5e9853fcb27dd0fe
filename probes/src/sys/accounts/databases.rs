//! Services, protocols, networks, netgroups and shells.

use core::ffi::{c_char, c_int, c_long};
use core::ptr;
use heap::string::String;
use heap::vec::Vec;

use super::{MOST, answered, c, string, strings};
use crate::sys::call::Errno;

/// C's `struct netent`.
#[repr(C)]
struct Network {
    name: *mut c_char,
    aliases: *mut *mut c_char,
    family: c_int,
    number: u32,
}

unsafe extern "C" {
    fn getservent() -> *mut libc::servent;
    fn setservent(stay: c_int);
    fn getprotoent() -> *mut libc::protoent;
    fn setprotoent(stay: c_int);
    fn getprotobyname(name: *const c_char) -> *mut libc::protoent;
    fn getprotobynumber(number: c_int) -> *mut libc::protoent;
    fn getnetbyname(name: *const c_char) -> *mut Network;
    fn getnetbyaddr(number: u32, family: c_int) -> *mut Network;
    fn getnetent() -> *mut Network;
    fn getservbyname_r(
        name: *const c_char,
        protocol: *const c_char,
        record: *mut libc::servent,
        buffer: *mut c_char,
        bytes: usize,
        result: *mut *mut libc::servent,
    ) -> c_int;
    fn getusershell() -> *mut c_char;
    fn setusershell();
    fn endusershell();
}

/// # Safety
/// The pointer must be null or what a function of `<netdb.h>` returned last.
unsafe fn service(record: *const libc::servent) -> Option<String> {
    // SAFETY: the caller vouches for the pointer; its strings are null or terminated.
    unsafe {
        let record = record.as_ref()?;
        let port = u16::from_be(record.s_port as u16);
        let aliases = strings(record.s_aliases.cast_const());
        Some(heap::format!("{} {port}/{} aliases={aliases}", string(record.s_name), string(record.s_proto)))
    }
}

/// # Safety
/// As in `service`.
unsafe fn protocol(record: *const libc::protoent) -> Option<String> {
    // SAFETY: as in `service`.
    unsafe {
        let record = record.as_ref()?;
        let aliases = strings(record.p_aliases.cast_const());
        Some(heap::format!("{} {} aliases={aliases}", string(record.p_name), record.p_proto))
    }
}

/// # Safety
/// As in `service`.
unsafe fn network(record: *const Network) -> Option<String> {
    // SAFETY: as in `service`.
    unsafe {
        let record = record.as_ref()?;
        let aliases = strings(record.aliases.cast_const());
        Some(heap::format!("{} {:#x} aliases={aliases}", string(record.name), record.number))
    }
}

fn named(name: Option<&str>) -> Option<heap::ffi::CString> {
    name.map(c)
}

/// `getservbyname`; nothing as a protocol is the null pointer.
pub fn service_by_name(name: &str, over: Option<&str>) -> String {
    let (name, over) = (c(name), named(over));
    // SAFETY: the strings are null or terminated; the result is read at once.
    answered(|| unsafe {
        service(libc::getservbyname(name.as_ptr(), over.as_ref().map_or(ptr::null(), |p| p.as_ptr())))
    })
}

/// `getservbyport` of a port in the usual order of bytes.
pub fn service_by_port(port: u16, over: Option<&str>) -> String {
    let over = named(over);
    let port = c_int::from(port.to_be());
    // SAFETY: as in `service_by_name`.
    answered(|| unsafe { service(libc::getservbyport(port, over.as_ref().map_or(ptr::null(), |p| p.as_ptr()))) })
}

/// `getservbyname_r` with a buffer of so many bytes: its return value and the record.
pub fn service_within(name: &str, over: &str, bytes: usize) -> (Errno, Option<String>) {
    let (name, over) = (c(name), c(over));
    // SAFETY: numbers and null pointers.
    let mut record: libc::servent = unsafe { core::mem::zeroed() };
    let mut buffer = heap::vec![0u64; bytes / 8 + 1];
    let mut result = ptr::null_mut();
    // SAFETY: the strings are terminated; the buffer is as long as said; the other places are writable.
    unsafe {
        let room = buffer.as_mut_ptr().cast();
        let code = getservbyname_r(name.as_ptr(), over.as_ptr(), &mut record, room, bytes, &mut result);
        (Errno(code), service(result))
    }
}

/// `getprotobyname`.
pub fn protocol_by_name(name: &str) -> String {
    let name = c(name);
    // SAFETY: as in `service_by_name`.
    answered(|| unsafe { protocol(getprotobyname(name.as_ptr())) })
}

/// `getprotobynumber`.
pub fn protocol_by_number(number: i32) -> String {
    // SAFETY: takes a number; the result is read at once.
    answered(|| unsafe { protocol(getprotobynumber(number)) })
}

/// `getnetbyname`.
pub fn network_by_name(name: &str) -> String {
    let name = c(name);
    // SAFETY: as in `service_by_name`.
    answered(|| unsafe { network(getnetbyname(name.as_ptr())) })
}

/// `getnetbyaddr`.
pub fn network_by_number(number: u32) -> String {
    // SAFETY: takes numbers; the result is read at once.
    answered(|| unsafe { network(getnetbyaddr(number, libc::AF_INET)) })
}

/// Every record of `/etc/services`, `/etc/protocols` or `/etc/networks`.
pub fn all(what: Listed) -> Vec<String> {
    let mut all = Vec::new();
    // SAFETY: numbers only.
    unsafe {
        match what {
            Listed::Services => setservent(0),
            Listed::Protocols => setprotoent(0),
            Listed::Networks => {}
        }
    }
    while all.len() < MOST {
        // SAFETY: the result is read at once.
        let record = answered(|| unsafe {
            match what {
                Listed::Services => service(getservent()),
                Listed::Protocols => protocol(getprotoent()),
                Listed::Networks => network(getnetent()),
            }
        });
        let last = record.starts_with("null, ");
        all.push(record);
        if last {
            break;
        }
    }
    all
}

/// What can be listed.
#[derive(Clone, Copy)]
pub enum Listed {
    /// `getservent`.
    Services,
    /// `getprotoent`.
    Protocols,
    /// `getnetent`.
    Networks,
}

/// Every line of `getusershell`.
pub fn shells() -> Vec<String> {
    let mut all = Vec::new();
    // SAFETY: no arguments; each result is null or terminated, and read at once.
    unsafe {
        setusershell();
        while all.len() < MOST {
            let shell = getusershell();
            if shell.is_null() {
                break;
            }
            all.push(string(shell));
        }
        endusershell();
    }
    all
}

/// `innetgr`: whether a host is in a netgroup; `None` where there is no such function.
pub fn in_netgroup(group: &str, host: &str) -> Option<i32> {
    type Ask = unsafe extern "C" fn(*const c_char, *const c_char, *const c_char, *const c_char) -> c_int;
    // SAFETY: the signature is that of netdb.h.
    let ask: Ask = unsafe { crate::sys::call::lookup(c"innetgr") }?;
    let (group, host) = (c(group), c(host));
    // SAFETY: the strings are null or terminated.
    Some(unsafe { ask(group.as_ptr(), host.as_ptr(), ptr::null(), ptr::null()) })
}

/// `gethostid`.
pub fn host_id() -> u32 {
    unsafe extern "C" {
        fn gethostid() -> c_long;
    }
    // SAFETY: no arguments.
    unsafe { gethostid() as u32 }
}
