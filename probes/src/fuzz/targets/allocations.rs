//! Sequences of allocator calls: a little program of at most a few dozen steps on eight blocks.
//!
//! A step is a letter and up to three numbers: `m SIZE`, `c COUNT SIZE`, `a ALIGNMENT SIZE` (aligned_alloc), `p` (the same
//! for posix_memalign), `l` (memalign), `r BLOCK SIZE` (realloc), `R BLOCK COUNT SIZE` (reallocarray), `f BLOCK`, `u BLOCK`
//! (malloc_usable_size). A negative number is one that wraps around. A new block goes to the first place that is free.

use heap::string::String;
use heap::vec::Vec;

use super::super::{Answer, Input, Inputs, Put, Random, Target};
use crate::sys::alloc::calls::{self, Block};
use crate::sys::call::Errno;
use crate::text;

/// The allocator.
pub const SEQUENCE: Target = Target {
    id: "alloc.sequence",
    what: "malloc, calloc, realloc, reallocarray, aligned_alloc, posix_memalign, memalign, free: null or not, errno, \
           alignment, usable size, contents",
    functions: &[
        "malloc",
        "calloc",
        "realloc",
        "reallocarray",
        "aligned_alloc",
        "posix_memalign",
        "memalign",
        "free",
        "malloc_usable_size",
    ],
    fields: &["steps"],
    told: true,
    inputs: Inputs::Grammar(make),
    batch: 20_000,
    ask,
    ..Target::PLAIN
};

/// Blocks that a program holds at a time.
const BLOCKS: usize = 8;
/// Steps that are taken at most.
const STEPS: usize = 32;
/// Sizes are below this, or above every address: whether memory lasts is the machine's.
const MOST: usize = 256 << 10;
const BEYOND: usize = 1 << 56;

fn make(random: &mut Random) -> Input {
    let mut steps = Vec::new();
    for _ in 0..1 + random.below(6) {
        let letter = random.byte(b"mmcaplrrrRffuu");
        steps.push(letter);
        let block = random.below(3);
        match letter {
            b'c' => (size(random, &mut steps), size(random, &mut steps)).0,
            b'a' | b'p' | b'l' => (alignment(random, &mut steps), size(random, &mut steps)).0,
            b'm' => size(random, &mut steps),
            _ => number(&mut steps, block as i64),
        }
        match letter {
            b'r' => size(random, &mut steps),
            b'R' => (size(random, &mut steps), size(random, &mut steps)).0,
            _ => (),
        }
        steps.push(b' ');
    }
    Input(heap::vec![steps])
}

fn number(steps: &mut Vec<u8>, number: i64) {
    steps.push(b' ');
    steps.put_number(number);
}

fn size(random: &mut Random, steps: &mut Vec<u8>) {
    const HUGE: [i64; 7] = [-1, -8, -64, -4096, i64::MAX, i64::MIN, 1 << 62];
    let size = match random.below(64) {
        0..8 => 0,
        8..16 => HUGE[random.below(HUGE.len())],
        // Pages that the system has to bring take longer than all else.
        16 => random.below(MOST) as i64,
        17 => 1 << random.below(18),
        18..25 => 1 << random.below(12),
        25..30 => random.below(5000) as i64,
        _ => random.below(300) as i64,
    };
    number(steps, size);
}

fn alignment(random: &mut Random, steps: &mut Vec<u8>) {
    let alignment = match random.below(6) {
        0 => random.below(100) as i64,
        1 => [0, -1, i64::MIN, 3, 1, 2][random.below(6)],
        _ => 1 << random.below(14),
    };
    number(steps, alignment);
}

/// The words of the program.
struct Words<'a>(core::slice::Split<'a, u8, fn(&u8) -> bool>);

impl<'a> Words<'a> {
    fn of(text: &'a [u8]) -> Self {
        Self(text.split(|byte: &u8| !byte.is_ascii_alphanumeric() && *byte != b'-'))
    }

