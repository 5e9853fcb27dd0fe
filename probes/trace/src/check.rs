//! Goes through a trace as a replay does, without an allocator: whether its threads come to an end, and whether each block
//! is there when it is used, in whatever order the threads run.
//!
//! The order is settled by what a thread knows of another one: how far it must have come. It knows that from starting it,
//! being started by it, waiting for a post, or for its end; and from marks: when a thread passes its mark k, every other one
//! has passed mark k - 1. That is what replays wait for. Here threads wait for all to reach mark k itself, which a replay
//! that samples memory does: the live bytes at that point depend on no order.

use std::collections::{HashMap, VecDeque};

use crate::header::{Shape, bucket};
use crate::limits::{EPOCHS, MARKS, MOST_BYTES, MOST_LIVE, MOST_LOG2, MOST_OPERATIONS, MOST_THREADS};
use crate::{Damage, Fault, Op};

/// Counts what is in the streams, after making sure that they can be replayed. `peak` is what the recording says; it cannot
/// be told from the streams of several threads, and must only be possible.
pub fn check(streams: &[Vec<Op>], peak: u64) -> Result<Shape, Damage> {
    let threads = streams.len() as u64;
    if threads > MOST_THREADS {
        return Err(Damage::TooLarge { what: "threads", value: threads, most: MOST_THREADS });
    }
    let operations = streams.iter().flatten().filter(|op| op.allocates_or_frees()).count() as u64;
    if operations == 0 {
        return Err(Damage::Empty);
    }
    if operations > MOST_OPERATIONS {
        return Err(Damage::TooLarge { what: "operations", value: operations, most: MOST_OPERATIONS });
    }
    let mut run = Run::new(streams, operations);
    run.run()?;
    let peak_is_possible = match streams.len() {
        1 => peak == run.peak,
        _ => {
            peak >= run.curve.iter().copied().max().unwrap_or(0) && peak <= run.asked.min(u128::from(MOST_LIVE)) as u64
        }
    };
    if !peak_is_possible {
        return Err(Damage::Disagrees("most live bytes"));
    }
    Ok(Shape {
        threads: threads as u32,
        slots: run.slots.len() as u32,
        syncs: run.posts.len() as u32,
        operations,
        peak_live_bytes: peak,
        curve: run.curve,
        histogram: run.histogram,
    })
}

/// A step that another thread may have to come after.
#[derive(Clone, Copy, Default)]
struct Touch {
    thread: u32,
    /// Steps that the thread had done with it.
    steps: usize,
    /// Marks that the thread had passed.
    marks: u16,
}

/// A slot: what is in it, and who touched it last.
#[derive(Clone, Copy, Default)]
struct Slot {
    bytes: Option<u64>,
    last: Touch,
}

#[derive(Clone, Copy, PartialEq)]
enum Phase {
    Unstarted,
    Running,
    Ended,
}

struct Thread {
    phase: Phase,
    /// The next step.
    step: usize,
    /// Marks that it has reached.
    marks: u16,
    started: Touch,
    joined: bool,
    /// Whether it stands at a mark that it has reached.
    arrived: bool,
}

enum Pause {
    Sync(u32),
    Thread(usize),
    Mark,
}

struct Run<'a> {
    streams: &'a [Vec<Op>],
    operations: u64,
    threads: Vec<Thread>,
    /// Of each thread, for each other one: steps of it that are known to be done.
    known: Vec<usize>,
    slots: Vec<Slot>,
    posts: HashMap<u32, (usize, usize)>,
    ready: VecDeque<usize>,
    waiting_for_sync: HashMap<u32, Vec<usize>>,
    waiting_for_end: Vec<Vec<usize>>,
    waiting_for_mark: Vec<usize>,
    /// Running threads that have reached so many marks.
    at: Vec<usize>,
    /// Marks that every running thread has reached.
    lowest: u16,
    live: u64,
    peak: u64,
    asked: u128,
    curve: Vec<u64>,
    histogram: Vec<u64>,
}

