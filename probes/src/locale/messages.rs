//! Messages in other languages: `gettext`, `catopen`, and the files that musl reads from `MUSL_LOCPATH`.

use crate::case::{Case, File, Needs};
use crate::outcome::Outcome;
use crate::sys::locale::messages::{bind, catalogue, codeset, error_text, translate, translate_number};
use crate::sys::locale::{langinfo, set};
use crate::text;

use super::{GERMAN, NOTHING, WHOLE};

const GETTEXT: &str = "POSIX.1-2024 gettext(); gettext(3); musl src/locale/dcngettext.c; glibc intl/dcigettext.c";
const CATALOGUE: &str =
    "POSIX.1-2017 catopen(), catgets(), gencat; musl src/locale/catopen.c; glibc catgets/open_catalog.c";
const MUSL: &str = "musl src/locale/locale_map.c, MUSL_LOCPATH; musl src/locale/__mo_lookup.c, __lctrans.c";

const WORDS: File =
    File { path: "/opt/messages/de_DE.UTF-8/LC_MESSAGES/words.mo", content: include_bytes!("../../locales/words.mo") };
const LANGUAGE: File =
    File { path: "/opt/messages/de/LC_MESSAGES/words.mo", content: include_bytes!("../../locales/words.mo") };
const COMPILED: File = File { path: "/opt/words.cat", content: include_bytes!("../../locales/words.cat") };
const TIMES: File = File { path: "/opt/musl/de_DE.UTF-8", content: include_bytes!("../../locales/time.mo") };

const fn with<const N: usize>(more: File) -> [File; N] {
    let mut all = [more; N];
    let mut i = 0;
    while i + 1 < N {
        all[i] = WHOLE[i];
        i += 1;
    }
    all
}

const FILES: Needs = NOTHING.files(&with::<13>(WORDS));
const FILES_BY_LANGUAGE: Needs = NOTHING.files(&with::<13>(LANGUAGE));
const MUSL_FILES: Needs = NOTHING.files(&with::<13>(TIMES)).env(&[("MUSL_LOCPATH", "/opt/musl")]);

const fn case(
    id: &'static str,
    title: &'static str,
    question: &'static str,
    source: &'static str,
    needs: Needs,
    run: fn(&mut Outcome),
) -> Case {
    Case { id, title, question, source, needs, run }
}

