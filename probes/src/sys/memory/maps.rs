//! Mappings with odd arguments: what the C library changes or refuses before the kernel sees it.

use core::ffi::{c_int, c_void};
use core::hint::black_box;

use crate::outcome::Outcome;
use crate::sys::call::{said, set_errno};
use crate::sys::optional::optional;
use crate::sys::pages::size as page;
use crate::text;

const ACCESS: c_int = libc::PROT_READ | libc::PROT_WRITE;
const PRIVATE: c_int = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS;

/// What a function said that returns an address: `mapped`, or the error.
fn mapped(address: *mut c_void) -> heap::string::String {
    if address == libc::MAP_FAILED { said(-1) } else { "mapped".into() }
}

/// Four fresh pages, which stay.
fn four() -> *mut u8 {
    // SAFETY: a new anonymous mapping touches no memory that is in use.
    unsafe { libc::mmap(core::ptr::null_mut(), 4 * page(), ACCESS, PRIVATE, -1, 0).cast() }
}

/// `mmap` of this length, with these flags, at this offset of no file.
pub fn map(o: &mut Outcome, length: usize, flags: c_int, offset: i64) {
    set_errno(0);
    // SAFETY: without MAP_FIXED a new mapping touches no memory that is in use.
    o.fact("mmap", mapped(unsafe { libc::mmap(core::ptr::null_mut(), black_box(length), ACCESS, flags, -1, offset) }));
}

/// `mmap` of /dev/null-like and closed descriptors.
pub fn map_files(o: &mut Outcome) {
    // SAFETY: as in `map`.
    unsafe {
        let null = libc::open(c"/dev/null".as_ptr(), libc::O_RDWR);
        for (name, fd) in [("null", null), ("closed", 99)] {
            set_errno(0);
            let address = libc::mmap(core::ptr::null_mut(), page(), ACCESS, libc::MAP_PRIVATE, fd, 0);
            o.fact(name, mapped(address));
        }
    }
}

/// `munmap` with odd arguments.
pub fn unmap(o: &mut Outcome) {
    let pages = four();
    // SAFETY: what is unmapped is nobody's.
    unsafe {
        for (name, address, length) in
            [("length_0", pages, 0), ("unaligned", pages.add(1), page()), ("huge", pages, usize::MAX - 4095)]
        {
            set_errno(0);
            o.fact(name, said(libc::munmap(address.cast(), length)));
        }
    }
}

/// `mprotect` of an address and a length that are not of whole pages.
pub fn protect(o: &mut Outcome) {
    let pages = four();
    // SAFETY: the pages are nobody's.
    unsafe {
        set_errno(0);
        o.fact("address_unaligned", said(libc::mprotect(pages.add(1).cast(), page(), ACCESS)));
        set_errno(0);
        o.fact("length_unaligned", said(libc::mprotect(pages.cast(), 1, ACCESS)));
        set_errno(0);
        o.fact("length_0", said(libc::mprotect(pages.cast(), 0, ACCESS)));
        set_errno(0);
        o.fact("unmapped", said(libc::mprotect(16 as *mut c_void, page(), ACCESS)));
    }
}

/// `mremap` with odd arguments.
pub fn remap(o: &mut Outcome) {
    let pages = four();
    // SAFETY: the pages are nobody's, and may move or go.
    unsafe {
        let (old, move_) = (4 * page(), libc::MREMAP_MAYMOVE);
        for (name, address, from, to, flags) in [
            ("new_0", pages, old, 0, move_),
            ("new_huge", pages, old, usize::MAX - 8191, move_),
            ("new_beyond_ptrdiff", pages, old, 1 << 63, move_),
            ("unaligned", pages.add(1), old, old, move_),
            ("flags_unknown", pages, old, old, 64),
            ("smaller", pages, old, page(), 0),
        ] {
            set_errno(0);
            o.fact(name, mapped(libc::mremap(address.cast(), from, to, flags)));
        }
    }
}

