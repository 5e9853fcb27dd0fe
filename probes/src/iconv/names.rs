//! Names of character sets: which of them `iconv_open` knows, to read and to write.

use heap::string::String;

use crate::outcome::Outcome;
use crate::sys::iconv::Conversion;
use crate::text;

const SOURCE: &str = "iconv_open(3): names depend on the implementation; IANA Character Sets; glibc iconvdata/gconv-modules; musl src/locale/iconv.c, charmaps";

/// Whether a conversion can be opened: `yes`, or the error number.
fn opened(to: &str, from: &str) -> String {
    match Conversion::open(to, from) {
        Ok(_) => "yes".into(),
        Err(e) => text::errno(e.0),
    }
}

/// Asks for both directions, from and to UTF-8.
pub fn ask(name: &str, o: &mut Outcome) {
    o.fact("from", opened("UTF-8", name));
    o.fact("to", opened(name, "UTF-8"));
}

macro_rules! names {
    ($($word:literal $name:literal;)*) => {
        /// The names of this table, by case id.
        pub static ROWS: &[(&str, &str)] = &[$((concat!("iconv.open.", $word), $name)),*];
        /// The cases of this table.
        pub const CASES: &[crate::case::Case] = &[$(crate::case::Case {
            id: concat!("iconv.open.", $word),
            title: concat!("the name ", $name),
            question: concat!("Does iconv_open know ", $name, ", to read and to write?"),
            source: SOURCE,
            needs: super::SHIPPED,
            run: |outcome| ask($name, outcome),
        }),*];
    };
}

names! {
    "UTF-8" "UTF-8";
    "utf8" "utf8";
    "UTF8" "UTF8";
    "utf-8" "utf-8";
    "UTF-16" "UTF-16";
    "UTF-16LE" "UTF-16LE";
    "UTF-16BE" "UTF-16BE";
    "UTF16" "UTF16";
    "UTF-32" "UTF-32";
    "UTF-32LE" "UTF-32LE";
    "UTF-32BE" "UTF-32BE";
    "UCS-2" "UCS-2";
    "UCS-2LE" "UCS-2LE";
    "UCS2" "UCS2";
    "UCS-4" "UCS-4";
    "UCS-4LE" "UCS-4LE";
    "UCS-4BE" "UCS-4BE";
    "UTF-7" "UTF-7";
    "WCHAR-T" "WCHAR_T";
    "ASCII" "ASCII";
    "US-ASCII" "US-ASCII";
    "ANSI-X3-4-1968" "ANSI_X3.4-1968";
    "ISO646-US" "ISO646-US";
    "CHAR" "CHAR";
    "ISO-8859-1" "ISO-8859-1";
    "ISO8859-1" "ISO8859-1";
    "ISO-8859-1-2" "ISO_8859-1";
    "LATIN1" "LATIN1";
    "latin-1" "latin-1";
    "L1" "L1";
    "CP819" "CP819";
    "ISO-8859-2" "ISO-8859-2";
    "LATIN2" "LATIN2";
    "ISO-8859-3" "ISO-8859-3";
    "ISO-8859-4" "ISO-8859-4";
    "ISO-8859-5" "ISO-8859-5";
    "ISO-8859-6" "ISO-8859-6";
    "ISO-8859-7" "ISO-8859-7";
    "ISO-8859-8" "ISO-8859-8";
    "ISO-8859-9" "ISO-8859-9";
    "LATIN5" "LATIN5";
    "ISO-8859-10" "ISO-8859-10";
    "ISO-8859-11" "ISO-8859-11";
    "ISO-8859-13" "ISO-8859-13";
    "ISO-8859-14" "ISO-8859-14";
    "ISO-8859-15" "ISO-8859-15";
    "LATIN9" "LATIN9";
    "LATIN-9" "LATIN-9";
    "ISO-8859-16" "ISO-8859-16";
    "CP1250" "CP1250";
    "WINDOWS-1250" "WINDOWS-1250";
    "CP1251" "CP1251";
    "WINDOWS-1251" "WINDOWS-1251";
    "CP1252" "CP1252";
    "WINDOWS-1252" "WINDOWS-1252";
    "windows1252" "windows1252";
    "CP1253" "CP1253";
    "CP1254" "CP1254";
    "CP1255" "CP1255";
    "CP1256" "CP1256";
    "CP1257" "CP1257";
    "CP1258" "CP1258";
    "CP437" "CP437";
    "IBM437" "IBM437";
    "CP850" "CP850";
    "CP852" "CP852";
    "CP866" "CP866";
    "IBM866" "IBM866";
    "CP932" "CP932";
    "CP936" "CP936";
    "CP949" "CP949";
    "CP950" "CP950";
    "KOI8-R" "KOI8-R";
    "koi8r" "koi8r";
    "KOI8-U" "KOI8-U";
    "MACINTOSH" "MACINTOSH";
    "TIS-620" "TIS-620";
    "SHIFT-JIS" "SHIFT_JIS";
    "SHIFT-JIS-2" "SHIFT-JIS";
    "SJIS" "SJIS";
    "WINDOWS-31J" "WINDOWS-31J";
    "EUC-JP" "EUC-JP";
    "EUCJP" "EUCJP";
    "ISO-2022-JP" "ISO-2022-JP";
    "EUC-KR" "EUC-KR";
    "EUCKR" "EUCKR";
    "UHC" "UHC";
    "ISO-2022-KR" "ISO-2022-KR";
    "GB2312" "GB2312";
    "EUC-CN" "EUC-CN";
    "GBK" "GBK";
    "GB18030" "GB18030";
    "BIG5" "BIG5";
    "BIG-5" "BIG-5";
    "BIG5-HKSCS" "BIG5-HKSCS";
    "EUC-TW" "EUC-TW";
    "EBCDIC-US" "EBCDIC-US";
    "IBM037" "IBM037";
    "IBM1047" "IBM1047";
    "VISCII" "VISCII";
    "ARMSCII-8" "ARMSCII-8";
    "GEORGIAN-PS" "GEORGIAN-PS";
    "HP-ROMAN8" "HP-ROMAN8";
    "UTF-8-MAC" "UTF-8-MAC";
    "JAVA" "JAVA";
    "empty" "";
    "unknown" "NO-SUCH-SET";
    "blank" "UTF-8 ";
    "slash" "UTF-8/";
    "slashes" "UTF-8//";
    "translit-ascii" "ASCII//TRANSLIT";
    "ignore-ascii" "ASCII//IGNORE";
    "translit-ignore-ascii" "ASCII//TRANSLIT//IGNORE";
    "nonsense-suffix" "ASCII//NONSENSE";
    "comma-suffix" "ASCII//TRANSLIT,IGNORE";
    "lower-suffix" "ascii//translit";
}
