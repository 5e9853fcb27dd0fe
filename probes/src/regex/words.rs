//! `wordexp`, which glibc does by itself and musl by a shell: most cases look at the image's own `/bin/sh`.

use crate::case::{File, Needs};
use crate::outcome::Outcome;
use crate::sys::regex::words::expand;

const POSIX: &str = "POSIX.1-2017 wordexp(); Shell & Utilities 2.6";
const SHELL: &str =
    "musl src/misc/wordexp.c, which runs /bin/sh; glibc posix/wordexp.c, which does so for $(...) alone";

const FOUND: &str = "POSIX.1-2017 wordexp(); glibc posix/wordexp.c; musl src/misc/wordexp.c; found by libcdiff fuzz";

const NONE: i32 = 0;
pub(super) const NOCMD: i32 = 4;
const UNDEF: i32 = 32;

const ENV: &[(&str, &str)] = &[("HOME", "/opt/w"), ("FOO", "one two"), ("EMPTY", "")];
const FILES: &[File] = &[File { path: "/opt/w/b", content: b"" }, File { path: "/opt/w/a", content: b"" }];
/// An environment in which a variable holds a pattern.
const STAR_ENV: &[(&str, &str)] = &[("HOME", "/opt/w"), ("STAR", "/opt/w/*")];
const STAR: Needs = Needs::as_shipped(Some("regex.wordexp.no-shell")).env(STAR_ENV).files(FILES);
/// With a home folder and a few variables.
pub(super) const HERE: Needs = Needs::as_shipped(Some("regex.wordexp.no-shell")).env(ENV).files(FILES);

fn describe(texts: &[&str], flags: i32, o: &mut Outcome) {
    let (code, words) = expand(texts, flags);
    let name = match code {
        0 => "0".into(),
        1 => "WRDE_NOSPACE".into(),
        2 => "WRDE_BADCHAR".into(),
        3 => "WRDE_BADVAL".into(),
        4 => "WRDE_CMDSUB".into(),
        5 => "WRDE_SYNTAX".into(),
        other => heap::format!("{other}"),
    };
    o.fact("wordexp", name);
    for (i, word) in words.iter().enumerate() {
        o.line(format_args!("word {i}: \"{word}\""));
    }
    o.measured("words", words);
}

macro_rules! expansions {
    ($($id:literal, $title:literal, $source:expr, $needs:expr, $($flag:ident)|+, $($text:literal)&&+;)*) => {
        /// The cases of this table.
        pub const CASES: &[crate::case::Case] = &[$(crate::case::Case {
            id: $id,
            title: $title,
            question: concat!(
                "What does wordexp make of ", $(stringify!($text), " ",)+ "(", stringify!($($flag)|+), "): ", $title, "?"
            ),
            source: $source,
            needs: $needs,
            run: |outcome| describe(&[$($text),+], 0 $(| $flag)+, outcome),
        }),*];
    };
}

/// A shell that cannot be run: the file has no permission to be executed.
const NO_SHELL: Needs = Needs::NOTHING.env(ENV).files(&[File { path: "/bin/sh", content: b"" }]);

