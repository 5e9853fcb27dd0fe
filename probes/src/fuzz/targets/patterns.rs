//! Patterns for names of files: `fnmatch` on strings, `glob` on files.

use heap::vec::Vec;

use super::super::{Answer, Input, Inputs, Put, Random, Target};
use crate::sys::locale::kept::{Characters, use_characters};
use crate::sys::regex::kept::{glob, lay};
use crate::sys::regex::paths::fnmatch;

/// `fnmatch`.
pub const FNMATCH: Target = Target {
    id: "regex.fnmatch",
    what: "fnmatch with every flag, those of GNU too, in the locales C and C.UTF-8",
    functions: &["fnmatch"],
    fields: &["pattern", "flags", "text"],
    inputs: Inputs::Grammar(make_fnmatch),
    // Some inputs never end in musl, and take a quarter of a second each.
    batch: 50_000,
    ask: ask_fnmatch,
    ..Target::PLAIN
};

/// `glob`.
pub const GLOB: Target = Target {
    id: "regex.glob",
    what: "glob over a few files and folders with every flag, those of GNU too (touches files)",
    functions: &["glob"],
    fields: &["pattern", "flags", "second pattern"],
    inputs: Inputs::Grammar(make_glob),
    flags: Some(1),
    env: &[("HOME", "/nowhere")],
    batch: 5_000,
    place: true,
    ask: ask_glob,
    ..Target::PLAIN
};

const PIECES: &[&str] = &[
    "a",
    "b",
    "A",
    ".",
    "/",
    "*",
    "?",
    "*",
    "?",
    "**",
    "[ab]",
    "[!a]",
    "[^a]",
    "[a-c]",
    "[B-b]",
    "[c-a]",
    "[]a]",
    "[!]a]",
    "[a-]",
    "[[:alpha:]]",
    "[[:upper:]]",
    "[![:digit:]]",
    "[[:foo:]]",
    "[[=a=]]",
    "[[.a.]]",
    "[[.-.]-a]",
    "[[.space.]]",
    "[",
    "[a",
    "[]",
    "[!]",
    "[/]",
    "[.]",
    "[a/b]",
    "[\\a]",
    "[\\]]",
    "[a\\",
    "\\a",
    "\\*",
    "\\/",
    "\\.",
    "\\\\",
    "\\",
    "?.",
    "*.",
    "*/",
    "/*",
    "/.",
    "\u{e9}",
    "[\u{e9}]",
    "[\u{e0}-\u{ef}]",
    "\\[",
    "]",
    "-",
    "!",
];
const EXTENDED: &[&str] = &[
    "@(a|b)",
    "*(a)",
    "+(ab|b)",
    "?(a)b",
    "!(a)",
    "!(a|b)*",
    "@(a",
    "*(a|*(b))",
    "@(.|a)",
    "@(a/b)",
    "+(?)",
    "@()",
    "!(*)",
    "@(\\a)",
    "@([a)]|b)",
];
const TEXT: &[&str] = &[
    "a", "b", "A", ".", "/", "ab", "abb", "a/b", ".a", "a.b", "*", "?", "[", "\\", "\u{e9}", "\u{c9}", "-", "]", "1",
    "!", "|",
];

fn make_fnmatch(random: &mut Random) -> Input {
    let (mut pattern, mut text, mut flags) = (Vec::new(), Vec::new(), Vec::new());
    for letter in *b"nfplceu" {
        if random.one_in(4) {
            flags.push(letter);
        }
    }
    for _ in 0..random.below(5) {
        // Half of the pieces stand for themselves on both sides, so that some pattern matches.
        if random.one_in(2) {
            let same = random.pick(&["a", "b", ".", "/", "ab", "\u{e9}"]);
            text.put(same.as_bytes());
            let wild = random.pick(&["*", "?", "[[:alpha:]]", "[!x]", "*", same, same, same]);
            pattern.put(wild.as_bytes());
        } else {
            let list = if flags.contains(&b'e') && random.one_in(2) { EXTENDED } else { PIECES };
            pattern.put(random.pick(list).as_bytes());
            if !random.one_in(3) {
                text.put(random.pick(TEXT).as_bytes());
            }
        }
    }
    Input(heap::vec![pattern, flags, text])
}

fn ask_fnmatch(input: &Input, answer: &mut Answer) {
    // glibc's bits; musl has no name for the last, and takes no notice of it.
    const BITS: [(u8, i32); 6] = [(b'f', 1), (b'n', 2), (b'p', 4), (b'l', 8), (b'c', 16), (b'e', 32)];
    let (pattern, text) = (input.c(0), input.c(2));
    let stars = pattern.as_bytes().iter().filter(|b| matches!(b, b'*' | b'+' | b'!')).count();
    if input.has(1, b'e') && stars > 8 {
        // Each of them may be tried at each place.
        return answer.line("not asked", "more stars than there is time for");
    }
    // musl comes to no end with a path's pattern in which bytes are no character, and each takes its time: one byte is enough.
    let endless = input.has(1, b'u') && input.has(1, b'f') && pattern.to_str().is_err();
    if endless && (pattern.as_bytes() != b"\xff" || !text.as_bytes().is_empty() || input.field(1) != b"fu") {
        return answer.line("not asked", "a path's pattern of bytes that are no character, which comes to no end");
    }
    let characters = if input.has(1, b'u') { Characters::Utf8 } else { Characters::Plain };
    if !use_characters(characters) {
        return answer.line("locale", "absent");
    }
    let flags = BITS.iter().filter(|bit| input.has(1, bit.0)).fold(0, |all, bit| all | bit.1);
    let said = match fnmatch(pattern.as_bytes(), text.as_bytes(), flags) {
        0 => "match",
        1 => "no match",
        _ => "error",
    };
    answer.line("fnmatch", said);
}

