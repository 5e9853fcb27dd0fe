//! Programs that the kernel ended because there was no more memory. It picks whom it likes: of programs that hold memory outside
//! of their address spaces (files in memory, pipes, shared memory) it knows nothing, and ends one after the other until the
//! right one is gone. A program that was picked so has answered nothing, and neither has one whose child was.
//!
//! The kernel counts them: in the cgroup that holds all programs of the session, else in the cgroup that the agent itself is in,
//! else for the whole machine. It counts before it ends, so that whoever sees the end sees the count.

use std::fs::File;

use libcdiff_protocol::{Item, Observation};
use nix::sys::signal::Signal;

use super::cgroup;

/// How often a case is asked in all, before it is given up.
pub const MOST_ASKED: u32 = 3;
/// How often cases of one session are asked again: one that takes all memory takes its time for that, each time.
const MOST_AGAIN: u32 = 128;

/// Whom the count is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whose {
    /// Programs of this session alone.
    Session,
    /// Others of this machine too, so that a count says little about a program that nobody ended.
    Others,
}

/// The counts that there are, held open because the sandbox sees no cgroups.
#[derive(Default)]
pub struct Kills {
    session: Option<File>,
    others: Option<File>,
    again: u32,
}

impl Kills {
    /// The counts that can be read here; `session` is that of the cgroup of all programs, where there is one.
    pub fn open(session: Option<File>) -> Self {
        let machine = || File::open("/proc/vmstat").ok();
        let others = cgroup::own_events().or_else(machine);
        Self { session, others, again: 0 }
    }

    /// Says whether the cgroup of all programs holds them: without, its count stays at nothing.
    pub fn held(self, held: bool) -> Self {
        Self { session: self.session.filter(|_| held), ..self }
    }

    /// The count of now.
    pub fn count(&self) -> u64 {
        self.counter().and_then(cgroup::kills).unwrap_or(0)
    }

    fn counter(&self) -> Option<&File> {
        self.session.as_ref().or(self.others.as_ref())
    }

    /// Whom the count is of.
    pub fn whose(&self) -> Whose {
        if self.session.is_some() { Whose::Session } else { Whose::Others }
    }

    /// What came of a case that was asked so often, and began at this count; `seen` is what it said.
    pub fn verdict(&mut self, item: &Item, before: u64, asked: u32, seen: Option<&Observation>) -> Verdict {
        if self.count() <= before || !is_touched(self.whose(), seen) {
            return Verdict::Stands;
        }
        let once_only = item.limits.memory_bytes.is_some() || item.relay.is_some();
        if once_only || self.again == MOST_AGAIN {
            return Verdict::Lost(format!("{WHAT} while it was asked, so that it has not answered; {REMEDY}"));
        }
        if asked == MOST_ASKED {
            return Verdict::Lost(format!(
                "{WHAT} each of the {asked} times that it was asked, at last alone; {REMEDY}"
            ));
        }
        self.again += 1;
        Verdict::Again
    }
}

const WHAT: &str = "there was no more memory, and the kernel ended programs of this image";
const REMEDY: &str =
    "give the machine, or the cgroup that this runs in, more memory, unless the program takes all there is";

/// Whether what a case said may come from the kernel's having ended something.
fn is_touched(whose: Whose, seen: Option<&Observation>) -> bool {
    let Some(seen) = seen else { return true };
    let of_its_own = seen.values.get("memory_limit").is_some_and(|limit| limit["exceeded"] == true);
    let ended = seen.signal.as_deref() == Some(Signal::SIGKILL.as_str());
    !of_its_own && (ended || whose == Whose::Session)
}

