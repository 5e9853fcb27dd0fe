//! The C library's functions on text and numbers: printing, reading, sorting, searching.

use std::ffi::CStr;
use std::hint::black_box;

use super::Work;
use crate::random::Random;
use crate::sys::functions::{Regex, Text};
use crate::sys::heap::Heap;

/// Calls of a short function in one iteration.
pub const CALLS: u64 = 1000;

/// Numbers that are sorted at once.
const NUMBERS: usize = 1000;

/// Searches for each time that the expression is compiled.
pub const SEARCHES: u64 = 100;

/// An address of mail, in a line of a log.
const PATTERN: &CStr = c"[a-z]+@[a-z]+\\.(com|org|net)";
const LINE: &CStr =
    c"2026-01-02 03:04:05 INFO request of 192.0.2.17 took 12 ms, answered to someone@example.org by 4711";

struct Print(Text);
struct Read(Text);
struct Sort(Text, Vec<u32>, Vec<u32>);
struct Search;

/// snprintf.
pub fn print(_thread: usize) -> Box<dyn Work> {
    Box::new(Print(Text::bound()))
}

/// strtod.
pub fn read(_thread: usize) -> Box<dyn Work> {
    Box::new(Read(Text::bound()))
}

/// qsort.
pub fn sort(thread: usize) -> Box<dyn Work> {
    let mut random = Random::of_thread(thread);
    let numbers = (0..NUMBERS).map(|_| random.bits()).collect();
    Box::new(Sort(Text::bound(), numbers, vec![0; NUMBERS]))
}

/// regcomp and regexec.
pub fn search(_thread: usize) -> Box<dyn Work> {
    Box::new(Search)
}

impl Work for Print {
    fn run(&mut self, _heap: &Heap, iterations: u64) {
        for call in 0..iterations * CALLS {
            self.0.format(black_box(123_456_789 + (call % 1000) as i64), black_box(2_718.281_828));
        }
    }
}

impl Work for Read {
    fn run(&mut self, _heap: &Heap, iterations: u64) {
        for _ in 0..iterations * CALLS {
            self.0.parse(black_box(c"3.14159265358979e10"));
        }
    }
}

impl Work for Sort {
    fn run(&mut self, _heap: &Heap, iterations: u64) {
        for _ in 0..iterations {
            self.2.copy_from_slice(&self.1);
            self.0.sort(&mut self.2);
        }
    }
}

impl Work for Search {
    fn run(&mut self, _heap: &Heap, iterations: u64) {
        for _ in 0..iterations {
            let regex = Regex::new(PATTERN);
            for _ in 0..SEARCHES {
                black_box(regex.as_ref().map(|regex| regex.search(black_box(LINE))));
            }
        }
    }
}
