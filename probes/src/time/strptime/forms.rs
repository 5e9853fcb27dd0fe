//! Combined formats, flags and widths, and the edges of single directives: white space, ranges, case, what is left over.

use super::{Parse, Start, parses};
use crate::time::source::{GNU_PARSE as GNU, ISSUE8_PARSE as ISSUE8, POSIX_PARSE as POSIX};

parses! {
    // Formats of real programs.
    "time.strptime.F-T", "date and time as logs have it", ISSUE8, "%F %T" <- "2020-01-02 03:04:05";
    "time.strptime.F-T-z", "date, time and offset", ISSUE8, "%FT%T%z" <- "2020-01-02T03:04:05+0100";
    "time.strptime.Y-m-d-H-M-S", "date and time, spelled out", POSIX, "%Y-%m-%d %H:%M:%S" <- "2020-01-02 03:04:05";
    "time.strptime.mail", "date of a mail header",
        ISSUE8, "%a, %d %b %Y %H:%M:%S %z" <- "Thu, 02 Jan 2020 03:04:05 +0000";
    "time.strptime.http", "date of an HTTP header",
        POSIX, "%a, %d %b %Y %H:%M:%S GMT" <- "Thu, 02 Jan 2020 03:04:05 GMT";
    "time.strptime.access-log", "date of a web server's log",
        ISSUE8, "%d/%b/%Y:%H:%M:%S %z" <- "02/Jan/2020:03:04:05 +0100";
    "time.strptime.fraction", "a fraction after the seconds", POSIX, "%H:%M:%S" <- "03:04:05.678";
    // Fields that belong together.
    "time.strptime.Y-j", "year and day of the year", POSIX, "%Y %j" <- "2020 060";
    "time.strptime.Y-U-w", "year, week from Sunday, weekday", POSIX, "%Y %U %w" <- "2020 09 6";
    "time.strptime.Y-W-a", "year, week from Monday, weekday", POSIX, "%Y %W %a" <- "2020 09 Sat";
    "time.strptime.G-V-u", "ISO 8601 week date", ISSUE8, "%G-W%V-%u" <- "2020-W09-6";
    "time.strptime.I-p", "hour of twelve, then PM", POSIX, "%I %p" <- "03 PM";
    "time.strptime.p-I", "PM, then hour of twelve", POSIX, "%p %I" <- "PM 03";
    "time.strptime.midnight", "12 AM", POSIX, "%I %p" <- "12 AM";
    "time.strptime.noon", "12 PM", POSIX, "%I %p" <- "12 PM";
    "time.strptime.H-p", "hour of 24 with PM", POSIX, "%H %p" <- "03 PM";
    "time.strptime.y-C", "year in the century, then century", POSIX, "%y %C" <- "85 19";
    "time.strptime.Y-C", "a century after a full year", POSIX, "%Y %C" <- "1985 20";
    "time.strptime.computed-d", "a day, in a zeroed tm", POSIX, "%d" <- "02" from Start::Zeroed;
    "time.strptime.computed-Y", "a year, in a zeroed tm", POSIX, "%Y" <- "2020" from Start::Zeroed;
    "time.strptime.computed-m-d", "month and day, in a zeroed tm", POSIX, "%m-%d" <- "03-01" from Start::Zeroed;
    "time.strptime.computed-j", "a day of the year, in a zeroed tm", POSIX, "%j" <- "060" from Start::Zeroed;
    // Seconds since 1970 and zones.
    "time.strptime.s-local", "seconds since 1970, in a zone",
        ISSUE8, "%s" <- "1577934245", in "CET-1CEST,M3.5.0,M10.5.0/3";
    "time.strptime.s-negative", "seconds before 1970", ISSUE8, "%s" <- "-1";
    "time.strptime.s-overflow", "more seconds than 64 bits hold", ISSUE8, "%s" <- "99999999999999999999";
    "time.strptime.z-hours", "offset of two digits", ISSUE8, "%z" <- "+01";
    "time.strptime.z-colon", "offset with a colon", ISSUE8, "%z" <- "+01:30";
    "time.strptime.z-west", "offset to the west", ISSUE8, "%z" <- "-0800";
    "time.strptime.z-Z", "offset written Z", ISSUE8, "%z" <- "Z";
    "time.strptime.z-GMT", "offset written GMT", ISSUE8, "%z" <- "GMT";
    "time.strptime.z-three-digits", "offset of three digits", ISSUE8, "%z" <- "+013";
    "time.strptime.z-minutes-60", "offset of sixty minutes", ISSUE8, "%z" <- "+0160";
    "time.strptime.z-blank", "offset after a blank", ISSUE8, "%z" <- " +0100";
    "time.strptime.z-colon-format", "the format %:z of date(1)", GNU, "%:z" <- "+01:00";
    "time.strptime.Z-standard", "the zone's own name", ISSUE8, "%Z" <- "CET", in "CET-1CEST,M3.5.0,M10.5.0/3";
    "time.strptime.Z-summer", "the zone's name in summer", ISSUE8, "%Z" <- "CEST", in "CET-1CEST,M3.5.0,M10.5.0/3";
    "time.strptime.Z-lower", "a zone name in small letters", ISSUE8, "%Z" <- "utc";
    // Flags and widths.
    "time.strptime.flag-minus-d", "flag -", GNU, "%-d" <- "2";
    "time.strptime.flag-underscore-d", "flag _", GNU, "%_d" <- " 2";
    "time.strptime.flag-caret-a", "flag ^", GNU, "%^a" <- "THU";
    "time.strptime.flag-hash-p", "flag #", GNU, "%#p" <- "am";
    "time.strptime.flag-plus-Y", "flag +", ISSUE8, "%+Y" <- "2020";
    "time.strptime.width-5-Y", "width 5", POSIX, "%5Y" <- "12020";
    "time.strptime.width-2-Y", "width 2", POSIX, "%2Y" <- "2020";
    // White space.
    "time.strptime.space-many", "one blank for many", POSIX, "%H %M" <- "03 \t  04";
    "time.strptime.space-none", "a blank for none", POSIX, "%H %M" <- "0304";
    "time.strptime.space-before-H", "a number after a blank that the format lacks", POSIX, "%H" <- " 03";
    "time.strptime.space-before-Y", "a year after a blank that the format lacks", POSIX, "%Y" <- " 2020";
    "time.strptime.n-nothing", "%n where there is nothing", POSIX, "%H%n%M" <- "0304";
    // Digits.
    "time.strptime.adjacent", "numbers without anything between", POSIX, "%H%M%S" <- "030405";
    "time.strptime.leading-zeros", "a zero too many", POSIX, "%d" <- "002";
    "time.strptime.Y-long", "a year of five digits", POSIX, "%Y" <- "12020";
    "time.strptime.y-68", "the last short year of this century", POSIX, "%y" <- "68";
    "time.strptime.y-69", "the first short year of the last century", POSIX, "%y" <- "69";
    "time.strptime.y-one-digit", "a short year of one digit", POSIX, "%y" <- "5";
    // Names.
    "time.strptime.case-lower", "a month in small letters", POSIX, "%b" <- "jan";
    // Ranges.
    "time.strptime.range-feb-31", "31 February", POSIX, "%Y-%m-%d" <- "2021-02-31";
    "time.strptime.range-H-24", "hour 24", POSIX, "%H" <- "24";
    "time.strptime.range-S-60", "second 60", POSIX, "%S" <- "60";
    "time.strptime.range-S-61", "second 61", POSIX, "%S" <- "61";
    "time.strptime.range-j-366", "day 366 of a common year", POSIX, "%Y %j" <- "2021 366";
    "time.strptime.range-u-0", "weekday 0 of %u", ISSUE8, "%u" <- "0";
    "time.strptime.weekday-wrong", "a weekday that the date contradicts", POSIX, "%a %Y-%m-%d" <- "Mon 2020-01-02";
    // What is left over, and what is missing.
    "time.strptime.trailing-text", "text after the format", POSIX, "%Y" <- "2020abc";
    "time.strptime.input-ends", "an input that ends early", POSIX, "%Y-%m-%d" <- "2020-01";
    "time.strptime.literal-utf8", "a literal outside ASCII", POSIX, "%Y年" <- "2020年";
}