/// `madvise`, `posix_madvise`, `msync`, `mincore`, `mlock` with odd arguments.
pub fn advise(o: &mut Outcome) {
    let pages = four();
    // SAFETY: the pages are nobody's.
    unsafe {
        set_errno(0);
        o.fact("madvise_unaligned", said(libc::madvise(pages.add(1).cast(), page(), libc::MADV_NORMAL)));
        set_errno(0);
        o.fact("madvise_unknown", said(libc::madvise(pages.cast(), page(), 999)));
        o.fact("posix_madvise_unknown", text::errno(libc::posix_madvise(pages.cast(), page(), 999)));
        o.fact("posix_madvise_unaligned", text::errno(libc::posix_madvise(pages.add(1).cast(), page(), 0)));
        set_errno(0);
        o.fact("msync_both", said(libc::msync(pages.cast(), page(), libc::MS_SYNC | libc::MS_ASYNC)));
        let mut byte = 0u8;
        set_errno(0);
        o.fact("mincore_unaligned", said(libc::mincore(pages.add(1).cast(), page(), &mut byte)));
        set_errno(0);
        o.fact("mlock_length_0", said(libc::mlock(pages.cast(), 0)));
        set_errno(0);
        let unlock = libc::munlock(pages.add(1).cast(), 1);
        o.fact("munlock_unaligned", said(unlock));
    }
}

/// What `posix_madvise` with POSIX_MADV_DONTNEED does to what a page holds.
pub fn advise_away(o: &mut Outcome) {
    let pages = four();
    // SAFETY: the pages are nobody's.
    unsafe {
        pages.write_volatile(7);
        o.fact("returned", text::errno(libc::posix_madvise(pages.cast(), page(), libc::POSIX_MADV_DONTNEED)));
        o.fact("content", if pages.read_volatile() == 7 { "kept" } else { "gone" });
    }
}

/// `mlock2`, `mlockall` with flags that are none, and `memfd_create` with odd arguments.
pub fn lock(o: &mut Outcome) {
    let pages = four();
    // SAFETY: the pages are nobody's; the name is terminated; the signature is that of sys/mman.h.
    unsafe {
        let call = crate::sys::call::lookup::<unsafe extern "C" fn(*const c_void, usize, u32) -> c_int>(c"mlock2");
        set_errno(0);
        o.fact("mlock2_unknown", call.map_or("absent".into(), |call| said(call(pages.cast(), page(), 64))));
        set_errno(0);
        o.fact("mlock2_0", call.map_or("absent".into(), |call| said(call(pages.cast(), 0, 0))));
        set_errno(0);
        o.fact("mlockall_unknown", said(libc::mlockall(1 << 20)));
    }
}

/// `memfd_create` with odd arguments.
pub fn anonymous_file(o: &mut Outcome) {
    let Some(call) = optional!(memfd_create(*const core::ffi::c_char, u32) -> c_int) else {
        return o.fact("memfd_create", "absent");
    };
    let mut long = [b'n'; 251];
    long[250] = 0;
    // SAFETY: both names are terminated.
    unsafe {
        set_errno(0);
        o.fact("plain", if call(c"name".as_ptr(), 0) >= 0 { "opened".into() } else { said(-1) });
        set_errno(0);
        o.fact("name_of_250", said(call(long.as_ptr().cast(), 0)));
        set_errno(0);
        o.fact("flags_unknown", said(call(c"name".as_ptr(), 1 << 20)));
    }
}

/// `getpagesize`, and `sysconf` by both of its names.
pub fn page_size(o: &mut Outcome) {
    unsafe extern "C" {
        fn getpagesize() -> c_int;
    }
    // SAFETY: the functions take and give numbers.
    unsafe {
        let size = libc::sysconf(libc::_SC_PAGESIZE);
        o.fact("getpagesize_agrees", i64::from(getpagesize()) == size);
        o.fact("a_power_of_two", size > 0 && size & (size - 1) == 0);
    }
}
