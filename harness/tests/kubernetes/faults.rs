//! What goes wrong on clusters, and what is said then. Whatever it is, nothing is left behind.

use std::sync::atomic::{AtomicUsize, Ordering};

use libcdiff::kubernetes::flow::FlowError;
use libcdiff::kubernetes::gathered;
use libcdiff_protocol::frame::Reader;
use serde_json::{Value, json};

use crate::server::{Fate, Server, status};
use crate::stage::{self, Ran, changing, kubelet, options, wanted};

const CASES: &[&str] = &["time.strptime.F-T", "strings.strerror.*"];

#[track_caller]
fn good(ran: &Ran) -> usize {
    let outcome = ran.outcome.as_ref().unwrap_or_else(|e| panic!("{e}"));
    assert!(outcome.troubles.is_empty(), "{:?}", outcome.troubles);
    let mut reader = Reader::default();
    outcome.logs.values().for_each(|log| String::from_utf8_lossy(log).lines().for_each(|line| reader.take(line)));
    let asked = gathered::gather(&reader).expect("answers");
    assert_eq!((asked.len(), &asked[0].gaps), (1, &Vec::new()));
    assert!(ran.left.is_empty(), "{:?}", ran.left);
    let mut file = libcdiff::verb::run::empty();
    gathered::fill(&mut file, asked);
    file.observations.len()
}

#[track_caller]
fn bad(server: &Server, words: &str) {
    let Some(ran) = stage::run(server, &[wanted(CASES)], &options()) else { return };
    let outcome = ran.outcome.unwrap_or_else(|e| panic!("{e}"));
    let said = outcome.troubles.get(&0).map(|all| all.join("\n")).unwrap_or_default();
    assert!(said.contains(words), "{said}");
    assert!(ran.left.is_empty(), "{:?}", ran.left);
}

fn waiting(reason: &str) -> Value {
    json!({"phase": "Pending", "containerStatuses": [
        {"name": "probes", "image": "registry.test/empty@sha256:2", "state": {"waiting": {"reason": reason, "message": "m"}}}]})
}

#[test]
fn a_run_is_dealt_out_to_shards_and_comes_back_whole() {
    let server = Server::start(kubelet);
    let wanted = wanted(CASES);
    let items = wanted.plan.items.len();
    let Some(ran) = stage::run(&server, &[wanted], &libcdiff::kubernetes::Options { shards: 3, ..options() }) else {
        return;
    };
    assert_eq!(good(&ran), items);
    let logs = ran.outcome.expect("an outcome").logs;
    assert_eq!(logs.len(), 3);
    // The Job is there before its plan, which it owns.
    let made: Vec<_> = server.requests().into_iter().filter(|line| line.starts_with("POST")).collect();
    assert!(made[0].ends_with("/jobs") && made[1].ends_with("/configmaps"), "{made:?}");
}

#[test]
fn a_server_that_is_busy_forgets_or_breaks_off_is_asked_again() {
    let cut = |request: &crate::server::Request, nth: usize| {
        let is = |method: &str, end: &str| request.method == method && request.path.ends_with(end);
        // The Job is made, and its answer is lost: the next attempt finds it there.
        match nth {
            1 if is("GET", "/pods") => {
                Some(status(429, "TooManyRequests", "the server has received too many requests"))
            }
            2 if is("GET", "/jobs") => Some((500, String::new())),
            3 if is("GET", "/pods") => Some(status(410, "Expired", "too old resource version: timeout")),
            1 if is("GET", "/log") => Some((500, String::new())),
            1 if is("POST", "/configmaps") => Some(status(503, "ServiceUnavailable", "the server is currently unable")),
            _ => None,
        }
    };
    let server = Server::start_with(kubelet, cut);
    let Some(ran) = stage::run(&server, &[wanted(CASES)], &options()) else { return };
    assert!(good(&ran) > 0);
}

#[test]
fn a_job_whose_answer_was_lost_is_not_made_twice() {
    let lost = AtomicUsize::new(0);
    let server = Server::start_with(kubelet, move |request, _| {
        // What the server has made, and could not say: the same name exists at the next attempt.
        let first =
            request.method == "POST" && request.path.ends_with("/jobs") && lost.fetch_add(1, Ordering::Relaxed) == 1;
        first.then(|| status(409, "AlreadyExists", "jobs.batch \"libcdiff-test-0\" already exists"))
    });
    let Some(ran) = stage::run(&server, &[wanted(CASES)], &options()) else { return };
    assert!(good(&ran) > 0);
}

