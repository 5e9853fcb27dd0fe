//! Allocation traces: what a program asked of malloc, in a file that says everything a replay needs and nothing else.
//!
//! [`Trace::decode`] believes nothing that stands in a file: a trace that it returns can be replayed in any order that its
//! waits allow without a block being freed twice, used before it is there, or waited for in vain. The harness makes traces
//! of recordings; the program `bench` replays them. `FORMAT.md` beside this crate describes the bytes.

mod check;
mod container;
mod damage;
mod header;
mod limits;
mod number;
mod op;
mod stream;

pub use check::check;
pub use damage::{Damage, Fault};
pub use header::{Shape, Source, bucket};
pub use limits::{EPOCHS, MOST_BYTES, MOST_LIVE, MOST_OPERATIONS, MOST_THREADS, POINTS};
pub use op::Op;

/// A trace, checked.
#[derive(Clone, Debug, PartialEq)]
pub struct Trace {
    source: Source,
    shape: Shape,
    streams: Vec<Vec<Op>>,
}

impl Trace {
    /// Makes a trace of what each thread did; the first stream is the main thread's. `peak` is the most bytes that were
    /// live at any time, in the order that was recorded.
    pub fn new(source: Source, streams: Vec<Vec<Op>>, peak: u64) -> Result<Self, Damage> {
        source.check()?;
        let shape = check(&streams, peak)?;
        Ok(Self { source, shape, streams })
    }

    /// Reads a file's bytes.
    pub fn decode(file: &[u8]) -> Result<Self, Damage> {
        let body = container::open(file)?;
        let mut bytes = body.as_slice();
        let source = Source::decode(&mut bytes)?;
        let said = Shape::decode(&mut bytes)?;
        let mut streams = Vec::new();
        let mut room = limits::MOST_OPS;
        for thread in 0..said.threads {
            let ops = stream::decode(&mut bytes, thread, &mut room)?;
            streams.push(ops);
        }
        if !bytes.is_empty() {
            return Err(Damage::Trailing { bytes: bytes.len() });
        }
        let found = check(&streams, said.peak_live_bytes)?;
        found.agrees_with(&said)?;
        Ok(Self { source, shape: said, streams })
    }

    /// The bytes of a file.
    pub fn encode(&self) -> Vec<u8> {
        let mut body = Vec::new();
        self.source.encode(&mut body);
        self.shape.encode(&mut body);
        for ops in &self.streams {
            stream::encode(ops, &mut body);
        }
        container::close(&body)
    }

    /// Where it comes from.
    pub fn source(&self) -> &Source {
        &self.source
    }

    /// How large it is.
    pub fn shape(&self) -> &Shape {
        &self.shape
    }

    /// The streams alone.
    pub fn into_streams(self) -> Vec<Vec<Op>> {
        self.streams
    }

    /// What each thread does; the first is the main thread.
    pub fn streams(&self) -> &[Vec<Op>] {
        &self.streams
    }
}
