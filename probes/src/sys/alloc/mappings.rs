//! Where blocks lie: in the heap that grows with `brk`, or in mappings; and `sbrk` and `brk` themselves.

use super::calls::malloc;
use crate::sys::call::{Errno, check, errno, set_errno};
use crate::sys::pages::{self, Page};
use crate::sys::process::{End, Shared, in_child};
use core::sync::atomic::Ordering;

/// Where one block was, and what was there once it had been freed.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    /// Below the program break, no further than 1 GiB.
    pub below_break: bool,
    /// What is in its middle after `free`.
    pub after_free: Page,
}

impl core::fmt::Display for Place {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let place = if self.below_break { "brk heap" } else { "mapping" };
        write!(f, "{place}, {} after free", self.after_free.name())
    }
}

/// Allocates a block of this size, frees it, and does so again; both times it is looked at. In a child, whose heap is as the C
/// library left it at start. `before` runs in the child first.
pub fn of_block(bytes: usize, before: impl FnOnce()) -> Result<[Place; 2], Errno> {
    let shared = Shared::new()?;
    let child = in_child(10, || {
        before();
        for round in 0..2 {
            let place = match once(bytes) {
                Ok(place) => place,
                Err(e) => return e.0,
            };
            shared[2 * round].store(place.below_break.into(), Ordering::Relaxed);
            shared[2 * round + 1].store(place.after_free as u64, Ordering::Relaxed);
        }
        0
    })?;
    match child.end {
        End::Exited(0) => {}
        End::Exited(code) => return Err(Errno(code)),
        _ => return Err(Errno(libc::ECHILD)),
    }
    Ok([0, 1].map(|round| Place {
        below_break: shared[2 * round].load(Ordering::Relaxed) == 1,
        after_free: [Page::Unmapped, Page::Guard, Page::Readable]
            [shared[2 * round + 1].load(Ordering::Relaxed) as usize],
    }))
}

fn once(bytes: usize) -> Result<Place, Errno> {
    let reader = pages::Reader::new()?;
    let block = malloc(bytes)?;
    block.fill(1);
    let address = block.address();
    let end = program_break();
    let below_break = address < end && end - address < 1 << 30;
    block.free();
    Ok(Place { below_break, after_free: reader.page(address + bytes / 2) })
}

/// The end of the heap, asked of the kernel.
fn program_break() -> usize {
    // SAFETY: a break of 0 is refused, and the present one returned.
    unsafe { libc::syscall(libc::SYS_brk, 0) as usize }
}

/// What `sbrk` and `brk` do, each in turn.
pub struct Break {
    /// `sbrk(0)` is the kernel's program break.
    pub zero_is_break: bool,
    /// The error number of `sbrk(4096)`.
    pub grow: i32,
    /// The error number of `sbrk(-4096)`.
    pub shrink: i32,
    /// The error number of `brk` with the present break.
    pub same: i32,
    /// The error number of `sbrk` with more than there is.
    pub huge: i32,
}

/// Calls `sbrk` and `brk`. The heap may be unusable afterwards.
pub fn program_break_calls() -> Break {
    // SAFETY: moves the break, which only the C library's allocator cares for, and nothing allocates from here on.
    let step = |bytes: isize| unsafe {
        set_errno(0);
        if libc::sbrk(bytes) as isize == -1 { errno() } else { 0 }
    };
    // SAFETY: asks for the present break.
    let zero_is_break = unsafe { libc::sbrk(0) } as usize == program_break();
    let (grow, shrink) = (step(4096), step(-4096));
    // SAFETY: sets the break to what it is.
    let same = check(unsafe { libc::brk(program_break() as *mut _) }).map_or_else(|e| e.0, |_| 0);
    Break { zero_is_break, grow, shrink, same, huge: step(isize::MAX) }
}

/// What comes of a limit on the address space.
pub struct Limited {
    /// The error number of a block of four times what is left.
    pub large: i32,
    /// Blocks of 1 KiB that could still be had.
    pub small: u64,
    /// The error number of the first that could not.
    pub small_errno: i32,
    /// A block of 1 KiB can be had again once all were freed.
    pub recovers: bool,
}

/// Allocates under a limit of 16 MiB of address space more than the process has, in a child.
pub fn under_limit() -> Result<Limited, Errno> {
    const MOST: usize = 65536;
    let shared = Shared::new()?;
    let child = in_child(10, || {
        let mut blocks = heap::vec::Vec::with_capacity(MOST);
        if let Err(e) = pages::limit_growth(16 << 20) {
            return e.0;
        }
        let large = malloc(64 << 20).map_or_else(|e| e.0, |_| 0);
        let mut code = 0;
        while code == 0 && blocks.len() < MOST {
            match malloc(1024) {
                Ok(block) => blocks.push(block),
                Err(e) => code = e.0,
            }
        }
        let small = blocks.len() as u64;
        blocks.into_iter().for_each(super::calls::Block::free);
        let recovers = malloc(1024).is_ok();
        for (figure, value) in shared.iter().zip([large as u64, small, code as u64, recovers.into()]) {
            figure.store(value, Ordering::Relaxed);
        }
        0
    })?;
    match child.end {
        End::Exited(0) => {}
        End::Exited(code) => return Err(Errno(code)),
        _ => return Err(Errno(libc::ECHILD)),
    }
    let figure = |n: usize| shared[n].load(Ordering::Relaxed);
    Ok(Limited { large: figure(0) as i32, small: figure(1), small_errno: figure(2) as i32, recovers: figure(3) == 1 })
}