impl<'a> Run<'a> {
    fn new(streams: &'a [Vec<Op>], operations: u64) -> Self {
        let thread = |_| Thread {
            phase: Phase::Unstarted,
            step: 0,
            marks: 0,
            started: Touch::default(),
            joined: false,
            arrived: false,
        };
        let mut run = Self {
            streams,
            operations,
            threads: streams.iter().map(thread).collect(),
            known: vec![0; streams.len() * streams.len()],
            slots: Vec::new(),
            posts: HashMap::new(),
            ready: VecDeque::new(),
            waiting_for_sync: HashMap::new(),
            waiting_for_end: vec![Vec::new(); streams.len()],
            waiting_for_mark: Vec::new(),
            at: vec![0; EPOCHS],
            lowest: 0,
            live: 0,
            peak: 0,
            asked: 0,
            curve: Vec::with_capacity(EPOCHS),
            histogram: Vec::new(),
        };
        run.begin(0, 0);
        run
    }

    fn begin(&mut self, thread: usize, marks: u16) {
        self.threads[thread].phase = Phase::Running;
        self.threads[thread].marks = marks;
        self.at[usize::from(marks)] += 1;
        self.ready.push_back(thread);
    }

    fn run(&mut self) -> Result<(), Damage> {
        while let Some(thread) = self.ready.pop_front() {
            match self.advance(thread)? {
                Some(Pause::Sync(sync)) => self.waiting_for_sync.entry(sync).or_default().push(thread),
                Some(Pause::Thread(other)) => self.waiting_for_end[other].push(thread),
                Some(Pause::Mark) => self.waiting_for_mark.push(thread),
                None => self.end(thread),
            }
        }
        if let Some(thread) = self.threads.iter().position(|t| t.phase == Phase::Running) {
            return Err(Damage::Deadlock { thread, step: self.threads[thread].step });
        }
        if let Some(thread) = self.threads.iter().position(|t| t.phase == Phase::Unstarted) {
            return Err(Damage::NeverStarted(thread));
        }
        let syncs = self.posts.len() as u32;
        if self.posts.keys().any(|sync| *sync >= syncs) {
            return Err(Damage::Disagrees("number of syncs"));
        }
        self.curve.resize(EPOCHS, self.live);
        Ok(())
    }

    /// Takes the thread as far as it gets; `None` when that is its end.
    fn advance(&mut self, thread: usize) -> Result<Option<Pause>, Damage> {
        while let Some(op) = self.streams[thread].get(self.threads[thread].step) {
            let step = self.threads[thread].step;
            let pause = self.take(thread, step, *op).map_err(|fault| Damage::Fault { thread, step, fault })?;
            if pause.is_some() {
                return Ok(pause);
            }
            self.threads[thread].step += 1;
        }
        Ok(None)
    }

    /// One step; a pause where it has to be tried again later.
    fn take(&mut self, thread: usize, step: usize, op: Op) -> Result<Option<Pause>, Fault> {
        match op {
            Op::Malloc { slot, bytes } | Op::Calloc { slot, bytes } => self.fill(thread, step, slot, bytes)?,
            Op::Aligned { slot, bytes, log2 } if log2 <= MOST_LOG2 => self.fill(thread, step, slot, bytes)?,
            Op::Aligned { log2, .. } => return Err(Fault::Alignment(log2)),
            Op::Realloc { bytes: 0, .. } => return Err(Fault::Bytes(0)),
            Op::Realloc { slot, bytes } => {
                let had = self.touch(thread, step, slot)?.bytes.replace(bytes).ok_or(Fault::Vacant(slot))?;
                self.count(had, bytes)?;
            }
            Op::Free { slot } => {
                let had = self.touch(thread, step, slot)?.bytes.take().ok_or(Fault::Vacant(slot))?;
                self.live -= had;
            }
            Op::Post { sync } => {
                if self.posts.insert(sync, (thread, step)).is_some() {
                    return Err(Fault::PostedTwice(sync));
                }
                self.ready.extend(self.waiting_for_sync.remove(&sync).unwrap_or_default());
            }
            Op::Wait { sync } => match self.posts.get(&sync) {
                Some((other, done)) => self.learn(thread, *other, *done),
                None => return Ok(Some(Pause::Sync(sync))),
            },
            Op::Start { thread: other } => self.start(thread, step, other)?,
            Op::Join { thread: other } => return self.join(thread, other),
            Op::Mark => return self.mark(thread),
        }
        Ok(None)
    }

    fn fill(&mut self, thread: usize, step: usize, slot: u32, bytes: u64) -> Result<(), Fault> {
        if self.touch(thread, step, slot)?.bytes.replace(bytes).is_some() {
            return Err(Fault::Taken(slot));
        }
        self.count(0, bytes)
    }

