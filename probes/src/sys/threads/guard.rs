//! The guard below a thread's stack, found by looking at the pages and not by asking for attributes.

use super::attributes::Attributes;
use super::thread;
use crate::sys::call::Errno;
use crate::sys::pages::{self, Page, Reader};

/// What lies around a running thread's stack: bytes.
#[derive(Clone, Copy, Debug)]
pub struct Layout {
    /// From a local variable down to the first byte that cannot be read.
    pub readable: usize,
    /// Mapped and not readable, directly below that; looked for up to [`MOST_GUARD`].
    pub guard: usize,
    /// The guard as `pthread_getattr_np` reports it.
    pub reported_guard: usize,
}

/// Where the search for the guard's end stops: bytes.
pub const MOST_GUARD: usize = 4 << 20;
/// Where the search for the stack's end stops: bytes.
const MOST_STACK: usize = 16 << 20;

/// Looks around the stack of a new thread with these attributes.
pub fn of_thread(attributes: Option<&Attributes>) -> Result<Layout, Errno> {
    let reader = Reader::new()?;
    thread::run(attributes, || look(&reader))?
}

fn look(reader: &Reader) -> Result<Layout, Errno> {
    let reported_guard = Attributes::of_this_thread()?.guard()?;
    let local = 0u8;
    let here = &raw const local as usize;
    let page = pages::size();
    let mut end = here & !(page - 1);
    while here - end < MOST_STACK && reader.page(end - 1) == Page::Readable {
        end -= page;
    }
    let mut below = end;
    while end - below < MOST_GUARD && reader.page(below - 1) == Page::Guard {
        below -= page;
    }
    Ok(Layout { readable: here - end, guard: end - below, reported_guard })
}

/// What is at an address of a thread's stack once the thread has been joined.
pub fn stack_after_join() -> Result<Page, Errno> {
    let address = thread::run(None, || {
        let local = 0u8;
        core::hint::black_box(&raw const local) as usize
    })?;
    pages::at(address)
}