    fn next(&mut self) -> Option<&'a [u8]> {
        self.0.by_ref().find(|word| !word.is_empty())
    }

    /// The next word as a number: one below [`MOST`], or one that no machine has memory for.
    fn number(&mut self) -> usize {
        let word = self.next().unwrap_or_default();
        let digits = word.strip_prefix(b"-").unwrap_or(word);
        let number = digits
            .iter()
            .filter(|b| b.is_ascii_digit())
            .fold(0usize, |all, digit| all.wrapping_mul(10).wrapping_add(usize::from(digit - b'0')));
        let number = if word.starts_with(b"-") { number.wrapping_neg() } else { number };
        if (MOST..BEYOND).contains(&number) { number % MOST } else { number }
    }

    /// Two numbers whose product is as one number is.
    fn product(&mut self) -> (usize, usize) {
        let (a, b) = (self.number(), self.number());
        match a.checked_mul(b) {
            Some(MOST..BEYOND) => (a % 512, b % 512),
            _ => (a, b),
        }
    }

    fn alignment(&mut self) -> usize {
        let number = self.number();
        if (65_537..BEYOND).contains(&number) { 65_536 } else { number }
    }
}

fn ask(input: &Input, answer: &mut Answer) {
    let mut blocks: [Option<Block>; BLOCKS] = Default::default();
    let mut words = Words::of(input.field(0));
    for _ in 0..STEPS {
        let Some(word) = words.next() else { break };
        step(word[0], &mut words, &mut blocks, answer);
    }
    blocks.into_iter().flatten().for_each(Block::free);
}

fn step(letter: u8, words: &mut Words<'_>, blocks: &mut [Option<Block>; BLOCKS], answer: &mut Answer) {
    match letter {
        b'f' | b'u' | b'r' | b'R' => {
            let place = words.number() % BLOCKS;
            on_block(letter, place, words, blocks, answer);
        }
        b'm' | b'c' | b'a' | b'p' | b'l' => {
            let Some(place) = blocks.iter().position(Option::is_none) else { return };
            blocks[place] = new_block(letter, words, answer);
        }
        _ => (),
    }
}

fn new_block(letter: u8, words: &mut Words<'_>, answer: &mut Answer) -> Option<Block> {
    match letter {
        b'm' => {
            let bytes = words.number();
            told(answer, if bytes == 0 { "malloc of nothing" } else { "malloc" }, calls::malloc(bytes), 16)
        }
        b'c' => {
            let (count, bytes) = words.product();
            let empty = count == 0 || bytes == 0;
            let name = if empty { "calloc of nothing" } else { "calloc" };
            let block = told(answer, name, calls::calloc(count, bytes), 16)?;
            answer.line("calloc's bytes", if zeros(block.content()) { "all 0" } else { "not all 0" });
            Some(block)
        }
        b'a' => {
            let (alignment, bytes) = (words.alignment(), words.number());
            told(answer, alignment_name("aligned_alloc", alignment), calls::aligned_alloc(alignment, bytes), alignment)
        }
        b'l' => {
            let (alignment, bytes) = (words.alignment(), words.number());
            told(answer, alignment_name("memalign", alignment), calls::memalign(alignment, bytes), alignment)
        }
        _ => {
            let (alignment, bytes) = (words.alignment(), words.number());
            let done = calls::posix_memalign(alignment, bytes);
            let result = done.block.ok_or(Errno(done.code));
            told(answer, alignment_name("posix_memalign", alignment), result, alignment)
        }
    }
}

