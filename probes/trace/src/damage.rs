//! Why a file is no trace that can be replayed. Everything names what was found, so that the user can tell a download that
//! broke off from a file of another kind.

use thiserror::Error;

/// What is wrong with a file.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum Damage {
    /// Not a trace.
    #[error("it is not a trace of libcdiff: it does not begin with their mark")]
    Foreign,
    /// A transfer changed line ends.
    #[error("it was a trace of libcdiff, but a transfer as text has changed its line ends; copy it as a binary file")]
    Text,
    /// Newer than this program.
    #[error("it is a trace of version {found}, and this program reads up to {known}; a newer libcdiff reads it")]
    Newer {
        /// Its version.
        found: u16,
        /// The newest that is known.
        known: u16,
    },
    /// Packed in another way.
    #[error("it is packed in a way that this program does not know ({0})")]
    Packing(u8),
    /// Broken off.
    #[error("it is cut off: {found} bytes are there of {said}")]
    CutOff {
        /// Bytes that are there.
        found: u64,
        /// Bytes that it says it has.
        said: u64,
    },
    /// More than it says.
    #[error("{bytes} bytes stand behind its end")]
    Trailing {
        /// How many.
        bytes: usize,
    },
    /// The checksum.
    #[error("it is damaged: its checksum does not fit its content")]
    Checksum,
    /// It cannot be unpacked.
    #[error("it cannot be unpacked: {0}")]
    Unpack(&'static str),
    /// A number that goes on and on.
    #[error("it holds a number that is spelled wrongly")]
    Number,
    /// The end comes before it should.
    #[error("its content ends in the middle")]
    Short,
    /// A text that is none.
    #[error("its {0} is no plain text")]
    Words(&'static str),
    /// More than any trace has.
    #[error("it says that it has {value} {what}; a trace has at most {most}")]
    TooLarge {
        /// Of what.
        what: &'static str,
        /// How many.
        value: u64,
        /// The limit.
        most: u64,
    },
    /// The header says something else than the streams.
    #[error("its header and its content do not agree on its {0}")]
    Disagrees(&'static str),
    /// A stream that cannot be replayed.
    #[error("thread {thread}, step {step}: {fault}")]
    Fault {
        /// The stream, counted from 0.
        thread: usize,
        /// The step, counted from 0.
        step: usize,
        /// What is wrong.
        fault: Fault,
    },
    /// Threads that wait for each other.
    #[error("its threads would wait for each other for ever (thread {thread}, step {step})")]
    Deadlock {
        /// One of them.
        thread: usize,
        /// Where it waits.
        step: usize,
    },
    /// A stream that nobody begins.
    #[error("nobody starts its thread {0}")]
    NeverStarted(usize),
    /// No stream, or nothing in them.
    #[error("it holds no call of an allocator")]
    Empty,
}

/// What is wrong with one step.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum Fault {
    /// An opcode that means nothing.
    #[error("{0} is no step")]
    Opcode(u8),
    /// A slot that the header does not have.
    #[error("slot {0} is out of range")]
    Slot(u32),
    /// A slot that holds a block already.
    #[error("slot {0} holds a block already")]
    Taken(u32),
    /// A slot that holds no block.
    #[error("slot {0} holds no block: it was freed already, or never filled")]
    Vacant(u32),
    /// Another thread touched the slot, and nothing makes this one come after it.
    #[error("slot {0} belongs to another thread, and this one does not wait for it")]
    Race(u32),
    /// A size that no program asks for.
    #[error("{0} bytes are no size of a block")]
    Bytes(u64),
    /// More live bytes than fit.
    #[error("{0} bytes are live at one time")]
    Live(u64),
    /// An alignment that no program asks for.
    #[error("2 to the power of {0} is no alignment")]
    Alignment(u8),
    /// A number to wait for that the header does not have.
    #[error("sync {0} is out of range")]
    Sync(u32),
    /// A number that is posted twice.
    #[error("sync {0} is posted twice")]
    PostedTwice(u32),
    /// A thread that is not there, or runs already.
    #[error("thread {0} cannot be started here")]
    Start(u32),
    /// A thread that is not there, or is waited for already.
    #[error("thread {0} cannot be waited for here")]
    Join(u32),
    /// More marks than there are epochs.
    #[error("it has more marks than there are epochs")]
    Mark,
}
