//! One conversion, as data: names, bytes, and how much room there is.

use heap::string::String;
use heap::vec::Vec;

use crate::outcome::Outcome;
use crate::sys::iconv::{Conversion, Step};
use crate::text;

const POSIX: &str = "POSIX.1-2017 iconv()";
const UNMAPPABLE: &str = "POSIX.1-2017 iconv(): a character without counterpart gets an implementation-defined conversion, which is counted; glibc iconv(3) says EILSEQ; musl src/locale/iconv.c writes *";
const SUFFIX: &str = "iconv_open(3), //TRANSLIT and //IGNORE, GNU's own; POSIX.1-2024 iconv_open()";
const MARK: &str =
    "The Unicode Standard, 3.10 and 23.8, byte order mark; RFC 2781; glibc iconvdata/utf-16.c; musl WHATSNEW 1.1.19";
const SETS: &str =
    "glibc iconvdata; musl src/locale/iconv.c, with tables of their own; unicode.org mappings; WHATWG Encoding";
const INVALID: &str = "POSIX.1-2017 iconv(), EILSEQ and EINVAL; RFC 3629";

/// One conversion.
#[derive(Clone, Copy, Debug)]
pub struct Convert {
    /// The character set to write.
    pub to: &'static str,
    /// The character set to read.
    pub from: &'static str,
    /// What is read.
    pub input: &'static [u8],
    /// Bytes of room for what is written.
    pub room: usize,
}

/// Bytes, as hexadecimal numbers and as text where they are ASCII.
pub fn shown(bytes: &[u8]) -> String {
    if !bytes.is_empty() && bytes.iter().all(|b| (32..127).contains(b)) {
        return heap::format!("\"{}\"", text::bytes(bytes));
    }
    bytes.iter().map(|b| heap::format!("{b:02x}")).collect::<Vec<_>>().join(" ")
}

/// The lines of one call.
pub fn describe(step: &Step, o: &mut Outcome) {
    match &step.result {
        Ok(count) => o.fact("returned", *count),
        Err(e) => o.fact("returned", heap::format!("-1, {}", text::errno(e.0))),
    }
    o.fact("used_bytes", step.used);
    o.fact("output", shown(&step.output));
}

impl Convert {
    /// Asks, and describes.
    pub fn ask(&self, o: &mut Outcome) {
        o.measured("input", shown(self.input));
        match Conversion::open(self.to, self.from) {
            Err(e) => o.fact("iconv_open", text::errno(e.0)),
            Ok(mut conversion) => describe(&conversion.convert(self.input, self.room), o),
        }
    }
}

macro_rules! conversions {
    ($($id:literal, $title:literal, $source:expr, $from:literal => $to:literal, $input:literal $(in $room:literal)?;)*) => {
        /// The questions of this table as data, by id.
        pub static ROWS: &[(&str, Convert)] = &[$((
            $id,
            Convert { to: $to, from: $from, input: $input, room: 64 $(- 64 + $room)? },
        )),*];
        /// The cases of this table.
        pub const CASES: &[crate::case::Case] = &[$(crate::case::Case {
            id: $id,
            title: $title,
            question: concat!(
                "What does iconv from ", $from, " to ", $to, " make of ", stringify!($input), ": ", $title, "?"
            ),
            source: $source,
            needs: super::SHIPPED,
            run: |outcome| {
                const ROW: Convert = Convert { to: $to, from: $from, input: $input, room: 64 $(- 64 + $room)? };
                ROW.ask(outcome)
            },
        }),*];
    };
}

