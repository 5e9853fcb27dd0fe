use libcdiff_protocol::Status;

use super::*;
use crate::bench::double::{Formula, Patience, Stolen, observation, roots, subjects, workload};
use crate::bench::survival::End;
use crate::bench::workload::{Kind, Workload};

const SETTINGS: Settings = Settings {
    seed: 11,
    rounds: Rounds { least: 5, most: 12, width: 1.02 },
    memory_rounds: 0,
    survival: false,
    sampling: Sampling::of,
    repeats: 2,
    processors: 2,
};

/// Blocks of the churn workload in images a and b, and what watched.
#[track_caller]
fn measure(
    runner: &Formula<'_>,
    machine: &Stolen,
    patience: Patience,
    settings: Settings,
) -> (Result<Vec<Block>, MeasureError>, Patience) {
    let roots = roots(&["a", "b"]);
    let lab = Lab { runner, machine, roots: &roots, watch: &patience, settings };
    let blocks = lab.measure(&Task::new(&workload("churn", &[1]), 1), &subjects(&["a", "b"]));
    (blocks, patience)
}

#[test]
fn rounds_interleave_and_stop_when_the_noise_is_narrow() {
    let steady = |image: &str, _| observation("churn", if image == "a" { 10.0 } else { 36.0 });
    let runner = Formula::new(&steady);
    let (blocks, patience) = measure(&runner, &Stolen::default(), Patience::default(), SETTINGS);
    let blocks = blocks.expect("measured");
    // Noise without any width ends it at the least number of rounds: three subjects, there and back.
    assert_eq!(blocks.len(), 5 * 6);
    for round in 0..5 {
        let order: Vec<_> = blocks.iter().filter(|b| b.round == round).map(|b| (b.subject.as_str(), b.half)).collect();
        let back: Vec<_> = order.iter().rev().map(|(subject, half)| (*subject, 1 - half)).collect();
        assert_eq!(order, back);
    }
    let outcomes = summary::outcomes(&subjects(&["a", "b"]), &blocks, 1, "churn 1");
    assert_eq!((outcomes[2].verdict, outcomes[2].ratio.is_some()), (None, true), "five rounds have no verdict");
    let one = planned_ms(&SETTINGS, &Task::new(&workload("churn", &[1]), 1), Mode::Time);
    assert_eq!(*patience.planned.borrow(), (30 * one, 42 * one));
}

#[test]
fn noise_takes_rounds_up_to_the_most() {
    // No two blocks alike: about 10 % apart.
    let noisy = |_: &str, n: usize| observation("churn", 10.0 + ((n * 7919) % 13) as f64 / 10.0);
    let runner = Formula::new(&noisy);
    let (blocks, _) = measure(&runner, &Stolen::default(), Patience::default(), SETTINGS);
    assert_eq!(blocks.expect("measured").len(), 12 * 6);
}

#[test]
fn blocks_on_a_busy_machine_are_run_again_and_counted() {
    let steady = |_: &str, n: usize| observation("churn", if n < 2 { 99.0 } else { 10.0 });
    let runner = Formula::new(&steady);
    // The first two blocks are disturbed; both are of the first turn.
    let (blocks, _) = measure(&runner, &Stolen::during(&[0, 1]), Patience::default(), SETTINGS);
    let blocks = blocks.expect("measured");
    assert_eq!(runner.count(), 5 * 6 + 2);
    assert_eq!((blocks[0].repeats, blocks[1].repeats), (2, 0));
    assert!(blocks.iter().all(|b| b.ns_per_op.is_some_and(|ns| (ns - 10.0).abs() < 1e-6)));
    assert!(!blocks[0].disturbance.is_much());
}

