//! An allocator in place of the C library's: it counts its calls, has a heap for each thread, takes no lock, and gives
//! nothing back.
//!
//! Only the program `alloc-interposed` defines the C functions, with [`interpose`](crate::interpose); everywhere else
//! nothing of this is linked in, and the counters stay at 0.

use core::ffi::{c_char, c_int, c_void};
use core::ptr::null_mut;
use core::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

/// Bytes of a heap; untouched pages cost nothing.
const HEAP_BYTES: usize = 64 << 20;

/// A heap for each of the first threads that allocate; later ones share the last.
static HEAPS: [Heap; 8] = [const { Heap::new() }; 8];

/// Memory that is handed out from the bottom up.
struct Heap {
    /// The thread it belongs to; 0 for none yet.
    owner: AtomicUsize,
    /// Where it begins; 0 where it is not mapped yet.
    base: AtomicUsize,
    used: AtomicUsize,
}

impl Heap {
    const fn new() -> Self {
        Self { owner: AtomicUsize::new(0), base: AtomicUsize::new(0), used: AtomicUsize::new(0) }
    }

    /// The calling thread's.
    fn own() -> &'static Self {
        // SAFETY: takes nothing and gives a number.
        let me = unsafe { libc::pthread_self() } as usize;
        let mine = |heap: &&Self| match heap.owner.compare_exchange(0, me, Ordering::Relaxed, Ordering::Relaxed) {
            Ok(_) => true,
            Err(owner) => owner == me,
        };
        HEAPS.iter().find(mine).unwrap_or(&HEAPS[HEAPS.len() - 1])
    }

    fn base(&self) -> Option<usize> {
        let base = self.base.load(Ordering::Acquire);
        if base != 0 {
            return Some(base);
        }
        let (access, kind) =
            (libc::PROT_READ | libc::PROT_WRITE, libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE);
        // SAFETY: a new mapping, wherever the kernel likes.
        let new = unsafe { libc::mmap(null_mut(), HEAP_BYTES, access, kind, -1, 0) };
        if new == libc::MAP_FAILED {
            return None;
        }
        let new = new as usize;
        match self.base.compare_exchange(0, new, Ordering::AcqRel, Ordering::Acquire) {
            Ok(_) => Some(new),
            Err(there) => {
                // SAFETY: nobody has seen this mapping.
                unsafe { libc::munmap(new as *mut c_void, HEAP_BYTES) };
                Some(there)
            }
        }
    }

    /// Zeroed memory of this alignment, a power of two.
    fn take(&self, bytes: usize, alignment: usize) -> Option<*mut u8> {
        let base = self.base()?;
        let mut start = 0;
        let reserve = |used: usize| {
            start = used.next_multiple_of(alignment);
            start.checked_add(bytes).filter(|end| *end <= HEAP_BYTES)
        };
        self.used.fetch_update(Ordering::Relaxed, Ordering::Relaxed, reserve).ok()?;
        Some((base + start) as *mut u8)
    }
}

/// Calls of each function so far, in the order of [`NAMES`].
static CALLS: [AtomicU64; 5] = [const { AtomicU64::new(0) }; 5];

/// The functions that are counted; `aligned` stands for all four that take an alignment.
pub const NAMES: [&str; 5] = ["malloc", "calloc", "realloc", "free", "aligned"];

/// How often each function was called so far.
pub fn calls() -> [u64; 5] {
    [0, 1, 2, 3, 4].map(|n| CALLS[n].load(Ordering::Relaxed))
}

/// Before each block lies its size.
const HEADER: usize = 16;

fn allocate(bytes: usize, alignment: usize) -> *mut c_void {
    let alignment = alignment.max(HEADER);
    // The start of a heap is aligned to a page, and what is more is not promised.
    let fits = alignment.is_power_of_two() && alignment <= 4096;
    let all = bytes.checked_add(alignment).filter(|_| fits);
    let Some(start) = all.and_then(|all| Heap::own().take(all, alignment)) else { return null_mut() };
    // SAFETY: the block has room for its alignment, which is at least the header, before the bytes that were asked for.
    unsafe {
        let block = start.add(alignment);
        block.sub(HEADER).cast::<usize>().write(bytes);
        block.cast()
    }
}

/// `malloc`
pub fn malloc(bytes: usize) -> *mut c_void {
    CALLS[0].fetch_add(1, Ordering::Relaxed);
    allocate(bytes, HEADER)
}

