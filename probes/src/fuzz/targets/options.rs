//! `getopt`, `getopt_long` and `getopt_long_only`: what each call returns, and in which order arguments are left.

use heap::ffi::CString;
use heap::vec::Vec;

use super::super::{Answer, Input, Inputs, Put, PutText, Random, Target};
use crate::sys::regex::options::{Long, Reader, kept};

/// All three functions.
pub const TARGET: Target = Target {
    id: "regex.getopt",
    what: "getopt, getopt_long and getopt_long_only: each return, optarg, optind, and the order of arguments at the end",
    functions: &["getopt", "getopt_long", "getopt_long_only"],
    // l and o: the long ones; p: POSIXLY_CORRECT. Long options are `name`, `name=` with an argument, `name?` with one that
    // may be missing, with a `!` at the end for a flag of their own. Words are separated by one space.
    fields: &["flags", "short options", "long options", "arguments"],
    inputs: Inputs::Grammar(make),
    ask,
    ..Target::PLAIN
};

/// What arguments are made of.
const WORDS: &[&str] = &[
    "-a",
    "-b",
    "-c",
    "-ab",
    "-abx",
    "-bx",
    "-cx",
    "-ba",
    "-aa",
    "-ac",
    "-d",
    "-ad",
    "-",
    "--",
    "x",
    "y",
    "one",
    "",
    "-:",
    "-?",
    "-;",
    "-W",
    "-Wall",
    "--all",
    "--alter",
    "--al",
    "--a",
    "--size",
    "--size=1",
    "--size=",
    "--color",
    "--color=x",
    "--co",
    "--all=1",
    "--verbose",
    "--ver",
    "--vers",
    "--version",
    "--gone",
    "--gone=1",
    "-all",
    "-size=2",
    "-size",
    "-al",
    "-a=1",
    "-ver",
    "--=",
    "--=x",
    "---",
    "-a-",
    "-\u{e9}",
    "--all-of",
    "--same",
    "-same",
    "-s",
    "-v",
    "-b=1",
    "--b=1",
    "--b",
    "-x",
];

fn make(random: &mut Random) -> Input {
    let flags = random.pick(&["", "", "l", "l", "o", "p", "lp", "op"]);
    let short = random.pick(&[
        "ab:c::", "ab:c::", ":ab:c::", "+ab:c::", "-ab:c::", "ab", "a:b:", "+:ab:", "-:ab:c::", ":+ab:", "", ":",
        "aW;", "a-b", "::", "ab:;", "?a", "a:::b", "ab+", "b:ab", "a\u{e9}:",
    ]);
    let long = random.pick(&[
        "all alter size= color?",
        "all alter size= color?",
        "a ab abc b=",
        "all!",
        "all all size=",
        "all= allow=",
        "all= allow?",
        "b= c? verbose version",
        "all-of al",
        "",
        "a=b x",
        "verbose! version!",
        "same same",
    ]);
    let mut arguments = Vec::new();
    for n in 0..random.below(6) {
        if n > 0 {
            arguments.push(b' ');
        }
        let word = random.pick(WORDS);
        arguments.put(word.as_bytes());
    }
    Input(heap::vec![flags.into(), short.into(), long.into(), arguments])
}

fn ask(input: &Input, answer: &mut Answer) {
    let reader = match (input.has(0, b'o'), input.has(0, b'l')) {
        (true, _) => Reader::LongOnly,
        (_, true) => Reader::Long,
        _ => Reader::Short,
    };
    let (long, arguments) = (input.c(2), input.c(3));
    let words = |bytes: &[u8]| -> Vec<Vec<u8>> {
        if bytes.is_empty() { Vec::new() } else { bytes.split(|byte| *byte == b' ').map(<[u8]>::to_vec).collect() }
    };
    let long: Vec<Long> = (200..).zip(words(long.as_bytes())).map(|(value, word)| long_option(word, value)).collect();
    let arguments: Vec<CString> =
        words(arguments.as_bytes()).into_iter().map(|word| CString::new(word).unwrap_or_default()).collect();
    let short = input.c(1);
    if short.as_bytes().contains(&b'?') {
        // What optopt then holds is from the call before.
        return answer.line("not asked", "an option that is called as an error is");
    }
    let read = kept(reader, &arguments, &short, &long, input.has(0, b'p'));
    let byte = |code: i32| match u8::try_from(code) {
        Ok(byte @ 33..127) => heap::format!("'{}'", byte as char),
        _ => heap::format!("{code}"),
    };
    for step in &read.steps {
        let fails = step.code == i32::from(b'?') || step.code == i32::from(b':');
        let kind = match step.code {
            _ if fails && step.code == i32::from(b'?') => "'?'",
            _ if fails => "':'",
            0 => "flag",
            1 => "no option",
            200.. if step.long.is_some() => "long option",
            _ => "short option",
        };
        answer.line("returns", kind);
        if fails {
            let kind = match step.option {
                0 => "none",
                1..128 => "a letter",
                -128..0 => "a byte as a negative number",
                128..256 => "a byte, or the value of a long option",
                _ => "something else",
            };
            answer.line("optopt", kind);
            answer.bytes("letter", byte(step.option).as_bytes());
            continue;
        }
        answer.bytes("which", byte(step.code).as_bytes());
        match &step.argument {
            Some(argument) => answer.bytes("optarg", argument),
            None => answer.line("optarg", "null"),
        }
        if let Some(index) = step.long {
            answer.number("index", index.into());
        }
        if let Some(flag) = step.flag {
            answer.number("flag", flag.into());
        }
    }
    answer.line("returns", if read.ended { "-1" } else { "without end" });
    answer.number("optind", read.index.into());
    let mut order = heap::string::String::new();
    for place in &read.order {
        order.put_number(*place as i64);
        order.push(' ');
    }
    answer.line("order", if read.order.is_sorted() { "as given" } else { "changed" });
    answer.bytes("places", order.trim_end().as_bytes());
}

fn long_option(mut word: Vec<u8>, value: i32) -> Long {
    let flagged = word.last() == Some(&b'!');
    word.truncate(word.len() - usize::from(flagged));
    let argument = match word.last() {
        Some(b'=') => 1,
        Some(b'?') => 2,
        _ => 0,
    };
    word.truncate(word.len() - usize::from(argument > 0));
    Long { name: CString::new(word).unwrap_or_default(), argument, flagged, value }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_options_are_read() {
        let read = |word: &str| {
            let long = long_option(word.into(), 1);
            (long.name.into_bytes(), long.argument, long.flagged)
        };
        assert_eq!(read("size="), (b"size".to_vec(), 1, false));
        assert_eq!(read("color?!"), (b"color".to_vec(), 2, true));
        assert_eq!(read("!"), (Vec::new(), 0, true));
    }

    #[test]
    fn the_grammar_asks_all_three_functions() {
        let flags: Vec<_> = (0..1000).map(|n| make(&mut Random::new(1, TARGET.id, n)).0.swap_remove(0)).collect();
        for letter in *b"lop" {
            assert!(flags.iter().filter(|flags| flags.contains(&letter)).count() > 100);
        }
    }
}
