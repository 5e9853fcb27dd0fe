//! `TZ` strings: rules of all three kinds, names in brackets, hours far from home, and strings that are none.

use heap::string::String;

use super::super::{Answer, Input, Inputs, Name, PutText, Random, Target};
use crate::sys::time::{globals, localtime_r, read_zone, set_zone};
use crate::text;

/// What `localtime` and the global variables say. Names of files are not asked: images differ in their files, and that is
/// no property of the C library. glibc looks for a file by every string, so it is told a folder that is not there.
pub const TARGET: Target = Target {
    id: "time.tz",
    what: "TZ as a rule: abbreviation, offset and daylight saving time at four instants, and tzname",
    functions: &["tzset", "localtime_r"],
    fields: &["TZ"],
    inputs: Inputs::Grammar(make),
    env: &[("TZDIR", "/nonexistent")],
    batch: 50_000,
    ask,
    ..Target::PLAIN
};

/// 15 January and 15 July 2020 at noon, 30 March 2020 at 02:30, and the last second of 1999.
const INSTANTS: [(&str, i64); 4] =
    [("winter", 1_579_089_600), ("summer", 1_594_814_400), ("spring", 1_585_535_400), ("past", 946_684_799)];

fn make(random: &mut Random) -> Input {
    let mut zone = String::new();
    name(random, &mut zone);
    offset(random, &mut zone);
    if !random.one_in(4) {
        name(random, &mut zone);
        if random.one_in(3) {
            offset(random, &mut zone);
        }
        if !random.one_in(6) {
            for _ in 0..2 - random.below(12) / 11 {
                zone.push(',');
                rule(random, &mut zone);
            }
        }
    }
    if random.one_in(20) {
        zone.put(random.pick(&[",", "x", " ", ",M3.2.0", ";", "0"]));
    }
    Input(heap::vec![zone.into_bytes()])
}

fn name(random: &mut Random, zone: &mut String) {
    let strange = ["AB", "ABCDEFGHIJ", "<>", "<LONG-NAME+1>", "<a b>", "<A1"];
    let plain = ["XST", "XDT", "CET", "AAAA", "UTC", "GMT", "xst", "<-03>", "<+0545>", "<A1B>", "<AAA>"];
    zone.put(if random.one_in(8) { random.pick(&strange) } else { random.pick(&plain) });
}

fn offset(random: &mut Random, zone: &mut String) {
    zone.put(random.pick(&["", "", "", "-", "+"]));
    match random.below(20) {
        0 => zone.put(random.pick(&["24", "25", "26", "100", "167", "168", "05", "005", ""])),
        1 => zone.put(random.pick(&["5:", "5:60", "5:30:", "5:30:61", "5:5", "3:30:15", "24:59:59"])),
        2 => {
            zone.put_number(random.between(0, 14));
            zone.put(":");
            let minutes = random.between(0, 59);
            zone.put(if minutes < 10 { "0" } else { "" });
            zone.put_number(minutes);
        }
        _ => zone.put_number(random.between(0, 14)),
    }
}

fn rule(random: &mut Random, zone: &mut String) {
    match random.below(16) {
        0 | 5 => {
            zone.put("J");
            zone.put_number(random.between(1, 365));
        }
        1 | 4 => zone.put_number(random.between(0, 365)),
        2 => {
            let odd = ["J0", "J366", "366", "M0.1.0", "M13.1.0", "M3.6.0", "M3.0.0", "M3.2.7", "M3.2", ""];
            zone.put(random.pick(&odd));
        }
        which => {
            let month = if which == 3 { random.between(1, 12) } else { [3, 10, 4, 11, 9][random.below(5)] };
            zone.put("M");
            zone.put_number(month);
            zone.put(".");
            zone.put_number(random.between(1, 5));
            zone.put(".");
            zone.put_number(if which == 3 { random.between(0, 6) } else { 0 });
        }
    }
    if random.one_in(3) {
        zone.push('/');
        match random.one_in(2) {
            true => {
                zone.put(random.pick(&["2", "0", "24", "-1", "+3", "-24", "167", "-167", "168", "2:30", "1:5:9", ""]))
            }
            false => zone.put_number(random.between(-30, 170)),
        }
    }
}

fn ask(input: &Input, answer: &mut Answer) {
    let zone = input.c(0);
    if !is_rule(zone.to_bytes()) {
        return answer.line("not asked", "it may be the name of a file");
    }
    set_zone(&zone);
    read_zone();
    let times = INSTANTS.map(|(instant, seconds)| (instant, localtime_r(seconds)));
    let any = |n: usize| times.iter().any(|(_, tm)| tm.as_ref().is_ok_and(|tm| tm.numbers()[n] != 0));
    // Most of what differs is whether a string, or the rule in it, is taken for one at all.
    answer.line("offset", if any(9) { "some" } else { "none, as in UTC" });
    answer.line("daylight saving time", if any(8) { "at times" } else { "never" });
    for (instant, tm) in &times {
        match tm {
            Ok(tm) => {
                answer.line(
                    (*instant, " daylight saving time"),
                    match tm.numbers()[8] {
                        0 => "no",
                        1 => "yes",
                        _ => "unknown",
                    },
                );
                answer.number((*instant, " offset"), tm.numbers()[9]);
                named(answer, (*instant, " abbreviation"), tm.zone());
            }
            Err(errno) => answer.line((*instant, " fails"), text::errno(errno.0)),
        }
    }
    let globals = globals();
    for (name, value) in ["standard name", "other name"].iter().zip(globals.names) {
        named(answer, name, value);
    }
}

fn named(answer: &mut Answer, line: impl Name, name: Option<String>) {
    match name {
        Some(name) => answer.bytes(line, name.as_bytes()),
        None => answer.line(line, "none"),
    }
}

/// Whether a string begins as a rule does, a name and an offset: what no C library looks for among files that exist.
fn is_rule(zone: &[u8]) -> bool {
    let name = match zone.first() {
        Some(b'<') => zone.iter().position(|byte| *byte == b'>').map_or(0, |end| end + 1),
        _ => zone.iter().take_while(|byte| byte.is_ascii_alphabetic()).count(),
    };
    let quoted = zone[..name].iter().all(|byte| !b"/.:".contains(byte));
    name > 0 && quoted && matches!(zone.get(name), Some(b'+' | b'-' | b'0'..=b'9'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_files_are_told_from_rules() {
        for zone in ["", ":UTC0", "Europe/Berlin", "UTC", "/etc/localtime", "<../x>5", "a.b5", "5"] {
            assert!(!is_rule(zone.as_bytes()), "{zone}");
        }
        for zone in ["UTC0", "<-03>3", "CET-1CEST,M3.5.0/2,M10.5.0", "XST+5XDT"] {
            assert!(is_rule(zone.as_bytes()), "{zone}");
        }
    }

    #[test]
    fn most_strings_of_the_grammar_are_rules() {
        let rules = (0..1000).filter(|n| is_rule(make(&mut Random::new(1, "x", *n)).field(0)));
        assert!(rules.count() > 900);
    }
}
