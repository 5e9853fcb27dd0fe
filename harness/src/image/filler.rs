//! The thread that fills small files, while the unpacker already makes the next ones.
//!
//! Of a small file, most time goes into the kernel: to make it, and to write, date and close it. The unpacker makes files by
//! name, in the order of the archive; what is left to do needs the open file alone, so the order in which it is done shows
//! nowhere. Files go there in batches, a few at a time: memory and open files do not grow with an archive. The first file that
//! could not be filled is told when the unpacker asks, with its name.

use std::{
    fs::File,
    io::{self, Write},
    sync::mpsc::{Receiver, SyncSender, sync_channel},
    thread::{self, JoinHandle},
};

use rustix::fs::Mode;

use super::{
    owners::Owners,
    tree::{Attributes, Fault},
};

/// A file that was made, and is still to be filled and finished.
pub(crate) struct Fresh {
    /// Open for writing.
    pub file: File,
    /// What it is to have.
    pub attributes: Attributes,
    /// Its mode, where it was made with another one.
    pub mode: Option<Mode>,
}

impl Fresh {
    /// Gives a filled file its owner, its mode and its time.
    pub fn finish(&self, owners: Owners) -> Result<(), Fault> {
        owners.say(&self.file, self.attributes.owner)?;
        if let Some(mode) = self.mode {
            rustix::fs::fchmod(&self.file, mode)?;
        }
        Ok(rustix::fs::futimens(&self.file, &self.attributes.times())?)
    }
}

/// The first file that could not be filled.
#[derive(Debug)]
pub(crate) struct Unfilled {
    /// Its name, as the archive has it.
    pub name: Vec<u8>,
    /// Why.
    pub fault: Fault,
}

/// Files, and their content one after another.
#[derive(Default)]
struct Batch {
    content: Vec<u8>,
    files: Vec<(Fresh, usize, Vec<u8>)>,
}

/// Files of a batch: enough that waking a thread is little beside them.
const FILES: usize = 16;
/// Bytes with which a batch is full, whatever the number of its files.
const FULL: usize = 256 << 10;
/// Batches that wait or are worked on.
const BATCHES: usize = 3;

/// The unpacker's end.
pub(crate) struct Filler {
    owners: Owners,
    batch: Batch,
    /// One that came back, to be used again.
    spare: Batch,
    worker: Option<Worker>,
    unfilled: Option<Unfilled>,
}

impl Filler {
    /// A larger file is better written as it comes.
    pub const MOST: u64 = 64 << 10;

    /// Starts nothing before there is a file.
    pub fn new(owners: Owners) -> Self {
        Self { owners, batch: Batch::default(), spare: Batch::default(), worker: None, unfilled: None }
    }

    /// Where the content of the next file goes.
    pub fn room(&mut self, bytes: usize) -> &mut [u8] {
        let start = self.batch.content.len();
        self.batch.content.resize(start + bytes, 0);
        &mut self.batch.content[start..]
    }

    /// Takes a file whose content is in the `bytes` of [`Filler::room`].
    ///
    /// # Errors
    /// Where no thread can be started.
    pub fn put(&mut self, fresh: Fresh, bytes: usize, name: Vec<u8>) -> io::Result<()> {
        self.batch.files.push((fresh, bytes, name));
        match self.batch.files.len() >= FILES || self.batch.content.len() >= FULL {
            true => self.send(),
            false => Ok(()),
        }
    }

    /// Waits until every file is filled, or could not be.
    pub fn wait(&mut self) -> io::Result<()> {
        if !self.batch.files.is_empty() {
            self.send()?;
        }
        self.reduce(0)
    }

    /// Waits, and tells of the first file that could not be filled.
    pub fn settle(&mut self) -> io::Result<Option<Unfilled>> {
        self.wait()?;
        Ok(self.unfilled.take())
    }

    fn send(&mut self) -> io::Result<()> {
        self.reduce(BATCHES - 1)?;
        let batch = std::mem::replace(&mut self.batch, std::mem::take(&mut self.spare));
        let worker = match &mut self.worker {
            Some(worker) => worker,
            none => none.insert(Worker::start(self.owners)?),
        };
        worker.send(batch)
    }

    /// Waits until no more than so many batches are under way.
    fn reduce(&mut self, most: usize) -> io::Result<()> {
        let Some(worker) = &mut self.worker else { return Ok(()) };
        while worker.under_way > most {
            let (batch, unfilled) = worker.take_back()?;
            self.spare = batch;
            self.unfilled = self.unfilled.take().or(unfilled);
        }
        Ok(())
    }
}

