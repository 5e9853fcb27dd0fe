//! Replays on a heap that counts: what was recorded is asked for, and nothing else; whatever the threads' speed.

use std::sync::atomic::{AtomicU32, Ordering};

use libcdiff_trace::{Op, Source, Trace};

use crate::sys::fake;
use crate::sys::heap::Heap;
use crate::sys::replay::{Manner, Stage, Touch};

fn trace(streams: Vec<Vec<Op>>, peak: u64) -> Trace {
    let source = Source { command: "made".into(), ..Source::default() };
    let trace = Trace::new(source, streams, peak).expect("a trace");
    Trace::decode(&trace.encode()).expect("the same")
}

fn stage(trace: &Trace) -> Stage {
    let shape = trace.shape();
    Stage::new(trace.streams().to_vec(), shape.slots, shape.syncs, vec![0; shape.threads as usize])
}

fn manner(heap: &Heap, touch: Touch) -> Manner<'static> {
    Manner { heap: *heap, touch, sample: None }
}

/// One thread: every kind of block, one left at the end.
fn alone() -> Trace {
    let ops = vec![
        Op::Malloc { slot: 0, bytes: 10 },
        Op::Calloc { slot: 1, bytes: 5000 },
        Op::Aligned { slot: 2, bytes: 300, log2: 12 },
        Op::Realloc { slot: 0, bytes: 20_000 },
        Op::Mark,
        Op::Free { slot: 1 },
        Op::Malloc { slot: 1, bytes: 0 },
        Op::Free { slot: 0 },
        Op::Free { slot: 2 },
    ];
    trace(vec![ops], 25_300)
}

/// Two threads that hand each other blocks, and a third one that the second makes.
fn together() -> Trace {
    let count = 400;
    let mut streams = vec![vec![Op::Start { thread: 1 }], vec![Op::Start { thread: 2 }], vec![]];
    for n in 0..count {
        streams[0].extend([Op::Malloc { slot: n, bytes: 100 + u64::from(n) }, Op::Post { sync: n }]);
        streams[1].extend([Op::Wait { sync: n }, Op::Realloc { slot: n, bytes: 7 }, Op::Post { sync: count + n }]);
        // Freed in the epoch after.
        if let Some(n) = n.checked_sub(40) {
            streams[2].extend([Op::Wait { sync: count + n }, Op::Free { slot: n }]);
        }
        if n % 40 == 39 {
            streams.iter_mut().for_each(|stream| stream.push(Op::Mark));
        }
    }
    trace(streams, 10_000)
}

#[test]
fn what_was_recorded_is_asked_for_and_nothing_else() {
    let trace = alone();
    for touch in [Touch::Ends, Touch::Pages] {
        let stage = stage(&trace);
        let log = fake::recorded(|heap, _| {
            stage.pass(&manner(heap, touch));
        });
        assert_eq!(log.sizes, [10, 5000, 300, 20_000, 0]);
        assert_eq!((log.live_bytes(), log.live.len()), (0, 1));
        assert_eq!(log.wrong, [0usize; 0]);
    }
}

#[test]
fn what_is_left_is_freed_and_a_trace_can_be_replayed_again() {
    let trace = alone();
    let stage = stage(&trace);
    let log = fake::recorded(|heap, _| {
        for _ in 0..3 {
            stage.pass(&manner(heap, Touch::Ends));
            stage.clear(heap);
        }
    });
    assert_eq!((log.sizes.len(), log.live.len(), log.wrong.len()), (15, 0, 0));
}

#[test]
fn threads_wait_for_each_other_where_blocks_change_hands() {
    let trace = together();
    let stage = stage(&trace);
    let log = fake::recorded(|heap, _| {
        for _ in 0..20 {
            stage.pass(&manner(heap, Touch::Ends));
            stage.clear(heap);
        }
    });
    assert_eq!((log.sizes.len(), log.live.len()), (20 * 800, 0));
    assert_eq!(log.wrong, [0usize; 0], "freed without being live");
}

#[test]
fn at_each_mark_everybody_stands_still_and_what_is_live_is_what_the_curve_says() {
    let trace = together();
    let stage = stage(&trace);
    assert_eq!(trace.shape().curve[..3], [280, 280, 280]);
    let next = AtomicU32::new(1);
    fake::recorded(|heap, log| {
        let curve = &trace.shape().curve;
        let sample = |mark: u32| {
            assert_eq!(next.fetch_add(1, Ordering::Relaxed), mark, "each mark once, in order");
            assert_eq!(log().live_bytes() as u64, curve[mark as usize - 1], "at mark {mark}");
        };
        stage.pass(&Manner { heap: *heap, touch: Touch::Pages, sample: Some(&sample) });
    });
    assert_eq!(next.load(Ordering::Relaxed), 11);
}

#[test]
fn a_replay_without_an_allocator_goes_through_the_same_steps() {
    let heap = crate::sys::bump::heap(1 << 20).expect("room");
    for trace in [alone(), together()] {
        let stage = stage(&trace);
        stage.pass(&manner(&heap, Touch::Ends));
        stage.clear(&heap);
    }
}
