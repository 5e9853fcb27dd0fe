//! Second pass of the conversion: deeds in their recorded order become one stream for each thread.
//!
//! A thread that touches a slot which another one touched last must come after it. It may know so already: from an earlier
//! wait, from starting or joining, or because marks lie between. Otherwise the other thread posts and this one waits. Slots
//! are given to the thread that emptied them, or to one that knows that they are empty.

use std::collections::{HashMap, VecDeque};

use libcdiff_trace::{EPOCHS, Op};

use super::convert::{Deed, Deeds, How};

/// The last touch of a slot, or what created a thread.
#[derive(Clone, Copy)]
struct Touch {
    thread: usize,
    /// Steps that the thread had then done.
    steps: usize,
    /// Marks that it had passed.
    marks: usize,
}

#[derive(Default)]
struct Thread {
    ops: Vec<Op>,
    marks: usize,
    /// Empty slots, the oldest first.
    vacant: VecDeque<u32>,
    /// The step that created it.
    started: Option<Touch>,
    /// After how many steps which number is posted.
    posts: Vec<(usize, u32)>,
}

/// Weaves streams.
pub struct Weaver {
    threads: Vec<Thread>,
    /// Of each thread, for each other one: steps of it that are known to be done.
    known: Vec<usize>,
    touches: Vec<Touch>,
    /// Slot and size of each block.
    blocks: Vec<(u32, u64)>,
    syncs: HashMap<(usize, usize), u32>,
    operations: u64,
    done: u64,
    live: u64,
    peak: u64,
}

impl Weaver {
    /// For all these deeds, of which so many ask something of the allocator.
    pub fn new(deeds: &Deeds, operations: u64) -> Self {
        Self {
            threads: (0..deeds.threads).map(|_| Thread::default()).collect(),
            known: vec![0; deeds.threads * deeds.threads],
            touches: Vec::new(),
            blocks: vec![(0, 0); deeds.blocks as usize],
            syncs: HashMap::new(),
            operations,
            done: 0,
            live: 0,
            peak: 0,
        }
    }

    /// Adds the next deed.
    pub fn weave(&mut self, thread: usize, deed: Deed) {
        let epoch = (self.done.min(self.operations - 1) * EPOCHS as u64 / self.operations) as usize;
        while self.threads[thread].marks < epoch {
            self.threads[thread].ops.push(Op::Mark);
            self.threads[thread].marks += 1;
        }
        match deed {
            Deed::Fill(how, block, bytes) => self.fill(thread, how, block, bytes),
            Deed::Resize(block, bytes) => self.resize(thread, block, bytes),
            Deed::Free(block) => self.free(thread, block),
            Deed::Start(other) => {
                let creator = &mut self.threads[thread];
                let (steps, marks) = (creator.ops.len(), creator.marks);
                creator.ops.push(Op::Start { thread: other as u32 });
                self.threads[other].marks = marks;
                self.threads[other].started = Some(Touch { thread, steps: steps + 1, marks });
                self.learn(other, thread, steps);
                return;
            }
            Deed::Join(other) => {
                // Who joins may have its handle from somebody else than who created it.
                if let Some(started) = self.threads[other].started {
                    self.come_after(thread, started);
                }
                self.threads[thread].ops.push(Op::Join { thread: other as u32 });
                self.learn(thread, other, usize::MAX);
                return;
            }
        }
        self.done += 1;
        self.peak = self.peak.max(self.live);
    }

    /// The streams, and the most bytes that were live.
    pub fn finish(self) -> (Vec<Vec<Op>>, u64) {
        (self.threads.into_iter().map(Thread::with_posts).collect(), self.peak)
    }

    fn fill(&mut self, thread: usize, how: How, block: u32, bytes: u64) {
        let slot = self.vacant_slot(thread);
        self.blocks[block as usize] = (slot, bytes);
        self.live += bytes;
        self.touch(
            thread,
            slot,
            match how {
                How::Malloc => Op::Malloc { slot, bytes },
                How::Calloc => Op::Calloc { slot, bytes },
                How::Aligned(log2) => Op::Aligned { slot, bytes, log2 },
            },
        );
    }

    fn resize(&mut self, thread: usize, block: u32, bytes: u64) {
        let (slot, had) = self.blocks[block as usize];
        self.blocks[block as usize].1 = bytes;
        self.live = self.live - had + bytes;
        self.come_after(thread, self.touches[slot as usize]);
        self.touch(thread, slot, Op::Realloc { slot, bytes });
    }

    fn free(&mut self, thread: usize, block: u32) {
        let (slot, had) = self.blocks[block as usize];
        self.live -= had;
        self.come_after(thread, self.touches[slot as usize]);
        self.touch(thread, slot, Op::Free { slot });
        self.threads[thread].vacant.push_back(slot);
    }

    fn touch(&mut self, thread: usize, slot: u32, op: Op) {
        let stream = &mut self.threads[thread];
        stream.ops.push(op);
        self.touches[slot as usize] = Touch { thread, steps: stream.ops.len(), marks: stream.marks };
    }

    /// The thread's own slot that it emptied last, else one of another's that it knows to be empty, else a new one.
    fn vacant_slot(&mut self, thread: usize) -> u32 {
        if let Some(slot) = self.threads[thread].vacant.pop_back() {
            return slot;
        }
        for other in 0..self.threads.len() {
            let oldest = self.threads[other].vacant.front().copied();
            if let Some(slot) = oldest.filter(|slot| self.knows(thread, self.touches[*slot as usize])) {
                self.threads[other].vacant.pop_front();
                return slot;
            }
        }
        self.touches.push(Touch { thread, steps: 0, marks: 0 });
        (self.touches.len() - 1) as u32
    }

    /// Whether the thread comes after the touch in any case. Marks: when a thread has passed mark k, all others have passed
    /// mark k - 1.
    fn knows(&self, thread: usize, touch: Touch) -> bool {
        touch.thread == thread
            || self.known[thread * self.threads.len() + touch.thread] >= touch.steps
            || touch.marks + 2 <= self.threads[thread].marks
    }

    fn learn(&mut self, thread: usize, other: usize, steps: usize) {
        let known = &mut self.known[thread * self.threads.len() + other];
        *known = (*known).max(steps);
    }

    /// Makes the thread wait for the touch, unless it knows of it.
    fn come_after(&mut self, thread: usize, touch: Touch) {
        if self.knows(thread, touch) {
            return;
        }
        let next = self.syncs.len() as u32;
        let sync = *self.syncs.entry((touch.thread, touch.steps)).or_insert(next);
        if sync == next {
            self.threads[touch.thread].posts.push((touch.steps, sync));
        }
        self.threads[thread].ops.push(Op::Wait { sync });
        self.learn(thread, touch.thread, touch.steps);
    }
}

impl Thread {
    /// Puts the posts where they belong.
    fn with_posts(mut self) -> Vec<Op> {
        self.posts.sort_unstable();
        let mut ops = Vec::with_capacity(self.ops.len() + self.posts.len());
        let mut posts = self.posts.into_iter().peekable();
        for (done, op) in self.ops.into_iter().enumerate() {
            while let Some((_, sync)) = posts.next_if(|(after, _)| *after <= done) {
                ops.push(Op::Post { sync });
            }
            ops.push(op);
        }
        ops.extend(posts.map(|(_, sync)| Op::Post { sync }));
        ops
    }
}
