//! The table holds together, and each workload does the same each time, knows what is live, and frees what it makes.

use std::collections::BTreeSet;
use std::thread;

use super::*;
use crate::sys::fake::{Log, recorded};

/// Little memory, so that tests are fast.
const BYTES: usize = 2 << 20;

/// Does a workload with a heap that counts: prepares, does some work, checks what is live, releases. Parts that need each
/// other work at once, all others one after the other, so that their order is known.
fn log_of(workload: &Workload, threads: usize, work: fn(&mut dyn Work, &Heap, &Workload)) -> Log {
    recorded(|heap, log| {
        let mut parts = workload.parts(&Plan { threads, bytes: BYTES });
        parts.iter_mut().for_each(|part| part.prepare(heap));
        if workload.name == "producer-consumer" {
            thread::scope(|scope| {
                for part in &mut parts {
                    scope.spawn(move || work(part.as_mut(), heap, workload));
                }
            });
        } else {
            parts.iter_mut().for_each(|part| work(part.as_mut(), heap, workload));
        }
        let live: u64 = parts.iter().map(|part| part.live_bytes()).sum();
        assert_eq!(live, log().live_bytes() as u64, "{}: live bytes", workload.name);
        parts.iter_mut().for_each(|part| part.release(heap));
    })
}

fn iterations(part: &mut dyn Work, heap: &Heap, _workload: &Workload) {
    part.run(heap, 2);
}

/// All steps where memory is watched first of all; elsewhere steps are iterations.
fn steps(part: &mut dyn Work, heap: &Heap, workload: &Workload) {
    let count = if workload.kind == Kind::Memory { workload.steps.map_or(0, |steps| steps.count) } else { 1 };
    for number in 0..count {
        part.step(heap, Step { number, iterations: 1 });
    }
}

/// Workloads on the allocator, with each number of threads.
fn allocating() -> impl Iterator<Item = (&'static Workload, usize)> {
    let alloc = TABLE.iter().filter(|row| row.subject == Subject::Alloc);
    alloc.flat_map(|row| row.threads.iter().map(move |threads| (row, *threads)))
}

#[test]
fn names_are_unique_and_of_letters_digits_and_dashes() {
    let names: BTreeSet<_> = TABLE.iter().map(|row| row.name).collect();
    assert_eq!(names.len(), TABLE.len());
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    assert!(names.iter().all(|name| name.chars().all(plain)), "{names:?}");
}

#[test]
fn every_row_says_what_it_is() {
    for row in TABLE {
        for text in [row.title, row.models, row.parameters, row.source, row.unit] {
            assert!(!text.is_empty(), "{}", row.name);
        }
        assert!(!row.threads.is_empty() && row.operations > 0, "{}", row.name);
        assert_eq!(row.subject == Subject::Alloc, row.steps.is_some(), "{}: memory is watched", row.name);
    }
}

#[test]
fn everything_that_is_made_is_freed_once() {
    for work in [iterations, steps] {
        for (workload, threads) in allocating() {
            let log = log_of(workload, threads, work);
            assert!(log.live.is_empty(), "{} with {threads}: {} are live", workload.name, log.live.len());
            assert!(log.wrong.is_empty(), "{} with {threads}: {} were not live", workload.name, log.wrong.len());
            assert!(!log.sizes.is_empty(), "{} with {threads}", workload.name);
        }
    }
}

#[test]
fn sizes_are_the_same_each_time() {
    for work in [iterations, steps] {
        for (workload, _) in allocating().filter(|(row, threads)| *threads == row.threads[0]) {
            let sizes = || log_of(workload, workload.threads[0], work).sizes;
            assert!(sizes() == sizes(), "{}", workload.name);
        }
    }
}

#[test]
fn an_iteration_has_as_many_operations_as_the_table_says() {
    let rows = ["pair-warm", "churn", "glibc-simple", "glibc-thread", "calloc-large", "aligned", "producer-consumer"];
    for workload in rows.into_iter().filter_map(find) {
        let threads = workload.threads[0];
        let once = log_of(workload, threads, |part, heap, _| part.run(heap, 1)).sizes.len();
        let twice = log_of(workload, threads, |part, heap, _| part.run(heap, 2)).sizes.len();
        assert_eq!((twice - once) as u64, workload.operations_of(threads), "{}", workload.name);
    }
}

#[test]
fn a_burst_reaches_its_height_and_keeps_what_it_says() {
    for (name, kept) in [("return-all", 0.0), ("return-most", 1.0 / 16.0), ("return-generations", 1.0 / 16.0)] {
        let workload = find(name).expect("a row");
        let mut live = Vec::new();
        recorded(|heap, log| {
            let mut parts = workload.parts(&Plan { threads: 1, bytes: BYTES });
            for number in 0..burst::STEPS {
                parts[0].step(heap, Step { number, iterations: 1 });
                live.push(log().live_bytes());
            }
            parts[0].release(heap);
        });
        let peak = live.iter().copied().max().unwrap_or(0);
        assert!((BYTES..BYTES + (64 << 10)).contains(&peak), "{name}: {peak}");
        let left = live[live.len() - 1] as f64 / peak as f64;
        assert!((left - kept).abs() < 0.02, "{name}: {left}");
    }
}

#[test]
fn fragmentation_keeps_its_live_bytes() {
    let workload = find("fragmentation").expect("a row");
    recorded(|heap, log| {
        let mut parts = workload.parts(&Plan { threads: 1, bytes: BYTES });
        for number in 0..fragmentation::STEPS {
            parts[0].step(heap, Step { number, iterations: 1 });
            let live = log().live_bytes();
            assert!((BYTES / 4..BYTES / 4 + (16 << 10)).contains(&live), "step {number}: {live}");
        }
        parts[0].release(heap);
    });
}

#[test]
fn turns_are_taken_one_by_one() {
    let workload = find("arena-ratchet").expect("a row");
    recorded(|heap, log| {
        let mut parts = workload.parts(&Plan { threads: 1, bytes: BYTES });
        for number in 0..arenas::STEPS {
            parts.iter_mut().for_each(|part| part.step(heap, Step { number, iterations: 1 }));
            let growing = number.is_multiple_of(2);
            let height = BYTES / arenas::THREADS;
            assert_eq!(log().live_bytes() > height, growing, "step {number}");
        }
        parts.iter_mut().for_each(|part| part.release(heap));
    });
}
