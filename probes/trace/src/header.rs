//! What a trace says about itself: where it was recorded, and how much of everything is in it. The second part is counted
//! again when a trace is read.

use crate::limits::{MOST_LIVE, MOST_OPERATIONS, MOST_TEXT, MOST_THREADS, POINTS};
use crate::{Damage, number};

/// Where a trace comes from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Source {
    /// The recorded program, by its file name alone.
    pub command: String,
    /// Whose C library it was: `glibc`, `musl`.
    pub family: String,
    /// That library's version; empty where it does not say.
    pub version: String,
    /// The machine, as `uname -m` says.
    pub arch: String,
    /// Calls that the recorder saw and that are not in the trace: frees of blocks that it had not seen, events it lost.
    pub left_out: u64,
}

impl Source {
    fn texts(&self) -> [(&'static str, &String); 4] {
        [
            ("command", &self.command),
            ("C library", &self.family),
            ("C library's version", &self.version),
            ("machine", &self.arch),
        ]
    }

    /// Refuses what could not be read back.
    pub(crate) fn check(&self) -> Result<(), Damage> {
        for (what, text) in self.texts() {
            plain(what, text.as_bytes())?;
        }
        Ok(())
    }

    pub(crate) fn encode(&self, out: &mut Vec<u8>) {
        for (_, text) in self.texts() {
            number::put(text.len() as u64, out);
            out.extend(text.as_bytes());
        }
        number::put(self.left_out, out);
    }

    pub(crate) fn decode(bytes: &mut &[u8]) -> Result<Self, Damage> {
        let mut text = |what| {
            let length = number::take_at_most(MOST_TEXT, "bytes of a name", bytes)?;
            plain(what, number::slice(length, bytes)?)
        };
        let (command, family) = (text("command")?, text("C library")?);
        let (version, arch) = (text("C library's version")?, text("machine")?);
        Ok(Self { command, family, version, arch, left_out: number::take(bytes)? })
    }
}

/// Text that can be shown on a terminal.
fn plain(what: &'static str, bytes: &[u8]) -> Result<String, Damage> {
    let text = std::str::from_utf8(bytes).map_err(|_| Damage::Words(what))?;
    if text.len() as u64 > MOST_TEXT || text.chars().any(char::is_control) {
        return Err(Damage::Words(what));
    }
    Ok(text.to_owned())
}

/// How much of everything is in a trace.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shape {
    /// Threads, the main one among them.
    pub threads: u32,
    /// Slots: the most blocks that are there at one time, and a few more where threads hand blocks over.
    pub slots: u32,
    /// Points that one thread waits for another to reach.
    pub syncs: u32,
    /// Calls of the allocator.
    pub operations: u64,
    /// The most bytes that were live at any time, as asked for.
    pub peak_live_bytes: u64,
    /// Live bytes at the end of each epoch.
    pub curve: Vec<u64>,
    /// How many blocks of each size were asked for, resized ones included: by [`bucket`].
    pub histogram: Vec<u64>,
}

/// The place of a size in [`Shape::histogram`]: 0 for no bytes, then one for each power of two, 1, 2 to 3, 4 to 7 ...
pub fn bucket(bytes: u64) -> usize {
    (u64::BITS - bytes.leading_zeros()) as usize
}

/// Places of a histogram.
const BUCKETS: u64 = 64;

impl Shape {
    /// Compares what was counted with what a file says.
    pub(crate) fn agrees_with(&self, said: &Self) -> Result<(), Damage> {
        let parts = [
            ("number of threads", self.threads == said.threads),
            ("number of slots", self.slots == said.slots),
            ("number of syncs", self.syncs == said.syncs),
            ("number of operations", self.operations == said.operations),
            ("most live bytes", self.peak_live_bytes == said.peak_live_bytes),
            ("curve of live bytes", self.curve == said.curve),
            ("sizes of blocks", self.histogram == said.histogram),
        ];
        parts.into_iter().find(|(_, same)| !same).map_or(Ok(()), |(what, _)| Err(Damage::Disagrees(what)))
    }

    pub(crate) fn encode(&self, out: &mut Vec<u8>) {
        let fixed =
            [u64::from(self.threads), self.slots.into(), self.syncs.into(), self.operations, self.peak_live_bytes];
        let lists =
            self.curve.iter().copied().chain([self.histogram.len() as u64]).chain(self.histogram.iter().copied());
        for value in fixed.into_iter().chain(lists) {
            number::put(value, out);
        }
    }

    pub(crate) fn decode(bytes: &mut &[u8]) -> Result<Self, Damage> {
        let small = |most: u64, what, bytes: &mut &[u8]| number::take_at_most(most, what, bytes).map(|n| n as u32);
        let threads = small(MOST_THREADS, "threads", bytes)?;
        let slots = small(MOST_OPERATIONS, "slots", bytes)?;
        let syncs = small(MOST_OPERATIONS, "syncs", bytes)?;
        let operations = number::take_at_most(MOST_OPERATIONS, "operations", bytes)?;
        let peak_live_bytes = number::take_at_most(MOST_LIVE, "live bytes", bytes)?;
        let curve = (0..POINTS).map(|_| number::take(bytes)).collect::<Result<_, _>>()?;
        let buckets = number::take_at_most(BUCKETS, "sizes", bytes)?;
        let histogram = (0..buckets).map(|_| number::take(bytes)).collect::<Result<_, _>>()?;
        Ok(Self { threads, slots, syncs, operations, peak_live_bytes, curve, histogram })
    }
}
