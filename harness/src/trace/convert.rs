//! From what a recorder saw to what a replay does: addresses become slots, and of the order that all events had, what
//! matters is kept.
//!
//! First pass, [`deeds`]: which block each event is about. Second pass, [`Weaver`](super::order::Weaver): which slot the
//! block is in, and where one thread has to wait for another.

use std::collections::HashMap;

use libcdiff_trace::{MOST_OPERATIONS, MOST_THREADS, Source, Trace};
use thiserror::Error;

use super::order::Weaver;
use super::raw::{Event, Recording, What};

/// Why a recording makes no trace.
#[derive(Debug, Error)]
pub enum ConvertError {
    /// Nothing in it.
    #[error("the recorder saw no call of malloc")]
    Nothing,
    /// Too much in it.
    #[error("{found} {what} were recorded; a trace has at most {most}: record a shorter run")]
    TooLarge {
        /// Of what.
        what: &'static str,
        /// How many.
        found: u64,
        /// The limit.
        most: u64,
    },
    /// What came out is no trace that can be read.
    #[error("the recording does not make a trace: {0}")]
    Trace(#[from] libcdiff_trace::Damage),
}

/// How a block is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// malloc.
    Malloc,
    /// calloc.
    Calloc,
    /// With an alignment of two to this power.
    Aligned(u8),
}

/// What a thread did to a block or a thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    /// Asked for a block.
    Fill(How, u32, u64),
    /// Resized one.
    Resize(u32, u64),
    /// Freed one.
    Free(u32),
    /// Started a thread.
    Start(usize),
    /// Waited for one's end.
    Join(usize),
}

/// The deeds of a process, in order, with who did them.
#[derive(Debug, Default)]
pub struct Deeds {
    /// Thread and deed.
    pub list: Vec<(usize, Deed)>,
    /// Threads.
    pub threads: usize,
    /// Blocks.
    pub blocks: u32,
    /// Events that mean nothing without what was before the recording, or that were lost.
    pub left_out: u64,
}

/// Makes a trace. `source` says where the recording comes from; how much is left out is counted here.
pub fn convert(recording: &Recording, source: Source) -> Result<Trace, ConvertError> {
    let deeds = deeds(&recording.events);
    let operations =
        deeds.list.iter().filter(|(_, deed)| !matches!(deed, Deed::Start(_) | Deed::Join(_))).count() as u64;
    for (what, found, most) in [("calls", operations, MOST_OPERATIONS), ("threads", deeds.threads as u64, MOST_THREADS)]
    {
        if found > most {
            return Err(ConvertError::TooLarge { what, found, most });
        }
    }
    if operations == 0 {
        return Err(ConvertError::Nothing);
    }
    let source = Source { left_out: deeds.left_out + recording.dropped, ..source };
    let mut weaver = Weaver::new(&deeds, operations);
    for (thread, deed) in &deeds.list {
        weaver.weave(*thread, *deed);
    }
    let (streams, peak) = weaver.finish();
    Ok(Trace::new(source, streams, peak)?)
}

/// Finds out which block each event is about.
pub fn deeds(events: &[Event]) -> Deeds {
    let mut reader = Reader::new(events);
    for event in events {
        reader.take(event);
    }
    reader.deeds.threads = reader.started.len();
    reader.deeds
}

struct Reader {
    deeds: Deeds,
    /// Blocks that are there, by address.
    live: HashMap<u64, u32>,
    /// What realloc was given, by thread number: the address, and the block where it is known.
    resizing: HashMap<u32, (u64, Option<u32>)>,
    /// The streams of thread numbers.
    streams: HashMap<u32, usize>,
    /// The numbers of threads by their pthread_t, the last one that had it.
    handles: HashMap<u64, u32>,
    /// The last event of each thread number.
    last: HashMap<u32, u64>,
    started: Vec<bool>,
    joined: Vec<bool>,
    /// The stream of the deed before.
    before: usize,
}

impl Reader {
    fn new(events: &[Event]) -> Self {
        let mut last = HashMap::new();
        for event in events {
            last.insert(event.thread, event.order);
        }
        Self {
            deeds: Deeds::default(),
            live: HashMap::new(),
            resizing: HashMap::new(),
            streams: HashMap::new(),
            handles: HashMap::new(),
            last,
            started: Vec::new(),
            joined: Vec::new(),
            before: 0,
        }
    }

    /// The stream of a thread number; the first one is the main thread's.
    fn stream(&mut self, number: u32) -> usize {
        let next = self.streams.len();
        let stream = *self.streams.entry(number).or_insert(next);
        if stream == next {
            self.started.push(next == 0);
            self.joined.push(false);
        }
        stream
    }

