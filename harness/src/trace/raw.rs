//! A file of the recorder, read: whose it is, and what happened, in the order of the whole process.
//!
//! The layout is that of `probes/recorder/recorder.h`; a test holds the two together. A process may have died at any time,
//! so a chunk without a mark and an event without a number are ends, not damage.

use std::path::{Path, PathBuf};

use thiserror::Error;

const MAGIC: u64 = u64::from_le_bytes(*b"CDIFRAW1");
const CHUNK_MAGIC: u32 = u32::from_le_bytes(*b"CHNK");
const HEADER_BYTES: usize = 4096;
const PAGE: usize = 4096;
const CHUNK_HEADER: usize = 16;
const EVENT: usize = 24;
const ADDRESS_BITS: u32 = 57;
const PROGRAM: std::ops::Range<usize> = 40..40 + 1024;
const AT_LIMIT: u32 = u32::MAX;

/// Why a file of the recorder cannot be used.
#[derive(Debug, Error)]
pub enum RawError {
    /// Reading.
    #[error("reading the recording {}: {source}", path.display())]
    Read {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Something else, or of another version of the recorder.
    #[error("{} is no recording: {why}", path.display())]
    Damaged {
        /// Which file.
        path: PathBuf,
        /// What is wrong.
        why: &'static str,
    },
}

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// A block was handed out by malloc.
    Malloc,
    /// By calloc.
    Calloc,
    /// By a function that takes an alignment, whose logarithm this is.
    Aligned(u8),
    /// A block is about to be freed.
    Free,
    /// realloc is about to give a block up.
    ReallocFrom,
    /// What realloc handed out instead; address 0 where it failed.
    ReallocTo,
    /// The thread creates the one whose number is the address.
    Start,
    /// The thread begins; the address is its pthread_t.
    Begin,
    /// The thread with this pthread_t has been joined.
    Join,
}

/// One event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Event {
    /// Its position among all of the process.
    pub order: u64,
    /// The thread's number.
    pub thread: u32,
    /// What happened.
    pub what: What,
    /// To which address.
    pub address: u64,
    /// How many bytes were asked for.
    pub bytes: u64,
}

/// Why the recorder wrote no more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stopped {
    /// The file reached the size that it may have.
    AtLimit,
    /// An error of the system, as errno.
    Error(i32),
}

/// One process image's recording.
#[derive(Debug)]
pub struct Recording {
    /// The process.
    pub pid: u32,
    /// Its parent when it began.
    pub parent: u32,
    /// Whether it began as a copy of its parent, whose blocks are not in the recording.
    pub forked: bool,
    /// The program's file.
    pub program: PathBuf,
    /// Events that could not be written down.
    pub dropped: u64,
    /// Why it breaks off, where it does.
    pub stopped: Option<Stopped>,
    /// What happened, in order.
    pub events: Vec<Event>,
}

impl Recording {
    /// Reads a file.
    pub fn read(path: &Path) -> Result<Self, RawError> {
        let file = std::fs::read(path).map_err(|source| RawError::Read { path: path.to_owned(), source })?;
        Self::parse(&file).map_err(|why| RawError::Damaged { path: path.to_owned(), why })
    }

    /// Reads a file's bytes.
    pub fn parse(file: &[u8]) -> Result<Self, &'static str> {
        let header = file.get(..HEADER_BYTES).ok_or("it has no header")?;
        if word(header, 0) != MAGIC {
            return Err("its header was not finished, or is another's");
        }
        let name = header[PROGRAM].split(|byte| *byte == 0).next().unwrap_or_default();
        let mut recording = Self {
            pid: half(header, 8),
            parent: half(header, 12),
            forked: half(header, 28) != 0,
            program: PathBuf::from(String::from_utf8_lossy(name).into_owned()),
            dropped: word(header, 16),
            stopped: match half(header, 24) {
                0 => None,
                AT_LIMIT => Some(Stopped::AtLimit),
                errno => Some(Stopped::Error(errno as i32)),
            },
            events: Vec::new(),
        };
        let mut rest = &file[HEADER_BYTES..];
        while rest.len() >= PAGE {
            let bytes = match half(rest, 0) {
                // Reserved by a thread that died before it used it; how much it was is not known, but it is empty.
                0 => PAGE,
                CHUNK_MAGIC => recording.take_chunk(rest)?,
                _ => return Err("a chunk of it has no mark"),
            };
            rest = &rest[bytes..];
        }
        recording.events.sort_unstable_by_key(|event| event.order);
        Ok(recording)
    }

    /// Takes the events of the chunk at the front; returns its length.
    fn take_chunk(&mut self, rest: &[u8]) -> Result<usize, &'static str> {
        let thread = half(rest, 4);
        let length = usize::try_from(word(rest, 8)).unwrap_or(usize::MAX);
        if length == 0 || length % PAGE != 0 {
            return Err("a chunk of it has an impossible length");
        }
        let chunk = rest.get(..length).ok_or("it is cut off")?;
        for event in chunk[CHUNK_HEADER..].chunks_exact(EVENT) {
            let order = word(event, 0);
            if order == 0 {
                break;
            }
            let (address, log2) = (word(event, 8) & ((1 << ADDRESS_BITS) - 1), (word(event, 8) >> ADDRESS_BITS) as u8);
            let what = what(order as u8, log2).ok_or("an event of it is of no kind")?;
            self.events.push(Event { order: order >> 8, thread, what, address, bytes: word(event, 16) });
        }
        Ok(length)
    }

    /// Calls of the allocator that were seen.
    pub fn calls(&self) -> usize {
        let call = |event: &&Event| !matches!(event.what, What::Start | What::Begin | What::Join | What::ReallocFrom);
        self.events.iter().filter(call).count()
    }
}