/// The cases of this table.
pub const CASES: &[Case] = &[
    case(
        "locale.messages.word",
        "a translated word",
        "Does gettext find a word in the locale's file?",
        GETTEXT,
        FILES,
        word,
    ),
    case(
        "locale.messages.by-language",
        "a file by the language alone",
        "Does gettext find the file of de for the locale de_DE.UTF-8?",
        GETTEXT,
        FILES_BY_LANGUAGE,
        word,
    ),
    case(
        "locale.messages.language-variable",
        "a file by LANGUAGE",
        "Does LANGUAGE choose the file, whatever the locale's name?",
        GETTEXT,
        FILES_BY_LANGUAGE.env(&[("LANGUAGE", "de:en")]),
        word,
    ),
    case(
        "locale.messages.c",
        "a word in the C locale",
        "Is a word translated where no locale was taken?",
        GETTEXT,
        NOTHING.files(&[WORDS]),
        |o| {
            bound(o);
            o.fact("yes", translate("yes"));
        },
    ),
    case("locale.messages.plural", "a plural", "Does ngettext choose by the number?", GETTEXT, FILES, |o| {
        set(libc::LC_ALL, Some(GERMAN));
        bound(o);
        for number in [0, 1, 2] {
            o.fact(&heap::format!("{number}"), translate_number("one file", "several files", number));
        }
    }),
    case(
        "locale.messages.missing",
        "a word without a translation",
        "What does gettext give for a word that the file does not have?",
        GETTEXT,
        FILES,
        |o| {
            set(libc::LC_ALL, Some(GERMAN));
            bound(o);
            o.fact("text", translate("no such word"));
        },
    ),
    case(
        "locale.messages.relative",
        "a folder that is no whole path",
        "What does bindtextdomain say to a relative path?",
        GETTEXT,
        NOTHING,
        |o| {
            o.fact("bindtextdomain", bind("words", "messages").and_then(|(folder, _)| folder));
        },
    ),
    case(
        "locale.messages.codeset-utf8",
        "UTF-8 asked for",
        "What does bind_textdomain_codeset say to UTF-8?",
        GETTEXT,
        NOTHING,
        |o| {
            o.fact("answer", codeset("words", "UTF-8"));
        },
    ),
    case(
        "locale.messages.codeset-latin1",
        "Latin 1 asked for",
        "What does bind_textdomain_codeset say to Latin 1?",
        GETTEXT,
        NOTHING,
        |o| {
            o.fact("answer", codeset("words", "ISO-8859-1"));
        },
    ),
    case(
        "locale.catalogue.gencat",
        "a catalogue of glibc's gencat",
        "Can catopen read what gencat of glibc wrote?",
        CATALOGUE,
        NOTHING.files(&[COMPILED]),
        |o| {
            opened("/opt/words.cat", o);
        },
    ),
    case(
        "locale.catalogue.missing",
        "a catalogue that is not there",
        "What does catopen say to a path that is not there?",
        CATALOGUE,
        NOTHING,
        |o| {
            opened("/opt/nothing.cat", o);
        },
    ),
    case(
        "locale.catalogue.text",
        "a catalogue that is none",
        "What does catopen say to a file that is no catalogue?",
        CATALOGUE,
        NOTHING.files(&[File {
            path: "/opt/words.cat",
            content: b"no catalogue, but long enough to be one, to be sure\n",
        }]),
        |o| {
            opened("/opt/words.cat", o);
        },
    ),
    case(
        "locale.translated.day",
        "names of days by MUSL_LOCPATH",
        "Does a file in MUSL_LOCPATH translate the names of days?",
        MUSL,
        MUSL_FILES,
        |o| {
            o.fact("setlocale", set(libc::LC_TIME, Some(GERMAN)));
            o.fact("DAY_2", langinfo(libc::DAY_2));
        },
    ),
    case(
        "locale.translated.may",
        "May, short and long, by MUSL_LOCPATH",
        "Are the short and the long name of May told apart?",
        MUSL,
        MUSL_FILES,
        |o| {
            o.fact("setlocale", set(libc::LC_TIME, Some(GERMAN)));
            o.fact("MON_5", langinfo(libc::MON_5));
            o.fact("ABMON_5", langinfo(libc::ABMON_5));
        },
    ),
    case(
        "locale.translated.error",
        "texts of errors by MUSL_LOCPATH",
        "Does a file in MUSL_LOCPATH translate what strerror says?",
        MUSL,
        MUSL_FILES,
        |o| {
            o.fact("setlocale", set(libc::LC_MESSAGES, Some(GERMAN)));
            o.fact("ENOENT", error_text(libc::ENOENT));
        },
    ),
    case(
        "locale.translated.radix",
        "a comma by MUSL_LOCPATH",
        "Does a locale with a file in MUSL_LOCPATH change the radix character?",
        MUSL,
        MUSL_FILES,
        |o| {
            o.fact("setlocale", set(libc::LC_NUMERIC, Some(GERMAN)));
            o.fact("RADIXCHAR", langinfo(libc::RADIXCHAR));
        },
    ),
];

fn bound(o: &mut Outcome) {
    match bind("words", "/opt/messages") {
        Some((folder, domain)) => {
            o.fact("bindtextdomain", folder);
            o.fact("textdomain", domain);
        }
        None => o.unsupported("this C library has no bindtextdomain"),
    }
}

fn word(o: &mut Outcome) {
    o.fact("setlocale", set(libc::LC_ALL, Some(GERMAN)).map(|_| "taken"));
    bound(o);
    o.fact("yes", translate("yes"));
    o.fact("street", translate("street"));
}

fn opened(path: &str, o: &mut Outcome) {
    match catalogue(path) {
        Some(Ok(text)) => o.fact("message", text),
        Some(Err(e)) => o.fact("catopen", text::errno(e.0)),
        None => o.unsupported("this C library has no catopen"),
    }
}
