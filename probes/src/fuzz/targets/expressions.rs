//! Regular expressions, basic and extended: what compiles, what matches, and where the parts of a match are.

use heap::vec::Vec;

use super::super::{Answer, Input, Inputs, Put, Random, Target};
use crate::regex::code_name;
use crate::sys::locale::kept::{Characters, use_characters};
use crate::sys::regex::kept::ask as regcomp;

const EXTENDED: i32 = 1;
const ICASE: i32 = 2;
const NEWLINE: i32 = 4;
const NOTBOL: i32 = 1;
const NOTEOL: i32 = 2;

/// `regcomp` and `regexec`.
pub const TARGET: Target = Target {
    id: "regex.regexec",
    what: "regcomp and regexec, basic and extended: errors, sub-expressions, whether and where a text matches",
    functions: &["regcomp", "regexec"],
    fields: &["pattern", "flags", "text"],
    inputs: Inputs::Grammar(make),
    // What is wrong with a pattern, or which of two errors in it is told.
    telling: &[
        "REG_BADPAT",
        "REG_BADRPT",
        "REG_EBRACE",
        "REG_EBRACK",
        "REG_ECTYPE",
        "REG_EESCAPE",
        "REG_EPAREN",
        "REG_ERANGE",
        "REG_ESUBREG",
    ],
    ask,
    ..Target::PLAIN
};

/// What both grammars have in common.
const ATOMS: &[&str] = &[
    "a",
    "b",
    "c",
    "ab",
    "A",
    ".",
    "1",
    " ",
    "_",
    "-",
    "[ab]",
    "[^a]",
    "[a-c]",
    "[^a-b]",
    "[]a]",
    "[^]a]",
    "[a-]",
    "[c-a]",
    "[A-b]",
    "[[:alpha:]]",
    "[[:digit:]]",
    "[[:blank:]x]",
    "[^[:space:]]",
    "[[:upper:]]",
    "[[=a=]]",
    "[[.-.]]",
    "[[.space.]]",
    "[[.a.]-c]",
    "[[.ab.]]",
    "[[:word:]]",
    "[\\n]",
    "[\\]",
    "[a\\w]",
    "[",
    "[a",
    "[[:alpha:",
    "[]",
    "[^]",
    "\\w",
    "\\W",
    "\\s",
    "\\S",
    "\\b",
    "\\B",
    "\\<",
    "\\>",
    "\\`",
    "\\'",
    "\\d",
    "\\D",
    "\\t",
    "\\n",
    "\\x41",
    "\\x{41}",
    "\\.",
    "\\*",
    "\\[",
    "\\]",
    "\\\\",
    "\\/",
    "\\a",
    "\\e",
    "\\_",
    "\\Q",
    "\\-",
    "\\1",
    "\\2",
    "\\9",
    "\\0",
    "^",
    "$",
    "\n",
    "\u{e9}",
    "[\u{e9}]",
    "a^",
    "$b",
    "\\^",
    "\\$",
    "\\",
];
const PLAIN: &[&str] = &["a", "b", "c", "a", "b", ".", "[ab]", "[^a]", "[[:alpha:]]", "x"];
const EXTENDED_TIMES: &[&str] = &[
    "*", "+", "?", "*", "+", "?", "{1,2}", "{2}", "{0}", "{0,0}", "{,2}", "{2,}", "{2,1}", "{255}", "{256}", "{a}",
    "{", "{1", "{1,", "{,}", "**", "+?", "*?", "??", "*+", "{1}{2}", "{1}*", "{01}", "{ 1}", "{1a}", "}",
];
const BASIC_TIMES: &[&str] = &[
    "*",
    "*",
    "\\+",
    "\\?",
    "\\{1,2\\}",
    "\\{2\\}",
    "\\{0\\}",
    "\\{,2\\}",
    "\\{2,\\}",
    "\\{2,1\\}",
    "\\{256\\}",
    "\\{a\\}",
    "\\{",
    "\\{1",
    "\\{1,",
    "**",
    "\\+*",
    "*\\?",
    "+",
    "?",
    "{1}",
    "\\{1}",
    "\\}",
    "\\{1\\}\\{2\\}",
];
const FLAGS: &[&str] =
    &["", "x", "x", "xi", "i", "xn", "n", "xu", "u", "xiu", "xb", "xe", "b", "e", "xnb", "xne", "be", "iu"];

fn make(random: &mut Random) -> Input {
    let (mut pattern, mut shared) = (Vec::new(), random.shared());
    let flags = shared.pick(FLAGS);
    branches(&mut shared, flags.contains('x'), 2, &mut pattern);
    let mut text = Vec::new();
    for _ in 0..random.below(10) {
        let piece =
            random.pick(&["a", "b", "c", "ab", "aa", "A", "B", "x", "1", " ", "_", "-", "\n", ".", "\u{e9}", "w"]);
        text.put(piece.as_bytes());
    }
    Input(heap::vec![pattern, flags.as_bytes().to_vec(), text])
}

