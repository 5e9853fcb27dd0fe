//! Traces, made at random and read back; and files that are damaged at random, or on purpose.

use fastrand::Rng;
use libcdiff_trace::{Damage, Fault, Op, Source, Trace};

fn source() -> Source {
    Source {
        command: "sqlite3".into(),
        family: "glibc".into(),
        version: "2.36".into(),
        arch: "x86_64".into(),
        left_out: 3,
    }
}

/// A stream that fills, resizes and empties its own slots, `first` and up.
fn stream(rng: &mut Rng, first: u32, slots: u32, steps: usize) -> Vec<Op> {
    let mut full = vec![false; slots as usize];
    let mut ops = Vec::new();
    for _ in 0..steps {
        let at = rng.usize(..slots as usize);
        let most = 1 << rng.u32(1..20);
        let (slot, bytes) = (first + at as u32, rng.u64(1..most));
        ops.push(match (full[at], rng.u8(..4)) {
            (false, 0) => Op::Calloc { slot, bytes },
            (false, 1) => Op::Aligned { slot, bytes, log2: rng.u8(4..13) },
            (false, _) => Op::Malloc { slot, bytes },
            (true, 0) => Op::Realloc { slot, bytes },
            (true, _) => Op::Free { slot },
        });
        full[at] = !full[at] || matches!(ops.last(), Some(Op::Realloc { .. }));
    }
    // A slot that is never filled would be none.
    ops.splice(..0, (0..slots).flat_map(|n| [Op::Malloc { slot: first + n, bytes: 1 }, Op::Free { slot: first + n }]));
    ops
}

fn peak(streams: &[Vec<Op>]) -> u64 {
    // More than was live is only known of one thread.
    let mut sizes = std::collections::HashMap::new();
    let (mut live, mut peak, mut asked) = (0, 0, 0);
    for op in streams.iter().flatten() {
        let (slot, bytes) = match *op {
            Op::Malloc { slot, bytes } | Op::Calloc { slot, bytes } | Op::Realloc { slot, bytes } => (slot, bytes),
            Op::Aligned { slot, bytes, .. } => (slot, bytes),
            Op::Free { slot } => (slot, 0),
            _ => continue,
        };
        live += bytes;
        live -= sizes.insert(slot, bytes).unwrap_or(0);
        peak = u64::max(peak, live);
        asked += bytes;
    }
    if streams.len() == 1 { peak } else { asked }
}

fn made(streams: Vec<Vec<Op>>) -> Result<Trace, Damage> {
    let peak = peak(&streams);
    Trace::new(source(), streams, peak)
}

/// Two threads, the second of which frees what the first one made, and joins in marks.
fn handed_over() -> Vec<Vec<Op>> {
    let mut first = vec![Op::Start { thread: 1 }];
    let mut second = Vec::new();
    for n in 0..100 {
        first.extend([Op::Malloc { slot: n, bytes: 64 }, Op::Post { sync: n }]);
        second.extend([Op::Wait { sync: n }, Op::Free { slot: n }]);
        if n % 10 == 9 {
            first.push(Op::Mark);
            second.push(Op::Mark);
        }
    }
    first.push(Op::Join { thread: 1 });
    vec![first, second]
}

#[test]
fn whatever_is_written_is_read_back() {
    let mut rng = Rng::with_seed(7);
    for _ in 0..60 {
        let threads = rng.u32(1..5);
        let (slots, steps) = (rng.u32(1..40), rng.usize(1..400));
        let mut streams: Vec<_> = (0..threads).map(|n| stream(&mut rng, n * slots, slots, steps)).collect();
        for thread in (1..threads).rev() {
            streams[0].insert(0, Op::Start { thread });
            if rng.bool() {
                streams[0].push(Op::Join { thread });
            }
        }
        let trace = made(streams.clone()).expect("a trace");
        let read = Trace::decode(&trace.encode()).expect("reads what it wrote");
        assert_eq!(read, trace);
        assert_eq!(read.streams(), streams);
        assert_eq!(read.source(), &source());
        assert_eq!(read.shape().slots, threads * slots);
        assert_eq!(read.shape().curve.len(), 256);
    }
}

#[test]
fn threads_that_hand_blocks_over_are_read_back() {
    let trace = made(handed_over()).expect("a trace");
    let shape = trace.shape();
    assert_eq!((shape.threads, shape.syncs, shape.operations, shape.slots), (2, 100, 200, 100));
    assert_eq!(Trace::decode(&trace.encode()), Ok(trace));
}

#[test]
fn the_curve_is_what_is_live_at_each_mark() {
    let one = |bytes, slot| [Op::Malloc { slot, bytes }, Op::Mark];
    let mut ops: Vec<Op> = (0..3).flat_map(|n| one(100, n)).collect();
    ops.push(Op::Free { slot: 1 });
    let trace = made(vec![ops]).expect("a trace");
    assert_eq!(trace.shape().curve[..4], [100, 200, 300, 200]);
    assert_eq!((trace.shape().peak_live_bytes, trace.shape().curve[255]), (300, 200));
}

