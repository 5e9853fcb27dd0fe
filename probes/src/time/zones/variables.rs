//! The global variables that describe the zone, and when they and `TZ` are read.

use super::{changed_zone, files, variables, when_names_are_read};
use crate::case::{Case, Needs};
use crate::outcome::Outcome;
use crate::time::source::NAMED;

const SOURCE: &str = "POSIX.1-2017 tzset(); tzset(3)";
const CET: Needs = Needs::NOTHING.env(&[("TZ", "CET-1CEST,M3.5.0,M10.5.0/3")]);

const fn set(id: &'static str, title: &'static str, question: &'static str, needs: Needs) -> Case {
    Case { id, title, question, source: SOURCE, needs, run: variables }
}

const fn ask(id: &'static str, title: &'static str, question: &'static str, run: fn(&mut Outcome)) -> Case {
    Case { id, title, question, source: NAMED, needs: CET, run }
}

/// The cases of this table.
pub const CASES: &[Case] = &[
    set(
        "time.tzset.utc",
        "tzname of UTC0",
        "What do tzname, timezone and daylight say for TZ=UTC0?",
        Needs::NOTHING.env(&[("TZ", "UTC0")]),
    ),
    set(
        "time.tzset.no-dst",
        "tzname without daylight saving time",
        "What does tzname[1] hold where a zone has no daylight saving time?",
        Needs::NOTHING.env(&[("TZ", "JST-9")]),
    ),
    set("time.tzset.dst", "tzname with a rule", "What do tzname, timezone and daylight say for a rule?", CET),
    set(
        "time.tzset.file",
        "tzname of a zone file",
        "What do tzname, timezone and daylight say for a zone file?",
        files::BERLIN.env(&[("TZ", "Europe/Berlin")]),
    ),
    set(
        "time.tzset.file-no-dst",
        "tzname of a zone file that once had daylight saving time",
        "What do tzname and daylight say for Tokyo, which had summer time until 1951?",
        files::TOKYO.env(&[("TZ", "Asia/Tokyo")]),
    ),
    set(
        "time.tzset.file-v1",
        "tzname of a zone file of version 1",
        "What do tzname, timezone and daylight say for a zone file without a rule?",
        files::VERSION_1.env(&[("TZ", "Europe/Berlin")]),
    ),
    set(
        "time.tzset.dublin",
        "tzname where summer is standard time",
        "What do tzname, timezone and daylight say for Dublin, whose daylight saving time is negative?",
        files::DUBLIN.env(&[("TZ", "Europe/Dublin")]),
    ),
    set(
        "time.tzset.empty",
        "tzname of an empty TZ",
        "What do tzname, timezone and daylight say for an empty TZ?",
        files::UNIVERSAL.env(&[("TZ", "")]),
    ),
    set(
        "time.tzset.bad",
        "tzname of a TZ that is no zone",
        "What do tzname, timezone and daylight say for a TZ that is no zone?",
        Needs::NOTHING.env(&[("TZ", "garbage")]),
    ),
    ask(
        "time.tzset.when",
        "when tzname is filled",
        "Which of program start, localtime_r and localtime fills tzname?",
        when_names_are_read,
    ),
    ask(
        "time.tzset.changed",
        "TZ changed by the program",
        "Does localtime_r notice that the program has changed TZ, without tzset?",
        changed_zone,
    ),
];
