//! What the allocator in this process does and says: blocks of its own, the functions by which mimalloc and jemalloc tell
//! of themselves, and what glibc says of its heap. Each is asked in a child, which [`in_child`] makes.

use std::ffi::{CStr, c_char, c_int, c_void};
use std::fs::File;
use std::hint::black_box;
use std::io::Read;
use std::mem::{MaybeUninit, transmute};
use std::os::fd::FromRawFd;
use std::ptr::{null, null_mut};
use std::sync::atomic::{AtomicUsize, Ordering};

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::bound::symbol;
use crate::live::tunable::{self, STEP};
use crate::live::{Jemalloc, Mimalloc};

/// More blocks than fit into what glibc's heap has free at its start.
const MOST_BLOCKS: usize = 100_000;

/// This process.
pub struct Heap;

/// glibc's heap in this process.
pub struct Effects;

/// Asks in a child of this process, which leaves the heap of this one as it was. An error too where the child does not live
/// to answer.
pub fn in_child<T: Serialize + DeserializeOwned>(ask: impl FnOnce() -> Result<T, String>) -> Result<T, String> {
    let mut ends = [0; 2];
    // SAFETY: room for two descriptors.
    if unsafe { libc::pipe2(ends.as_mut_ptr(), libc::O_CLOEXEC) } != 0 {
        return Err(format!("making a pipe to ask about the allocator: {}", std::io::Error::last_os_error()));
    }
    // SAFETY: two new descriptors that nobody else owns.
    let (reader, mut writer) = unsafe { (File::from_raw_fd(ends[0]), File::from_raw_fd(ends[1])) };
    // SAFETY: this process has one thread before a block begins, so the child may do what any program may.
    match unsafe { libc::fork() } {
        -1 => Err(format!("making a process to ask about the allocator: {}", std::io::Error::last_os_error())),
        0 => {
            let said = serde_json::to_writer(&mut writer, &ask()).is_ok();
            // SAFETY: ends the child without running anything of the parent's.
            unsafe { libc::_exit(i32::from(!said)) }
        }
        child => {
            drop(writer);
            heard(reader, child)
        }
    }
}

fn heard<T: DeserializeOwned>(mut reader: File, child: libc::pid_t) -> Result<T, String> {
    let mut answer = Vec::new();
    let read = reader.read_to_end(&mut answer);
    let mut status = 0;
    // SAFETY: a child of this process, and room for its status.
    while unsafe { libc::waitpid(child, &mut status, 0) } == -1 {
        if std::io::Error::last_os_error().raw_os_error() != Some(libc::EINTR) {
            break;
        }
    }
    if libc::WIFSIGNALED(status) {
        let signal = libc::WTERMSIG(status);
        return Err(format!("a process that asks the allocator for a few blocks is ended by signal {signal}"));
    }
    match read.map(|_| serde_json::from_slice(&answer)) {
        Ok(Ok(answer)) => answer,
        _ => Err(format!("the process that asks about the allocator ended early, status {status}")),
    }
}

/// A block of the `malloc` under test; null where it gives none.
fn block(bytes: usize) -> *mut c_void {
    let malloc: unsafe extern "C" fn(usize) -> *mut c_void = black_box(libc::malloc);
    // SAFETY: any size may be asked for.
    let block = unsafe { malloc(bytes) };
    if !block.is_null() && bytes > 0 {
        // SAFETY: the block has at least one byte.
        unsafe { block.cast::<u8>().write_volatile(1) };
    }
    block
}

fn free(block: *mut c_void) {
    let free: unsafe extern "C" fn(*mut c_void) = black_box(libc::free);
    // SAFETY: every caller gives a block of [`block`]'s, or null, and forgets it.
    unsafe { free(block) }
}

/// Whether `malloc` gives a block of so many bytes.
pub fn gives(bytes: usize) -> bool {
    let given = block(bytes);
    free(given);
    !given.is_null()
}

/// Usable bytes of a fresh block.
pub fn usable(bytes: usize) -> usize {
    unsafe extern "C" {
        fn malloc_usable_size(block: *mut c_void) -> usize;
    }
    let given = block(bytes);
    // SAFETY: a live block of the allocator whose function this is, or null, for which it is 0.
    let usable = unsafe { malloc_usable_size(given) };
    free(given);
    usable
}

