//! `res_query` as bytes, and `ns_initparse` and `ns_parserr` of what came: how each C library reads a message for its programs.

use core::ffi::{CStr, c_char, c_int};
use heap::ffi::CString;
use heap::vec::Vec;

use super::hosts::{forget_error, last_error};
use crate::dns::answer::h_errno;
use crate::sys::call::errno;

type InitParse = unsafe extern "C" fn(*const u8, c_int, *mut Message) -> c_int;
type ParseRecord = unsafe extern "C" fn(*mut Message, c_int, c_int, *mut Record) -> c_int;

/// `ns_msg`, the same in both families' arpa/nameser.h.
#[repr(C)]
struct Message {
    start: *const u8,
    end: *const u8,
    id: u16,
    flags: u16,
    counts: [u16; 4],
    sections: [*const u8; 4],
    section: c_int,
    number: c_int,
    at: *const u8,
}

/// `ns_rr`, the same in both families' arpa/nameser.h.
#[repr(C)]
struct Record {
    name: [c_char; 1025],
    kind: u16,
    class: u16,
    ttl: u32,
    length: u16,
    data: *const u8,
}

#[cfg(not(target_env = "gnu"))]
unsafe extern "C" {
    fn ns_initparse(message: *const u8, length: c_int, handle: *mut Message) -> c_int;
    fn ns_parserr(handle: *mut Message, section: c_int, number: c_int, record: *mut Record) -> c_int;
}

#[cfg(not(target_env = "gnu"))]
fn functions() -> Option<(InitParse, ParseRecord)> {
    Some((ns_initparse, ns_parserr))
}

/// The functions of this C library, looked for once in a process.
#[cfg(target_env = "gnu")]
fn functions() -> Option<(InitParse, ParseRecord)> {
    use core::sync::atomic::{AtomicUsize, Ordering};
    static FOUND: [AtomicUsize; 2] = [const { AtomicUsize::new(0) }; 2];
    for (found, name) in FOUND.iter().zip([c"ns_initparse", c"ns_parserr"]) {
        if found.load(Ordering::Relaxed) == 0 {
            found.store(super::queries::address(name, name)?.as_ptr() as usize, Ordering::Relaxed);
        }
    }
    let [init, record] = [0, 1].map(|n: usize| FOUND[n].load(Ordering::Relaxed));
    // SAFETY: neither is 0, and arpa/nameser.h gives the functions of these names these signatures.
    unsafe {
        Some((core::mem::transmute::<usize, InitParse>(init), core::mem::transmute::<usize, ParseRecord>(record)))
    }
}

/// What `res_query` of the class IN came back with.
pub enum Answered {
    /// This C library does not have it.
    Absent,
    /// -1, and `h_errno`.
    Failed(heap::string::String),
    /// What it returned, and as much of the message as is in the buffer.
    Message(i64, Vec<u8>),
}

/// `res_query`, with a buffer of this size.
pub fn query(name: &CString, kind: u16, size: usize) -> Answered {
    let Some(function) = super::queries::plain() else { return Answered::Absent };
    let mut buffer = heap::vec![0u8; size];
    forget_error();
    // SAFETY: the name is terminated, and the buffer is writable for the size given.
    let returned = unsafe { function(name.as_ptr(), 1, c_int::from(kind), buffer.as_mut_ptr(), size as c_int) };
    match usize::try_from(returned) {
        Err(_) => Answered::Failed(h_errno(last_error())),
        Ok(length) => {
            buffer.truncate(length);
            Answered::Message(returned.into(), buffer)
        }
    }
}

/// A record as `ns_parserr` reads it.
pub struct Read {
    /// The owner's name.
    pub name: Vec<u8>,
    /// Type and class; the time to live is the same in both, and no question is left.
    pub numbers: [u16; 2],
    /// The time to live.
    pub ttl: u32,
    /// What it holds.
    pub data: Vec<u8>,
}

/// A message as these functions read it: the flags, the counts, and each section's records up to one that is refused, whose error
/// comes last. An error alone where the whole message is refused; `None` where there are no such functions.
#[allow(clippy::type_complexity, reason = "it is read at once, in one place")]
pub fn parse(message: &[u8], most: usize) -> Option<Result<(u16, [u16; 4], Vec<Result<Read, i32>>), i32>> {
    let (init, record) = functions()?;
    // SAFETY: zeros are a valid handle and a valid record. The message is readable for its length while the handle is used; a name
    // is terminated, and data lies inside the message, as both manuals have it.
    unsafe {
        let mut handle: Message = core::mem::zeroed();
        if init(message.as_ptr(), message.len() as c_int, &mut handle) != 0 {
            return Some(Err(errno()));
        }
        let mut all = Vec::new();
        for section in 1..4 {
            for n in 0..usize::from(handle.counts[section]).min(most) {
                let mut read: Record = core::mem::zeroed();
                if record(&mut handle, section as c_int, n as c_int, &mut read) != 0 {
                    all.push(Err(errno()));
                    break;
                }
                let data = core::slice::from_raw_parts(read.data, usize::from(read.length)).to_vec();
                let name = CStr::from_ptr(read.name.as_ptr()).to_bytes().to_vec();
                all.push(Ok(Read { name, numbers: [read.kind, read.class], ttl: read.ttl, data }));
            }
        }
        Some(Ok((handle.flags, handle.counts, all)))
    }
}