    /// The slot, which from now on this thread has touched last.
    fn touch(&mut self, thread: usize, step: usize, number: u32) -> Result<&mut Slot, Fault> {
        let index = number as usize;
        if index >= self.slots.len() {
            if index as u64 >= self.operations {
                return Err(Fault::Slot(number));
            }
            self.slots.resize(index + 1, Slot::default());
        }
        if !self.comes_after(thread, self.slots[index].last) {
            return Err(Fault::Race(number));
        }
        let marks = self.threads[thread].marks;
        let slot = &mut self.slots[index];
        slot.last = Touch { thread: thread as u32, steps: step + 1, marks };
        Ok(slot)
    }

    /// Whether the thread comes after the touch in whatever order threads run.
    fn comes_after(&self, thread: usize, touch: Touch) -> bool {
        let other = touch.thread as usize;
        touch.steps == 0
            || other == thread
            || touch.steps <= self.known[thread * self.threads.len() + other]
            || touch.marks + 2 <= self.threads[thread].marks
    }

    fn count(&mut self, had: u64, has: u64) -> Result<(), Fault> {
        if has > MOST_BYTES {
            return Err(Fault::Bytes(has));
        }
        self.live = self.live - had + has;
        if self.live > MOST_LIVE {
            return Err(Fault::Live(self.live));
        }
        self.peak = self.peak.max(self.live);
        let place = bucket(has);
        self.histogram.resize(self.histogram.len().max(place + 1), 0);
        self.histogram[place] += 1;
        self.asked += u128::from(has);
        Ok(())
    }

    /// The thread knows that the other one has done so many steps.
    fn learn(&mut self, thread: usize, other: usize, steps: usize) {
        let known = &mut self.known[thread * self.threads.len() + other];
        *known = (*known).max(steps);
    }

    fn start(&mut self, thread: usize, step: usize, other: u32) -> Result<(), Fault> {
        let index = other as usize;
        if self.threads.get(index).is_none_or(|t| t.phase != Phase::Unstarted) {
            return Err(Fault::Start(other));
        }
        self.learn(index, thread, step);
        let marks = self.threads[thread].marks;
        self.threads[index].started = Touch { thread: thread as u32, steps: step + 1, marks };
        self.begin(index, marks);
        Ok(())
    }

    fn join(&mut self, thread: usize, other: u32) -> Result<Option<Pause>, Fault> {
        let index = other as usize;
        if self.threads.get(index).is_none_or(|t| !self.comes_after(thread, t.started)) {
            return Err(Fault::Join(other));
        }
        match self.threads.get_mut(index) {
            Some(t) if index != 0 && index != thread && !t.joined && t.phase == Phase::Ended => t.joined = true,
            Some(t) if index != 0 && index != thread && !t.joined && t.phase == Phase::Running => {
                return Ok(Some(Pause::Thread(index)));
            }
            _ => return Err(Fault::Join(other)),
        }
        self.learn(thread, index, usize::MAX);
        Ok(None)
    }

    /// At a mark: it is reached the first time, and passed when all have reached it.
    fn mark(&mut self, thread: usize) -> Result<Option<Pause>, Fault> {
        if !self.threads[thread].arrived {
            let reached = self.threads[thread].marks;
            if reached == MARKS {
                return Err(Fault::Mark);
            }
            self.threads[thread].arrived = true;
            self.threads[thread].marks += 1;
            self.at[usize::from(reached)] -= 1;
            self.at[usize::from(reached) + 1] += 1;
            self.catch_up();
        }
        if self.lowest < self.threads[thread].marks {
            return Ok(Some(Pause::Mark));
        }
        self.threads[thread].arrived = false;
        Ok(None)
    }

    fn end(&mut self, thread: usize) {
        self.threads[thread].phase = Phase::Ended;
        self.at[usize::from(self.threads[thread].marks)] -= 1;
        self.ready.extend(std::mem::take(&mut self.waiting_for_end[thread]));
        self.catch_up();
    }

    /// Ends the epochs that no running thread is in any more.
    fn catch_up(&mut self) {
        while self.lowest < MARKS
            && self.at[usize::from(self.lowest)] == 0
            && self.at.iter().any(|running| *running > 0)
        {
            self.lowest += 1;
            self.curve.push(self.live);
            self.ready.extend(std::mem::take(&mut self.waiting_for_mark));
        }
    }
}
