//! Arrival: a blob that is being fetched by one thread and read by another, which waits for what is not there yet.
//!
//! So an image is unpacked while it comes, in a file and not in memory.

use std::{
    fs::File,
    io,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
};

use crate::image::blobs::Growing;

/// How far a blob is.
#[derive(Debug, Default)]
pub(super) struct Arrival {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    file: Option<Arc<File>>,
    there: u64,
    ended: Option<bool>,
}

impl Arrival {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.state());
        self.changed.notify_all();
    }

    /// The file that it comes into.
    pub fn opened(&self, file: File) {
        self.change(|state| state.file = Some(Arc::new(file)));
    }

    /// So many bytes of it are there. What was there once stays, even if it is fetched again.
    pub fn reached(&self, there: u64) {
        self.change(|state| state.there = state.there.max(there));
    }

    /// It is whole and right, or it never will be.
    pub fn ended(&self, well: bool) {
        self.change(|state| state.ended = Some(well));
    }

    fn wait_while(&self, wait: impl Fn(&State) -> bool) -> MutexGuard<'_, State> {
        let still = |state: &mut State| state.ended.is_none() && wait(state);
        self.changed.wait_while(self.state(), still).unwrap_or_else(PoisonError::into_inner)
    }

    /// The file, as soon as there is one; `None` if there will be none.
    pub fn file(&self) -> Option<Arc<File>> {
        self.wait_while(|state| state.file.is_none()).file.clone()
    }

    /// Waits for the end; whether it is a good one.
    pub fn wait(&self) -> bool {
        self.wait_while(|_| true).ended == Some(true)
    }
}

impl Growing for Arrival {
    fn wait_beyond(&self, at: u64) -> io::Result<()> {
        let state = self.wait_while(|state| state.there <= at);
        match state.ended {
            Some(false) if state.there <= at => Err(io::Error::other("the rest of it could not be fetched")),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reader_waits_for_bytes_and_learns_of_the_end() {
        let arrival = Arrival::default();
        std::thread::scope(|scope| {
            let reader = scope.spawn(|| {
                arrival.wait_beyond(3).expect("four came");
                arrival.wait_beyond(9).expect_err("ten never do")
            });
            for there in [2, 4] {
                arrival.reached(there);
            }
            arrival.ended(false);
            reader.join().expect("ends");
        });
        assert!(arrival.file().is_none() && !arrival.wait());
    }
}
