//! The C library's functions on bytes, at sizes from one register to more than any cache.

use super::Work;
use crate::sys::functions::Bytes;
use crate::sys::heap::Heap;

/// Bytes of a cache line.
const LINE: usize = 64;

/// Calls in one iteration with up to 4 KiB.
pub const SHORT: u64 = 1000;

/// Calls in one iteration with 64 KiB.
pub const LONG: u64 = 20;

/// Calls in one iteration with 4 MiB.
pub const HUGE: u64 = 1;

/// Which function.
#[derive(Clone, Copy)]
enum Function {
    Copy,
    Set,
    Length,
    Find,
}

struct Call {
    function: Function,
    bytes: usize,
    calls: u64,
    functions: Bytes,
    from: Buffer,
    to: Buffer,
}

/// Bytes at a fixed distance from the start of a cache line, in every run.
struct Buffer {
    memory: Vec<u8>,
    start: usize,
    length: usize,
}

impl Buffer {
    fn new(length: usize, distance: usize) -> Self {
        let memory = vec![1; length + distance + LINE];
        let start = memory.as_ptr().align_offset(LINE) + distance;
        Self { memory, start, length }
    }

    fn bytes(&mut self) -> &mut [u8] {
        &mut self.memory[self.start..self.start + self.length]
    }
}

/// A text without the byte that is looked for, and its end.
fn call(function: Function, bytes: usize) -> Box<dyn Work> {
    let calls = match bytes {
        0..=4096 => SHORT,
        4097..=65536 => LONG,
        _ => HUGE,
    };
    let mut from = Buffer::new(bytes + 1, 0);
    from.bytes().fill(b'x');
    from.bytes()[bytes] = 0;
    // One behind the start of a line, as most places in a program's buffers are somewhere.
    Box::new(Call { function, bytes, calls, functions: Bytes::bound(), from, to: Buffer::new(bytes, 1) })
}

/// memcpy to a place that is not aligned.
pub fn copy<const BYTES: usize>(_thread: usize) -> Box<dyn Work> {
    call(Function::Copy, BYTES)
}

/// memset of a place that is not aligned.
pub fn set<const BYTES: usize>(_thread: usize) -> Box<dyn Work> {
    call(Function::Set, BYTES)
}

/// strlen.
pub fn length<const BYTES: usize>(_thread: usize) -> Box<dyn Work> {
    call(Function::Length, BYTES)
}

/// memchr of a byte that is not there.
pub fn find<const BYTES: usize>(_thread: usize) -> Box<dyn Work> {
    call(Function::Find, BYTES)
}

impl Work for Call {
    fn run(&mut self, _heap: &Heap, iterations: u64) {
        let calls = iterations * self.calls;
        let (from, to) = (self.from.bytes(), self.to.bytes());
        match self.function {
            Function::Copy => (0..calls).for_each(|_| self.functions.copy(to, &from[..self.bytes])),
            Function::Set => (0..calls).for_each(|_| self.functions.set(to)),
            Function::Length => (0..calls).for_each(|_| self.functions.length(from)),
            Function::Find => (0..calls).for_each(|_| self.functions.find(&from[..self.bytes])),
        }
    }
}
