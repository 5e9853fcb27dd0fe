//! `mktime` and `timegm`: broken-down times whose members are in and out of their ranges.

use heap::vec::Vec;

use super::super::{Answer, Input, Inputs, Random, Target};
use crate::sys::time::{Tm, mktime, read_zone, set_zone, timegm};
use crate::text;

/// `mktime` in a few zones, and `timegm`.
pub const TARGET: Target = Target {
    id: "time.mktime",
    what: "mktime and timegm: the instant, the members afterwards, and errno where it fails",
    functions: &["mktime", "timegm", "tzset"],
    fields: &["sec", "min", "hour", "mday", "mon", "year", "isdst", "zone"],
    inputs: Inputs::Grammar(make),
    // glibc looks for a file by every string, and is told a folder that is not there.
    env: &[("TZDIR", "/nonexistent")],
    batch: 20_000,
    ask,
    ..Target::PLAIN
};

/// Written out, so that no file is read for any. A number in an input means one of them.
const ZONES: [&core::ffi::CStr; 6] = [
    c"UTC0",
    c"XST5XDT,M3.2.0,M11.1.0",
    c"CET-1CEST,M3.5.0,M10.5.0/3",
    c"LHST-10:30LHDT-11,M10.1.0,M4.1.0",
    c"<-03>3<-02>,M3.5.0/-2,M10.5.0/-1",
    c"<+0545>-5:45",
];
const MEMBERS: [&str; 9] = ["sec", "min", "hour", "mday", "mon", "year", "wday", "yday", "isdst"];

fn make(random: &mut Random) -> Input {
    let around = |random: &mut Random, low: i64, high: i64| match random.below(16) {
        0 => random.between(low - 3, low),
        1 => random.between(high, high + 3),
        2 => random.between(-100_000, 100_000),
        3 => [i32::MAX, i32::MIN, i32::MAX - 1, 0][random.below(4)].into(),
        _ => random.between(low, high),
    };
    let mut numbers = [
        around(random, 0, 60),
        around(random, 0, 59),
        around(random, 0, 23),
        around(random, 1, 31),
        around(random, 0, 11),
        around(random, -2, 300),
        random.between(-1, 1),
        random.between(0, ZONES.len() as i64 - 1),
    ];
    match random.below(6) {
        // The nights in which clocks change: March, April, October, November, 2 to 3 o'clock.
        0 | 1 => {
            numbers[1] = random.between(0, 59);
            numbers[2] = random.between(0, 4);
            numbers[3] = random.between(1, 31);
            numbers[4] = [2, 3, 9, 10][random.below(4)];
            numbers[5] = random.between(100, 130);
        }
        2 => numbers[5] = [i32::MAX, i32::MIN, 2_147_481_747, -1900, 8100, 138, 69][random.below(7)].into(),
        3 => numbers[6] = random.between(-2, 3),
        _ => (),
    }
    Input(numbers.iter().map(|number| heap::format!("{number}").into_bytes()).collect::<Vec<_>>())
}

fn ask(input: &Input, answer: &mut Answer) {
    let member = |n| i64::from(input.number(n).clamp(i32::MIN.into(), i32::MAX.into()) as i32);
    set_zone(ZONES[input.number(7).rem_euclid(ZONES.len() as i64) as usize]);
    read_zone();
    let numbers = [member(0), member(1), member(2), member(3), member(4), member(5), 9, 999, member(6), 7];
    // What the caller says of daylight saving time, and whether members have to be carried, are most of what differs.
    let plain = [(0, 0..61), (1, 0..60), (2, 0..24), (3, 1..29), (4, 0..12)];
    let carried = if plain.iter().all(|(n, range)| range.contains(&member(*n))) {
        "members in range"
    } else {
        "members out of range"
    };
    let hint = match member(6) {
        0 => "no",
        1.. => "yes",
        _ => "unknown",
    };
    let mut tm = Tm::new(numbers, None);
    said(answer, &heap::format!("mktime, daylight saving time {hint}, {carried},"), mktime(&mut tm), &tm);
    let mut tm = Tm::new(numbers, None);
    said(answer, "timegm", timegm(&mut tm), &tm);
}

/// The members tell the instant -1 from a failure, which sets no day of the week.
fn said(answer: &mut Answer, function: &str, (seconds, errno): (i64, crate::sys::call::Errno), tm: &Tm) {
    let name = |what: &str| heap::format!("{function} {what}");
    if seconds == -1 && tm.numbers()[6] == 9 {
        return answer.line(&name("fails"), text::errno(errno.0));
    }
    answer.number(&name("succeeds"), seconds);
    for (member, value) in MEMBERS.iter().zip(tm.numbers()).rev() {
        answer.number(&name(member), value);
    }
    answer.number(&name("gmtoff"), tm.numbers()[9]);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_in_their_ranges_and_out_of_them() {
        let made: Vec<Input> = (0..2000).map(|n| make(&mut Random::new(1, "x", n))).collect();
        let share = |within: fn(&Input) -> bool| made.iter().filter(|input| within(input)).count();
        assert!(share(|input| (0..60).contains(&input.number(1))) > 1200);
        assert!(share(|input| !(0..60).contains(&input.number(1))) > 100);
        assert!(share(|input| input.number(6) == -1) > 400);
        assert!(made.iter().all(|input| input.0.len() == 8));
    }
}