conversions! {
    "iconv.unmappable.ascii", "a letter that ASCII has not", UNMAPPABLE, "UTF-8" => "ASCII", b"a\xc3\xa4b";
    "iconv.unmappable.latin1", "a character that Latin 1 has not", UNMAPPABLE, "UTF-8" => "ISO-8859-1", b"a\xe2\x82\xacb";
    "iconv.unmappable.latin9-currency", "the sign that Latin 9 replaced", UNMAPPABLE, "UTF-8" => "ISO-8859-15", b"\xc2\xa4";
    "iconv.unmappable.cp1252", "a character that Windows 1252 has not", UNMAPPABLE, "UTF-8" => "CP1252", b"a\xe4\xb8\xadb";
    "iconv.unmappable.shift-jis", "a character that Shift JIS has not", UNMAPPABLE, "UTF-8" => "SHIFT_JIS", b"a\xc3\xa4b";
    "iconv.unmappable.euc-jp", "a character that EUC-JP has not", UNMAPPABLE, "UTF-8" => "EUC-JP", b"a\xf0\x9f\x98\x80b";
    "iconv.unmappable.ucs2", "a character beyond UCS-2", UNMAPPABLE, "UTF-8" => "UCS-2LE", b"\xf0\x9f\x98\x80";
    "iconv.unmappable.many", "three in a row", UNMAPPABLE, "UTF-8" => "ASCII", b"\xc3\xa4\xc3\xb6\xc3\xbc!";
    "iconv.translit.umlaut", "//TRANSLIT and an umlaut", SUFFIX, "UTF-8" => "ASCII//TRANSLIT", b"a\xc3\xa4b";
    "iconv.translit.euro", "//TRANSLIT and a currency", SUFFIX, "UTF-8" => "ISO-8859-1//TRANSLIT", b"5 \xe2\x82\xac";
    "iconv.translit.quotes", "//TRANSLIT and typographic quotes", SUFFIX, "UTF-8" => "ASCII//TRANSLIT", b"\xe2\x80\x9chi\xe2\x80\x9d";
    "iconv.translit.none", "//TRANSLIT and a character without likeness", SUFFIX, "UTF-8" => "ASCII//TRANSLIT", b"\xe4\xb8\xad";
    "iconv.translit.ligature", "//TRANSLIT and a ligature", SUFFIX, "UTF-8" => "ASCII//TRANSLIT", b"\xef\xac\x81";
    "iconv.translit.mappable", "//TRANSLIT and nothing to do", SUFFIX, "UTF-8" => "ISO-8859-1//TRANSLIT", b"\xc3\xa4";
    "iconv.ignore.unmappable", "//IGNORE and a letter that ASCII has not", SUFFIX, "UTF-8" => "ASCII//IGNORE", b"a\xc3\xa4b";
    "iconv.ignore.invalid", "//IGNORE and a byte that is wrong", SUFFIX, "UTF-8" => "UTF-16LE//IGNORE", b"a\xffb";
    "iconv.ignore.invalid-same", "//IGNORE from UTF-8 to UTF-8, to clean a text", SUFFIX, "UTF-8" => "UTF-8//IGNORE", b"a\xffb";
    "iconv.ignore.incomplete", "//IGNORE and a character cut off", SUFFIX, "UTF-8" => "ASCII//IGNORE", b"a\xc3";
    "iconv.ignore.source", "//IGNORE on the set that is read", SUFFIX, "UTF-8//IGNORE" => "ASCII", b"a\xc3\xa4b";
    "iconv.ignore.valid", "//IGNORE and nothing to do", SUFFIX, "UTF-8" => "ASCII//IGNORE", b"ab";
    "iconv.invalid.utf8-byte", "a byte that begins nothing", INVALID, "UTF-8" => "UTF-16LE", b"a\xffb";
    "iconv.invalid.utf8-same", "a wrong byte from UTF-8 to UTF-8", INVALID, "UTF-8" => "UTF-8", b"a\xffb";
    "iconv.invalid.utf8-incomplete", "a character cut off", INVALID, "UTF-8" => "UTF-16LE", b"a\xe2\x82";
    "iconv.invalid.utf8-broken", "a character that breaks off", INVALID, "UTF-8" => "UTF-16LE", b"a\xe2\x82b";
    "iconv.invalid.utf8-overlong", "a character in too many bytes", INVALID, "UTF-8" => "UTF-16LE", b"\xc0\xaf";
    "iconv.invalid.utf8-surrogate", "a surrogate in UTF-8", INVALID, "UTF-8" => "UTF-16LE", b"\xed\xa0\x80";
    "iconv.invalid.utf8-surrogate-same", "a surrogate from UTF-8 to UTF-8", INVALID, "UTF-8" => "UTF-8", b"\xed\xa0\x80";
    "iconv.invalid.utf8-beyond", "a character beyond Unicode", INVALID, "UTF-8" => "UTF-32LE", b"\xf4\x90\x80\x80";
    "iconv.invalid.utf8-five", "a character of five bytes", INVALID, "UTF-8" => "UTF-32LE", b"\xf8\x88\x80\x80\x80";
    "iconv.invalid.ascii", "a byte above 127 in ASCII", INVALID, "ASCII" => "UTF-8", b"a\x80";
    "iconv.invalid.cp1252", "a byte that Windows 1252 does not use", INVALID, "CP1252" => "UTF-8", b"\x81";
    "iconv.invalid.latin7", "a byte that ISO 8859-7 does not use", INVALID, "ISO-8859-7" => "UTF-8", b"\xff";
    "iconv.invalid.utf16-lone-high", "a high surrogate alone", INVALID, "UTF-16LE" => "UTF-8", b"\x00\xd8a\x00";
    "iconv.invalid.utf16-lone-low", "a low surrogate alone", INVALID, "UTF-16LE" => "UTF-8", b"\x00\xdca\x00";
    "iconv.invalid.utf16-odd", "half of a UTF-16 unit", INVALID, "UTF-16LE" => "UTF-8", b"a\x00b";
    "iconv.invalid.utf16-pair-cut", "half of a pair", INVALID, "UTF-16LE" => "UTF-8", b"a\x00=\xd8";
    "iconv.invalid.utf32-surrogate", "a surrogate in UTF-32", INVALID, "UTF-32LE" => "UTF-8", b"\x00\xd8\x00\x00";
    "iconv.invalid.utf32-beyond", "a number beyond Unicode in UTF-32", INVALID, "UTF-32LE" => "UTF-8", b"\x00\x00\x11\x00";
    "iconv.invalid.shift-jis-cut", "half of a character in Shift JIS", INVALID, "SHIFT_JIS" => "UTF-8", b"a\x82";
    "iconv.invalid.euc-jp-byte", "a wrong second byte in EUC-JP", INVALID, "EUC-JP" => "UTF-8", b"\xa4\x20";
    "iconv.invalid.gbk-byte", "a wrong second byte in GBK", INVALID, "GBK" => "UTF-8", b"\x81\x20";
    "iconv.room.none", "no room at all", POSIX, "UTF-8" => "ASCII", b"ab" in 0;
    "iconv.room.some", "room for some of it", POSIX, "UTF-8" => "ASCII", b"abc" in 2;
    "iconv.room.half", "room for half a character", POSIX, "UTF-8" => "UTF-16LE", b"ab" in 3;
    "iconv.room.pair", "room for half a pair", POSIX, "UTF-8" => "UTF-16LE", b"\xf0\x9f\x98\x80" in 2;
    "iconv.room.utf8", "room for half a character of UTF-8", POSIX, "ISO-8859-1" => "UTF-8", b"a\xe4" in 2;
    "iconv.room.exact", "room for exactly all", POSIX, "ISO-8859-1" => "UTF-8", b"a\xe4" in 3;
    "iconv.room.unmappable", "no room for what replaces a character", POSIX, "UTF-8" => "ASCII", b"\xc3\xa4" in 0;
    "iconv.mark.utf16-written", "UTF-16 written", MARK, "UTF-8" => "UTF-16", b"a";
    "iconv.mark.utf16le-written", "UTF-16LE written", MARK, "UTF-8" => "UTF-16LE", b"a";
    "iconv.mark.utf32-written", "UTF-32 written", MARK, "UTF-8" => "UTF-32", b"a";
    "iconv.mark.ucs2-written", "UCS-2 written", MARK, "UTF-8" => "UCS-2", b"a";
    "iconv.mark.ucs4-written", "UCS-4 written", MARK, "UTF-8" => "UCS-4", b"a";
    "iconv.mark.utf16-little", "UTF-16 that begins with a mark, little end first", MARK, "UTF-16" => "UTF-8", b"\xff\xfea\x00";
    "iconv.mark.utf16-big", "UTF-16 that begins with a mark, big end first", MARK, "UTF-16" => "UTF-8", b"\xfe\xff\x00a";
    "iconv.mark.utf16-none", "UTF-16 without a mark", MARK, "UTF-16" => "UTF-8", b"a\x00b\x00";
    "iconv.mark.utf16le-kept", "UTF-16LE that begins with a mark", MARK, "UTF-16LE" => "UTF-8", b"\xff\xfea\x00";
    "iconv.mark.utf16be-swapped", "UTF-16BE that begins with a mark of the other order", MARK, "UTF-16BE" => "UTF-8", b"\xff\xfea\x00";
    "iconv.mark.utf32-little", "UTF-32 that begins with a mark, little end first", MARK, "UTF-32" => "UTF-8", b"\xff\xfe\x00\x00a\x00\x00\x00";
    "iconv.mark.utf32-none", "UTF-32 without a mark", MARK, "UTF-32" => "UTF-8", b"a\x00\x00\x00";
    "iconv.mark.ucs2-little", "UCS-2 that begins with a mark", MARK, "UCS-2" => "UTF-8", b"\xff\xfea\x00";
    "iconv.mark.ucs2-none", "UCS-2 without a mark", MARK, "UCS-2" => "UTF-8", b"a\x00";
    "iconv.mark.utf8-read", "UTF-8 that begins with a mark", MARK, "UTF-8" => "UTF-16LE", b"\xef\xbb\xbfa";
    "iconv.mark.wchar", "WCHAR_T written", MARK, "UTF-8" => "WCHAR_T", b"a";
    "iconv.set.latin1", "Latin 1", SETS, "ISO-8859-1" => "UTF-8", b"\xe4\xff\x80";
    "iconv.set.latin9-euro", "the euro of Latin 9", SETS, "ISO-8859-15" => "UTF-8", b"\xa4";
    "iconv.set.cp1252-euro", "the euro of Windows 1252", SETS, "CP1252" => "UTF-8", b"\x80\x93";
    "iconv.set.cp1251", "Windows 1251", SETS, "CP1251" => "UTF-8", b"\xcf\xf0";
    "iconv.set.koi8-r", "KOI8-R", SETS, "KOI8-R" => "UTF-8", b"\xf0\xd2";
    "iconv.set.koi8-r-to", "KOI8-R written", SETS, "UTF-8" => "KOI8-R", b"\xd0\x9f";
    "iconv.set.cp437", "code page 437", SETS, "CP437" => "UTF-8", b"\x84\xe1";
    "iconv.set.tis-620", "Thai", SETS, "TIS-620" => "UTF-8", b"\xa1";
    "iconv.set.shift-jis", "Shift JIS", SETS, "SHIFT_JIS" => "UTF-8", b"\x82\xa0\xb1";
    "iconv.set.shift-jis-backslash", "5C in Shift JIS, a yen sign or a backslash", SETS, "SHIFT_JIS" => "UTF-8", b"\x5c\x7e";
    "iconv.set.shift-jis-tilde", "the wave dash of Shift JIS", SETS, "SHIFT_JIS" => "UTF-8", b"\x81\x60";
    "iconv.set.shift-jis-to", "Shift JIS written", SETS, "UTF-8" => "SHIFT_JIS", b"\xe3\x81\x82";
    "iconv.set.shift-jis-nec", "a circled digit, an addition to Shift JIS", SETS, "SHIFT_JIS" => "UTF-8", b"\x87\x40";
    "iconv.set.euc-jp", "EUC-JP", SETS, "EUC-JP" => "UTF-8", b"\xa4\xa2\x8e\xb1";
    "iconv.set.euc-jp-three", "JIS X 0212 in EUC-JP", SETS, "EUC-JP" => "UTF-8", b"\x8f\xb0\xa1";
    "iconv.set.euc-jp-to", "EUC-JP written", SETS, "UTF-8" => "EUC-JP", b"\xe3\x81\x82";
    "iconv.set.euc-kr", "EUC-KR", SETS, "EUC-KR" => "UTF-8", b"\xb0\xa1";
    "iconv.set.euc-kr-extended", "the additions of code page 949 in EUC-KR", SETS, "EUC-KR" => "UTF-8", b"\x81\x41";
    "iconv.set.euc-kr-to", "EUC-KR written", SETS, "UTF-8" => "EUC-KR", b"\xea\xb0\x80";
    "iconv.set.gb2312", "GB 2312", SETS, "GB2312" => "UTF-8", b"\xb0\xa1";
    "iconv.set.gb2312-extended", "the additions of GBK in GB 2312", SETS, "GB2312" => "UTF-8", b"\x81\x40";
    "iconv.set.gbk", "GBK", SETS, "GBK" => "UTF-8", b"\x81\x40";
    "iconv.set.gbk-euro", "80 in GBK, the euro of code page 936", SETS, "GBK" => "UTF-8", b"\x80";
    "iconv.set.gbk-to", "GBK written", SETS, "UTF-8" => "GBK", b"\xe4\xb8\xad";
    "iconv.set.gb18030-four", "four bytes of GB 18030", SETS, "GB18030" => "UTF-8", b"\x81\x30\x81\x30";
    "iconv.set.gb18030-beyond", "four bytes of GB 18030 beyond the basic plane", SETS, "GB18030" => "UTF-8", b"\x94\x39\xda\x33";
    "iconv.set.gb18030-2005", "a character that moved in GB 18030-2005", SETS, "GB18030" => "UTF-8", b"\xa8\xbc";
    "iconv.set.gb18030-2022", "a character that moved in GB 18030-2022", SETS, "GB18030" => "UTF-8", b"\xa6\xd9";
    "iconv.set.gb18030-to", "GB 18030 written", SETS, "UTF-8" => "GB18030", b"\xe4\xb8\xad";
    "iconv.set.big5", "Big5", SETS, "BIG5" => "UTF-8", b"\xa4\xa4";
    "iconv.set.big5-bar", "A145 in Big5, one of the signs that vendors read otherwise", SETS, "BIG5" => "UTF-8", b"\xa1\x45";
    "iconv.set.big5-hkscs", "an addition of Hong Kong in Big5", SETS, "BIG5" => "UTF-8", b"\x87\x40";
    "iconv.set.big5-to", "Big5 written", SETS, "UTF-8" => "BIG5", b"\xe4\xb8\xad";
    "iconv.set.utf7", "UTF-7", SETS, "UTF-7" => "UTF-8", b"+AOQ-";
    "iconv.set.iso-2022-jp", "ISO-2022-JP", SETS, "ISO-2022-JP" => "UTF-8", b"\x1b$B$\"\x1b(B!";
    "iconv.set.iso-2022-jp-kana", "half-width kana in ISO-2022-JP", SETS, "ISO-2022-JP" => "UTF-8", b"\x1b(I1\x1b(B";
    "iconv.set.iso-2022-jp-escape", "an escape that ISO-2022-JP does not have", SETS, "ISO-2022-JP" => "UTF-8", b"\x1b$)Ca";
    "iconv.set.ebcdic", "EBCDIC", SETS, "IBM1047" => "UTF-8", b"\x81";
}