fn what(code: u8, log2: u8) -> Option<What> {
    Some(match code {
        1 => What::Malloc,
        2 => What::Calloc,
        3 => What::Aligned(log2),
        4 => What::Free,
        5 => What::ReallocFrom,
        6 => What::ReallocTo,
        7 => What::Start,
        8 => What::Begin,
        9 => What::Join,
        _ => return None,
    })
}

fn word(bytes: &[u8], at: usize) -> u64 {
    u64::from_ne_bytes(bytes[at..at + 8].try_into().unwrap_or_default())
}

fn half(bytes: &[u8], at: usize) -> u32 {
    u32::from_ne_bytes(bytes[at..at + 4].try_into().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_layout_is_that_of_the_recorder() {
        let header = include_str!("../../../probes/recorder/recorder.h");
        let says = |text: &str| assert!(header.contains(text), "recorder.h no longer says `{text}`");
        says(&format!("#define FILE_MAGIC {MAGIC:#x}ull"));
        says(&format!("#define CHUNK_MAGIC {CHUNK_MAGIC:#x}u"));
        says(&format!("#define HEADER_BYTES {HEADER_BYTES}"));
        says(&format!("#define ADDRESS_BITS {ADDRESS_BITS}"));
        says(&format!("char program[{}]", PROGRAM.len()));
        says(&format!("#define STOPPED_AT_LIMIT {AT_LIMIT:#x}u"));
        // What follows in the list counts on.
        let list = ["MALLOC = 1", "CALLOC", "ALIGNED", "FREE", "REALLOC_FROM", "REALLOC_TO", "THREAD_START"];
        let places: Vec<_> = list.iter().map(|name| header.find(name)).collect();
        assert!(places.iter().all(Option::is_some) && places.is_sorted(), "{places:?}");
    }

    #[test]
    fn files_that_break_off_anywhere_are_read_or_refused() {
        let mut file = vec![0; HEADER_BYTES + 65536];
        file[..8].copy_from_slice(&MAGIC.to_ne_bytes());
        file[40..44].copy_from_slice(b"prog");
        let chunk = HEADER_BYTES;
        file[chunk..chunk + 4].copy_from_slice(&CHUNK_MAGIC.to_ne_bytes());
        file[chunk + 4..chunk + 8].copy_from_slice(&1u32.to_ne_bytes());
        file[chunk + 8..chunk + 16].copy_from_slice(&65536u64.to_ne_bytes());
        let event = [1u64 << 8 | 1, 0x1000, 24];
        for (n, word) in event.iter().enumerate() {
            let at = chunk + CHUNK_HEADER + n * 8;
            file[at..at + 8].copy_from_slice(&word.to_ne_bytes());
        }
        let recording = Recording::parse(&file).expect("a recording");
        assert_eq!(recording.program, Path::new("prog"));
        let first = Event { order: 1, thread: 1, what: What::Malloc, address: 0x1000, bytes: 24 };
        assert_eq!(recording.events, [first]);
        for length in 0..file.len() {
            // Neither a panic nor another event.
            assert!(
                Recording::parse(&file[..length]).is_ok_and(|r| r.events.is_empty())
                    || !(HEADER_BYTES..HEADER_BYTES + PAGE).contains(&length)
            );
        }
        file[chunk + 8..chunk + 16].copy_from_slice(&(1u64 << 60).to_ne_bytes());
        assert_eq!(Recording::parse(&file).map(|r| r.events.len()), Err("it is cut off"));
    }
}