/// `calloc`: a heap's memory is zero, and is handed out once.
pub fn calloc(count: usize, bytes: usize) -> *mut c_void {
    CALLS[1].fetch_add(1, Ordering::Relaxed);
    count.checked_mul(bytes).map_or(null_mut(), |bytes| allocate(bytes, HEADER))
}

/// `realloc`
///
/// # Safety
/// The block must be null or come from this allocator.
pub unsafe fn realloc(block: *mut c_void, bytes: usize) -> *mut c_void {
    CALLS[2].fetch_add(1, Ordering::Relaxed);
    let new = allocate(bytes, HEADER);
    if !block.is_null() && !new.is_null() {
        // SAFETY: both blocks have this many bytes, and a new one overlaps none.
        unsafe { core::ptr::copy_nonoverlapping(block.cast::<u8>(), new.cast(), size(block).min(bytes)) };
    }
    new
}

/// `free`
pub fn free(_: *mut c_void) {
    CALLS[3].fetch_add(1, Ordering::Relaxed);
}

/// `aligned_alloc`, `memalign` and `posix_memalign`
pub fn aligned(alignment: usize, bytes: usize) -> *mut c_void {
    CALLS[4].fetch_add(1, Ordering::Relaxed);
    allocate(bytes, alignment)
}

/// `malloc_usable_size`
///
/// # Safety
/// The block must be null or come from this allocator.
pub unsafe fn size(block: *mut c_void) -> usize {
    // SAFETY: `allocate` wrote the size before the block.
    if block.is_null() { 0 } else { unsafe { block.byte_sub(HEADER).cast::<usize>().read() } }
}

/// Defines the C library's allocating functions in a program: those that glibc's manual says a replacement must have, and
/// those of the C standard and POSIX beside them.
#[macro_export]
macro_rules! interpose {
    () => {
        mod interposed {
            use core::ffi::{c_int, c_void};
            use $crate::sys::alloc::interposed as own;

            #[unsafe(no_mangle)]
            extern "C" fn malloc(bytes: usize) -> *mut c_void {
                own::malloc(bytes)
            }
            #[unsafe(no_mangle)]
            extern "C" fn calloc(count: usize, bytes: usize) -> *mut c_void {
                own::calloc(count, bytes)
            }
            #[unsafe(no_mangle)]
            extern "C" fn realloc(block: *mut c_void, bytes: usize) -> *mut c_void {
                // SAFETY: C passes what one of these functions returned.
                unsafe { own::realloc(block, bytes) }
            }
            #[unsafe(no_mangle)]
            extern "C" fn free(block: *mut c_void) {
                own::free(block)
            }
            #[unsafe(no_mangle)]
            extern "C" fn aligned_alloc(alignment: usize, bytes: usize) -> *mut c_void {
                own::aligned(alignment, bytes)
            }
            #[unsafe(no_mangle)]
            extern "C" fn memalign(alignment: usize, bytes: usize) -> *mut c_void {
                own::aligned(alignment, bytes)
            }
            #[unsafe(no_mangle)]
            extern "C" fn posix_memalign(result: *mut *mut c_void, alignment: usize, bytes: usize) -> c_int {
                let block = own::aligned(alignment, bytes);
                // SAFETY: C passes a writable place.
                unsafe { *result = block };
                if block.is_null() { libc::ENOMEM } else { 0 }
            }
            #[unsafe(no_mangle)]
            extern "C" fn malloc_usable_size(block: *mut c_void) -> usize {
                // SAFETY: C passes what one of these functions returned.
                unsafe { own::size(block) }
            }
        }
    };
}

/// A function of the C library that allocates, and a call of it.
pub struct User {
    /// Its name, and what of it is called where the name does not say so.
    pub name: &'static str,
    call: unsafe fn(),
}

macro_rules! user {
    ($name:literal, $call:expr) => {
        User {
            name: $name,
            call: {
                unsafe fn call() {
                    // SAFETY: every call of the table brings valid arguments; its result is leaked.
                    // Unseen, `strdup` and its like would be left out, as `malloc` would.
                    let _ = core::hint::black_box(unsafe { $call });
                }
                call
            },
        }
    };
}

unsafe extern "C" {
    fn asprintf(result: *mut *mut c_char, format: *const c_char, ...) -> i32;
    fn open_memstream(text: *mut *mut c_char, bytes: *mut usize) -> *mut libc::FILE;
    fn tzset();
}

