//! `mktime` and `timegm`: broken-down times whose members are in and out of their ranges.

use super::super::{Answer, Input, Inputs, Random, Target, decimal};
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
    batch: 50_000,
    told: true,
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
        // A hint that is wrong makes glibc try a thousand other times.
        if random.one_in(32) { random.between(0, 1) } else { -1 },
        zone(random),
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
        3 if random.one_in(8) => numbers[6] = random.between(-2, 3),
        _ => (),
    }
    Input(numbers.iter().map(|number| decimal(*number)).collect())
}

/// The same for a few inputs that follow each other: it takes longer to read than a time to convert. One without daylight saving
/// time comes seldom, for glibc looks for some in a thousand other times where the caller says that there is.
fn zone(random: &Random) -> i64 {
    let mut shared = random.shared();
    match shared.one_in(8) {
        true => [0, 5][shared.below(2)],
        false => shared.between(1, 4),
    }
}

fn ask(input: &Input, answer: &mut Answer) {
    let member = |n| i64::from(input.number(n).clamp(i32::MIN.into(), i32::MAX.into()) as i32);
    set_zone(ZONES[input.number(7).rem_euclid(ZONES.len() as i64) as usize]);
    read_zone();
    let hint = hint(input.field(6));
    let numbers = [member(0), member(1), member(2), member(3), member(4), member(5), 9, 999, hint, 7];
    // What the caller says of daylight saving time is most of what differs.
    let name = match hint {
        0 => "mktime, daylight saving time no, ",
        1.. => "mktime, daylight saving time yes, ",
        _ => "mktime, daylight saving time unknown, ",
    };
    // glibc begins where its last answer was, and so chooses between two that are both right: it is the same place each time.
    let _ = mktime(&mut Tm::new([0, 0, 12, 15, 0, 120, 0, 0, -1, 0], None));
    let mut tm = Tm::new(numbers, None);
    said(answer, name, mktime(&mut tm), &tm);
    let mut tm = Tm::new(numbers, None);
    said(answer, "timegm ", timegm(&mut tm), &tm);
}

/// What the caller knows of daylight saving time: one digit, and nothing for all else, so that few inputs that are changed at
/// random have a hint.
fn hint(field: &[u8]) -> i64 {
    match field {
        [digit @ b'0'..=b'9'] => i64::from(digit - b'0'),
        _ => -1,
    }
}

/// The members tell the instant -1 from a failure, which sets no day of the week.
fn said(answer: &mut Answer, function: &str, (seconds, errno): (i64, crate::sys::call::Errno), tm: &Tm) {
    if seconds == -1 && tm.numbers()[6] == 9 {
        return answer.line((function, "fails"), text::errno(errno.0));
    }
    answer.number((function, "succeeds"), seconds);
    for (member, value) in MEMBERS.iter().zip(tm.numbers()).rev() {
        answer.number((function, *member), value);
    }
    answer.number((function, "gmtoff"), tm.numbers()[9]);
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
        assert!((20..300).contains(&share(|input| input.number(6) != -1)));
        assert!(made.iter().all(|input| input.0.len() == 8));
    }
}