#[test]
fn a_log_that_is_cut_is_fetched_again() {
    let server = Server::start_with(kubelet, |request, nth| {
        let cut = request.path.ends_with("/log") && nth == 1;
        cut.then(|| (200, "libcdiff-log/1 test/0/0/1/x 0 . 12 0123456789abcdef {\"hello\":{\"ke\n".to_owned()))
    });
    let Some(ran) = stage::run(&server, &[wanted(CASES)], &options()) else { return };
    assert!(good(&ran) > 0);
}

#[test]
fn a_log_that_stays_cut_or_was_rotated_is_told() {
    bad(
        &Server::start(changing(|mut log| {
            log.truncate(log.len() / 2);
            log
        })),
        "its log is not whole",
    );
    bad(&Server::start(changing(|log| log.split_off_lines(4))), "its log is not whole");
}

trait Lines {
    fn split_off_lines(self, lines: usize) -> Self;
}

impl Lines for Vec<u8> {
    fn split_off_lines(self, lines: usize) -> Self {
        self.split_inclusive(|byte| *byte == b'\n').skip(lines).flatten().copied().collect()
    }
}

#[test]
fn what_keeps_pods_from_starting_is_told_apart() {
    let given = |status: Value, job| Server::start(move |_: &crate::server::Pod<'_>| Fate::given(status.clone(), job));
    bad(&given(waiting("ImagePullBackOff"), None), "the node cannot pull registry.test/empty@sha256:2");
    bad(&given(waiting("InvalidImageName"), None), "InvalidImageName");
    let failed = Some(("Failed", "BackoffLimitExceeded"));
    bad(
        &given(json!({"phase": "Failed", "reason": "Evicted", "message": "low on memory"}), failed),
        "evicted from its node",
    );
    let killed = |reason: &str, message: &str| {
        json!({"phase": "Failed", "containerStatuses": [{"name": "probes", "image": "", "state":
            {"terminated": {"exitCode": 137, "reason": reason, "message": message}}}]})
    };
    bad(&given(killed("OOMKilled", ""), failed), "more memory than its limit");
    bad(&given(killed("StartError", "exec /.libcdiff/agent: exec format error"), failed), "another architecture");
    let late = json!({"phase": "Pending", "conditions": [
        {"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": "0/3 nodes are available"}]});
    bad(&given(late, Some(("Failed", "DeadlineExceeded"))), "give --job-deadline more");
}

#[test]
fn a_program_of_another_architecture_says_so_in_the_log_too() {
    let server = Server::start(|_: &crate::server::Pod<'_>| {
        Fate::ended(1, b"exec /.libcdiff/agent: exec format error\n".to_vec())
    });
    bad(&server, "another architecture");
}

#[test]
fn stopping_deletes_what_was_made() {
    let server = Server::start(|_: &crate::server::Pod<'_>| Fate::given(json!({"phase": "Running"}), None));
    let looks = AtomicUsize::new(0);
    let stopped = || looks.fetch_add(1, Ordering::Relaxed) > 3;
    let Some(ran) = stage::run_until(&server, &[wanted(CASES)], &options(), stopped) else { return };
    assert!(matches!(ran.outcome, Err(FlowError::Stopped)));
    assert!(ran.left.is_empty() && ran.told.is_empty(), "{:?} {:?}", ran.left, ran.told);
}

#[test]
fn who_may_not_is_told_once() {
    let server = Server::start_with(kubelet, |request, _| {
        let refuses = request.method == "POST";
        refuses.then(|| status(403, "Forbidden", "jobs.batch is forbidden: User \"x\" cannot create resource \"jobs\""))
    });
    let Some(ran) = stage::run(&server, &[wanted(CASES)], &options()) else { return };
    let error = ran.outcome.err().expect("refused").to_string();
    assert!(error.contains("cannot create resource"), "{error}");
    assert_eq!(server.requests().iter().filter(|line| line.starts_with("POST")).count(), 1);
}
