//! `crypt`: which kinds of hashes there are, and what it makes of settings that are wrong. glibc has it in a library of the
//! image's own (libcrypt.so.1, of glibc or of libxcrypt), so what is there is part of the question.

use crate::case::{Case, Needs};
use crate::outcome::Outcome;
use crate::sys::accounts::crypt::{available, has, hashed};

macro_rules! hashes {
    ($(($id:literal, $title:literal, $question:literal, $key:expr, $setting:expr)),* $(,)?) => {
        &[$(Case {
            id: concat!("accounts.hash.", $id),
            title: $title,
            question: $question,
            source: "crypt(3), crypt(5); libxcrypt; musl src/crypt/crypt_r.c",
            needs: Needs::as_shipped(None),
            run: |o| hash(o, $key, $setting),
        }),*]
    };
}

fn hash(o: &mut Outcome, key: &str, setting: &str) {
    match hashed(key, setting) {
        Some(hash) => o.line(hash),
        None => o.unsupported(match cfg!(target_env = "gnu") {
            true => "the image has no libcrypt.so.1",
            false => "this musl has no crypt, or the program is static",
        }),
    }
}

const HASHES: &[Case] = hashes![
    ("des", "DES", "What does crypt make of a key with the DES setting `ab`?", "secret", "ab"),
    (
        "des-long",
        "DES and a long key",
        "Are letters after the eighth of a key ignored by DES?",
        "secret78-and-more",
        "ab"
    ),
    ("des-invalid", "DES with a salt that is none", "What does crypt make of the setting `::`?", "secret", "::"),
    ("des-extended", "extended DES", "What does crypt make of the BSDi setting `_J9..rasm`?", "secret", "_J9..rasm"),
    ("md5", "MD5", "What does crypt make of a key with `$1$salt$`?", "secret", "$1$salt$"),
    (
        "bcrypt-a",
        "bcrypt, $2a$",
        "What does crypt make of a key with `$2a$04$`?",
        "secret",
        "$2a$04$abcdefghijklmnopqrstuu"
    ),
    (
        "bcrypt-b",
        "bcrypt, $2b$",
        "What does crypt make of a key with `$2b$04$`?",
        "secret",
        "$2b$04$abcdefghijklmnopqrstuu"
    ),
    (
        "bcrypt-y",
        "bcrypt, $2y$",
        "What does crypt make of a key with `$2y$04$`?",
        "secret",
        "$2y$04$abcdefghijklmnopqrstuu"
    ),
    (
        "bcrypt-cost",
        "bcrypt of too low a cost",
        "What does crypt make of `$2b$03$`, whose cost is too low?",
        "secret",
        "$2b$03$abcdefghijklmnopqrstuu"
    ),
    ("sha256", "SHA-256", "What does crypt make of a key with `$5$salt`?", "secret", "$5$rounds=1000$salt"),
    (
        "sha256-rounds",
        "SHA-256 of too few rounds",
        "What does crypt make of `$5$rounds=10$`?",
        "secret",
        "$5$rounds=10$salt"
    ),
    ("sha512", "SHA-512", "What does crypt make of a key with `$6$salt`?", "secret", "$6$rounds=1000$salt"),
    (
        "sha512-long-salt",
        "SHA-512 with a long salt",
        "Is a salt of 20 letters cut to 16?",
        "secret",
        "$6$rounds=1000$abcdefghijklmnopqrst$"
    ),
    (
        "sha512-colon",
        "SHA-512 with a colon in the salt",
        "What does crypt make of a salt with a colon, which would split a line of /etc/shadow?",
        "secret",
        "$6$rounds=1000$sa:lt$"
    ),
    (
        "yescrypt",
        "yescrypt",
        "What does crypt make of a key with `$y$`, the default of Debian since 11?",
        "secret",
        "$y$j75$saltsaltsaltsalt"
    ),
    (
        "gost-yescrypt",
        "gost-yescrypt",
        "What does crypt make of a key with `$gy$`?",
        "secret",
        "$gy$j75$saltsaltsaltsalt"
    ),
    ("scrypt", "scrypt", "What does crypt make of a key with `$7$`?", "secret", "$7$6/..../....saltsalt"),
    ("nt", "NT hashes", "What does crypt make of a key with `$3$`?", "secret", "$3$"),
    (
        "unknown",
        "an unknown kind",
        "What does crypt make of `$9$salt$`, which nobody has defined?",
        "secret",
        "$9$salt$"
    ),
    ("empty-setting", "an empty setting", "What does crypt make of an empty setting?", "secret", ""),
    (
        "locked",
        "the setting of a locked account",
        "What does crypt make of `*0`, and can it ever be equal?",
        "secret",
        "*0"
    ),
    ("exclamation", "the setting of an account without password", "What does crypt make of `!`?", "secret", "!"),
    ("empty-key", "an empty key", "What does crypt make of an empty key?", "", "$6$rounds=1000$salt"),
    ("long-key", "a key of 300 letters", "What does crypt make of a key of 300 letters?", LONG, "$6$rounds=1000$salt"),
    (
        "eight-bit",
        "a key in UTF-8",
        "What does bcrypt's `$2a$` make of letters beyond ASCII?",
        "geheim-ä",
        "$2a$04$abcdefghijklmnopqrstuu"
    ),
];

const LONG: &str = "kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk\
kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk\
kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk";

const FUNCTIONS: &[Case] = &[
    Case {
        id: "accounts.hash.available",
        title: "crypt",
        question: "Is there a crypt: in the C library, or in a libcrypt.so.1 of the image?",
        source: "glibc NEWS 2.38 (libcrypt is no longer built by default), 2.39 (removed)",
        needs: Needs::as_shipped(None),
        run: |o| o.fact("available", available()),
    },
    Case {
        id: "accounts.hash.functions",
        title: "functions beside crypt",
        question: "Which of the functions beside crypt are there?",
        source: "crypt(3), crypt_gensalt(3), crypt_checksalt(3)",
        needs: Needs::as_shipped(None),
        run: |o| {
            if cfg!(target_feature = "crt-static") {
                return o.unsupported("a static program has no dynamic symbols to ask");
            }
            let names =
                [c"crypt_r", c"crypt_ra", c"crypt_gensalt", c"crypt_checksalt", c"encrypt", c"setkey", c"fcrypt"];
            let rows = names.iter().map(|name| (name.to_string_lossy().into_owned(), has(name).into()));
            o.table("present", rows.collect());
        },
    },
];

pub const CASES: &[Case] = &super::join::<{ super::count(&[HASHES, FUNCTIONS]) }>(&[HASHES, FUNCTIONS]);