fn make_glob(random: &mut Random) -> Input {
    let mut pattern = Vec::new();
    for _ in 0..1 + random.below(4) {
        let piece = random.pick(&[
            "a",
            "b",
            "*",
            "?",
            "*.c",
            ".*",
            "*/",
            "/",
            "*/*",
            "[ab]",
            "[!a]*",
            "{a,b}",
            "{a,b*}",
            "{*,a}",
            "{}",
            "{a",
            "{a,{b,c}}",
            "dir",
            "dir/",
            "/*",
            "gone",
            "gone/*",
            "a.c",
            "a.c/*",
            "link",
            "broken",
            "st\\*r",
            "\\*",
            "\\a",
            "\\",
            "[a",
            "[",
            "~",
            "~/",
            "~/a",
            "**",
            "?.c",
            "dir/.*",
            "./",
            "../",
            "..",
            ".",
            "//",
            ",",
            "}",
            "\u{e9}",
            "[[:upper:]]*",
            "loop",
            "l*/",
            "b*",
        ]);
        pattern.put(piece.as_bytes());
    }
    let mut flags = Vec::new();
    for letter in *b"emsncxpbgtTd" {
        if random.one_in(6) {
            flags.push(letter);
        }
    }
    let second = random.pick(&["", "", "", "", "*.c", "x*", "a", "gone/*"]);
    Input(heap::vec![pattern, flags, second.as_bytes().to_vec()])
}

/// Whether a pattern stays among the files laid out: no absolute path, no other user's home, not too far up.
fn stays(pattern: &[u8]) -> bool {
    let empty = [&b"{,"[..], b",}", b",,", b"{}"].iter().any(|piece| pattern.windows(2).any(|two| two == *piece));
    let mut before = 0;
    for (at, byte) in pattern.iter().enumerate() {
        let bad = match byte {
            b'/' if at == 0 => true,
            b'/' => matches!(before, b'{' | b',' | b'\\') || before == b'}' && empty,
            _ => before == b'~',
        };
        if bad {
            return false;
        }
        before = *byte;
    }
    pattern.iter().filter(|byte| **byte == b'/').count() <= 4
        && pattern.iter().filter(|byte| **byte == b'{').count() <= 4
}

fn ask_glob(input: &Input, answer: &mut Answer) {
    // glibc's bits; musl has names for those up to T, but for b and g.
    const BITS: [(u8, i32); 11] = [
        (b'e', 1),
        (b'm', 2),
        (b's', 4),
        (b'n', 16),
        (b'x', 64),
        (b'p', 128),
        (b'b', 1 << 10),
        (b'g', 1 << 11),
        (b't', 1 << 12),
        (b'd', 1 << 13),
        (b'T', 1 << 14),
    ];
    let (first, second) = (input.c(0), input.c(2));
    if !stays(first.as_bytes()) || !stays(second.as_bytes()) {
        return answer.line("not asked", "it looks beyond the files laid out");
    }
    if !lay() {
        return answer.line("files", "cannot be laid out");
    }
    let flags = BITS.iter().filter(|bit| input.has(1, bit.0)).fold(0, |all, bit| all | bit.1);
    let both = [first, second];
    let patterns = if both[1].is_empty() { &both[..1] } else { &both[..] };
    let Some((code, mut paths)) = glob(patterns, flags) else { return answer.line("glob", "absent") };
    answer.line(
        "glob",
        match code {
            0 => "found",
            1 => "GLOB_NOSPACE",
            2 => "GLOB_ABORTED",
            3 => "GLOB_NOMATCH",
            _ => "another error",
        },
    );
    if input.has(1, b's') {
        // The order is the file system's.
        paths.sort_unstable();
    }
    answer.number("count", paths.len() as i64);
    for path in &paths {
        answer.bytes("path", path);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_of_the_grammar_stay_most_of_the_time() {
        let fields = |n| make_glob(&mut Random::new(1, GLOB.id, n)).0;
        let stay = (0..1000).filter(|n| stays(&fields(*n)[0])).count();
        assert!((600..1000).contains(&stay), "{stay}");
        for beyond in ["/*", "{/,a}*", "a{,b}/../../../../../*", "\\/*", "{,a}/etc/*", "~root", "{{,a},b}/etc"] {
            assert!(!stays(beyond.as_bytes()), "{beyond}");
        }
    }

    #[test]
    fn every_flag_of_fnmatch_is_used_and_some_texts_are_their_patterns() {
        let all: Vec<_> = (0..2000).map(|n| make_fnmatch(&mut Random::new(1, FNMATCH.id, n)).0).collect();
        assert!(b"nfplceu".iter().all(|flag| all.iter().filter(|fields| fields[1].contains(flag)).count() > 300));
        assert!(all.iter().filter(|fields| fields[0] == fields[2]).count() > 100);
    }
}
