//! The older look-ups, which answer with a `hostent`.

use core::ffi::{CStr, c_char, c_int, c_void};
use core::net::IpAddr;
use heap::ffi::CString;
use heap::format;
use heap::string::{String, ToString};
use heap::vec::Vec;

use crate::dns::answer::h_errno;
use crate::dns::{Address, Answer, Family};
use crate::sys::call::errno;
use crate::sys::process::monotonic_ms;
use crate::text;

/// Enough for every hosts file here, should there be no end.
const MOST: usize = 64;

unsafe extern "C" {
    fn gethostbyname(name: *const c_char) -> *const libc::hostent;
    fn gethostbyname2(name: *const c_char, family: c_int) -> *const libc::hostent;
    fn gethostbyaddr(address: *const c_void, length: u32, family: c_int) -> *const libc::hostent;
    fn sethostent(stay_open: c_int);
    fn gethostent() -> *const libc::hostent;
    fn endhostent();
    /// What the macro `h_errno` of both families' netdb.h calls.
    fn __h_errno_location() -> *mut c_int;
}

/// The calling thread's `h_errno`.
pub fn last_error() -> c_int {
    // SAFETY: the address of this thread's h_errno is valid for as long as the thread is.
    unsafe { *__h_errno_location() }
}

/// Sets the calling thread's `h_errno` to 0, so that it does not hold what an earlier call left.
pub fn forget_error() {
    // SAFETY: as in `last_error`.
    unsafe { *__h_errno_location() = 0 }
}

/// gethostbyname(3).
pub fn by_name(name: &CString) -> Answer {
    // SAFETY: the name is terminated; the result is the library's own, and read before the next call.
    unsafe { timed(|| gethostbyname(name.as_ptr())) }
}

/// gethostbyname2(3).
pub fn by_name2(name: &CString, family: Family) -> Answer {
    // SAFETY: as in `by_name`.
    unsafe { timed(|| gethostbyname2(name.as_ptr(), family.number())) }
}

/// gethostbyaddr(3).
pub fn by_address(ip: IpAddr) -> Answer {
    let (bytes, family) = match ip {
        IpAddr::V4(ip) => (ip.octets().to_vec(), libc::AF_INET),
        IpAddr::V6(ip) => (ip.octets().to_vec(), libc::AF_INET6),
    };
    // SAFETY: the address is as long as its family's are; the result is the library's own, and read before the next call.
    unsafe { timed(|| gethostbyaddr(bytes.as_ptr().cast(), bytes.len() as u32, family)) }
}

/// Every entry between sethostent(3) and the end, as a line of a hosts file.
pub fn all() -> Vec<String> {
    let mut lines = Vec::new();
    // SAFETY: the calls take no pointers; an entry is the library's own, and read before the next call.
    unsafe {
        sethostent(0);
        while let Some(host) = gethostent().as_ref().filter(|_| lines.len() < MOST) {
            let addresses: Vec<String> = addresses(host).iter().map(ToString::to_string).collect();
            lines.push(format!("{} {} {}", addresses.join(","), string(host.h_name), aliases(host).join(" ")));
        }
        endhostent();
    }
    lines
}

/// Makes the call and reads its host entry.
///
/// # Safety
/// The call gives null or a host entry that is valid until the next call.
unsafe fn timed(call: impl FnOnce() -> *const libc::hostent) -> Answer {
    let start = monotonic_ms();
    let host = call();
    let elapsed_ms = monotonic_ms() - start;
    // SAFETY: the caller vouches for it.
    let Some(host) = (unsafe { host.as_ref() }) else {
        let code = last_error();
        return Answer { return_code: h_errno(code), errno: (code == -1).then(errno), elapsed_ms, ..Answer::default() };
    };
    // SAFETY: the entry is valid, and so are its strings and lists.
    let (name, aliases, addresses) = unsafe { (string(host.h_name), aliases(host), addresses(host)) };
    Answer { return_code: "0".into(), canonical_name: Some(name), aliases, addresses, elapsed_ms, ..Answer::default() }
}

/// # Safety
/// `string` is terminated.
unsafe fn string(string: *const c_char) -> String {
    // SAFETY: the caller vouches for it.
    text::bytes(unsafe { CStr::from_ptr(string) }.to_bytes())
}

/// # Safety
/// The entry is valid.
unsafe fn aliases(host: &libc::hostent) -> Vec<String> {
    // SAFETY: the list of names ends in null, and each name is terminated.
    unsafe { list(host.h_aliases) }.map(|name| unsafe { string(name) }).collect()
}

/// # Safety
/// The entry is valid.
unsafe fn addresses(host: &libc::hostent) -> Vec<Address> {
    // SAFETY: the list ends in null, and every address in it holds `h_length` bytes.
    let bytes = unsafe { list(host.h_addr_list) }
        .map(|entry| unsafe { core::slice::from_raw_parts(entry.cast::<u8>(), host.h_length as usize) });
    bytes.filter_map(address).collect()
}

fn address(bytes: &[u8]) -> Option<Address> {
    let v4 = <[u8; 4]>::try_from(bytes).map(IpAddr::from);
    let ip = v4.or_else(|_| <[u8; 16]>::try_from(bytes).map(IpAddr::from));
    ip.ok().map(|ip| Address { ip, scope: 0 })
}

/// The pointers of a list up to the null at its end.
///
/// # Safety
/// The list is null or ends in null, and is valid for as long as the result is used.
unsafe fn list(list: *const *mut c_char) -> impl Iterator<Item = *mut c_char> {
    let length = if list.is_null() { 0 } else { usize::MAX };
    // SAFETY: the caller vouches for it; nothing behind the null is read.
    (0..length).map(move |n| unsafe { *list.add(n) }).take_while(|entry| !entry.is_null())
}