fn branches(random: &mut Random, extended: bool, depth: usize, pattern: &mut Vec<u8>) {
    let or: &[u8] = if extended { b"|" } else { b"\\|" };
    if random.one_in(30) {
        pattern.put(or);
    }
    sequence(random, extended, depth, pattern);
    while random.one_in(5) {
        pattern.put(or);
        sequence(random, extended, depth, pattern);
    }
}

fn sequence(random: &mut Random, extended: bool, depth: usize, pattern: &mut Vec<u8>) {
    if random.one_in(12) {
        pattern.push(b'^');
    }
    let count = if random.one_in(12) { 0 } else { 1 + random.below(3) };
    for _ in 0..count {
        let [open, close] = if extended { ["(", ")"] } else { ["\\(", "\\)"] };
        let which = random.below(8);
        match which {
            0 | 1 if depth > 0 => {
                pattern.put(open.as_bytes());
                branches(random, extended, depth - 1, pattern);
                if !random.one_in(25) {
                    pattern.put(close.as_bytes());
                }
            }
            2 if random.one_in(8) => pattern.put(close.as_bytes()),
            3..=5 => pattern.put(random.pick(PLAIN).as_bytes()),
            _ => pattern.put(random.pick(ATOMS).as_bytes()),
        }
        if random.one_in(3) {
            let times = random.pick(if extended { EXTENDED_TIMES } else { BASIC_TIMES });
            // glibc comes to no end with some groups that are repeated twice over: a few are enough.
            let twice = which < 2 && times.len() == 2 && times.bytes().all(|byte| b"*+?".contains(&byte));
            if !twice || random.one_in(16) {
                pattern.put(times.as_bytes());
            }
        }
    }
    if random.one_in(12) {
        pattern.push(b'$');
    }
}

/// How often the numbers of a pattern repeat something, all of them together. glibc makes a copy each time.
fn copies(pattern: &[u8]) -> u64 {
    let (mut all, mut at) = (1u64, 0);
    while at < pattern.len() {
        let digits = pattern[at..].iter().take_while(|b| b.is_ascii_digit());
        let (count, number) = digits.fold((0, 0u64), |(count, number), digit| {
            (count + 1, number.saturating_mul(10).saturating_add(u64::from(digit - b'0')))
        });
        // What is above RE_DUP_MAX of both is an error, and nothing is copied.
        if at > 0 && matches!(pattern[at - 1], b'{' | b',') && (1..=0x7fff).contains(&number) {
            all = all.saturating_mul(number);
        }
        at += count.max(1);
    }
    all
}

fn ask(input: &Input, answer: &mut Answer) {
    let (pattern, text) = (input.c(0), input.c(2));
    // glibc takes seconds for an expression of a few dozen bytes that is there a few hundred times.
    if copies(pattern.as_bytes()).saturating_mul(pattern.as_bytes().len() as u64) > 2000 {
        return answer.line("not asked", "more copies than there is time for");
    }
    let characters = if input.has(1, b'u') { Characters::Utf8 } else { Characters::Plain };
    if !use_characters(characters) {
        return answer.line("locale", "absent");
    }
    let bits = |letters: &[(u8, i32)]| letters.iter().filter(|l| input.has(1, l.0)).fold(0, |all, l| all | l.1);
    let flags = bits(&[(b'x', EXTENDED), (b'i', ICASE), (b'n', NEWLINE)]);
    let how = bits(&[(b'b', NOTBOL), (b'e', NOTEOL)]);
    let Some(asked) = regcomp(&pattern, flags, characters, &text, how) else {
        return answer.line("not asked", "no function, or too long a pattern");
    };
    answer.line("regcomp", code_name(asked.compiled));
    let Some((groups, found)) = asked.found else { return };
    answer.line("regexec", if found.code == 0 { "matches".into() } else { code_name(found.code) });
    answer.number("re_nsub", groups as i64);
    if found.code == 0 {
        for (n, (start, end)) in found.places.iter().enumerate().take(groups + 1) {
            let name = if n == 0 { "match" } else { "group" };
            match start {
                -1 => answer.line(name, "none"),
                _ => {
                    let mut place = Vec::with_capacity(16);
                    place.put_number(*start);
                    place.push(b'-');
                    place.put_number(*end);
                    answer.line(name, place);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_of_inputs_share_a_pattern_and_not_a_text() {
        let input = |number| make(&mut Random::new(1, TARGET.id, number));
        let patterns: std::collections::BTreeSet<_> = (0..160).map(|n| input(n).0[0].clone()).collect();
        let texts: std::collections::BTreeSet<_> = (0..160).map(|n| input(n).0[2].clone()).collect();
        assert!(patterns.len() <= 10 && texts.len() > 80, "{} {}", patterns.len(), texts.len());
    }

    #[test]
    fn copies_are_counted() {
        assert_eq!(["a", "a{2}", "(a{1,3}){4,}", "a{99999}", "a2,5"].map(|p| copies(p.as_bytes())), [1, 2, 12, 1, 5]);
    }
}
