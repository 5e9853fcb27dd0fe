//! Stages of a stream: what is read is read ahead by a thread of its own, so that decompressing, digesting and unpacking a layer
//! go on at the same time. A few chunks are in between, whatever the stream's length.

use std::{
    io::{self, Read},
    sync::mpsc::{Receiver, SyncSender, sync_channel},
    thread,
};

/// Bytes of a chunk.
const CHUNK: usize = 128 << 10;
/// Chunks that wait to be read.
const CHUNKS: usize = 4;

/// The reading end.
pub(crate) struct Ahead {
    full: Receiver<io::Result<Vec<u8>>>,
    /// Chunks go back to be filled again.
    empty: SyncSender<Vec<u8>>,
    chunk: Vec<u8>,
    at: usize,
}

impl Ahead {
    /// Reads `source` ahead. Its thread is not waited for: one that waits for a silent registry must not keep an unpacker that
    /// failed from ending; it ends when nobody reads any more.
    pub fn of(source: impl Read + Send + 'static) -> io::Result<Self> {
        let (filled, full) = sync_channel(CHUNKS);
        let (empty, emptied) = sync_channel(CHUNKS + 2);
        thread::Builder::new().name("ahead".into()).spawn(move || pass(source, &filled, &emptied))?;
        Ok(Self { full, empty, chunk: Vec::new(), at: 0 })
    }

    /// The next chunk; false at the end of the stream.
    fn next(&mut self) -> io::Result<bool> {
        // The end of the thread is the end of the stream: whatever went wrong in it was sent before.
        let Ok(chunk) = self.full.recv() else { return Ok(false) };
        let read = std::mem::replace(&mut self.chunk, chunk?);
        self.at = 0;
        let _ = self.empty.try_send(read);
        Ok(true)
    }
}

impl Read for Ahead {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.at == self.chunk.len() {
            if !self.next()? {
                return Ok(0);
            }
        }
        let n = buffer.len().min(self.chunk.len() - self.at);
        buffer[..n].copy_from_slice(&self.chunk[self.at..self.at + n]);
        self.at += n;
        Ok(n)
    }
}

/// Sends all of `source` in chunks, as long as somebody wants them.
fn pass(mut source: impl Read, filled: &SyncSender<io::Result<Vec<u8>>>, emptied: &Receiver<Vec<u8>>) {
    loop {
        let mut chunk = emptied.try_recv().unwrap_or_default();
        chunk.resize(CHUNK, 0);
        let (length, problem) = fill(&mut source, &mut chunk);
        chunk.truncate(length);
        let end = length < CHUNK;
        if (length > 0 && filled.send(Ok(chunk)).is_err()) || end {
            if let Some(error) = problem {
                let _ = filled.send(Err(error));
            }
            return;
        }
    }
}

/// As many bytes as there are, and why there are no more if that is not the end.
fn fill(source: &mut impl Read, chunk: &mut [u8]) -> (usize, Option<io::Error>) {
    let mut at = 0;
    while at < chunk.len() {
        match source.read(&mut chunk[at..]) {
            Ok(0) => break,
            Ok(n) => at += n,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return (at, Some(error)),
        }
    }
    (at, None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_arrives_in_order_and_then_the_end() {
        for length in [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 20 * CHUNK + 7] {
            let bytes: Vec<u8> = (0..length).map(|at| (at % 251) as u8).collect();
            let mut read = Vec::new();
            let mut ahead = Ahead::of(io::Cursor::new(bytes.clone())).expect("a thread");
            ahead.read_to_end(&mut read).expect("reads");
            assert!(read == bytes, "{length}");
            assert_eq!(ahead.read(&mut [0]).expect("is still at the end"), 0);
        }
    }

    /// Gives some bytes, and then fails.
    struct Failing(usize);

    impl Read for Failing {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let n = self.0.min(buffer.len());
            self.0 -= n;
            if n == 0 { Err(io::Error::other("broken")) } else { Ok(n) }
        }
    }

    #[test]
    fn an_error_arrives_after_the_bytes_before_it() {
        for length in [0, 5, CHUNK, 10 * CHUNK + 1] {
            let mut read = Vec::new();
            let error = Ahead::of(Failing(length)).expect("a thread").read_to_end(&mut read).expect_err("fails");
            assert_eq!((read.len(), error.to_string()), (length, "broken".into()));
        }
    }

    #[test]
    fn the_thread_ends_when_nobody_reads_any_more() {
        let (ended, end) = sync_channel(1);
        struct Endless(SyncSender<()>);
        impl Read for Endless {
            fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
                Ok(buffer.len())
            }
        }
        impl Drop for Endless {
            fn drop(&mut self) {
                let _ = self.0.send(());
            }
        }
        let mut ahead = Ahead::of(Endless(ended)).expect("a thread");
        ahead.read_exact(&mut [0; 3 * CHUNK]).expect("reads");
        drop(ahead);
        end.recv().expect("it ended");
    }
}