/// The functions that are called, in this order.
pub static USERS: &[User] = &[
    user!("strdup", libc::strdup(c"text".as_ptr())),
    user!("strndup", libc::strndup(c"text".as_ptr(), 2)),
    user!("asprintf", asprintf(&mut null_mut(), c"%d".as_ptr(), 1)),
    user!("getcwd of null", libc::getcwd(null_mut(), 0)),
    user!("realpath of null", libc::realpath(c"/".as_ptr(), null_mut())),
    user!("fopen", libc::fopen(c"/".as_ptr(), c"r".as_ptr())),
    user!("open_memstream", open_memstream(&mut null_mut(), &mut 0)),
    user!("fmemopen and getline", getline()),
    user!("opendir", libc::opendir(c"/".as_ptr())),
    user!("glob", glob()),
    user!("regcomp", regcomp()),
    user!("setenv", libc::setenv(c"LIBCDIFF_X".as_ptr(), c"1".as_ptr(), 1)),
    user!("qsort of 4 KiB", qsort()),
    user!("tzset", tzset()),
    user!("newlocale", libc::newlocale(libc::LC_CTYPE_MASK, c"C".as_ptr(), null_mut())),
    user!("atexit, 40 times", atexit()),
    user!("dlopen of null", libc::dlopen(core::ptr::null(), libc::RTLD_LAZY)),
    user!("getaddrinfo of a number", getaddrinfo()),
    user!("pthread_create", pthread_create()),
];

unsafe fn getline() {
    let (mut text, mut bytes) = (null_mut(), 0);
    type Open = unsafe extern "C" fn(*mut c_void, usize, *const c_char) -> *mut libc::FILE;
    // SAFETY: the signature is that of the headers; the stream is checked, and reads from memory; both results are
    // writable.
    unsafe {
        let Some(fmemopen) = crate::newest!(libc::fmemopen, c"fmemopen", Open) else { return };
        let stream = fmemopen(c"line\n".as_ptr().cast_mut().cast(), 5, c"r".as_ptr());
        if !stream.is_null() {
            libc::getline(&mut text, &mut bytes, stream);
        }
    }
}

unsafe fn glob() {
    type Glob = unsafe extern "C" fn(*const c_char, c_int, Failed, *mut libc::glob_t) -> c_int;
    type Failed = Option<extern "C" fn(*const c_char, c_int) -> c_int>;
    // SAFETY: the signature is that of the headers; an all-zero result is one that `glob` overwrites.
    unsafe {
        if let Some(glob) = crate::newest!(libc::glob, c"glob", Glob) {
            glob(c"/*".as_ptr(), 0, None, &mut core::mem::zeroed());
        }
    }
}

unsafe fn regcomp() {
    // SAFETY: an all-zero expression is one that `regcomp` overwrites.
    unsafe { libc::regcomp(&mut core::mem::zeroed(), c"a*b".as_ptr(), 0) };
}

unsafe fn qsort() {
    unsafe extern "C" fn compare(a: *const c_void, b: *const c_void) -> i32 {
        // SAFETY: `qsort` passes pointers to two elements.
        unsafe { i32::from(*a.cast::<u8>()) - i32::from(*b.cast::<u8>()) }
    }
    let mut bytes = [0u8; 4096];
    // SAFETY: the array has this many elements of one byte.
    unsafe { libc::qsort(bytes.as_mut_ptr().cast(), bytes.len(), 1, Some(compare)) };
}

unsafe fn atexit() {
    extern "C" fn nothing() {}
    for _ in 0..40 {
        // SAFETY: the function may be called at exit.
        unsafe { libc::atexit(nothing) };
    }
}

unsafe fn getaddrinfo() {
    let hints = libc::addrinfo {
        ai_flags: libc::AI_NUMERICHOST,
        ai_family: libc::AF_INET,
        // SAFETY: the rest of the structure is numbers and null pointers.
        ..unsafe { core::mem::zeroed() }
    };
    // SAFETY: the strings are terminated, and the result is writable.
    unsafe { libc::getaddrinfo(c"127.0.0.1".as_ptr(), core::ptr::null(), &hints, &mut null_mut()) };
}

unsafe fn pthread_create() {
    use crate::sys::threads::thread::Thread;
    let _ = Thread::start(None, |_| 0, 0).and_then(Thread::join);
}

/// Calls one function and says which of the replaced ones it used, by name.
pub fn used_by(user: &User) -> heap::vec::Vec<&'static str> {
    let before = calls();
    // SAFETY: the table's own words.
    unsafe { (user.call)() };
    let after = calls();
    NAMES.iter().zip(before.iter().zip(after)).filter(|(_, (b, a))| *a > **b).map(|(name, _)| *name).collect()
}

/// Whether this program's `malloc` is the one of this module.
pub fn active() -> bool {
    let before = calls();
    let _ = super::calls::malloc(1);
    calls() != before
}
