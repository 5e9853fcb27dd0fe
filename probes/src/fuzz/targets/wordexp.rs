//! `wordexp`. musl gives the text to /bin/sh, so that nothing may be asked that a shell would run.

use heap::vec::Vec;

use super::super::{Answer, Input, Inputs, Put, Random, Target};
use crate::sys::regex::kept::lay;
use crate::sys::regex::words;

/// `wordexp` with `WRDE_NOCMD`.
pub const TARGET: Target = Target {
    id: "regex.wordexp",
    what: "wordexp with WRDE_NOCMD: quotes, variables, arithmetic, tildes, patterns (slow: musl starts the image's /bin/sh, and it is that shell's answer)",
    functions: &["wordexp"],
    fields: &["text", "flags"],
    inputs: Inputs::Grammar(make),
    env: &[("HOME", "/nowhere"), ("X", "one two"), ("E", ""), ("S", "*.c"), ("N", "5")],
    batch: 200,
    place: true,
    shell: true,
    ask,
    ..Target::PLAIN
};

/// What texts are made of.
const PIECES: &[&str] = &[
    "a",
    "b c",
    " ",
    "\t",
    "'",
    "\"",
    "'a b'",
    "\"a  b\"",
    "\\",
    "\\ ",
    "\\a",
    "\\\\",
    "'\\'",
    "\"\\a\"",
    "\"\\\\\"",
    "$X",
    "$E",
    "$N",
    "$S",
    "$U",
    "\"$X\"",
    "\"$E\"",
    "'$X'",
    "${X}",
    "${X:-y}",
    "${U:-y z}",
    "${U-y}",
    "${E-y}",
    "${E:-y}",
    "${X:+y}",
    "${U:=w}",
    "${U:?}",
    "${#X}",
    "${X%two}",
    "${X#one}",
    "${X%%o*}",
    "${}",
    "${X",
    "$",
    "$ ",
    "$((1+2))",
    "$((2*3-1))",
    "$((N+1))",
    "$(( 7/2 ))",
    "$((1/0))",
    "$((010))",
    "$((0x10))",
    "$((",
    "$((1+))",
    "~",
    "~/a",
    "a~",
    "*",
    "*.c",
    "?",
    "[ab]",
    "x*",
    "\\*",
    "'*'",
    "#",
    "a#b",
    "# a",
    "{a,b}",
    "}",
    "=",
    "a=b",
    "!",
    "%s",
    "%",
    "-n",
    "\u{e9}",
    ";",
    "|",
    "&",
    "<",
    ">",
    "(",
    ")",
    "\n",
    "''",
    "\"\"",
    "$E$E",
    "*$E",
    "~:~",
    "a=~",
];

fn make(random: &mut Random) -> Input {
    let mut text = Vec::new();
    for _ in 0..1 + random.below(4) {
        let piece = random.pick(PIECES);
        text.put(piece.as_bytes());
    }
    let flags = random.pick(&["", "", "u", "s"]);
    Input(heap::vec![text, flags.into()])
}

/// Whether a text runs nothing, reads no variable that is not set for it, and sees no file that was not laid out: whatever
/// a shell makes of it, even if it reads quotes in another way than this does.
fn harmless(text: &[u8]) -> bool {
    let (mut at, mut variables) = (0, false);
    let mut rest = Vec::new();
    while at < text.len() {
        if text[at] != b'$' {
            rest.push(text[at]);
            at += 1;
            continue;
        }
        variables = true;
        let Some(length) = dollar(&text[at..]) else { return false };
        at += length;
    }
    let any = |of: &[u8]| rest.iter().any(|byte| of.contains(byte));
    let quoted = variables || any(b"'\"\\{}");
    let runs = any(b"`") || quoted && any(b"|&;<>()\n");
    !runs && !beyond(text, quoted)
}

