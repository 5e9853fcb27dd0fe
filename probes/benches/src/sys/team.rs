//! The threads of a workload: made once, each held to a processor of its own, and led through rounds. A round is timed
//! from the moment that the last thread is ready to the moment that the last one is done; making a thread never is.
//!
//! Between rounds everybody sleeps in the kernel, the first thread during them too, so that nobody disturbs who works.

use std::ffi::c_void;
use std::hint;
use std::mem::MaybeUninit;
use std::ptr;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

use super::heap::Heap;
use super::{clock, cpus, entry, futex};
use crate::workload::{Step, Work};

/// Turns of waiting at the start line before a thread lets others have its processor.
const TURNS: u32 = 20_000;

/// What every thread does with its part of the work in one round.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// Makes its blocks.
    Prepare,
    /// So many iterations.
    Run(u64),
    /// One step of fixed work.
    Step(Step),
    /// Says how many bytes are live.
    Count,
    /// Frees its blocks.
    Release,
    /// Ends.
    Leave,
}

impl Order {
    /// As three numbers, which atomics hold.
    fn encode(self) -> [u64; 3] {
        match self {
            Self::Prepare => [0, 0, 0],
            Self::Run(iterations) => [1, iterations, 0],
            Self::Step(Step { number, iterations }) => [2, iterations, number as u64],
            Self::Count => [3, 0, 0],
            Self::Release => [4, 0, 0],
            Self::Leave => [5, 0, 0],
        }
    }

    fn decode([code, iterations, number]: [u64; 3]) -> Self {
        match code {
            0 => Self::Prepare,
            1 => Self::Run(iterations),
            2 => Self::Step(Step { number: number as usize, iterations }),
            3 => Self::Count,
            4 => Self::Release,
            _ => Self::Leave,
        }
    }
}

/// Does what was ordered; the answer is the live bytes where those were asked for.
pub fn follow(order: Order, work: &mut dyn Work, heap: &Heap) -> u64 {
    match order {
        Order::Prepare => work.prepare(heap),
        Order::Run(iterations) => work.run(heap, iterations),
        Order::Step(step) => work.step(heap, step),
        Order::Count => return work.live_bytes(),
        Order::Release => work.release(heap),
        Order::Leave => {}
    }
    0
}

/// What the threads share. Only atomics, so that any may look at any time.
struct Shared {
    members: u32,
    /// The number of the round; advanced by the leader.
    round: AtomicU32,
    order: [AtomicU64; 3],
    ready: AtomicU32,
    /// The round whose work may begin.
    go: AtomicU32,
    working: AtomicU32,
    /// The number of rounds that are over.
    over: AtomicU32,
    started_ns: AtomicU64,
    ended_ns: AtomicU64,
    answer: AtomicU64,
}

/// One thread's part, handed to it when it is made.
struct Member {
    shared: &'static Shared,
    cpu: usize,
    heap: Heap,
    work: Box<dyn Work>,
}

/// The leader's end.
pub struct Team {
    shared: &'static Shared,
    threads: Vec<libc::pthread_t>,
}

/// What a round took, and the sum of the members' answers.
#[derive(Clone, Copy, Debug, Default)]
pub struct Round {
    /// Nanoseconds from the last one ready to the last one done.
    pub elapsed_ns: u64,
    /// The answers, added up.
    pub answer: u64,
}

impl Team {
    /// Makes a thread for each part, on the processors in turn. The error is the number that pthread_create gave.
    pub fn new(parts: Vec<Box<dyn Work>>, cpus: &[usize], heap: Heap) -> Result<Self, i32> {
        let shared: &'static Shared = Box::leak(Box::new(Shared {
            members: parts.len() as u32,
            round: AtomicU32::new(0),
            order: [const { AtomicU64::new(0) }; 3],
            ready: AtomicU32::new(0),
            go: AtomicU32::new(0),
            working: AtomicU32::new(0),
            over: AtomicU32::new(0),
            started_ns: AtomicU64::new(0),
            ended_ns: AtomicU64::new(0),
            answer: AtomicU64::new(0),
        }));
        let mut team = Self { shared, threads: Vec::new() };
        for (n, work) in parts.into_iter().enumerate() {
            let member = Box::new(Member { shared, cpu: cpus[n % cpus.len()], heap, work });
            team.threads.push(start(member_main, Box::into_raw(member).cast())?);
        }
        Ok(team)
    }

    /// Leads one round.
    pub fn round(&self, order: Order) -> Round {
        let shared = self.shared;
        for (place, number) in shared.order.iter().zip(order.encode()) {
            place.store(number, Ordering::Relaxed);
        }
        shared.ready.store(0, Ordering::Relaxed);
        shared.answer.store(0, Ordering::Relaxed);
        shared.working.store(shared.members, Ordering::Relaxed);
        let over = shared.over.load(Ordering::Acquire);
        futex::advance(&shared.round);
        futex::wait_while(&shared.over, over);
        let (start, end) = (shared.started_ns.load(Ordering::Relaxed), shared.ended_ns.load(Ordering::Relaxed));
        Round { elapsed_ns: end.saturating_sub(start), answer: shared.answer.load(Ordering::Relaxed) }
    }

    /// Lets the threads end, and waits for them.
    pub fn dismiss(self) {
        self.round(Order::Leave);
        for thread in self.threads {
            // SAFETY: the thread was made by this object and is joined once.
            unsafe { libc::pthread_join(thread, ptr::null_mut()) };
        }
    }
}

