//! What `libcdiff fuzz` has found among conversions: one input of its target each. Bytes are written in decimal.

use super::SHIPPED;
use crate::case::cases;
use crate::fuzz::{found, targets};

const TAG: &str =
    "The Unicode Standard, 23.9, tag characters; glibc iconv/loop.c, UNICODE_TAG_HANDLER; found by libcdiff fuzz";
const COMBINING: &str =
    "glibc iconvdata/cp1258.c, cp1255.c; musl src/locale/iconv.c; unicode.org mappings; found by libcdiff fuzz";
const CONTROL: &str = "glibc iconvdata/big5.c, euc-jp.c, euc-kr.c; musl src/locale/iconv.c; found by libcdiff fuzz";
const LEAD: &str = "POSIX.1-2017 iconv(), EILSEQ and EINVAL; musl src/locale/iconv.c; found by libcdiff fuzz";
const THAI: &str = "TIS 620-2533; glibc iconvdata/tis-620.c; musl src/locale/codepages.h; found by libcdiff fuzz";
const CHINESE: &str =
    "GB 2312-1980; glibc iconvdata/gb2312.c, gbk.c; musl src/locale/gb18030.h; found by libcdiff fuzz";

cases! {
    "iconv.found.tag-latin1", "a tag character to Latin 1", "What becomes of U+E0041 on the way to ISO-8859-1?",
        TAG, SHIPPED, |o| found(o, &targets::iconv::TARGET, &[b"ISO-8859-1", b"UTF-8", b"a\xf3\xa0\x81\x81z", b""]);
    "iconv.found.tag-ucs2", "a tag character to UCS-2", "What becomes of U+E0041 on the way to UCS-2LE?",
        TAG, SHIPPED, |o| found(o, &targets::iconv::TARGET, &[b"UCS-2LE", b"UTF-8", b"a\xf3\xa0\x81\x81z", b""]);
    "iconv.found.cp1258-letter", "one letter from code page 1258", "Is a, read from CP1258, written before the descriptor is reset?",
        COMBINING, SHIPPED, |o| found(o, &targets::iconv::TARGET, &[b"UTF-8", b"CP1258", b"a", b""]);
    "iconv.found.cp1258-accent", "a letter and an accent from code page 1258", "Which characters are a and CC (grave) of CP1258?",
        COMBINING, SHIPPED, |o| found(o, &targets::iconv::TARGET, &[b"UTF-8", b"CP1258", b"a\xcc", b""]);
    "iconv.found.cp1258-written", "a Vietnamese letter to code page 1258", "What becomes of U+1EA0 on the way to CP1258?",
        COMBINING, SHIPPED, |o| found(o, &targets::iconv::TARGET, &[b"CP1258", b"UTF-8", b"\xe1\xba\xa0", b""]);
    "iconv.found.cp1255-point", "a Hebrew letter and its point", "Which characters are E0 C7 of CP1255?",
        COMBINING, SHIPPED, |o| found(o, &targets::iconv::TARGET, &[b"UTF-8", b"CP1255", b"\xe0\xc7", b""]);
    "iconv.found.big5-control", "byte 80 in Big5", "Is byte 80 before a letter a character of BIG5?",
        CONTROL, SHIPPED, |o| found(o, &targets::iconv::TARGET, &[b"UTF-8", b"BIG5", b"\x80a", b""]);
    "iconv.found.euc-jp-control", "byte 80 in EUC-JP", "Is byte 80 before a letter a character of EUC-JP?",
        CONTROL, SHIPPED, |o| found(o, &targets::iconv::TARGET, &[b"UTF-8", b"EUC-JP", b"\x80a", b""]);
    "iconv.found.euc-kr-control", "byte 80 in EUC-KR", "Is byte 80 before a letter a character of EUC-KR?",
        CONTROL, SHIPPED, |o| found(o, &targets::iconv::TARGET, &[b"UTF-8", b"EUC-KR", b"\x80a", b""]);
    "iconv.found.big5-last", "byte FF at the end of Big5", "Is text in BIG5 that ends in byte FF wrong, or incomplete?",
        LEAD, SHIPPED, |o| found(o, &targets::iconv::TARGET, &[b"UTF-8", b"BIG5", b"\xff", b""]);
    "iconv.found.euc-jp-last", "byte FF at the end of EUC-JP", "Is text in EUC-JP that ends in byte FF wrong, or incomplete?",
        LEAD, SHIPPED, |o| found(o, &targets::iconv::TARGET, &[b"UTF-8", b"EUC-JP", b"\xff", b""]);
    "iconv.found.shift-jis-last", "byte FF at the end of Shift JIS", "Is text in SHIFT_JIS that ends in byte FF wrong, or incomplete?",
        LEAD, SHIPPED, |o| found(o, &targets::iconv::TARGET, &[b"UTF-8", b"SHIFT_JIS", b"\xff", b""]);
    "iconv.found.tis-620-control", "byte 80 in TIS-620", "Is byte 80 a character of TIS-620?",
        THAI, SHIPPED, |o| found(o, &targets::iconv::TARGET, &[b"UTF-8", b"TIS-620", b"\x80", b""]);
    "iconv.found.tis-620-blank", "byte A0 in TIS-620", "Is byte A0 a character of TIS-620?",
        THAI, SHIPPED, |o| found(o, &targets::iconv::TARGET, &[b"UTF-8", b"TIS-620", b"\xa0", b""]);
    "iconv.found.gb2312-dash", "the dash of GB 2312", "Which character is A1 AA of GB2312?",
        CHINESE, SHIPPED, |o| found(o, &targets::iconv::TARGET, &[b"UTF-8", b"GB2312", b"\xa1\xaa", b""]);
    "iconv.found.gb2312-dot", "the dot of GB 2312", "Which character is A1 A4 of GB2312?",
        CHINESE, SHIPPED, |o| found(o, &targets::iconv::TARGET, &[b"UTF-8", b"GB2312", b"\xa1\xa4", b""]);
    "iconv.found.gbk-private", "a user-defined place of GBK", "Is AA ED, a place for users, a character of GBK?",
        CHINESE, SHIPPED, |o| found(o, &targets::iconv::TARGET, &[b"UTF-8", b"GBK", b"\xaa\xed", b""]);
    "iconv.found.gbk-euro", "the euro at A2 E3 in GBK", "Is A2 E3, the euro of GB 18030, a character of GBK?",
        CHINESE, SHIPPED, |o| found(o, &targets::iconv::TARGET, &[b"UTF-8", b"GBK", b"\xa2\xe3", b""]);
    "iconv.found.gbk-dash", "the dash of GBK", "Which character is A1 AA of GBK?",
        CHINESE, SHIPPED, |o| found(o, &targets::iconv::TARGET, &[b"UTF-8", b"GBK", b"\xa1\xaa", b""]);
    "iconv.found.cp1258-reset", "one letter from code page 1258 in the form of UTF-16", "Does a reset write what iconv has kept of CP1258?",
        COMBINING, SHIPPED, |o| found(o, &targets::iconv::TARGET, &[b"UTF-16LE", b"CP1258", b"ab", b""]);
    "iconv.found.no-room-wrong", "wrong input and no room", "Which error has iconv for input that is wrong where no room is left?",
        "POSIX.1-2017 iconv(), E2BIG and EILSEQ; glibc iconv/loop.c; musl src/locale/iconv.c; found by libcdiff fuzz",
        SHIPPED, |o| found(o, &targets::iconv::TARGET, &[b"CP437", b"UCS-4BE", b"aaaa", b"0"]);
    "iconv.found.wide-to-wide", "WCHAR_T to WCHAR_T", "Is WCHAR_T converted to itself?",
        "iconv_open(3); glibc iconv/gconv_db.c; musl src/locale/iconv.c; found by libcdiff fuzz",
        SHIPPED, |o| found(o, &targets::iconv::TARGET, &[b"WCHAR_T", b"WCHAR_T", b"", b""]);
}