#[test]
fn any_changed_byte_is_noticed() {
    let file = made(handed_over()).expect("a trace").encode();
    for at in 0..file.len() {
        for change in [1u8, 0x80, 0xff] {
            let mut damaged = file.clone();
            damaged[at] ^= change;
            assert!(Trace::decode(&damaged).is_err(), "byte {at} changed by {change:#x}");
        }
    }
}

#[test]
fn any_cut_and_any_addition_is_noticed() {
    let file = made(handed_over()).expect("a trace").encode();
    for length in 0..file.len() {
        let damage = Trace::decode(&file[..length]).expect_err("cut off");
        assert!(matches!(damage, Damage::CutOff { .. } | Damage::Foreign), "{length}: {damage}");
    }
    let mut longer = file;
    longer.push(0);
    assert_eq!(Trace::decode(&longer), Err(Damage::Trailing { bytes: 1 }));
}

/// Puts a body into a file with a right checksum, as somebody would who makes a trace by hand.
fn file_of(body: &[u8], said: Option<u64>) -> Vec<u8> {
    use sha2::{Digest, Sha256};
    use std::io::Write;
    let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(body).expect("a Vec takes everything");
    let packed = encoder.finish().expect("a Vec takes everything");
    let mut file = b"\x89LCT\r\n\x1a\n\x01\x00\x01\x00".to_vec();
    file.extend((packed.len() as u64).to_le_bytes());
    file.extend(said.unwrap_or(body.len() as u64).to_le_bytes());
    let mut hash = Sha256::new();
    hash.update(&file);
    hash.update(&packed);
    file.extend(hash.finalize());
    file.extend(packed);
    file
}

/// The body of a file.
fn body_of(file: &[u8]) -> Vec<u8> {
    use std::io::Read;
    let mut body = Vec::new();
    flate2::read::DeflateDecoder::new(&file[60..]).read_to_end(&mut body).expect("deflate");
    body
}

#[test]
fn a_body_that_is_damaged_under_a_right_checksum_never_panics_and_is_never_another_trace() {
    let trace = made(handed_over()).expect("a trace");
    let body = body_of(&trace.encode());
    assert_eq!(Trace::decode(&file_of(&body, None)), Ok(trace));
    let mut rng = Rng::with_seed(99);
    let mut accepted = 0;
    for _ in 0..4000 {
        let mut damaged = body.clone();
        for _ in 0..rng.usize(1..4) {
            let at = rng.usize(..damaged.len());
            match rng.u8(..4) {
                0 => damaged[at] = rng.u8(..),
                1 => damaged[at] ^= 1 << rng.u8(..8),
                2 => drop(damaged.remove(at)),
                _ => damaged.insert(at, rng.u8(..)),
            }
        }
        // What is still a trace must be one that can be written and read again.
        if let Ok(trace) = Trace::decode(&file_of(&damaged, None)) {
            assert_eq!(Trace::decode(&trace.encode()), Ok(trace));
            accepted += 1;
        }
    }
    // A name may change and the file be sound; the counts see to the rest.
    assert!(accepted < 400, "{accepted} of 4000 damaged bodies were taken for sound");
}

#[test]
fn what_is_no_trace_says_so() {
    let decode = |bytes: &[u8]| Trace::decode(bytes).expect_err("no trace");
    assert_eq!(decode(b"\x7fELF\x02\x01\x01 and so on"), Damage::Foreign);
    assert_eq!(decode(b"{\"schema\": 1}"), Damage::Foreign);
    assert!(matches!(decode(b""), Damage::CutOff { found: 0, .. }));
    assert_eq!(decode(b"\x89LCT\n\x1a\n\x01\x00"), Damage::Text);
    let mut newer = made(handed_over()).expect("a trace").encode();
    newer[8] = 2;
    assert_eq!(decode(&newer), Damage::Newer { found: 2, known: 1 });
    assert!(decode(&newer).to_string().contains("newer libcdiff"));
}

#[test]
fn a_small_file_cannot_unpack_to_much() {
    let zeros = vec![0u8; 8 << 20];
    // It says less than it has: no more than said is unpacked.
    assert!(matches!(Trace::decode(&file_of(&zeros, Some(100))), Err(Damage::Unpack(_))));
    // It says more than any trace has.
    assert!(matches!(Trace::decode(&file_of(&zeros, Some(1 << 40))), Err(Damage::TooLarge { .. })));
    // It says what it has, and that is nothing.
    assert!(Trace::decode(&file_of(&zeros, None)).is_err());
}

/// The fault of a trace of one thread, or of two of which the first starts the second.
fn fault(mut first: Vec<Op>, second: Option<Vec<Op>>) -> Damage {
    let mut streams = Vec::new();
    if second.is_some() {
        first.insert(0, Op::Start { thread: 1 });
    }
    streams.push(first);
    streams.extend(second);
    Trace::new(source(), streams, 8).expect_err("damage")
}

