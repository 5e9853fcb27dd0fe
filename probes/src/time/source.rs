//! Where the questions come from: the texts that several tables cite.

/// The directives that POSIX has had for long.
pub const POSIX_PARSE: &str = "POSIX.1-2017 strptime()";
/// The directives that strftime had and strptime had not.
pub const ISSUE8_PARSE: &str = "POSIX.1-2024 strptime() (Austin Group defects 169, 879, 1727); \
    glibc manual, Low-Level Time String Parsing; musl commit fced99e9";
/// What glibc's strptime takes beside.
pub const GNU_PARSE: &str = "glibc manual, Low-Level Time String Parsing; strptime(3), Glibc notes";
/// What the BSDs take beside.
pub const BSD: &str = "strptime(3) and strftime(3) of FreeBSD";
/// Letters of other programs' formats, which people hand to C.
pub const NOWHERE: &str = "no C standard: date(1), Python's and Ruby's strftime; POSIX leaves other letters undefined";

/// The directives of the C standard.
pub const C_FORMAT: &str = "ISO C11 7.27.3.5; POSIX.1-2017 strftime()";
/// Flags and widths of POSIX.
pub const POSIX_WIDTH: &str = "POSIX.1-2017 strftime(), flags and minimum field width";
/// What glibc's strftime writes beside.
pub const GNU_FORMAT: &str = "glibc manual, Formatting Calendar Time; strftime(3), Glibc notes";

/// Broken-down times from instants.
pub const GMTIME: &str = "ISO C11 7.27.3.3; POSIX.1-2017 gmtime()";
/// Text of 26 bytes.
pub const ASCTIME: &str = "ISO C11 7.27.3.1; POSIX.1-2017 asctime(), ctime(); musl src/time/__asctime.c";
/// Instants from broken-down local times.
pub const MKTIME: &str = "ISO C11 7.27.2.3; POSIX.1-2017 mktime()";
/// Instants from broken-down universal times.
pub const TIMEGM: &str = "timegm(3); POSIX.1-2024 timegm()";
/// Strings that describe a zone.
pub const POSIX_TZ: &str = "POSIX.1-2017, Base Definitions 8.3, TZ";
/// Zone strings outside POSIX.1-2017.
pub const RFC_TZ: &str = "RFC 9636, section 3.3.2; POSIX.1-2024, Base Definitions 8.3, TZ";
/// Zone strings that are no zone strings.
pub const BAD_TZ: &str = "POSIX.1-2017, Base Definitions 8.3, TZ, leaves a string of another form open; tzset(3)";
/// Zones by name.
pub const NAMED: &str = "tzset(3); tzfile(5); musl src/time/__tz.c";
