//! Addresses as text.

use core::ffi::{CStr, c_char, c_int, c_void};
use heap::string::String;

use super::texts::string;
use crate::sys::call::{Errno, errno, set_errno};
use crate::sys::optional::required;

/// `inet_aton`: the address as four numbers, or `None`.
pub fn from_loose(input: &CStr) -> Option<[u8; 4]> {
    let call = required!(inet_aton(*const c_char, *mut [u8; 4]) -> c_int);
    let mut address = [0; 4];
    // SAFETY: the text is terminated, and the address is writable.
    (unsafe { call(input.as_ptr(), &mut address) } != 0).then_some(address)
}

/// `inet_addr`, as four numbers.
pub fn from_plain(input: &CStr) -> [u8; 4] {
    // SAFETY: the text is terminated.
    unsafe { required!(inet_addr(*const c_char) -> u32)(input.as_ptr()) }.to_ne_bytes()
}

/// `inet_network`
pub fn network(input: &CStr) -> u32 {
    // SAFETY: the text is terminated.
    unsafe { required!(inet_network(*const c_char) -> u32)(input.as_ptr()) }
}

/// `inet_pton`: its value, `errno` where that is -1, and the bytes.
pub fn from_text(family: i32, input: &CStr) -> (i32, Errno, [u8; 16]) {
    let call = required!(inet_pton(c_int, *const c_char, *mut c_void) -> c_int);
    let mut address = [0u8; 16];
    set_errno(0);
    // SAFETY: the text is terminated, and the address has room for either family.
    let value = unsafe { call(family, input.as_ptr(), address.as_mut_ptr().cast()) };
    (value, Errno(errno()), address)
}

/// `inet_ntop` into so many of 64 bytes.
pub fn to_text(family: i32, address: [u8; 16], bytes: u32) -> Result<String, Errno> {
    let call = required!(inet_ntop(c_int, *const c_void, *mut c_char, u32) -> *const c_char);
    let mut buffer = [0; 64];
    set_errno(0);
    // SAFETY: the address has the bytes of either family, the buffer is at least as large as said; the result is null or it.
    unsafe { string(call(family, address.as_ptr().cast(), buffer.as_mut_ptr(), bytes.min(64))) }
        .ok_or_else(|| Errno(errno()))
}

/// `ether_aton`
pub fn from_ethernet(input: &CStr) -> Option<[u8; 6]> {
    let call = required!(ether_aton(*const c_char) -> *const [u8; 6]);
    // SAFETY: the text is terminated; the result is null or six bytes of the C library's own, copied at once.
    unsafe { call(input.as_ptr()).as_ref().copied() }
}

/// `ether_ntoa`
pub fn to_ethernet(address: [u8; 6]) -> Option<String> {
    // SAFETY: six bytes are read; the result is a terminated string of the C library's own, copied at once.
    unsafe { string(required!(ether_ntoa(*const [u8; 6]) -> *const c_char)(&address)) }
}

/// `ether_line`: its value, the address and the name.
pub fn ethernet_line(input: &CStr) -> (i32, [u8; 6], Option<String>) {
    let call = required!(ether_line(*const c_char, *mut [u8; 6], *mut c_char) -> c_int);
    let (mut address, mut name) = ([0; 6], [0; 128]);
    // SAFETY: the line is shorter than the room for the name.
    let value = unsafe { call(input.as_ptr(), &mut address, name.as_mut_ptr()) };
    // SAFETY: the name was all NUL before.
    (value, address, unsafe { string(name.as_ptr()) })
}
