//! Flags and widths, years and fields out of the ordinary, zones, and what happens when the buffer is too small.

use super::{Format, Of, formats};
use crate::time::instant::at;
use crate::time::source::{C_FORMAT as C, GNU_FORMAT as GNU, NOWHERE, POSIX_WIDTH as WIDTH};
use crate::time::tm::{FOUNDING, Fields};

/// A zone that changes, without any file: Central European time.
const CET: &[(&str, &str)] = &[("TZ", "CET-1CEST,M3.5.0,M10.5.0/3")];
/// 2020-01-02 03:04:05 UTC.
const INSTANT: i64 = at(2020, 1, 2, 3, 4, 5);
/// The same moment half a year later.
const SUMMER: i64 = at(2020, 7, 2, 3, 4, 5);
/// A time with two digits in no field.
const EVENING: Fields = Fields { hour: 15, ..FOUNDING };

const fn year(year: i32) -> Of {
    Of::Fields(Fields { year: year - 1900, ..FOUNDING })
}

const fn zone(gmtoff: i64, isdst: i32) -> Of {
    Of::Fields(Fields { gmtoff, isdst, ..FOUNDING })
}

formats! {
    // Directives that this library may not know, among others that it does.
    "time.strftime.unknown-amid", "an unknown letter in the middle", NOWHERE, "%H-%Q-%M";
    "time.strftime.P-amid", "am or pm at the end of a time", GNU, "%I:%M %P" of Of::Fields(EVENING);
    "time.strftime.colon-z", "offset with a colon, as date(1) writes it", NOWHERE, "%:z";
    "time.strftime.F-T", "date and time as logs have it", C, "%F %T";
    "time.strftime.empty", "an empty format", C, "";
    "time.strftime.literal-utf8", "a literal outside ASCII", C, "%Y年";
    // Flags and widths.
    "time.strftime.flag-minus-d", "flag -", GNU, "%-d";
    "time.strftime.flag-minus-H-M", "flag - in a time", GNU, "%-H:%-M";
    "time.strftime.flag-underscore-d", "flag _", GNU, "%_d";
    "time.strftime.flag-underscore-Y", "flag _ with a year of three digits", GNU, "%_Y" of year(987);
    "time.strftime.flag-zero-e", "flag 0", GNU, "%0e";
    "time.strftime.flag-caret-a", "flag ^", GNU, "%^a";
    "time.strftime.flag-hash-p", "flag # with AM", GNU, "%#p";
    "time.strftime.flag-plus-Y", "flag +", WIDTH, "%+Y";
    "time.strftime.flag-plus-width-Y", "flag + and a width", WIDTH, "%+6Y";
    "time.strftime.width-Y", "width 6", WIDTH, "%6Y";
    "time.strftime.width-d", "width 4", WIDTH, "%4d";
    "time.strftime.width-F", "width of an ISO 8601 date", WIDTH, "%12F";
    "time.strftime.width-a", "width of a name", GNU, "%6a";
    "time.strftime.width-T", "width of a time", GNU, "%12T";
    "time.strftime.width-minus-Y", "width and flag -", GNU, "%-6Y";
    "time.strftime.width-large", "a width beyond the buffer", GNU, "%300Y";
    "time.strftime.width-z", "width of an offset", GNU, "%8z" of zone(3600, 0);
    // Years.
    "time.strftime.Y-0", "year 0", C, "%Y" of year(0);
    "time.strftime.Y-987", "year 987", C, "%Y" of year(987);
    "time.strftime.Y-minus-5", "year -5", C, "%Y" of year(-5);
    "time.strftime.Y-10000", "year 10000", C, "%Y" of year(10000);
    "time.strftime.Y-max", "the last year of tm", C, "%Y" of Of::Fields(Fields { year: i32::MAX, ..FOUNDING });
    "time.strftime.F-10000", "an ISO 8601 date of the year 10000", C, "%F" of year(10000);
    "time.strftime.C-987", "century of the year 987", C, "%C" of year(987);
    "time.strftime.C-minus-5", "century of the year -5", C, "%C" of year(-5);
    // ISO 8601 weeks at the turn of a year.
    "time.strftime.G-V-first", "1 January in the last week of the year before", C, "%G-W%V-%u"
        of Of::Fields(Fields { wday: 5, yday: 0, mday: 1, year: 121, ..FOUNDING });
    "time.strftime.G-V-last", "31 December in the first week of the year after", C, "%G-W%V-%u"
        of Of::Fields(Fields { wday: 2, yday: 364, mon: 11, mday: 31, year: 119, ..FOUNDING });
    "time.strftime.U-W-last", "weeks of 31 December", C, "%U %W"
        of Of::Fields(Fields { wday: 4, yday: 365, mon: 11, mday: 31, ..FOUNDING });
    // Fields out of range.
    "time.strftime.range-mon-12", "month 12 of tm", C, "%b %B" of Of::Fields(Fields { mon: 12, ..FOUNDING });
    "time.strftime.range-wday-7", "weekday 7 of tm", C, "%a %A" of Of::Fields(Fields { wday: 7, ..FOUNDING });
    "time.strftime.range-hour-24", "hour 24 of tm", C, "%H %I %p" of Of::Fields(Fields { hour: 24, ..FOUNDING });
    "time.strftime.range-sec-60", "second 60 of tm", C, "%S" of Of::Fields(Fields { sec: 60, ..FOUNDING });
    "time.strftime.range-mday-123", "day 123 of tm", C, "%d %e" of Of::Fields(Fields { mday: 123, ..FOUNDING });
    // Hours of twelve.
    "time.strftime.I-midnight", "midnight by twelve hours", C, "%I %p" of Of::Fields(Fields { hour: 0, ..FOUNDING });
    // Zones.
    "time.strftime.Z-of-gmtime", "zone name of gmtime", C, "%Z" of Of::Gmtime(INSTANT);
    "time.strftime.Z-of-localtime", "zone name of localtime in winter", C, "%Z" of Of::Localtime(INSTANT), in CET;
    "time.strftime.Z-of-summer", "zone name of localtime in summer", C, "%Z" of Of::Localtime(SUMMER), in CET;
    "time.strftime.Z-unknown-dst", "zone name, tm_isdst -1", C, "%Z" of zone(0, -1);
    "time.strftime.z-unknown-dst", "offset, tm_isdst -1", C, "%z" of zone(3600, -1);
    "time.strftime.z-of-localtime", "offset of localtime in summer", C, "%z" of Of::Localtime(SUMMER), in CET;
    "time.strftime.z-west", "offset of half an hour to the west", C, "%z" of zone(-1800, 0);
    "time.strftime.z-seconds", "offset with seconds", C, "%z" of zone(3208, 0);
    "time.strftime.s-local", "seconds since 1970 of local fields, without their offset", GNU, "%s", in CET;
    "time.strftime.s-of-localtime", "seconds since 1970 of localtime", GNU, "%s" of Of::Localtime(INSTANT), in CET;
    "time.strftime.s-offset", "seconds since 1970 of fields with an offset", GNU, "%s" of zone(3600, 0);
    "time.strftime.s-negative", "seconds before 1970", GNU, "%s" of year(1969);
    // Buffers.
    "time.strftime.buffer-exact", "a buffer with room for the text and its end", C, "%F", into 11;
    "time.strftime.buffer-short", "a buffer without room for the end", C, "%F", into 10;
    "time.strftime.buffer-none", "a buffer of no bytes", C, "%F", into 0;
}
