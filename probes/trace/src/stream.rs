//! One thread's steps as bytes: an opcode, then its numbers. A slot is written as its distance from the slot of the step
//! before, which is mostly small.

use crate::limits::{MOST_BYTES, MOST_LOG2, MOST_OPERATIONS};
use crate::{Damage, Fault, Op, number};

const END: u8 = 0;
const MALLOC: u8 = 1;
const CALLOC: u8 = 2;
const ALIGNED: u8 = 3;
const REALLOC: u8 = 4;
const FREE: u8 = 5;
const POST: u8 = 6;
const WAIT: u8 = 7;
const START: u8 = 8;
const JOIN: u8 = 9;
const MARK: u8 = 10;

/// Appends a stream.
pub fn encode(ops: &[Op], out: &mut Vec<u8>) {
    let mut last = 0;
    for op in ops {
        encode_one(*op, &mut last, out);
    }
    out.push(END);
}

fn encode_one(op: Op, last: &mut u32, out: &mut Vec<u8>) {
    let (code, slot, bytes, other) = match op {
        Op::Malloc { slot, bytes } => (MALLOC, Some(slot), Some(bytes), None),
        Op::Calloc { slot, bytes } => (CALLOC, Some(slot), Some(bytes), None),
        Op::Aligned { slot, bytes, log2 } => (ALIGNED, Some(slot), Some(bytes), Some(u32::from(log2))),
        Op::Realloc { slot, bytes } => (REALLOC, Some(slot), Some(bytes), None),
        Op::Free { slot } => (FREE, Some(slot), None, None),
        Op::Post { sync } => (POST, None, None, Some(sync)),
        Op::Wait { sync } => (WAIT, None, None, Some(sync)),
        Op::Start { thread } => (START, None, None, Some(thread)),
        Op::Join { thread } => (JOIN, None, None, Some(thread)),
        Op::Mark => (MARK, None, None, None),
    };
    out.push(code);
    if let Some(slot) = slot {
        number::put(zigzag(i64::from(slot) - i64::from(*last)), out);
        *last = slot;
    }
    for value in [bytes, other.map(u64::from)].into_iter().flatten() {
        number::put(value, out);
    }
}

/// Takes a stream off the front. `room` is how many more steps the trace may have.
pub fn decode(bytes: &mut &[u8], thread: u32, room: &mut u64) -> Result<Vec<Op>, Damage> {
    let mut ops = Vec::new();
    let mut last = 0;
    loop {
        let at = |fault| Damage::Fault { thread: thread as usize, step: ops.len(), fault };
        let Some(op) = decode_one(&mut last, bytes, &at)? else { return Ok(ops) };
        if *room == 0 {
            return Err(Damage::TooLarge {
                what: "steps",
                value: crate::limits::MOST_OPS + 1,
                most: crate::limits::MOST_OPS,
            });
        }
        *room -= 1;
        ops.push(op);
    }
}

fn decode_one(last: &mut u32, bytes: &mut &[u8], at: &dyn Fn(Fault) -> Damage) -> Result<Option<Op>, Damage> {
    let code = number::byte(bytes)?;
    let mut slot = |bytes: &mut &[u8]| {
        let slot = i64::from(*last).checked_add(unzigzag(number::take(bytes)?));
        let slot = slot.and_then(|slot| u32::try_from(slot).ok()).filter(|slot| u64::from(*slot) < MOST_OPERATIONS);
        *last = slot.ok_or_else(|| at(Fault::Slot(u32::MAX)))?;
        Ok::<_, Damage>(*last)
    };
    let size = |bytes: &mut &[u8]| match number::take(bytes)? {
        size if size <= MOST_BYTES => Ok(size),
        size => Err(at(Fault::Bytes(size))),
    };
    let id =
        |bytes: &mut &[u8]| number::take_at_most(u64::from(u32::MAX), "syncs or threads", bytes).map(|id| id as u32);
    Ok(Some(match code {
        END => return Ok(None),
        MALLOC => Op::Malloc { slot: slot(bytes)?, bytes: size(bytes)? },
        CALLOC => Op::Calloc { slot: slot(bytes)?, bytes: size(bytes)? },
        ALIGNED => {
            let (slot, bytes_, log2) = (slot(bytes)?, size(bytes)?, number::take(bytes)?);
            let log2 = u8::try_from(log2).ok().filter(|log2| *log2 <= MOST_LOG2);
            Op::Aligned { slot, bytes: bytes_, log2: log2.ok_or_else(|| at(Fault::Alignment(u8::MAX)))? }
        }
        REALLOC => Op::Realloc { slot: slot(bytes)?, bytes: size(bytes)? },
        FREE => Op::Free { slot: slot(bytes)? },
        POST => Op::Post { sync: id(bytes)? },
        WAIT => Op::Wait { sync: id(bytes)? },
        START => Op::Start { thread: id(bytes)? },
        JOIN => Op::Join { thread: id(bytes)? },
        MARK => Op::Mark,
        other => return Err(at(Fault::Opcode(other))),
    }))
}

/// Small distances in either direction as small numbers.
fn zigzag(value: i64) -> u64 {
    ((value << 1) ^ (value >> 63)) as u64
}

fn unzigzag(value: u64) -> i64 {
    (value >> 1) as i64 ^ -((value & 1) as i64)
}
