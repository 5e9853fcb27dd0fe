//! Zones by name: files that the case brings along, and those that the image has or lacks.

use super::{SUMMER, WINTER, Zone, files};
use crate::case::Needs;
use crate::time::instant::at;
use crate::time::source::NAMED;

const NOON: &[i64] = &[WINTER];
const BOTH: &[i64] = &[WINTER, SUMMER];
/// Before standard time, the first summer time, double summer time, and far beyond the file's last change.
const HISTORY: &[i64] = &[
    at(1890, 1, 1, 12, 0, 0),
    at(1916, 7, 1, 12, 0, 0),
    at(1945, 6, 1, 12, 0, 0),
    at(1975, 7, 1, 12, 0, 0),
    at(2037, 7, 1, 12, 0, 0),
    at(2038, 7, 1, 12, 0, 0),
    at(2500, 7, 1, 12, 0, 0),
];
/// Around the dates of the United States, which began earlier in the year before 2007 and in the oil crisis.
const AMERICAN: &[i64] = &[
    WINTER,
    SUMMER,
    at(2020, 3, 20, 12, 0, 0),
    at(1990, 4, 20, 12, 0, 0),
    at(1990, 3, 20, 12, 0, 0),
    at(1974, 2, 1, 12, 0, 0),
];

macro_rules! named {
    ($($id:literal, $title:literal, $needs:expr, $tz:literal, $instants:expr;)*; $($last:tt)*) => {
        crate::time::table! { Zone;
            $($id, $title, concat!("What time is it where TZ is ", stringify!($tz), " (", $title, ")?"), NAMED,
                $needs.env(&[("TZ", $tz)]), Zone { tz: Some($tz), instants: $instants };)*
            $($last)*
        }
    };
}

named! {
    "time.zone.named", "Berlin in January, as the image has it",
        Needs::as_shipped(Some("time.zone.named-hermetic")), "Europe/Berlin", NOON;
    "time.zone.named-hermetic", "Berlin in January, with its file", files::BERLIN, "Europe/Berlin", NOON;
    "time.zone.history", "Berlin's history, from a full file", files::BERLIN, "Europe/Berlin", HISTORY;
    "time.zone.history-slim", "Berlin's history, from a short file", files::SLIM, "Europe/Berlin", HISTORY;
    "time.zone.history-v1", "Berlin's history, from a file of version 1", files::VERSION_1, "Europe/Berlin", HISTORY;
    "time.zone.edges-file", "the edges of summer in 2020, from a full file", files::BERLIN, "Europe/Berlin",
        &[at(2020, 3, 29, 0, 59, 59), at(2020, 3, 29, 1, 0, 0), at(2020, 10, 25, 0, 59, 59), at(2020, 10, 25, 1, 0, 0)];
    "time.zone.dublin", "Dublin, whose standard time is in summer", files::DUBLIN, "Europe/Dublin", BOTH;
    "time.zone.leap-seconds", "universal time that counts leap seconds", files::LEAPS, "right/UTC",
        &[WINTER, at(2016, 12, 31, 23, 59, 60) + 26, at(1971, 1, 1, 0, 0, 0)];
    "time.zone.colon", "a name after a colon", files::BERLIN, ":Europe/Berlin", NOON;
    "time.zone.path", "an absolute path", files::BERLIN, "/usr/share/zoneinfo/Europe/Berlin", NOON;
    "time.zone.path-colon", "an absolute path after a colon", files::BERLIN, ":/usr/share/zoneinfo/Europe/Berlin", NOON;
    "time.zone.path-elsewhere", "an absolute path outside the zone folder",
        files::ELSEWHERE, "/opt/zones/Test/Zone", NOON;
    "time.zone.path-dots", "a path that climbs out of the zone folder",
        files::CLIMB, "../../../../../../opt/zones/Test/Zone", NOON;
    "time.zone.dot", "a name with a dot in it", files::DOTTED_NAME, "Test/St.Zone", NOON;
    "time.zone.plain", "a name without a slash", files::PLAIN_NAME, "Testzone", NOON;
    "time.zone.lower", "a name in small letters", files::BERLIN, "europe/berlin", NOON;
    "time.zone.unknown", "a name that has no file", Needs::NOTHING, "Nowhere/Atlantis", NOON;
    "time.zone.folder", "a name that is a folder", files::BERLIN, "Europe", NOON;
    "time.zone.etc", "a file in /etc/zoneinfo", files::ETC, "Test/Zone", NOON;
    "time.zone.share", "a file in /share/zoneinfo", files::SHARE, "Test/Zone", NOON;
    "time.zone.text-file", "a file that is no zone file", files::TEXT, "Test/Zone", NOON;
    "time.zone.empty-file", "an empty file", files::EMPTY, "Test/Zone", NOON;
    "time.zone.empty", "the empty string", files::UNIVERSAL, "", NOON;
    "time.zone.empty-shipped", "the empty string, as the image has it",
        Needs::as_shipped(Some("time.zone.empty")), "", NOON;
    "time.zone.colon-alone", "a colon alone", files::UNIVERSAL, ":", NOON;
    "time.zone.posix.default-rule", "daylight saving time without a rule", files::RULES, "AAA5BBB", AMERICAN;
    "time.zone.posix.default-rule-shipped", "daylight saving time without a rule, as the image has it",
        Needs::as_shipped(Some("time.zone.posix.default-rule")), "AAA5BBB", AMERICAN;
    "time.zone.EST5EDT", "a zone name that is a rule as well, with its file", files::EASTERN, "EST5EDT", AMERICAN;
    "time.zone.EST5EDT-shipped", "a zone name that is a rule as well, as the image has it",
        Needs::as_shipped(Some("time.zone.EST5EDT")), "EST5EDT", AMERICAN;
    "time.zone.PST8PDT-shipped", "the rule and zone name of the Pacific coast, as the image has it",
        Needs::as_shipped(Some("time.zone.EST5EDT")), "PST8PDT", AMERICAN;
    "time.zone.UTC-shipped", "UTC, as the image has it", Needs::as_shipped(Some("time.zone.posix.utc")), "UTC", NOON;
    ;
    "time.zone.unset", "no TZ, a zone file as /etc/localtime",
        "What time is it where TZ is unset and /etc/localtime is Berlin's?",
        NAMED, files::LOCALTIME, Zone { tz: None, instants: BOTH };
    "time.zone.unset-bad", "no TZ, a text as /etc/localtime",
        "What time is it where TZ is unset and /etc/localtime is no zone file?",
        NAMED, files::LOCALTIME_TEXT, Zone { tz: None, instants: NOON };
    "time.zone.unset-shipped", "no TZ, as the image has it",
        "What time is it where TZ is unset, in the image as it is?",
        NAMED, Needs::as_shipped(Some("time.zone.unset")), Zone { tz: None, instants: BOTH };
    "time.zone.TZDIR", "a zone folder named by TZDIR", "Is a zone found in the folder that TZDIR names?",
        NAMED, files::ELSEWHERE.env(&[("TZDIR", "/opt/zones"), ("TZ", "Test/Zone")]), Zone { tz: Some("Test/Zone"), instants: NOON };
}
