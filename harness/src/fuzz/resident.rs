//! A session that stays in an image, with a thread of its own that hands it one plan after the other.

use std::cell::RefCell;
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::Scope;

use libcdiff_protocol::{Flavour, Observation};

use crate::plan::Plan;
use crate::runfile;
use crate::runner::{Orders, Runner, RunnerError, Subject};

/// An image, its root folder, and the flavour of the worker there.
pub type Place = (runfile::Image, PathBuf, Flavour);

/// A session in an image; begun when it is first asked, and anew after one that broke.
pub struct Resident<'scope, 'env> {
    scope: &'scope Scope<'scope, 'env>,
    runner: &'env dyn Runner,
    place: &'env Place,
    desk: RefCell<Option<Desk>>,
}

/// The ends of the channels that this side holds.
struct Desk {
    plans: Sender<Plan<'static>>,
    answers: Receiver<Result<Vec<Observation>, RunnerError>>,
}

/// The ends of the channels that the session's thread holds.
struct Counter {
    plans: Receiver<Plan<'static>>,
    answers: Sender<Result<Vec<Observation>, RunnerError>>,
}

impl Orders for Counter {
    fn next(&mut self) -> Option<Plan<'static>> {
        self.plans.recv().ok()
    }

    fn done(&mut self, seen: Vec<Observation>) {
        // Whoever asked may have gone; then there will be no next plan either.
        let _ = self.answers.send(Ok(seen));
    }
}

impl<'scope, 'env> Resident<'scope, 'env> {
    /// None yet; its thread is one of the scope's.
    pub fn new(scope: &'scope Scope<'scope, 'env>, runner: &'env dyn Runner, place: &'env Place) -> Self {
        Self { scope, runner, place, desk: RefCell::new(None) }
    }

    /// Its image.
    pub fn place(&self) -> &'env Place {
        self.place
    }

    /// Hands a plan over.
    pub fn send(&self, plan: Plan<'static>) {
        let mut desk = self.desk.borrow_mut();
        let desk = desk.get_or_insert_with(|| self.begin());
        // A thread that has ended has said why.
        let _ = desk.plans.send(plan);
    }

    /// Waits for what came of the plan that was handed over last.
    ///
    /// # Errors
    /// What kept the session from running it; the next plan begins another session.
    pub fn receive(&self) -> Result<Vec<Observation>, RunnerError> {
        let mut desk = self.desk.borrow_mut();
        let said = desk.as_ref().and_then(|desk| desk.answers.recv().ok());
        let ended = || RunnerError::Failed { image: self.place.0.id.clone(), reason: "its session has ended".into() };
        let seen = said.unwrap_or_else(|| Err(ended()));
        if seen.is_err() {
            *desk = None;
        }
        seen
    }

    fn begin(&self) -> Desk {
        let (plans, orders) = channel();
        let (said, answers) = channel();
        let (runner, (image, root, _)) = (self.runner, self.place);
        self.scope.spawn(move || {
            let mut counter = Counter { plans: orders, answers: said };
            if let Err(error) = runner.stay(&Subject::of(image, root), &mut counter) {
                let _ = counter.answers.send(Err(error));
            }
        });
        Desk { plans, answers }
    }
}