/// What is asked, with what is odd about the alignment in the name.
fn alignment_name(function: &'static str, alignment: usize) -> &'static str {
    match (function, alignment.is_power_of_two()) {
        ("aligned_alloc", false) => "aligned_alloc, no power of two",
        ("memalign", false) => "memalign, no power of two",
        ("posix_memalign", false) => "posix_memalign, no power of two",
        _ => function,
    }
}

/// Tells what came back; what a caller may rely on is that the block is aligned as asked.
fn told(answer: &mut Answer, name: &str, result: calls::Answer, alignment: usize) -> Option<Block> {
    match result {
        Ok(block) => {
            let aligned = !alignment.is_power_of_two() || block.address().is_multiple_of(alignment);
            answer.line(name, if aligned { "a block" } else { "a block that is not aligned so" });
            // Any bytes, so that what a later realloc keeps can be told.
            if !name.starts_with("calloc") {
                mark(&block);
            }
            Some(block)
        }
        Err(errno) => {
            answer.line(name, text::errno(errno.0));
            None
        }
    }
}

fn on_block(letter: u8, place: usize, words: &mut Words<'_>, blocks: &mut [Option<Block>], answer: &mut Answer) {
    let block = blocks[place].take();
    blocks[place] = match (letter, block) {
        (b'f', Some(block)) => {
            let kept = calls::free_keeps_errno(block);
            answer.line("errno after free", if kept { "kept" } else { "changed" });
            None
        }
        (b'u', Some(block)) => {
            usable(answer, &block);
            Some(block)
        }
        (b'r', block) => {
            let bytes = words.number();
            resized(answer, block, bytes)
        }
        (b'R', Some(block)) => {
            let (count, bytes) = words.product();
            let (count, bytes) = if count == 0 || bytes == 0 { (1, 1) } else { (count, bytes) };
            let before = Vec::from(&block.content()[..block.content().len().min(64)]);
            // Every C library since glibc 2.26 and musl 1.2.2 has it; what lacks it says so.
            let Some(()) = calls::has_reallocarray().then_some(()) else {
                answer.line("reallocarray", "absent");
                blocks[place] = Some(block);
                return;
            };
            match block.reallocarray(count, bytes) {
                Some(result) => moved(answer, "reallocarray", result, &before),
                None => None,
            }
        }
        (_, block) => block,
    };
}

fn resized(answer: &mut Answer, block: Option<Block>, bytes: usize) -> Option<Block> {
    let Some(block) = block else {
        return told(answer, "realloc of null", calls::realloc_null(bytes), 16);
    };
    if bytes == 0 {
        return told(answer, "realloc to 0", block.realloc_to_zero(), 16);
    }
    let before = Vec::from(&block.content()[..block.content().len().min(64)]);
    moved(answer, "realloc", block.realloc(bytes), &before)
}

/// What a resized block is: the bytes that were there before are there again, up to the smaller size.
fn moved(answer: &mut Answer, name: &str, result: Result<Block, (Errno, Block)>, before: &[u8]) -> Option<Block> {
    let (block, said) = match result {
        Ok(block) => (block, String::from("a block")),
        Err((errno, block)) => (block, text::errno(errno.0)),
    };
    answer.line(name, said);
    let now = block.content();
    let kept = now.iter().zip(before).all(|(now, before)| now == before);
    answer.line("contents", if kept { "kept" } else { "changed" });
    mark(&block);
    Some(block)
}

/// Writes to both ends of a block: what a later `calloc` gets should not be zeros by itself, and a write to every byte of every
/// block takes longer than all else.
fn mark(block: &Block) {
    block.fill_ends(b'k', ENDS);
}

/// Bytes at either end of a block that are looked at.
const ENDS: usize = 256;

/// Whether both ends of a block are zeros.
fn zeros(bytes: &[u8]) -> bool {
    let zero = |bytes: &[u8]| bytes.iter().all(|byte| *byte == 0);
    zero(&bytes[..bytes.len().min(ENDS)]) && zero(&bytes[bytes.len().saturating_sub(ENDS)..])
}

/// `malloc_usable_size`: as asked or more. Not told of sizes for which glibc, or musl before 1.2.1, gives one or the other by
/// what was free near by: they make blocks of 8 behind a multiple of 16, and of 16 behind a multiple of 32.
fn usable(answer: &mut Answer, block: &Block) {
    let bytes = block.content().len();
    let (usable, chance) = (block.usable(), bytes > 8 && (bytes % 16 == 8 || bytes % 32 == 16));
    let said = match usable.cmp(&bytes) {
        core::cmp::Ordering::Less => "less than asked",
        _ if chance || bytes > 4096 => "enough",
        core::cmp::Ordering::Equal => "as asked",
        core::cmp::Ordering::Greater => "more than asked",
    };
    answer.line(if bytes == 0 { "usable size of nothing" } else { "usable size" }, said);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_number_asks_for_memory_that_some_machines_have() {
        let number = |text: &str| Words::of(text.as_bytes()).number();
        assert_eq!([number("24"), number("-1"), number("300000")], [24, usize::MAX, 300_000 - MOST]);
        assert!(number("100000000000") < MOST && number("99999999999999999999") != 0);
        let (count, bytes) = Words::of(b"200000 200000").product();
        assert!(count * bytes < MOST);
    }

    #[test]
    fn programs_hold_every_call() {
        let all: Vec<u8> = (0..200).flat_map(|n| make(&mut Random::new(1, "x", n)).field(0).to_vec()).collect();
        assert!(b"mcaplrRfu".iter().all(|letter| all.contains(letter)));
    }
}