    fn did(&mut self, stream: usize, deed: Deed) {
        // Somebody else's way of making threads: whoever did something just before is said to have started it.
        if !self.started[stream] {
            self.started[stream] = true;
            self.deeds.list.push((self.before, Deed::Start(stream)));
        }
        self.deeds.list.push((stream, deed));
        self.before = stream;
    }

    fn new_block(&mut self) -> u32 {
        self.deeds.blocks += 1;
        self.deeds.blocks - 1
    }

    fn take(&mut self, event: &Event) {
        let stream = self.stream(event.thread);
        match event.what {
            What::Malloc => self.fill(stream, How::Malloc, event),
            What::Calloc => self.fill(stream, How::Calloc, event),
            What::Aligned(log2) => self.fill(stream, How::Aligned(log2), event),
            What::Free => match self.live.remove(&event.address) {
                Some(block) => self.did(stream, Deed::Free(block)),
                None => self.deeds.left_out += 1,
            },
            What::ReallocFrom => {
                let block = self.live.remove(&event.address);
                self.resizing.insert(event.thread, (event.address, block));
            }
            What::ReallocTo => self.resized(stream, event),
            What::Start => self.start(stream, event),
            What::Begin => {
                self.handles.insert(event.address, event.thread);
            }
            What::Join => self.join(stream, event),
        }
    }

    fn fill(&mut self, stream: usize, how: How, event: &Event) {
        let block = self.new_block();
        if let Some(lost) = self.live.insert(event.address, block) {
            // The address cannot have been handed out twice: its free was not seen.
            self.deeds.left_out += 1;
            self.did(stream, Deed::Free(lost));
        }
        self.did(stream, Deed::Fill(how, block, event.bytes));
    }

    fn resized(&mut self, stream: usize, event: &Event) {
        let (from, block) = self.resizing.remove(&event.thread).unwrap_or_default();
        match (block, event.address) {
            // glibc frees a block that is resized to nothing, and returns no address.
            (Some(block), 0) if event.bytes == 0 => self.did(stream, Deed::Free(block)),
            (Some(block), 0) => {
                self.live.insert(from, block);
            }
            (Some(block), to) => {
                if let Some(lost) = self.live.insert(to, block) {
                    self.deeds.left_out += 1;
                    self.did(stream, Deed::Free(lost));
                }
                // A replay must get a block for it from every allocator.
                self.did(stream, Deed::Resize(block, event.bytes.max(1)));
            }
            (None, 0) => self.deeds.left_out += 1,
            (None, _) => self.fill(stream, How::Malloc, event),
        }
    }

    fn start(&mut self, stream: usize, event: &Event) {
        let number = event.address as u32;
        // A thread without events never came to be.
        if self.last.contains_key(&number) {
            let child = self.stream(number);
            if !self.started[child] {
                self.did(stream, Deed::Start(child));
                self.started[child] = true;
            }
        }
    }

