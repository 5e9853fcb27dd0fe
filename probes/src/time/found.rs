//! Inputs that `libcdiff fuzz` found and nobody had thought of, each asked as a case. Most are at the edge of what a function
//! reads: signs, flags, ends of ranges, and text behind a zone.

use super::source::{ISSUE8_PARSE as ISSUE8, MKTIME, POSIX_PARSE as POSIX};
use super::{UTC, source};
use crate::case::{Needs, cases};
use crate::fuzz::found;
use crate::fuzz::targets::{mktime, strftime, strptime, zones};

/// A zone by a string alone, and no folder in which its name could be a file.
const NO_FILES: Needs = Needs::NOTHING.env(&[("TZDIR", "/nonexistent")]);
const FORMAT: Needs = Needs::NOTHING.env(&[("TZ", "XST5XDT,M3.2.0,M11.1.0"), ("TZDIR", "/nonexistent")]);

const SIGN: &str = "POSIX.1-2017 strptime(): a leading + or - character shall be permitted before %C, %y and %Y";
const RANGE: &str = "POSIX.1-2017 strptime(): the ranges of numbers, and fields that are adjacent";
const CENTURY: &str = "POSIX.1-2017 strptime(), %C, %y and %D; musl src/time/strptime.c";
const FORMS: &str = "POSIX.1-2017 strftime(): an E or O before another conversion specifier is undefined";
const NEGATIVE: &str = "ISO C11 7.27.3.5: %y is the last two digits of the year, %g those of the week-based year";
const OUTSIDE: &str = "ISO C11 7.27.3.5: outside the normal range, the characters stored are unspecified";
const SECONDS: &str = "ISO 8601: -00:00 is no offset; RFC 3339, 4.3: it says that the local offset is unknown";
const POSITIVE: &str = "ISO C11 7.27.1: tm_isdst is positive if daylight saving time is in effect, not 1";