/// How long what begins with a dollar is; `None` where it means something that must not be asked.
fn dollar(text: &[u8]) -> Option<usize> {
    const NAMES: &[u8] = b"XESUN";
    let part = |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_');
    match text.get(1) {
        Some(b'(') => {
            let inner = text.strip_prefix(b"$((")?;
            let length = inner.iter().take_while(|byte| b"0123456789+-*/% xN".contains(byte)).count();
            inner[length..].starts_with(b"))").then_some(length + 5)
        }
        Some(b'{') => {
            let sharp = usize::from(text.get(2) == Some(&b'#'));
            let name = text.get(2 + sharp)?;
            if !NAMES.contains(name) {
                return None;
            }
            match text.get(3 + sharp)? {
                b'}' => Some(4 + sharp),
                b':' if sharp == 0 && b"-=?+".contains(text.get(4)?) => Some(5),
                b'-' | b'=' | b'?' | b'+' | b'#' | b'%' if sharp == 0 => Some(4),
                _ => None,
            }
        }
        Some(name) if NAMES.contains(name) => (!part(text.get(2))).then_some(2),
        // Numbers of processes, arguments of the shell, and quotes of some shells alone.
        Some(b'$' | b'!' | b'#' | b'@' | b'*' | b'?' | b'-' | b'\'' | b'"' | b'\\' | b'[') => None,
        next if part(next) => None,
        _ => Some(1),
    }
}

/// Whether files other than those laid out could be seen, or the home of another user.
fn beyond(text: &[u8], quoted: bool) -> bool {
    let before = |byte: u8| text.windows(2).filter(move |two| two[1] == byte).map(|two| two[0]);
    let patterns = text.iter().any(|byte| b"*?[".contains(byte)) || text.contains(&b'$');
    let slashes = text.iter().filter(|byte| **byte == b'/').count();
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b".*?]~".contains(&byte);
    let absolute = text.first() == Some(&b'/') || !before(b'/').all(plain);
    let users = text.windows(2).any(|two| two[0] == b'~' && !b"/ \t:".contains(&two[1]));
    users || slashes > 4 || patterns && slashes > 0 && (absolute || quoted)
}

fn ask(input: &Input, answer: &mut Answer) {
    let text = input.c(0);
    if !harmless(text.as_bytes()) {
        return answer.line("not asked", "a shell might run it, or look beyond the files laid out");
    }
    if !lay() {
        return answer.line("files", "cannot be laid out");
    }
    if !words::has_shell() {
        return answer.line("wordexp", "has no shell to ask");
    }
    const NOCMD: i32 = 4;
    const SHOWERR: i32 = 16;
    const UNDEF: i32 = 32;
    let flag = |letter, bit| if input.has(1, letter) { bit } else { 0 };
    let (code, words) = words::expand_once(&text, NOCMD | flag(b'u', UNDEF) | flag(b's', SHOWERR));
    answer.line(
        "wordexp",
        match code {
            0 => "expanded",
            1 => "WRDE_NOSPACE",
            2 => "WRDE_BADCHAR",
            3 => "WRDE_BADVAL",
            4 => "WRDE_CMDSUB",
            5 => "WRDE_SYNTAX",
            _ => "another error",
        },
    );
    if code == 0 {
        answer.number("count", words.len() as i64);
        words.iter().for_each(|word| answer.bytes("word", word));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_asked_that_a_shell_would_run() {
        for runs in [
            "$(id)",
            "`id`",
            "$(( ; id ))",
            "$((id) )",
            "'a';id",
            "$'\\'';id",
            "\"$X\";id",
            "\\;id",
            "$((1+2)); id",
            "${X:-$(id)}",
            "${X:-`id`}",
            "$$",
            "$0",
            "$1",
            "$PATH",
            "${PATH}",
            "$((PATH))",
            "/*",
            "a*/$X/*",
            "~root",
            "*\n'a'",
            "a\\\nb",
            "${X/a/b}",
            "$\"a\"",
            "${#}",
            "${X@P}",
            "$[1]",
        ] {
            assert!(!harmless(runs.as_bytes()), "{runs}");
        }
    }

    #[test]
    fn what_means_something_is_asked() {
        for asked in [
            "a b",
            "$X '$E' \"$N\"",
            "${X:-y}",
            "$((1+2))",
            "~ ~/a",
            "*.c",
            "dir/*",
            "a;b",
            "a|b",
            "$",
            "'\\'",
            "{a,b}",
        ] {
            assert!(harmless(asked.as_bytes()), "{asked}");
        }
        let fields = |n| make(&mut Random::new(1, TARGET.id, n)).0;
        assert!((0..1000).filter(|n| harmless(&fields(*n)[0])).count() > 600);
    }
}