fn fault_of(damage: Damage) -> Fault {
    match damage {
        Damage::Fault { fault, .. } => fault,
        other => panic!("not a fault of a step: {other}"),
    }
}

#[test]
fn steps_that_cannot_be_replayed_are_refused() {
    let fill = |slot| Op::Malloc { slot, bytes: 8 };
    let free = |slot| Op::Free { slot };
    let one = |ops: Vec<Op>| fault_of(fault(ops, None));
    assert_eq!(one(vec![fill(0), free(0), free(0)]), Fault::Vacant(0));
    assert_eq!(one(vec![free(0)]), Fault::Vacant(0));
    assert_eq!(one(vec![fill(0), fill(0)]), Fault::Taken(0));
    assert_eq!(one(vec![fill(7)]), Fault::Slot(7));
    assert_eq!(one(vec![Op::Realloc { slot: 0, bytes: 1 }]), Fault::Vacant(0));
    assert_eq!(one(vec![fill(0), Op::Realloc { slot: 0, bytes: 0 }]), Fault::Bytes(0));
    assert_eq!(one(vec![Op::Malloc { slot: 0, bytes: 1 << 37 }]), Fault::Bytes(1 << 37));
    assert_eq!(one(vec![Op::Aligned { slot: 0, bytes: 8, log2: 40 }]), Fault::Alignment(40));
    assert_eq!(one(vec![fill(0), Op::Post { sync: 0 }, Op::Post { sync: 0 }]), Fault::PostedTwice(0));
    assert_eq!(one(vec![fill(0), Op::Start { thread: 0 }]), Fault::Start(0));
    assert_eq!(one(vec![fill(0), Op::Join { thread: 0 }]), Fault::Join(0));
    assert_eq!(one([vec![Op::Mark; 256], vec![fill(0)]].concat()), Fault::Mark);
    let live: Vec<Op> = (0..17).map(|slot| Op::Malloc { slot, bytes: 1 << 36 }).collect();
    assert_eq!(one(live), Fault::Live(17 << 36));
}

#[test]
fn a_block_of_another_thread_needs_a_reason_to_be_there() {
    let fill = Op::Malloc { slot: 0, bytes: 8 };
    let free = Op::Free { slot: 0 };
    let two = |first: Vec<Op>, second: Vec<Op>| fault(first, Some(second));
    assert_eq!(fault_of(two(vec![fill], vec![free])), Fault::Race(0));
    // A free that does not wait for a realloc which comes after what it waited for.
    let first = vec![fill, Op::Post { sync: 0 }, Op::Realloc { slot: 0, bytes: 8 }];
    assert_eq!(fault_of(two(first, vec![Op::Wait { sync: 0 }, free])), Fault::Race(0));
    // A slot that is filled again before its free is known of.
    let first = vec![fill, Op::Post { sync: 0 }, fill];
    let damage = fault_of(two(first, vec![Op::Wait { sync: 0 }, free]));
    assert!(matches!(damage, Fault::Race(0) | Fault::Taken(0)), "{damage}");
    // Two marks between are a reason, one is none.
    let marks = |n| vec![Op::Mark; n];
    let trace = |n| {
        Trace::new(
            source(),
            vec![[vec![Op::Start { thread: 1 }, fill], marks(n), vec![]].concat(), [marks(n), vec![free]].concat()],
            8,
        )
    };
    assert_eq!(trace(2).expect("a trace").shape().operations, 2);
    assert_eq!(fault_of(trace(1).expect_err("a race")), Fault::Race(0));
}

#[test]
fn threads_that_wait_in_vain_are_refused() {
    let fill = |slot| Op::Malloc { slot, bytes: 8 };
    let wait = |sync| Op::Wait { sync };
    let post = |sync| Op::Post { sync };
    let damage = fault(vec![fill(0), wait(1), post(0)], Some(vec![wait(0), post(1)]));
    assert!(matches!(damage, Damage::Deadlock { .. }), "{damage}");
    assert!(matches!(fault(vec![fill(0), wait(5)], None), Damage::Deadlock { thread: 0, step: 1 }));
    // One waits at a mark for another, which waits for what comes behind that mark.
    let damage = fault(vec![fill(0), Op::Mark, post(0)], Some(vec![wait(0), Op::Mark]));
    assert!(matches!(damage, Damage::Deadlock { .. }), "{damage}");
    let damage = Trace::new(source(), vec![vec![fill(0)], vec![]], 8).expect_err("nobody starts it");
    assert_eq!(damage, Damage::NeverStarted(1));
    assert_eq!(Trace::new(source(), vec![vec![Op::Mark]], 0), Err(Damage::Empty));
}

#[test]
fn names_that_could_not_be_shown_are_refused() {
    for command in ["a\nb", "\u{1b}[31m", &"x".repeat(300)] {
        let source = Source { command: command.into(), ..source() };
        let ops = vec![Op::Malloc { slot: 0, bytes: 8 }];
        assert_eq!(Trace::new(source, vec![ops], 8), Err(Damage::Words("command")));
    }
}