/// What an observation is worth.
#[derive(Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is an answer.
    Stands,
    /// It is none; the case is to be asked again, alone.
    Again,
    /// It is none, and there will be none; for this reason.
    Lost(String),
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::PathBuf;

    use libcdiff_protocol::{Limits, Status};

    use super::*;

    fn item(memory_bytes: Option<u64>) -> Item {
        let item = crate::example::item();
        Item { limits: Limits { memory_bytes, ..item.limits }, ..item }
    }

    fn seen(status: Status, signal: Option<Signal>) -> Observation {
        let signal = signal.map(|signal| signal.as_str().into());
        Observation { signal, reason: None, ..Observation::unanswered(&item(None), status, String::new()) }
    }

    /// A file that stands for one of the kernel's.
    struct Counter(PathBuf);

    impl Counter {
        fn new(name: &str) -> Self {
            let counter = Self(std::env::temp_dir().join(format!("libcdiff-kills-{name}-{}", std::process::id())));
            counter.set(7);
            counter
        }

        fn set(&self, count: u64) {
            fs::write(&self.0, format!("oom_kill_disable 0\nunder_oom 0\noom_kill {count}\n")).expect("writable");
        }

        fn open(&self) -> Option<File> {
            File::open(&self.0).ok()
        }
    }

    impl Drop for Counter {
        fn drop(&mut self) {
            let _ = fs::remove_file(&self.0);
        }
    }

    #[test]
    fn who_ends_itself_has_answered_and_who_is_ended_is_asked_again_some_times() {
        let counter = Counter::new("session");
        let mut kills = Kills { session: counter.open(), others: None, again: 0 };
        let (ended, said) = (seen(Status::Crashed, Some(Signal::SIGKILL)), seen(Status::Described, None));
        assert_eq!((kills.count(), kills.whose()), (7, Whose::Session));
        assert_eq!(kills.verdict(&item(None), 7, 1, Some(&ended)), Verdict::Stands);
        counter.set(8);
        for asked in 1..MOST_ASKED {
            assert_eq!(kills.verdict(&item(None), 7, asked, Some(&ended)), Verdict::Again);
            assert_eq!(kills.verdict(&item(None), 7, asked, Some(&said)), Verdict::Again, "its child, perhaps");
            assert_eq!(kills.verdict(&item(None), 7, asked, None), Verdict::Again);
        }
        let Verdict::Lost(reason) = kills.verdict(&item(None), 7, MOST_ASKED, Some(&ended)) else { panic!("is lost") };
        assert!(reason.contains("no more memory") && reason.contains("3 times"), "{reason}");
        assert_eq!(kills.verdict(&item(None), 8, 1, Some(&ended)), Verdict::Stands, "that was before");
    }

    #[test]
    fn what_others_lose_says_nothing_of_a_program_that_ended_by_itself() {
        let (counter, session) = (Counter::new("others"), Counter::new("not-held"));
        let mut kills = Kills { session: session.open(), others: counter.open(), again: 0 }.held(false);
        counter.set(9);
        let crashed = seen(Status::Crashed, Some(Signal::SIGSEGV));
        assert_eq!(kills.verdict(&item(None), 7, 1, Some(&crashed)), Verdict::Stands);
        assert_eq!(kills.verdict(&item(None), 7, 1, Some(&seen(Status::Described, None))), Verdict::Stands);
        let ended = seen(Status::Crashed, Some(Signal::SIGKILL));
        assert_eq!(kills.verdict(&item(None), 7, 1, Some(&ended)), Verdict::Again);
        kills.again = MOST_AGAIN;
        assert!(matches!(kills.verdict(&item(None), 7, 1, Some(&ended)), Verdict::Lost(_)));
    }

    #[test]
    fn a_limit_of_its_own_ends_a_case_for_good_and_it_cannot_be_asked_again() {
        let counter = Counter::new("limit");
        let mut kills = Kills { session: counter.open(), others: None, again: 0 };
        counter.set(8);
        let mut ended = seen(Status::Crashed, Some(Signal::SIGKILL));
        assert!(matches!(kills.verdict(&item(Some(1)), 7, 1, Some(&ended)), Verdict::Lost(_)));
        ended.values.insert("memory_limit".into(), serde_json::json!({"exceeded": true}));
        assert_eq!(kills.verdict(&item(Some(1)), 7, 1, Some(&ended)), Verdict::Stands);
    }

    #[test]
    fn there_is_a_count_on_every_machine() {
        let machine = File::open("/proc/vmstat").expect("on every Linux");
        assert!(cgroup::kills(&machine).is_some(), "since Linux 4.13");
        assert!(Kills::open(None).counter().is_some());
    }
}
