//! Threads that do what a trace says, with the allocator under test.
//!
//! The main thread of the trace is the first thread of this process; the others are made where the trace makes them, with
//! default attributes, since a C library treats a process that never had a second thread otherwise. A trace that was
//! checked (`libcdiff-trace`) touches a slot only where the thread that touched it last is known to have done so: the waits
//! here are what that rests on.

use std::ffi::c_void;
use std::hint;
use std::mem::MaybeUninit;
use std::ptr;
use std::sync::atomic::{AtomicPtr, AtomicU32, AtomicU64, Ordering, fence};

use libcdiff_trace::Op;

use super::heap::Heap;
use super::table::{Table, Zero};
use super::{clock, cpus, entry, futex};

/// Turns of looking before a thread sleeps in the kernel: some microseconds, more than a thread that works takes.
const TURNS: u32 = 4000;
/// Marks of a thread that has ended: more than any other has.
const ENDED: u32 = u32::MAX;
/// Bytes of a page.
const PAGE: usize = 4096;

/// What is done with blocks beside asking for them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Touch {
    /// First and last byte: the least that a program does.
    Ends,
    /// Each page: all of it becomes resident.
    Pages,
}

/// Called at a mark, when every thread stands there; by one of them.
pub type Sample<'a> = &'a (dyn Fn(u32) + Sync);

/// How one pass goes.
#[derive(Clone, Copy)]
pub struct Manner<'a> {
    /// The functions.
    pub heap: Heap,
    /// What is touched.
    pub touch: Touch,
    /// Whether everybody waits at each mark for all, and what is called there.
    pub sample: Option<Sample<'a>>,
}

/// A number that no other lies beside.
#[repr(align(128))]
struct Alone<T>(T);

// SAFETY: zero is a number.
unsafe impl<T: Zero> Zero for Alone<T> {}

/// A trace that can be replayed again and again.
pub struct Stage {
    streams: Vec<Vec<Op>>,
    cpus: Vec<usize>,
    /// The blocks.
    slots: Table<AtomicPtr<u8>>,
    /// The pass in which each number was posted last.
    posts: Table<AtomicU32>,
    /// Marks that each thread has reached.
    reached: Table<Alone<AtomicU32>>,
    handles: Vec<AtomicU64>,
    /// Changes whenever a thread comes to a mark or ends.
    progress: Alone<AtomicU32>,
    /// Threads that sleep, or are about to.
    sleepers: Alone<AtomicU32>,
    /// The last mark that somebody has taken it upon himself to sample, and the last one that is sampled.
    claimed: AtomicU32,
    sampled: AtomicU32,
    pass: AtomicU32,
}

/// What a thread is told when it is made.
struct Role<'a> {
    stage: &'a Stage,
    manner: &'a Manner<'a>,
    thread: usize,
}

impl Stage {
    /// Makes the tables. `streams` are those of a checked trace with so many slots and syncs.
    pub fn new(streams: Vec<Vec<Op>>, slots: u32, syncs: u32, cpus: Vec<usize>) -> Self {
        let threads = streams.len();
        Self {
            streams,
            cpus,
            slots: Table::new(slots as usize),
            posts: Table::new(syncs as usize),
            reached: Table::new(threads),
            handles: (0..threads).map(|_| AtomicU64::new(0)).collect(),
            progress: Alone(AtomicU32::new(0)),
            sleepers: Alone(AtomicU32::new(0)),
            claimed: AtomicU32::new(0),
            sampled: AtomicU32::new(0),
            pass: AtomicU32::new(0),
        }
    }

    /// Does all that the trace says, once, and returns the nanoseconds that it took. Blocks that it leaves are still there.
    pub fn pass(&self, manner: &Manner<'_>) -> u64 {
        for thread in 1..self.streams.len() {
            self.reached.get(thread).0.store(ENDED, Ordering::Relaxed);
        }
        self.reached.get(0).0.store(0, Ordering::Relaxed);
        self.claimed.store(0, Ordering::Relaxed);
        self.sampled.store(0, Ordering::Relaxed);
        self.pass.fetch_add(1, Ordering::SeqCst);
        let roles: Vec<Role<'_>> = (0..self.streams.len()).map(|thread| Role { stage: self, manner, thread }).collect();
        let start = clock::now_ns();
        self.perform(&roles, 0);
        // A thread that runs may still make another.
        self.wait(&self.progress.0, |_| self.slowest() == ENDED);
        for thread in 1..self.streams.len() {
            self.join(thread);
        }
        clock::now_ns() - start
    }