type Version = unsafe extern "C" fn() -> c_int;
type Holds = unsafe extern "C" fn(*const c_void) -> bool;
type Control = unsafe extern "C" fn(*const c_char, *mut c_void, *mut usize, *mut c_void, usize) -> c_int;

/// A function of an allocator's: linked into this program where a feature says so, else by its name among what is loaded.
macro_rules! function {
    ($features:meta, $name:ident: $kind:ty, $lookup:expr) => {{
        #[cfg($features)]
        {
            unsafe extern "C" {
                fn $name();
            }
            // SAFETY: the program is linked with the allocator whose function of this name has this type.
            Some(unsafe { transmute::<*const (), $kind>($name as *const ()) })
        }
        #[cfg(not($features))]
        {
            // SAFETY: no other library exports this name; the allocator's function has this type.
            symbol($lookup).map(|address| unsafe { transmute::<*mut c_void, $kind>(address) })
        }
    }};
}

/// Asks mimalloc about a fresh block.
pub fn mimalloc(bytes: usize) -> Option<Mimalloc> {
    let linked = function!(any(feature = "mimalloc", feature = "mimalloc-secure"), mi_version: Version, c"mi_version");
    let version: Version = linked?;
    let linked = function!(any(feature = "mimalloc", feature = "mimalloc-secure"), mi_is_in_heap_region: Holds, c"mi_is_in_heap_region");
    let holds: Holds = linked?;
    let (given, on_stack) = (block(bytes), 0u64);
    // SAFETY: both may be called at any time, the second with any address.
    let found = unsafe {
        Mimalloc {
            version: version(),
            holds_block: !given.is_null() && holds(given),
            holds_stack: holds((&raw const on_stack).cast()),
        }
    };
    free(given);
    Some(found)
}

/// Asks jemalloc before and after a fresh block.
pub fn jemalloc(bytes: usize) -> Option<Jemalloc> {
    let linked = function!(feature = "jemalloc", mallctl: Control, c"mallctl");
    let control: Control = linked?;
    // SAFETY: `version` is a pointer to a terminated text, `thread.allocated` a number of 64 bits (jemalloc(3)).
    let version = unsafe { read::<*const c_char>(control, c"version") }.filter(|text| !text.is_null())?;
    // SAFETY: as above.
    let version = unsafe { CStr::from_ptr(version) }.to_string_lossy().into_owned();
    // SAFETY: as above.
    let allocated = || unsafe { read::<u64>(control, c"thread.allocated") }.unwrap_or(0);
    let before = allocated();
    let given = block(bytes);
    let rose_by = allocated().saturating_sub(before);
    free(given);
    Some(Jemalloc { version, rose_by })
}

/// Reads one of jemalloc's values.
///
/// # Safety
/// The value of this name must be a `T`, for which zeroes are valid.
unsafe fn read<T>(control: Control, name: &CStr) -> Option<T> {
    // SAFETY: the caller's `T`.
    let mut value: T = unsafe { std::mem::zeroed() };
    let mut bytes = size_of::<T>();
    // SAFETY: the name is terminated, and there is room for as many bytes as `bytes` says.
    let code = unsafe { control(name.as_ptr(), (&raw mut value).cast(), &mut bytes, null_mut(), 0) };
    (code == 0 && bytes == size_of::<T>()).then_some(value)
}

/// `struct mallinfo` of malloc.h: bytes and counts, as int.
#[repr(C)]
#[derive(Clone, Copy, Default)]
struct Info {
    arena: c_int,
    free_blocks: c_int,
    fast_blocks: c_int,
    mapped_blocks: c_int,
    mapped_bytes: c_int,
    most_used: c_int,
    fast_bytes: c_int,
    used_bytes: c_int,
    free_bytes: c_int,
    /// Bytes at the end of the main heap.
    top: c_int,
}

fn info() -> Info {
    let Some(address) = symbol(c"mallinfo") else { return Info::default() };
    // SAFETY: glibc's function of this name takes nothing and returns the structure by value.
    unsafe { transmute::<*mut c_void, extern "C" fn() -> Info>(address)() }
}