/// Makes a thread with default attributes. The error is the number that pthread_create gave.
pub(super) fn start(
    main: extern "C" fn(*mut c_void) -> *mut c_void,
    argument: *mut c_void,
) -> Result<libc::pthread_t, i32> {
    let mut thread = MaybeUninit::uninit();
    // SAFETY: the handle is writable, and the argument is what the function takes; default attributes, as most programs.
    match unsafe { libc::pthread_create(thread.as_mut_ptr(), ptr::null(), main, argument) } {
        // SAFETY: pthread_create has written it.
        0 => Ok(unsafe { thread.assume_init() }),
        error => Err(error),
    }
}

extern "C" fn member_main(argument: *mut c_void) -> *mut c_void {
    // SAFETY: `Team::new` gave this thread a box of its own. It is never freed: Rust's allocator is the leader's while
    // members run.
    let member = unsafe { &mut *argument.cast::<Member>() };
    let shared = member.shared;
    cpus::pin(member.cpu);
    let mut round = 0;
    loop {
        round = futex::wait_while(&shared.round, round);
        let order = Order::decode(shared.order.each_ref().map(|number| number.load(Ordering::Relaxed)));
        start_line(shared, round);
        let answer = follow(order, member.work.as_mut(), &member.heap);
        shared.answer.fetch_add(answer, Ordering::Relaxed);
        if shared.working.fetch_sub(1, Ordering::AcqRel) == 1 {
            shared.ended_ns.store(clock::now_ns(), Ordering::Relaxed);
            futex::advance(&shared.over);
        }
        if order == Order::Leave {
            return ptr::null_mut();
        }
    }
}

/// Waits until every member is here, awake. The last one starts the clock.
fn start_line(shared: &Shared, round: u32) {
    if shared.ready.fetch_add(1, Ordering::AcqRel) + 1 == shared.members {
        shared.started_ns.store(clock::now_ns(), Ordering::Relaxed);
        shared.go.store(round, Ordering::Release);
        return;
    }
    let mut turns = 0;
    while shared.go.load(Ordering::Acquire) != round {
        turns += 1;
        if turns < TURNS {
            hint::spin_loop();
        } else {
            give_way();
        }
    }
}

/// Lets another thread have the processor.
pub fn give_way() {
    // SAFETY: takes nothing.
    unsafe { libc::sched_yield() };
}

/// Does the work in a thread made for it, and waits for its end. The thread has default attributes, and is held to the
/// processor that its maker is held to.
pub fn in_new_thread<F: FnOnce() + Send>(work: F) {
    extern "C" fn run<F: FnOnce()>(argument: *mut c_void) -> *mut c_void {
        // SAFETY: the maker passes its own option, which it does not touch until this thread has ended.
        if let Some(work) = unsafe { (*argument.cast::<Option<F>>()).take() } {
            work();
        }
        ptr::null_mut()
    }
    let mut work = Some(work);
    match start(run::<F>, (&raw mut work).cast()) {
        // SAFETY: the thread was made right now and is joined once.
        Ok(thread) => drop(unsafe { libc::pthread_join(thread, ptr::null_mut()) }),
        Err(error) => entry::failed(format!("making a thread: error number {error}")),
    }
}

/// Makes a thread that sleeps until the program ends, for workloads of a process that is not alone with its first thread.
pub fn make_sleeper() -> Result<(), i32> {
    extern "C" fn sleep(_: *mut c_void) -> *mut c_void {
        static NEVER: AtomicU32 = AtomicU32::new(0);
        futex::wait_while(&NEVER, 0);
        ptr::null_mut()
    }
    start(sleep, ptr::null_mut()).map(drop)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    #[test]
    fn orders_survive_their_way() {
        let step = Step { number: 3, iterations: 9 };
        let orders = [Order::Prepare, Order::Run(7), Order::Step(step), Order::Count, Order::Release, Order::Leave];
        for order in orders {
            assert_eq!(Order::decode(order.encode()), order);
        }
    }

    /// Adds up what it is told.
    struct Counted(Arc<AtomicU64>);

    impl Work for Counted {
        fn run(&mut self, _heap: &Heap, iterations: u64) {
            self.0.fetch_add(iterations, Ordering::Relaxed);
        }

        fn step(&mut self, _heap: &Heap, step: Step) {
            self.0.fetch_add(step.number as u64 * 1000, Ordering::Relaxed);
        }

        fn live_bytes(&self) -> u64 {
            5
        }
    }

    #[test]
    fn every_member_does_its_part_of_every_round() {
        let sum = Arc::new(AtomicU64::new(0));
        let parts = (0..3).map(|_| Box::new(Counted(sum.clone())) as Box<dyn Work>).collect();
        let team = Team::new(parts, &cpus::allowed(), Heap::bound()).expect("threads");
        for round in 1..=20 {
            team.round(Order::Run(7));
            assert_eq!(sum.load(Ordering::Relaxed), round * 21);
        }
        team.round(Order::Step(Step { number: 2, iterations: 1 }));
        assert_eq!(sum.load(Ordering::Relaxed), 420 + 6000);
        assert_eq!(team.round(Order::Count).answer, 15);
        team.dismiss();
    }

    #[test]
    fn work_in_a_thread_of_its_own_is_done_when_the_call_returns() {
        let mut done = 0;
        in_new_thread(|| done += 1);
        assert_eq!(done, 1);
    }
}