expansions! {
    "regex.wordexp.no-shell", "a variable where no shell can be run", SHELL, NO_SHELL, NONE, "a ${FOO} b";
    "regex.wordexp.no-shell-plain", "plain words where no shell can be run", SHELL, NO_SHELL, NOCMD, "a b";
    "regex.wordexp.no-shell-command", "a command where no shell can be run", SHELL, NO_SHELL, NONE, "$(echo x)";
    "regex.wordexp.plain", "plain words", POSIX, HERE, NONE, "one  two";
    "regex.wordexp.variable", "a variable, split into words", POSIX, HERE, NONE, "$FOO";
    "regex.wordexp.variable-quoted", "a quoted variable", POSIX, HERE, NONE, "\"$FOO\"";
    "regex.wordexp.variable-unset", "a variable that is not set", POSIX, HERE, NONE, "a$NOTHING";
    "regex.wordexp.variable-undef", "a variable that is not set, with WRDE_UNDEF", POSIX, HERE, UNDEF, "$NOTHING";
    "regex.wordexp.variable-default", "a variable with a default", POSIX, HERE, NONE, "${NOTHING:-x y}";
    "regex.wordexp.variable-error", "a variable with an error", POSIX, HERE, NONE, "${NOTHING:?gone}";
    "regex.wordexp.variable-length", "the length of a variable", POSIX, HERE, NONE, "${#FOO}";
    "regex.wordexp.tilde", "the home folder", POSIX, HERE, NONE, "~/x";
    "regex.wordexp.glob", "files by a pattern", POSIX, HERE, NONE, "~/*";
    "regex.wordexp.glob-none", "a pattern that finds nothing", POSIX, HERE, NONE, "/opt/w/x*";
    "regex.wordexp.single-quotes", "single quotes", POSIX, HERE, NONE, "'a  $FOO' b";
    "regex.wordexp.escape", "an escaped blank", POSIX, HERE, NONE, "a\\ b";
    "regex.wordexp.arithmetic", "arithmetic", POSIX, HERE, NONE, "$((6*7))";
    "regex.wordexp.command", "a command", POSIX, HERE, NONE, "$(echo x y)";
    "regex.wordexp.command-off", "a command with WRDE_NOCMD", POSIX, HERE, NOCMD, "$(echo x)";
    "regex.wordexp.command-back-quotes", "back quotes with WRDE_NOCMD", POSIX, HERE, NOCMD, "`echo x`";
    "regex.wordexp.command-quoted", "a quoted command with WRDE_NOCMD", POSIX, HERE, NOCMD, "'$(echo x)'";
    "regex.wordexp.bad-character", "a bar", POSIX, HERE, NONE, "a | b";
    "regex.wordexp.bad-semicolon", "a semicolon", POSIX, HERE, NONE, "a ; b";
    "regex.wordexp.bad-quote", "a quote without end", POSIX, HERE, NONE, "a 'b";
    "regex.wordexp.bad-brace", "${ without end", POSIX, HERE, NONE, "${FOO";
    "regex.wordexp.line-feed", "a line feed", POSIX, HERE, NONE, "a\nb";
    "regex.wordexp.comment", "a number sign", POSIX, HERE, NONE, "a # b";
    "regex.wordexp.empty", "nothing", POSIX, HERE, NONE, "";
    "regex.wordexp.append", "two texts in one list", POSIX, HERE, NONE, "a b" && "c";
    "regex.found.wordexp-empty-quoted", "an empty variable in quotes", FOUND, HERE, NOCMD, "\"$EMPTY\"";
    "regex.found.wordexp-empty-before", "an empty variable in quotes, and a letter", FOUND, HERE, NOCMD, "\"$EMPTY\"x";
    "regex.found.wordexp-empty-after", "a letter, and an empty variable in quotes", FOUND, HERE, NOCMD, "x\"$EMPTY\"";
    "regex.found.wordexp-braces", "a name in braces, with WRDE_NOCMD", FOUND, HERE, NOCMD, "${FOO}";
    "regex.found.wordexp-braces-quoted", "a name in braces in quotes, with WRDE_NOCMD", FOUND, HERE, NOCMD, "\"${FOO}\"";
    "regex.found.wordexp-quotes-joined", "empty quotes before a letter", FOUND, HERE, NOCMD, "''a";
    "regex.found.wordexp-quotes-behind", "empty quotes behind a letter", FOUND, HERE, NOCMD, "a''";
    "regex.found.wordexp-star-quote", "a quote without end behind a star", FOUND, HERE, NOCMD, "/opt/w/*'";
    "regex.found.wordexp-star-brace", "a brace behind a star", FOUND, HERE, NOCMD, "/opt/w/*}";
    "regex.found.wordexp-star-escape", "an escaped star behind a set", FOUND, HERE, NOCMD, "/opt/w/[ab]\\*";
    "regex.found.wordexp-tilde-equals", "a tilde behind an equals sign", FOUND, HERE, NOCMD, "a=~/x";
    "regex.found.wordexp-variable-pattern", "a variable that holds a pattern", FOUND, STAR, NOCMD, "$STAR";
    "regex.found.wordexp-shift", "arithmetic with a shift", FOUND, HERE, NOCMD, "$((1<<2))";
    "regex.found.wordexp-remainder", "arithmetic with a remainder", FOUND, HERE, NOCMD, "$((7%4))";
    "regex.found.wordexp-parentheses", "arithmetic of POSIX that glibc knows", FOUND, HERE, NOCMD, "$((2*(3+4)))";
}
