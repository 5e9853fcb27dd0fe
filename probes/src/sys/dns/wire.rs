//! `dn_expand`, `dn_skipname` and `dn_comp`: in libc from glibc 2.34 on and in musl, in libresolv.so.2 with two underscores
//! before.

use core::ffi::{CStr, c_char, c_int};
use heap::vec::Vec;

type Expand = unsafe extern "C" fn(*const u8, *const u8, *const u8, *mut c_char, c_int) -> c_int;
type Skip = unsafe extern "C" fn(*const u8, *const u8) -> c_int;
type Compress = unsafe extern "C" fn(*const c_char, *mut u8, c_int, *mut *mut u8, *mut *mut u8) -> c_int;

#[cfg(not(target_env = "gnu"))]
unsafe extern "C" {
    fn dn_expand(message: *const u8, end: *const u8, from: *const u8, name: *mut c_char, size: c_int) -> c_int;
    fn dn_skipname(from: *const u8, end: *const u8) -> c_int;
    fn dn_comp(name: *const c_char, to: *mut u8, size: c_int, names: *mut *mut u8, last: *mut *mut u8) -> c_int;
}

/// The three functions of this C library.
#[derive(Clone, Copy)]
pub struct Functions {
    expand: Expand,
    skip: Skip,
    compress: Compress,
}

/// The functions; `None` where there are none.
#[cfg(not(target_env = "gnu"))]
pub fn functions() -> Option<Functions> {
    Some(Functions { expand: dn_expand, skip: dn_skipname, compress: dn_comp })
}

/// The functions, looked for once in a process; `None` where there are none.
#[cfg(target_env = "gnu")]
pub fn functions() -> Option<Functions> {
    use core::sync::atomic::{AtomicUsize, Ordering};

    use super::queries::address;

    static FOUND: [AtomicUsize; 3] = [const { AtomicUsize::new(0) }; 3];
    let names = [(c"dn_expand", c"__dn_expand"), (c"dn_skipname", c"__dn_skipname"), (c"dn_comp", c"__dn_comp")];
    for (found, (name, before)) in FOUND.iter().zip(names) {
        if found.load(Ordering::Relaxed) == 0 {
            found.store(address(name, before)?.as_ptr() as usize, Ordering::Relaxed);
        }
    }
    let [expand, skip, compress] = [0, 1, 2].map(|n: usize| FOUND[n].load(Ordering::Relaxed));
    // SAFETY: none is 0, and resolv.h gives the functions of these names these signatures.
    unsafe {
        Some(Functions {
            expand: core::mem::transmute::<usize, Expand>(expand),
            skip: core::mem::transmute::<usize, Skip>(skip),
            compress: core::mem::transmute::<usize, Compress>(compress),
        })
    }
}

impl Functions {
    /// `dn_expand` of the name at an offset, into so many of 256 bytes: how many bytes it takes up in the message, and the
    /// name as text.
    pub fn expand(self, message: &[u8], offset: usize, size: usize) -> Option<(i64, Vec<u8>)> {
        let mut name = [0u8; 256];
        let ends = message.as_ptr_range();
        let from = message[offset..].as_ptr();
        // SAFETY: the message is readable up to its end, the offset is inside or there, and the buffer is larger than said.
        let taken =
            unsafe { (self.expand)(ends.start, ends.end, from, name.as_mut_ptr().cast(), size.min(255) as c_int) };
        let name = CStr::from_bytes_until_nul(&name).map_or_else(|_| name.to_vec(), |name| name.to_bytes().to_vec());
        (taken >= 0).then(|| (taken.into(), name))
    }

    /// `dn_skipname` of the name at an offset.
    pub fn skip(self, message: &[u8], offset: usize) -> Option<i64> {
        let ends = message.as_ptr_range();
        // SAFETY: as in `expand`.
        let taken = unsafe { (self.skip)(message[offset..].as_ptr(), ends.end) };
        (taken >= 0).then(|| taken.into())
    }

    /// `dn_comp` into so many of 256 bytes, with no names to point back to: the bytes that it wrote.
    pub fn compress(self, name: &CStr, size: usize) -> Option<Vec<u8>> {
        let mut bytes = [0u8; 256];
        let none = core::ptr::null_mut();
        // SAFETY: the name is terminated, the buffer is as large as said, and both lists may be null.
        let written = unsafe { (self.compress)(name.as_ptr(), bytes.as_mut_ptr(), size.min(255) as c_int, none, none) };
        usize::try_from(written).ok().map(|length| bytes[..length.min(256)].to_vec())
    }
}