    /// Frees every block that is left.
    pub fn clear(&self, heap: &Heap) {
        for at in 0..self.slots.length() {
            let block = self.slots.get(at).swap(ptr::null_mut(), Ordering::Relaxed);
            if !block.is_null() {
                // SAFETY: what stands in a slot is a live block of this heap; it is taken out for good.
                unsafe { (heap.free)(block.cast()) };
            }
        }
    }

    fn perform(&self, roles: &[Role<'_>], thread: usize) {
        let manner = roles[thread].manner;
        let pass = self.pass.load(Ordering::Relaxed);
        for op in &self.streams[thread] {
            match *op {
                Op::Malloc { slot, bytes } => {
                    // SAFETY: any size may be asked for.
                    let block = unsafe { (manner.heap.malloc)(bytes as usize) };
                    self.fill(slot, block, bytes, manner.touch);
                }
                Op::Calloc { slot, bytes } => {
                    // SAFETY: any size may be asked for.
                    let block = unsafe { (manner.heap.calloc)(1, bytes as usize) };
                    self.fill(slot, block, bytes, manner.touch);
                }
                Op::Aligned { slot, bytes, log2 } => {
                    let mut block = ptr::null_mut();
                    let alignment = (1usize << log2).max(size_of::<usize>());
                    // SAFETY: the place is writable; an error leaves it null.
                    unsafe { (manner.heap.aligned)(&raw mut block, alignment, bytes as usize) };
                    self.fill(slot, block, bytes, manner.touch);
                }
                Op::Realloc { slot, bytes } => {
                    let old = self.slots.get(slot as usize).load(Ordering::Relaxed);
                    // SAFETY: the slot holds a live block, which is not used again under its old address.
                    let block = unsafe { (manner.heap.realloc)(old.cast(), bytes as usize) };
                    self.fill(slot, block, bytes, manner.touch);
                }
                Op::Free { slot } => {
                    let block = self.slots.get(slot as usize);
                    let old = block.load(Ordering::Relaxed);
                    block.store(ptr::null_mut(), Ordering::Relaxed);
                    // SAFETY: the slot held a live block, and holds it no more.
                    unsafe { (manner.heap.free)(old.cast()) };
                }
                Op::Post { sync } => {
                    let post = self.posts.get(sync as usize);
                    post.store(pass, Ordering::Release);
                    self.wake(post);
                }
                Op::Wait { sync } => {
                    let post = self.posts.get(sync as usize);
                    self.wait(post, |seen| seen == pass);
                }
                Op::Start { thread: other } => self.start(roles, thread, other as usize),
                Op::Join { thread: other } => self.join(other as usize),
                Op::Mark => self.mark(thread, manner),
            }
        }
        self.reached.get(thread).0.store(ENDED, Ordering::Release);
        self.moved();
    }

    #[inline]
    fn fill(&self, slot: u32, block: *mut c_void, bytes: u64, touch: Touch) {
        let bytes = bytes as usize;
        if block.is_null() && bytes > 0 {
            entry::exhausted(bytes);
        }
        let block: *mut u8 = block.cast();
        self.slots.get(slot as usize).store(block, Ordering::Relaxed);
        if bytes == 0 {
            return;
        }
        // SAFETY: the block has so many bytes, and all offsets are below. Volatile, since nothing may read them again.
        unsafe {
            if touch == Touch::Pages {
                for at in (0..bytes).step_by(PAGE) {
                    block.add(at).write_volatile(1);
                }
            } else {
                block.write_volatile(1);
            }
            block.add(bytes - 1).write_volatile(1);
        }
    }

    #[allow(clippy::unnecessary_cast, reason = "the handle of a thread is a number on glibc and a pointer on musl")]
    fn start(&self, roles: &[Role<'_>], thread: usize, other: usize) {
        // It begins in the epoch of its maker.
        let marks = self.reached.get(thread).0.load(Ordering::Relaxed);
        self.reached.get(other).0.store(marks, Ordering::Release);
        let mut handle = MaybeUninit::uninit();
        let role = (&raw const roles[other]).cast_mut().cast();
        // SAFETY: the handle is writable, and the role lives until the thread is joined, before the pass ends.
        match unsafe { libc::pthread_create(handle.as_mut_ptr(), ptr::null(), begin, role) } {
            // SAFETY: pthread_create has written it.
            0 => self.handles[other].store(unsafe { handle.assume_init() } as u64, Ordering::Release),
            error => entry::failed(format!("making thread {other} of the trace: error number {error}")),
        }
    }

    /// Waits for the end of a thread, unless somebody has already.
    fn join(&self, other: usize) {
        let handle = self.handles[other].swap(0, Ordering::AcqRel);
        if handle != 0 {
            // SAFETY: the thread was made by `start`, and the handle is taken out, so it is joined once.
            unsafe { libc::pthread_join(handle as libc::pthread_t, ptr::null_mut()) };
        }
    }

    fn mark(&self, thread: usize, manner: &Manner<'_>) {
        let mark = self.reached.get(thread).0.load(Ordering::Relaxed) + 1;
        self.reached.get(thread).0.store(mark, Ordering::Release);
        self.moved();
        match manner.sample {
            None => self.wait(&self.progress.0, |_| self.slowest() >= mark - 1),
            Some(sample) => self.wait(&self.progress.0, |_| {
                if self.sampled.load(Ordering::Acquire) < mark && self.slowest() >= mark {
                    // All stand here; one of them looks.
                    if self.claimed.fetch_max(mark, Ordering::AcqRel) < mark {
                        sample(mark);
                        self.sampled.store(mark, Ordering::Release);
                        self.moved();
                    }
                }
                self.sampled.load(Ordering::Acquire) >= mark
            }),
        }
    }

    /// Marks that all running threads have reached.
    fn slowest(&self) -> u32 {
        let reached = |thread| self.reached.get(thread).0.load(Ordering::Acquire);
        (0..self.streams.len()).map(reached).min().unwrap_or(ENDED)
    }

    /// Tells those who wait that a thread has come on.
    fn moved(&self) {
        if self.streams.len() > 1 {
            self.progress.0.fetch_add(1, Ordering::AcqRel);
            self.wake(&self.progress.0);
        }
    }

    /// Waits until what stands in `word` is good: looks for a while, then sleeps until it changes.
    fn wait(&self, word: &AtomicU32, good: impl Fn(u32) -> bool) {
        for _ in 0..TURNS {
            if good(word.load(Ordering::Acquire)) {
                return;
            }
            hint::spin_loop();
        }
        self.sleepers.0.fetch_add(1, Ordering::SeqCst);
        loop {
            let seen = word.load(Ordering::SeqCst);
            if good(seen) {
                break;
            }
            futex::sleep_while(word, seen);
        }
        self.sleepers.0.fetch_sub(1, Ordering::SeqCst);
    }

    /// Wakes those who sleep on the word, which has just changed. Nobody who looked before the change and sleeps after it
    /// is missed: either he is counted here, or he sees the change.
    fn wake(&self, word: &AtomicU32) {
        fence(Ordering::SeqCst);
        if self.sleepers.0.load(Ordering::SeqCst) > 0 {
            futex::wake(word);
        }
    }
}

extern "C" fn begin(role: *mut c_void) -> *mut c_void {
    // SAFETY: `start` passes a role that lives until this thread is joined, one of a slice of all roles.
    let (role, roles) = unsafe {
        let role = role.cast::<Role<'_>>();
        let thread = (*role).thread;
        (&*role, std::slice::from_raw_parts(role.sub(thread), (*role).stage.streams.len()))
    };
    cpus::pin(role.stage.cpus[role.thread]);
    role.stage.perform(roles, role.thread);
    ptr::null_mut()
}
