//! Comparing and finding, with bytes above 127 and with nothing to find.

use super::asks;
use crate::sys::strings::search::{
    collate, compare, compare_any_case, compare_bytes, compare_versions, find, find_any_case, find_any_of, find_bytes,
    first_bits, swapped, transform,
};

const C: &str = "ISO C11 7.24";
const POSIX: &str = "POSIX.1-2017 strcasecmp(), ffs(), swab()";
const GNU: &str = "memmem(3), strcasestr(3), strverscmp(3)";

asks! {
    "strings.strcmp.value", "the value of strcmp", "Does strcmp of a and c return 1 or the difference?", C, |o| o.fact("sign", compare(c"c", c"a").signum());
    "strings.strcmp.high", "strcmp above 127", "Are bytes compared as unsigned by strcmp?", C, |o| o.fact("sign", compare(c"\xff", c"a").signum());
    "strings.memcmp.value", "the sign of memcmp", "Are bytes compared as unsigned by memcmp?", C, |o| o.fact("sign", compare_bytes(b"\xff", b"a").signum());
    "strings.strcoll.case", "strcoll in the C locale", "Does strcoll order by bytes in the C locale?", C, |o| o.fact("sign", collate(c"B", c"a").signum());
    "strings.strcasecmp.ascii", "strcasecmp", "Are letters of ASCII equal in any case?", POSIX, |o| o.fact("sign", compare_any_case(c"HeLLo", c"hEllO").signum());
    "strings.strcasecmp.high", "strcasecmp above 127", "Are the bytes C4 and E4 equal in any case in the C locale?", POSIX, |o| o.fact("sign", compare_any_case(c"\xc4", c"\xe4").signum());
    "strings.strcasecmp.underscore", "strcasecmp of a sign", "Is Z before or after _ in any case?", POSIX, |o| o.fact("sign", compare_any_case(c"Z", c"_").signum());
    "strings.strcasestr.plain", "strcasestr", "Where does strcasestr find LO in Hello?", GNU, |o| o.fact("at", find_any_case(c"Hello", c"LO"));
    "strings.strcasestr.empty", "strcasestr of nothing", "Where does strcasestr find an empty string?", GNU, |o| o.fact("at", find_any_case(c"Hello", c""));
    "strings.strcasestr.high", "strcasestr above 127", "Does strcasestr find E4 in C4 in the C locale?", GNU, |o| o.fact("at", find_any_case(c"a\xc4", c"\xe4"));
    "strings.strstr.empty", "strstr of nothing", "Where does strstr find an empty string?", C, |o| o.fact("at", find(c"abc", c""));
    "strings.strstr.repeated", "strstr of a repetition", "Where does strstr find aab in aaaab?", C, |o| o.fact("at", find(c"aaaab", c"aab"));
    "strings.strpbrk.none", "strpbrk of nothing", "What does strpbrk find of no characters?", C, |o| o.fact("at", find_any_of(c"abc", c""));
    "strings.memmem.plain", "memmem", "Where does memmem find bytes with NUL?", GNU, |o| o.fact("at", find_bytes(b"ab\0cd\0ef", b"\0e"));
    "strings.memmem.empty", "memmem of nothing", "Where does memmem find no bytes?", GNU, |o| o.fact("at", find_bytes(b"abc", b""));
    "strings.memmem.longer", "memmem of more", "Does memmem find what is longer than the text?", GNU, |o| o.fact("at", find_bytes(b"ab", b"abc"));
    "strings.strverscmp.numbers", "strverscmp of numbers", "Is 9 before 10 by strverscmp?", GNU, |o| o.fact("sign", compare_versions(c"a9", c"a10").signum());
    "strings.strverscmp.zeros", "strverscmp of zeros", "How does strverscmp order 000, 00, 01, 010, 09, 0, 1, 9, 10?", GNU, |o| {
        let order = [c"000", c"00", c"01", c"010", c"09", c"0", c"1", c"9", c"10"];
        o.fact("signs", order.windows(2).map(|pair| compare_versions(pair[0], pair[1]).signum()).collect::<heap::vec::Vec<_>>());
    };
    "strings.strverscmp.prefix", "strverscmp of a prefix", "Is 1.0 before 1.0.1 by strverscmp?", GNU, |o| o.fact("sign", compare_versions(c"1.0", c"1.0.1").signum());
    "strings.strverscmp.letters", "strverscmp of digits and letters", "Is 1a before 1.1 by strverscmp?", GNU, |o| o.fact("sign", compare_versions(c"1a", c"1.1").signum());
    "strings.strverscmp.tilde", "strverscmp of a tilde", "Is 1~rc before 1 by strverscmp?", GNU, |o| o.fact("sign", compare_versions(c"1~rc", c"1").signum());
    "strings.strxfrm.plain", "strxfrm in the C locale", "What does strxfrm write and return for abc?", C, |o| { let (length, text) = transform(c"abc", 64); o.fact("length", length); o.fact("result", text); };
    "strings.strxfrm.short", "strxfrm into too little", "What does strxfrm write and return for abcdef and 4 bytes?", C, |o| { let (length, _) = transform(c"abcdef", 4); o.fact("length", length); };
    "strings.ffs.zero", "ffs of 0", "What do ffs, ffsl and ffsll say of 0?", POSIX, |o| o.fact("bits", first_bits(0).to_vec());
    "strings.ffs.high", "ffs of a high bit", "What do ffs, ffsl and ffsll say of 2^40?", POSIX, |o| o.fact("bits", first_bits(1 << 40).to_vec());
    "strings.ffs.negative", "ffs of a negative number", "What do ffs, ffsl and ffsll say of the smallest number?", POSIX, |o| o.fact("bits", first_bits(i64::MIN).to_vec());
    "strings.swab.odd", "swab of an odd number", "What does swab make of the last of 5 bytes?", POSIX, |o| o.fact("bytes", swapped(b"abcdef", 5));
    "strings.swab.negative", "swab of a negative number", "Does swab leave everything alone for -2 bytes?", POSIX, |o| o.fact("bytes", swapped(b"abcdef", -2));
}