/// The thread.
struct Worker {
    full: Option<SyncSender<Batch>>,
    done: Receiver<(Batch, Option<Unfilled>)>,
    under_way: usize,
    thread: Option<JoinHandle<()>>,
}

impl Worker {
    /// A thread that is held to what the calling one is held to.
    fn start(owners: Owners) -> io::Result<Self> {
        let (full, to_fill) = sync_channel::<Batch>(BATCHES);
        let (filled, done) = sync_channel(BATCHES);
        let work = move || {
            for mut batch in to_fill {
                let unfilled = batch.fill(owners);
                if filled.send((batch, unfilled)).is_err() {
                    return;
                }
            }
        };
        let thread = thread::Builder::new().name("fill".into()).spawn(work)?;
        Ok(Self { full: Some(full), done, under_way: 0, thread: Some(thread) })
    }

    fn send(&mut self, batch: Batch) -> io::Result<()> {
        self.full.as_ref().and_then(|full| full.send(batch).ok()).ok_or_else(ended)?;
        self.under_way += 1;
        Ok(())
    }

    fn take_back(&mut self) -> io::Result<(Batch, Option<Unfilled>)> {
        self.under_way -= 1;
        self.done.recv().map_err(|_| ended())
    }
}

impl Drop for Worker {
    /// Nothing writes into a tree any more when its unpacker is gone.
    fn drop(&mut self) {
        self.full = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn ended() -> io::Error {
    io::Error::other("the thread that writes files has ended")
}

impl Batch {
    /// Fills its files up to the first that cannot be; it is empty then.
    fn fill(&mut self, owners: Owners) -> Option<Unfilled> {
        let mut at = 0;
        let mut unfilled = None;
        for (fresh, bytes, name) in self.files.drain(..) {
            let content = &self.content[at..at + bytes];
            at += bytes;
            let written = (&fresh.file).write_all(content).map_err(Fault::System);
            if let Err(fault) = written.and_then(|()| fresh.finish(owners)) {
                unfilled = Some(Unfilled { name, fault });
                break;
            }
        }
        self.content.clear();
        unfilled
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, os::unix::fs::MetadataExt, path::Path};

    use rustix::fs::Timespec;

    use super::*;

    fn put(filler: &mut Filler, file: File, content: &[u8], owner: (u32, u32)) {
        let modified = Timespec { tv_sec: 7, tv_nsec: 0 };
        let attributes = Attributes { mode: 0o640, modified, owner: Some(owner) };
        let fresh = Fresh { file, attributes, mode: Some(Mode::from_raw_mode(0o640)) };
        filler.room(content.len()).copy_from_slice(content);
        filler.put(fresh, content.len(), content.to_vec()).expect("a thread");
    }

    fn name(folder: &Path, n: usize) -> std::path::PathBuf {
        folder.join(n.to_string())
    }

    #[test]
    fn every_file_has_its_own_content_mode_and_time_once_it_is_waited_for() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut filler = Filler::new(Owners::Caller);
        let content = |n: usize| vec![n as u8; n * 37 % 5000];
        for n in 0..10 * FILES + 1 {
            put(&mut filler, File::create(name(folder.path(), n)).expect("made"), &content(n), (0, 0));
        }
        assert!(filler.settle().expect("waits").is_none());
        for n in 0..10 * FILES + 1 {
            let meta = fs::metadata(name(folder.path(), n)).expect("there");
            assert_eq!((meta.mode() & 0o7777, meta.mtime()), (0o640, 7));
            assert!(fs::read(name(folder.path(), n)).expect("reads") == content(n), "{n}");
        }
    }

    #[test]
    fn the_first_file_that_could_not_be_filled_is_told_once() {
        let folder = tempfile::tempdir().expect("a folder");
        fs::write(name(folder.path(), 0), "").expect("written");
        let mut filler = Filler::new(Owners::Caller);
        for n in 0..5 * FILES {
            // Those from the third on are open for reading alone.
            let file = match n < 3 {
                true => File::create(name(folder.path(), n)),
                false => File::open(name(folder.path(), 0)),
            };
            put(&mut filler, file.expect("opens"), format!("file {n}").as_bytes(), (0, 0));
        }
        let unfilled = filler.settle().expect("waits").expect("could not");
        assert_eq!(unfilled.name, b"file 3");
        assert!(matches!(unfilled.fault, Fault::System(_)));
        assert_eq!(fs::read_to_string(name(folder.path(), 2)).expect("reads"), "file 2");
        assert!(filler.settle().expect("waits").is_none());
    }
}
