//! What `libcdiff fuzz` has found among characters and items of the C locale: one input of its targets each.

use super::{CHARACTERS, Place};
use crate::case::{Needs, cases};
use crate::fuzz::{found, targets};
use crate::outcome::Outcome;
use crate::sys::call::{errno, set_errno};
use crate::sys::locale::characters::one;
use crate::text;

const TAG: &str = "The Unicode Standard, 23.9, tag characters; glibc iconv/gconv_simple.c, internal_ascii_loop, iconv/loop.c, \
    UNICODE_TAG_HANDLER; musl src/multibyte/wcrtomb.c; found by libcdiff fuzz";
const ERA: &str = "POSIX.1-2017, Base Definitions 7.3.5.1, LC_TIME of the POSIX locale; glibc locale/C-time.c; \
    musl src/locale/langinfo.c; found by libcdiff fuzz";

const CUT: &str =
    "POSIX.1-2017 mbtowc(), EILSEQ; glibc stdlib/mbtowc.c; musl src/multibyte/mbtowc.c; found by libcdiff fuzz";

/// `mbtowc` in UTF-8, after errno was 0.
fn one_errno(o: &mut Outcome, bytes: &[u8]) {
    if !Place::German.take(libc::LC_CTYPE, o) {
        return;
    }
    set_errno(0);
    let (returned, _) = one(bytes);
    let errno = errno();
    o.fact("mbtowc", returned);
    o.fact("errno", if errno == 0 { "untouched".into() } else { text::errno(errno) });
}

cases! {
    "locale.found.tag", "a tag character in the C locale", "What does wcrtomb write for U+E0041 in the C locale?",
        TAG, Needs::NOTHING, |o| found(o, &targets::characters::ENCODE, &[b"", b"917569"]);
    "locale.found.tag-beside", "what lies behind the tag characters", "What does wcrtomb write for U+E0080 in the C locale?",
        TAG, Needs::NOTHING, |o| found(o, &targets::characters::ENCODE, &[b"", b"917632"]);
    "locale.found.era-date", "ERA_D_FMT", "What is ERA_D_FMT in the C locale?",
        ERA, Needs::NOTHING, |o| found(o, &targets::words::LANGINFO, &[b"131118"]);
    "locale.found.other-digits", "ALT_DIGITS", "What is ALT_DIGITS in the C locale?",
        ERA, Needs::NOTHING, |o| found(o, &targets::words::LANGINFO, &[b"131119"]);
    "locale.found.era-date-time", "ERA_D_T_FMT", "What is ERA_D_T_FMT in the C locale?",
        ERA, Needs::NOTHING, |o| found(o, &targets::words::LANGINFO, &[b"131120"]);
    "locale.found.era-time", "ERA_T_FMT", "What is ERA_T_FMT in the C locale?",
        ERA, Needs::NOTHING, |o| found(o, &targets::words::LANGINFO, &[b"131121"]);
    "locale.found.mbtowc-cut", "the first byte of two", "What does mbtowc set errno to for the first byte of two, with no more?",
        CUT, CHARACTERS, |o| one_errno(o, b"\xc2");
    "locale.found.mbtowc-wrong", "a byte that begins no character", "What does mbtowc set errno to for byte FF?",
        CUT, CHARACTERS, |o| one_errno(o, b"\xff");
    "locale.found.mbsnrtowcs-cut", "mbsnrtowcs of the first byte of two", "Has mbsnrtowcs read a byte that is half a character?",
        "POSIX.1-2017 mbsnrtowcs(); glibc wcsmbs/mbsnrtowcs.c; musl src/multibyte/mbsnrtowcs.c; found by libcdiff fuzz",
        CHARACTERS, |o| found(o, &targets::multibyte::TARGET, &[b"u", b"\xc2a", b"1"]);
}