cases! {
    // Signs, flags and widths of strptime.
    "time.found.strptime-Y-minus", "strptime, a year before 0", "What does strptime make of -5 by %Y?", SIGN, UTC, |o| found(o, &strptime::TARGET, &[b"%Y", b"-5"]);
    "time.found.strptime-y-minus", "strptime, a short year with a sign", "What does strptime make of -5 by %y?", SIGN, UTC, |o| found(o, &strptime::TARGET, &[b"%y", b"-5"]);
    "time.found.strptime-C-plus", "strptime, a century with a sign", "What does strptime make of +20 by %C?", SIGN, UTC, |o| found(o, &strptime::TARGET, &[b"%C", b"+20"]);
    "time.found.strptime-flag-zero", "strptime, the flag 0", "How much of 2020 does strptime read by %0Y?", ISSUE8, UTC, |o| found(o, &strptime::TARGET, &[b"%0Y", b"2020"]);
    "time.found.strptime-flag-zero-C", "strptime, the flag 0 of a century", "How much of 20 does strptime read by %0C?", ISSUE8, UTC, |o| found(o, &strptime::TARGET, &[b"%0C", b"20"]);

    // Numbers that would leave their range with one more digit.
    "time.found.strptime-H-M-adjacent", "strptime, hours of one digit before minutes", "What does strptime make of 930 by %H%M?", RANGE, UTC, |o| found(o, &strptime::TARGET, &[b"%H%M", b"930"]);
    "time.found.strptime-M-60", "strptime, minute 60", "How much of 60 does strptime read by %M?", RANGE, UTC, |o| found(o, &strptime::TARGET, &[b"%M", b"60"]);
    "time.found.strptime-H-30", "strptime, hour 30", "How much of 30 does strptime read by %H?", RANGE, UTC, |o| found(o, &strptime::TARGET, &[b"%H", b"30"]);
    "time.found.strptime-I-12", "strptime, 12 without AM or PM", "Which hour does strptime make of 12 by %I?", POSIX, UTC, |o| found(o, &strptime::TARGET, &[b"%I", b"12"]);
    "time.found.strptime-r-I-12", "strptime, AM before another hour of twelve", "Which hour does strptime make of 01:00:00 AM and 12 by %r %I?", POSIX, UTC, |o| found(o, &strptime::TARGET, &[b"%r %I", b"01:00:00 AM 12"]);

    // A century or a year beside a date that has one of its own.
    "time.found.strptime-C-D", "strptime, a century before a short date", "In which year is 01/02/10 behind the century 18 for strptime?", CENTURY, UTC, |o| found(o, &strptime::TARGET, &[b"%C %D", b"18 01/02/10"]);
    "time.found.strptime-D-C", "strptime, a century behind a short date", "In which year is 01/02/10 before the century 18 for strptime?", CENTURY, UTC, |o| found(o, &strptime::TARGET, &[b"%D %C", b"01/02/10 18"]);
    "time.found.strptime-y-D", "strptime, a short year before a short date", "Which of the years 05 and 10 does strptime keep by %y %D?", CENTURY, UTC, |o| found(o, &strptime::TARGET, &[b"%y %D", b"05 01/02/10"]);
    "time.found.strptime-C-Y", "strptime, a century before a full year", "In which year is 2010 behind the century 18 for strptime?", CENTURY, UTC, |o| found(o, &strptime::TARGET, &[b"%C %Y", b"18 2010"]);

    // What strftime writes of forms and members that few ask for.
    "time.found.strftime-Ed", "strftime, E before a day", "What does strftime write for %Ed, which has no era?", FORMS, FORMAT, |o| found(o, &strftime::TARGET, &[b"%Ed", b"0", b"0", b"0", b"5", b"0", b"120", b"0", b"4", b"0", b"0"]);
    "time.found.strftime-OY", "strftime, O before a year", "What does strftime write for %OY, which has no alternative digits?", FORMS, FORMAT, |o| found(o, &strftime::TARGET, &[b"%OY", b"0", b"0", b"0", b"5", b"0", b"120", b"0", b"4", b"0", b"0"]);
    "time.found.strftime-Ox", "strftime, O before a date", "What does strftime write for %Ox, where only %Ex is a form?", FORMS, FORMAT, |o| found(o, &strftime::TARGET, &[b"%Ox", b"0", b"0", b"0", b"5", b"0", b"120", b"0", b"4", b"0", b"0"]);
    "time.found.strftime-y-minus-5", "strftime, the short year of the year -5", "What does strftime write for %y in the year -5?", NEGATIVE, FORMAT, |o| found(o, &strftime::TARGET, &[b"%y", b"0", b"0", b"0", b"28", b"1", b"-1905", b"6", b"58", b"0", b"0"]);
    "time.found.strftime-D-minus-5", "strftime, a short date of the year -5", "What does strftime write for %D in the year -5?", NEGATIVE, FORMAT, |o| found(o, &strftime::TARGET, &[b"%D", b"0", b"0", b"0", b"28", b"1", b"-1905", b"6", b"58", b"0", b"0"]);
    "time.found.strftime-g-minus-5", "strftime, the short ISO year of the year -5", "What does strftime write for %g in the year -5?", NEGATIVE, FORMAT, |o| found(o, &strftime::TARGET, &[b"%g", b"0", b"0", b"0", b"28", b"1", b"-1905", b"6", b"58", b"0", b"0"]);
    "time.found.strftime-z-half-minute", "strftime, half a minute to the west", "Which sign does strftime write for %z of an offset of -30 seconds?", SECONDS, FORMAT, |o| found(o, &strftime::TARGET, &[b"%z", b"0", b"0", b"0", b"5", b"0", b"120", b"0", b"4", b"0", b"-30"]);
    "time.found.strftime-U-before", "strftime, the week of a day long before its year", "What does strftime write for %U with tm_yday -400?", OUTSIDE, FORMAT, |o| found(o, &strftime::TARGET, &[b"%U", b"0", b"0", b"0", b"1", b"0", b"121", b"3", b"-400", b"0", b"0"]);
    "time.found.strftime-V-behind", "strftime, the ISO week of a day behind its year", "What does strftime write for %V with tm_yday 400?", OUTSIDE, FORMAT, |o| found(o, &strftime::TARGET, &[b"%V", b"0", b"0", b"0", b"1", b"0", b"121", b"3", b"400", b"0", b"0"]);
    "time.found.strftime-u-before", "strftime, the number of weekday -1", "What does strftime write for %u with tm_wday -1?", OUTSIDE, FORMAT, |o| found(o, &strftime::TARGET, &[b"%u", b"0", b"0", b"0", b"1", b"0", b"121", b"-1", b"0", b"0", b"0"]);

    // Members of mktime and timegm at the ends of their types.
    "time.found.mktime-isdst-2", "mktime, tm_isdst of 2 in summer", "Is a noon in summer with tm_isdst 2 noon for mktime?", POSITIVE, NO_FILES, |o| found(o, &mktime::TARGET, &[b"0", b"0", b"12", b"1", b"6", b"120", b"2", b"2"]);
    "time.remedy.isdst-one", "remedy: tm_isdst of 1", "Is a noon in summer with tm_isdst 1 noon for mktime everywhere?", POSITIVE, NO_FILES, |o| found(o, &mktime::TARGET, &[b"0", b"0", b"12", b"1", b"6", b"120", b"1", b"2"]);
    "time.found.mktime-day-least", "mktime, the least day of the month", "When is day -2147483648 of January 2020 for mktime and timegm?", MKTIME, NO_FILES, |o| found(o, &mktime::TARGET, &[b"0", b"0", b"0", b"-2147483648", b"0", b"120", b"0", b"0"]);
    "time.found.mktime-second-before-end", "mktime, a second before what is too late", "Do mktime and timegm know the second before the first year that tm_year cannot hold?", MKTIME, NO_FILES, |o| found(o, &mktime::TARGET, &[b"-1", b"0", b"0", b"1", b"12", b"2147483647", b"0", b"0"]);
    "time.found.mktime-day-before-start", "mktime, a day of seconds after what is too early", "Do mktime and timegm know a day in seconds after the day before the least year?", MKTIME, NO_FILES, |o| found(o, &mktime::TARGET, &[b"86400", b"0", b"0", b"0", b"0", b"-2147483648", b"0", b"0"]);

    // What stands behind a zone, and before its hours.
    "time.found.tz-blank-behind", "a blank behind a zone to the west", "Which zone is TZ with a blank behind it for localtime_r?", source::BAD_TZ, NO_FILES, |o| found(o, &zones::TARGET, &[b"AAA5 "]);
    "time.found.tz-fraction", "a fraction in the hours of a zone to the west", "Which zone is TZ with 3.5 hours for localtime_r?", source::BAD_TZ, NO_FILES, |o| found(o, &zones::TARGET, &[b"AAA3.5"]);
    "time.found.tz-comma", "a comma behind a zone", "Which zone is TZ with a comma behind it, and no rule, for localtime_r?", source::BAD_TZ, NO_FILES, |o| found(o, &zones::TARGET, &[b"AAA-1,"]);
    "time.found.tz-two-signs", "two signs before the hours", "Which zone is TZ with two signs for localtime_r?", source::BAD_TZ, NO_FILES, |o| found(o, &zones::TARGET, &[b"UTC+-3"]);
    "time.found.tz-blank-before", "a blank before the hours", "Which zone is TZ with a blank between its sign and its hours for localtime_r?", source::BAD_TZ, NO_FILES, |o| found(o, &zones::TARGET, &[b"UTC- 3"]);
    "time.found.tz-letter-behind", "a letter behind a zone", "Is there daylight saving time in a TZ with one letter behind the hours?", source::BAD_TZ, NO_FILES, |o| found(o, &zones::TARGET, &[b"AAA-1x"]);
    "time.found.tz-minutes-75", "75 minutes in an offset", "Which zone is TZ with 75 minutes for localtime_r?", source::BAD_TZ, NO_FILES, |o| found(o, &zones::TARGET, &[b"AAA-1:75"]);
    "time.found.tz-julian-zero", "a rule with day J0", "When is there daylight saving time by a rule that begins at J0?", source::BAD_TZ, NO_FILES, |o| found(o, &zones::TARGET, &[b"AAA-1BBB,J0,J300"]);
    "time.found.tz-quoted-blank", "a blank in a quoted name", "Which zone is TZ with a quoted name of two words for localtime_r?", source::BAD_TZ, NO_FILES, |o| found(o, &zones::TARGET, &[b"<a b>-1"]);
    "time.found.tz-sign-alone", "a sign without hours behind the second name", "Which offset has daylight saving time where a sign stands alone for localtime_r?", source::BAD_TZ, NO_FILES, |o| found(o, &zones::TARGET, &[b"AAA-1BBB+,M3.5.0,M10.5.0"]);
}