    fn join(&mut self, stream: usize, event: &Event) {
        let Some(number) = self.handles.get(&event.address) else { return };
        let over = self.last.get(number).is_none_or(|last| *last < event.order);
        let Some(child) = self.streams.get(number).copied() else { return };
        if over && child != 0 && child != stream && self.started[child] && !self.joined[child] {
            self.joined[child] = true;
            self.did(stream, Deed::Join(child));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A process that is made up: threads that take turns at random, an allocator that hands out the lowest free address,
    /// and what a recorder would see of it.
    struct Process {
        random: u64,
        events: Vec<Event>,
        live: Vec<u64>,
        next: u64,
        free: Vec<u64>,
    }

    impl Process {
        fn random(&mut self, below: u64) -> u64 {
            self.random ^= self.random << 13;
            self.random ^= self.random >> 7;
            self.random ^= self.random << 17;
            self.random % below
        }

        fn note(&mut self, thread: u32, what: What, address: u64, bytes: u64) {
            let order = self.events.len() as u64 + 1;
            self.events.push(Event { order, thread, what, address, bytes });
        }

        fn address(&mut self) -> u64 {
            self.free.pop().unwrap_or_else(|| {
                self.next += 16;
                self.next
            })
        }

        fn step(&mut self, thread: u32) {
            let bytes = self.random(5000);
            let victim = (!self.live.is_empty()).then(|| self.random(self.live.len() as u64) as usize);
            match (self.random(5), victim) {
                (0 | 1, Some(victim)) => {
                    let address = self.live.swap_remove(victim);
                    self.note(thread, What::Free, address, 0);
                    self.free.push(address);
                }
                (2, Some(victim)) => {
                    let from = self.live[victim];
                    self.note(thread, What::ReallocFrom, from, 0);
                    match self.random(4) {
                        0 => self.note(thread, What::ReallocTo, 0, 1 << 40),
                        1 => self.note(thread, What::ReallocTo, from, bytes + 1),
                        _ => {
                            let to = self.address();
                            self.note(thread, What::ReallocTo, to, bytes + 1);
                            self.live[victim] = to;
                            self.free.push(from);
                        }
                    }
                }
                (3, _) => {
                    let address = self.address();
                    self.live.push(address);
                    self.note(thread, What::Aligned(6), address, bytes);
                }
                _ => {
                    let address = self.address();
                    self.live.push(address);
                    self.note(thread, What::Malloc, address, bytes);
                }
            }
        }
    }

    fn process(seed: u64, threads: u32, steps: usize) -> Process {
        let mut process = Process { random: seed, events: vec![], live: vec![], next: 0x1000, free: vec![] };
        process.step(1);
        let mut running = vec![1];
        let mut next = 2;
        for _ in 0..steps {
            match process.random(50) {
                0 if next <= threads => {
                    let creator = running[process.random(running.len() as u64) as usize];
                    process.note(creator, What::Start, next.into(), 0);
                    // pthread_t values come again, as in real life.
                    process.note(next, What::Begin, u64::from(next % 5) + 0x7000, 0);
                    running.push(next);
                    next += 1;
                }
                1 if running.len() > 1 => {
                    let ended = running.pop().unwrap_or(1);
                    process.note(1, What::Join, u64::from(ended % 5) + 0x7000, 0);
                }
                _ => {
                    let thread = running[process.random(running.len() as u64) as usize];
                    process.step(thread);
                }
            }
        }
        process
    }

    fn recording(events: Vec<Event>) -> Recording {
        let program = "program".into();
        Recording { pid: 1, parent: 0, forked: false, program, dropped: 0, stopped: None, events }
    }

    #[test]
    fn whatever_threads_do_makes_a_trace_that_is_accepted() {
        for seed in 1..200 {
            let made = process(seed * 7919, seed as u32 % 9 + 1, 50 + seed as usize * 20);
            let (live, events) = (made.live.len(), made.events.len());
            let trace = convert(&recording(made.events), Source::default()).unwrap_or_else(|e| panic!("{seed}: {e}"));
            let shape = trace.shape();
            assert_eq!(trace.source().left_out, 0, "{seed}");
            assert!(shape.operations as usize <= events && shape.slots as usize >= live, "{seed}: {shape:?}");
            assert_eq!(Trace::decode(&trace.encode()).as_ref(), Ok(&trace), "{seed}");
        }
    }

    #[test]
    fn slots_are_used_again() {
        let made = process(12345, 4, 40_000);
        let trace = convert(&recording(made.events), Source::default()).expect("a trace");
        let blocks = trace.shape().histogram.iter().sum::<u64>();
        assert!(u64::from(trace.shape().slots) < blocks / 2, "{:?}", trace.shape());
    }

    #[test]
    fn frees_of_unknown_blocks_are_left_out_and_lost_frees_are_made_up_for() {
        let event = |order, what, address, bytes| Event { order, thread: 1, what, address, bytes };
        let events = vec![
            event(1, What::Free, 0x10, 0),
            event(2, What::Malloc, 0x20, 5),
            event(3, What::Malloc, 0x20, 6),
            event(4, What::ReallocFrom, 0x30, 0),
            event(5, What::ReallocTo, 0x40, 7),
        ];
        let trace = convert(&recording(events), Source::default()).expect("a trace");
        assert_eq!(trace.source().left_out, 2);
        assert_eq!((trace.shape().operations, trace.shape().peak_live_bytes), (4, 13));
    }

    #[test]
    fn what_glibc_does_when_a_block_is_resized_to_nothing_is_a_free() {
        let event = |order, what, address, bytes| Event { order, thread: 1, what, address, bytes };
        let mut events = vec![
            event(1, What::Malloc, 0x20, 5),
            event(2, What::ReallocFrom, 0x20, 0),
            event(3, What::ReallocTo, 0, 0),
        ];
        let trace = convert(&recording(events.clone()), Source::default()).expect("a trace");
        assert_eq!(trace.shape().curve[255], 0);
        // musl hands out a block of no bytes.
        events[2].address = 0x60;
        let trace = convert(&recording(events), Source::default()).expect("a trace");
        assert_eq!(trace.shape().curve[255], 1);
    }

    #[test]
    fn a_recording_of_nothing_says_so() {
        let error = convert(&recording(Vec::new()), Source::default()).expect_err("nothing");
        assert!(error.to_string().contains("no call of malloc"));
    }
}