#[test]
fn a_machine_that_never_rests_is_measured_all_the_same_and_shows_it() {
    let steady = |_: &str, _| observation("churn", 10.0);
    let runner = Formula::new(&steady);
    let always: Vec<usize> = (0..1000).collect();
    let (blocks, _) = measure(&runner, &Stolen::during(&always), Patience::default(), SETTINGS);
    let blocks = blocks.expect("measured");
    // A quarter of the blocks is run again, two times each at most, and then no more.
    assert_eq!((blocks.len(), runner.count()), (30, 38));
    assert!(blocks.iter().all(|b| b.disturbance.is_much()));
    assert_eq!(blocks.iter().map(|b| b.repeats).collect::<Vec<_>>()[..5], [2, 2, 2, 2, 0]);
}

#[test]
fn a_subject_that_fails_gets_no_further_turns_and_the_others_go_on() {
    let crashing = |image: &str, n: usize| {
        let mut seen = observation("churn", 10.0);
        if image == "b" && n > 6 {
            (seen.status, seen.signal) = (Status::Crashed, Some("SIGSEGV".into()));
        }
        seen
    };
    let runner = Formula::new(&crashing);
    let (blocks, _) = measure(&runner, &Stolen::default(), Patience::default(), SETTINGS);
    let blocks = blocks.expect("measured");
    assert_eq!(blocks.iter().filter(|b| b.subject == "b" && b.failure().is_some()).count(), 1);
    assert_eq!(blocks.iter().filter(|b| b.subject == "a").count(), 10);
}

#[test]
fn memory_blocks_follow_in_rounds_of_their_own_without_the_twin() {
    let steady = |_: &str, _| observation("churn", 10.0);
    let runner = Formula::new(&steady);
    let (blocks, _) =
        measure(&runner, &Stolen::default(), Patience::default(), Settings { memory_rounds: 3, ..SETTINGS });
    let blocks = blocks.expect("measured");
    let memory: Vec<_> = blocks.iter().filter(|b| b.mode == Mode::Memory).collect();
    assert_eq!((blocks.len(), memory.len()), (36, 6));
    assert!(memory.iter().all(|b| b.subject != "a (again)" && b.ns_per_op.is_none()));
    let outcomes = summary::outcomes(&subjects(&["a", "b"]), &blocks, 1, "churn 1");
    assert!(outcomes[2].memory.is_some_and(|m| m.blocks == 3 && m.overhead() == Some(1.25)));
}

#[test]
fn whoever_wants_it_to_end_is_heard_between_blocks() {
    let steady = |_: &str, _| observation("churn", 10.0);
    let runner = Formula::new(&steady);
    let patience = Patience { blocks: Some(4), ..Patience::default() };
    let (blocks, _) = measure(&runner, &Stolen::default(), patience, SETTINGS);
    assert!(matches!(blocks, Err(MeasureError::Stopped)));
    assert_eq!(runner.count(), 4);
}

#[test]
fn a_memory_workload_is_tried_under_limits() {
    let hungry = |image: &str, n: usize| {
        let mut seen = observation("return-all", 10.0);
        if image == "b" && n >= 2 {
            (seen.status, seen.signal) = (Status::Crashed, Some("SIGKILL".into()));
            seen.values.insert("memory_limit".into(), serde_json::json!({"exceeded": true}));
        }
        seen
    };
    let (runner, roots) = (Formula::new(&hungry), roots(&["a", "b"]));
    let settings = Settings { memory_rounds: 1, survival: true, ..SETTINGS };
    let (machine, watch) = (Stolen::default(), Patience::default());
    let lab = Lab { runner: &runner, machine: &machine, roots: &roots, watch: &watch, settings };
    let memory = Workload { kind: Kind::Memory, ..workload("return-all", &[1]) };
    let blocks = lab.measure(&Task::new(&memory, 1), &subjects(&["a", "b"])).expect("measured");
    assert_eq!(blocks.iter().map(|b| b.limit_bytes.is_some()).filter(|limited| *limited).count(), 6);
    let outcomes = summary::outcomes(&subjects(&["a", "b"]), &blocks, 1, "return-all 1");
    let ends = |place: usize| outcomes[place].survival.iter().map(|s| s.end).collect::<Vec<_>>();
    assert_eq!((ends(0), ends(2)), (vec![End::Survived; 3], vec![End::Ended; 3]));
    assert_eq!(outcomes[2].memory_failed, None);
}
