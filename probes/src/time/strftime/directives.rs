//! One row for each directive that some C library knows, of Thursday, 2 January 2020, 03:04:05 UTC.

use super::{Format, formats};
use crate::time::source::{BSD, C_FORMAT as C, GNU_FORMAT as GNU, NOWHERE};

formats! {
    "time.strftime.a", "weekday, short", C, "%a";
    "time.strftime.A", "weekday", C, "%A";
    "time.strftime.b", "month, short", C, "%b";
    "time.strftime.B", "month", C, "%B";
    "time.strftime.h", "month, short, as %h", C, "%h";
    "time.strftime.c", "date and time of the locale", C, "%c";
    "time.strftime.C", "century", C, "%C";
    "time.strftime.d", "day of the month", C, "%d";
    "time.strftime.e", "day of the month, blank padded", C, "%e";
    "time.strftime.D", "American date", C, "%D";
    "time.strftime.F", "ISO 8601 date", C, "%F";
    "time.strftime.g", "ISO 8601 year in the century", C, "%g";
    "time.strftime.G", "ISO 8601 year of the week", C, "%G";
    "time.strftime.H", "hour", C, "%H";
    "time.strftime.I", "hour of twelve", C, "%I";
    "time.strftime.j", "day of the year", C, "%j";
    "time.strftime.k", "hour, blank padded", GNU, "%k";
    "time.strftime.l", "hour of twelve, blank padded", GNU, "%l";
    "time.strftime.m", "month number", C, "%m";
    "time.strftime.M", "minute", C, "%M";
    "time.strftime.n", "a new line", C, "%n";
    "time.strftime.t", "a tab", C, "%t";
    "time.strftime.p", "AM or PM", C, "%p";
    "time.strftime.P", "am or pm", GNU, "%P";
    "time.strftime.r", "time of twelve hours", C, "%r";
    "time.strftime.R", "hour and minute", C, "%R";
    "time.strftime.s", "seconds since 1970", GNU, "%s";
    "time.strftime.S", "second", C, "%S";
    "time.strftime.T", "time", C, "%T";
    "time.strftime.u", "weekday number, Monday is 1", C, "%u";
    "time.strftime.w", "weekday number, Sunday is 0", C, "%w";
    "time.strftime.U", "week of the year, from Sunday", C, "%U";
    "time.strftime.W", "week of the year, from Monday", C, "%W";
    "time.strftime.V", "ISO 8601 week", C, "%V";
    "time.strftime.x", "date of the locale", C, "%x";
    "time.strftime.X", "time of the locale", C, "%X";
    "time.strftime.y", "year in the century", C, "%y";
    "time.strftime.Y", "year", C, "%Y";
    "time.strftime.z", "offset from Greenwich", C, "%z";
    "time.strftime.Z", "zone name, of a tm that the program filled", C, "%Z";
    "time.strftime.percent", "a percent sign", C, "%%";
    "time.strftime.v", "BSD's date", BSD, "%v";
    "time.strftime.plus", "the format of date(1)", BSD, "%+";
    "time.strftime.f", "microseconds of Python", NOWHERE, "%f";
    "time.strftime.Q", "a letter that nobody defines", NOWHERE, "%Q";
    "time.strftime.lone-percent", "a format that ends in a percent sign", NOWHERE, "%";
    "time.strftime.Ey", "era, year in the era", C, "%Ey";
    "time.strftime.EY", "era, full year", C, "%EY";
    "time.strftime.Od", "alternative digits, day", C, "%Od";
    "time.strftime.OB", "month standing alone", GNU, "%OB";
    "time.strftime.Eq", "era before a letter that has none", C, "%Eq";
}
