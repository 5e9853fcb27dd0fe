//! Threads in a row: each does the same work for a stretch, makes the next one, which goes on, and ends. There is one at a
//! time. In between it sleeps in the kernel, as does the leader while it works.

use std::cell::UnsafeCell;
use std::ffi::c_void;
use std::ptr;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};

use super::team::start;
use super::{cpus, entry, futex};

/// Work that is handed on.
pub trait Leg: Send + 'static {
    /// How many times one thread does it.
    const LENGTH: u64;
    /// Does it so many times, no more than are left of the thread's length.
    fn run(&mut self, times: u64);
}

/// What the leader and the threads share. It is never freed, so that a thread which ends may look at it.
struct Track<L> {
    cpu: usize,
    /// The number of orders; advanced by the leader.
    asked: AtomicU32,
    /// The number of orders that are done; advanced by the thread that has the work.
    done: AtomicU32,
    /// How many times are left of the order.
    left: AtomicU64,
    /// Whether the order is to end.
    leave: AtomicBool,
    leg: UnsafeCell<Option<L>>,
}

// SAFETY: between an order and its end the work is the running thread's alone, at other times the leader's alone; each
// hands it on by an atomic with release order, or by making the next thread.
unsafe impl<L: Send> Sync for Track<L> {}

/// The leader's end.
pub struct Relay<L: Leg>(&'static Track<L>);

impl<L: Leg> Relay<L> {
    /// Makes the first thread; all are held to one processor.
    pub fn new(leg: L, cpu: usize) -> Self {
        let track: &'static Track<L> = Box::leak(Box::new(Track {
            cpu,
            asked: AtomicU32::new(0),
            done: AtomicU32::new(0),
            left: AtomicU64::new(0),
            leave: AtomicBool::new(false),
            leg: UnsafeCell::new(Some(leg)),
        }));
        hand_on(track);
        Self(track)
    }

    /// Lets the work be done so many times, and does not wait for it.
    pub fn begin(&mut self, times: u64) {
        self.wait();
        self.0.left.store(times, Ordering::Relaxed);
        futex::advance(&self.0.asked);
    }

    /// Waits until all that was begun is done.
    pub fn wait(&self) {
        let asked = self.0.asked.load(Ordering::Relaxed);
        futex::wait_while(&self.0.done, asked.wrapping_sub(1));
    }

    /// The work, in between.
    pub fn leg(&self) -> Option<&L> {
        self.wait();
        // SAFETY: everything is done, and only `begin`, which needs this object for itself, lets a thread at it again.
        unsafe { (*self.0.leg.get()).as_ref() }
    }

    /// Ends the thread that is there, and gives the work back.
    pub fn finish(mut self) -> Option<L> {
        self.wait();
        self.0.leave.store(true, Ordering::Relaxed);
        self.begin(0);
        self.wait();
        // SAFETY: the last thread is done for good.
        unsafe { (*self.0.leg.get()).take() }
    }
}

fn hand_on<L: Leg>(track: &'static Track<L>) {
    if let Err(error) = start(runner::<L>, ptr::from_ref(track).cast_mut().cast()) {
        entry::failed(format!("making a thread: error number {error}"));
    }
}

extern "C" fn runner<L: Leg>(argument: *mut c_void) -> *mut c_void {
    // SAFETY: `hand_on` passes a track, which lives for good; it is only ever shared.
    let track = unsafe { &*argument.cast::<Track<L>>() };
    // SAFETY: nobody joins this thread.
    unsafe { libc::pthread_detach(libc::pthread_self()) };
    cpus::pin(track.cpu);
    let mut length = L::LENGTH;
    while length > 0 {
        futex::wait_while(&track.asked, track.done.load(Ordering::Relaxed));
        if track.leave.load(Ordering::Relaxed) {
            futex::advance(&track.done);
            return ptr::null_mut();
        }
        let left = track.left.load(Ordering::Relaxed);
        let times = left.min(length);
        // SAFETY: an order was given and is not done, so the work is this thread's, the only one of its row.
        if let Some(leg) = unsafe { (*track.leg.get()).as_mut() } {
            leg.run(times);
        }
        length -= times;
        track.left.store(left - times, Ordering::Relaxed);
        if left == times {
            futex::advance(&track.done);
        }
    }
    hand_on(track);
    ptr::null_mut()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Writes down which thread did how much.
    struct Diary(Vec<(i32, u64)>);

    impl Leg for Diary {
        const LENGTH: u64 = 3;
        fn run(&mut self, times: u64) {
            // SAFETY: asks for a number.
            self.0.push((unsafe { libc::gettid() }, times));
        }
    }

    #[test]
    fn each_thread_does_its_length_whatever_the_orders_are() {
        let mut relay = Relay::new(Diary(Vec::new()), 0);
        for times in [2, 2, 5, 1] {
            relay.begin(times);
        }
        assert_eq!(relay.leg().map(|diary| diary.0.len()), Some(6));
        let diary = relay.finish().expect("the work").0;
        let times: Vec<u64> = diary.iter().map(|(_, times)| *times).collect();
        assert_eq!(times, [2, 1, 1, 2, 3, 1]);
        let threads: Vec<i32> = diary.iter().map(|(thread, _)| *thread).collect();
        assert_eq!((threads[0], threads[2]), (threads[1], threads[3]));
        for pair in [[1, 2], [3, 4], [4, 5]] {
            assert_ne!(threads[pair[0]], threads[pair[1]]);
        }
    }
}