/// What glibc writes about its heap.
fn report() -> Option<String> {
    let address = symbol(c"malloc_info")?;
    // SAFETY: glibc's function of this name has this type.
    let malloc_info: extern "C" fn(c_int, *mut libc::FILE) -> c_int = unsafe { transmute(address) };
    let (mut text, mut length) = (null_mut(), 0);
    // SAFETY: both outlive the stream, which is closed below; after that `text` is terminated.
    unsafe {
        let stream = libc::open_memstream(&mut text, &mut length);
        if stream.is_null() {
            return None;
        }
        let code = malloc_info(0, stream);
        libc::fclose(stream);
        (code == 0 && !text.is_null()).then(|| CStr::from_ptr(text).to_string_lossy().into_owned())
    }
}

/// Threads that hold their block.
static HOLDING: AtomicUsize = AtomicUsize::new(0);

/// Holds a block until the process ends.
extern "C" fn hold(_: *mut c_void) -> *mut c_void {
    block(64);
    HOLDING.fetch_add(1, Ordering::SeqCst);
    loop {
        // SAFETY: waits for a signal, which ends the process.
        unsafe { libc::pause() };
    }
}

impl tunable::Heap for Effects {
    fn arenas(&self, threads: usize) -> Option<usize> {
        block(64);
        let mut started = 0;
        for _ in 0..threads {
            let mut thread = MaybeUninit::<libc::pthread_t>::uninit();
            // SAFETY: room for the thread's id, and a function that never touches its argument.
            started += usize::from(unsafe { libc::pthread_create(thread.as_mut_ptr(), null(), hold, null_mut()) } == 0);
        }
        while HOLDING.load(Ordering::SeqCst) < started {
            std::thread::yield_now();
        }
        (started == threads).then(report).flatten().map(|text| text.matches("<heap nr=").count())
    }

    fn cached(&self, most: usize) -> usize {
        // Too large for the lists of small blocks that glibc had before it kept any for a thread.
        let blocks: Vec<_> = (0..=most).map(|_| block(200)).collect();
        let used = info().used_bytes;
        let freed = |block: &*mut c_void| {
            free(*block);
            info().used_bytes < used
        };
        blocks.iter().position(freed).unwrap_or(blocks.len())
    }

    fn is_mapped(&self, bytes: usize) -> bool {
        let before = info();
        let mut given = Vec::new();
        // What is free in the heap is used up first, whatever its threshold; then it is mapped, or the heap grows.
        let mapped = loop {
            given.push(block(bytes));
            let now = info();
            if now.mapped_blocks > before.mapped_blocks || now.arena > before.arena || given.len() > MOST_BLOCKS {
                break now.mapped_blocks > before.mapped_blocks;
            }
        };
        given.into_iter().rev().for_each(free);
        mapped
    }

    fn is_mapped_again(&self, bytes: usize) -> bool {
        self.is_mapped(bytes);
        self.is_mapped(bytes)
    }

    fn first_growth(&self) -> usize {
        block(16);
        usize::try_from(info().arena).unwrap_or(0)
    }

    fn shrinks_at(&self, bytes: usize) -> Option<usize> {
        let blocks: Vec<_> = (0..bytes.div_ceil(STEP)).map(|_| block(STEP)).collect();
        let full = info();
        let mut top = full.top;
        for block in blocks.into_iter().rev() {
            free(block);
            let now = info();
            if now.arena < full.arena {
                return usize::try_from(top).ok().map(|top| top + STEP);
            }
            top = now.top;
        }
        None
    }

    fn is_huge(&self) -> bool {
        let given = block(8 << 20);
        let maps = std::fs::read_to_string("/proc/self/smaps").unwrap_or_default();
        !given.is_null()
            && flags_of(&maps, given as usize + 4096).is_some_and(|f| f.contains(" hg") || f.contains(" ht"))
    }
}

/// The `VmFlags` line of the mapping that holds an address.
fn flags_of(maps: &str, address: usize) -> Option<&str> {
    let mut inside = false;
    for line in maps.lines() {
        let range = line.split(' ').next().and_then(|range| range.split_once('-'));
        let number = |text| usize::from_str_radix(text, 16).ok();
        if let Some((Some(start), Some(end))) = range.map(|(start, end)| (number(start), number(end))) {
            inside = (start..end).contains(&address);
        } else if inside && line.starts_with("VmFlags:") {
            return Some(line);
        }
    }
    None
}
