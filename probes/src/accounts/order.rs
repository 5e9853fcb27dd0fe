//! Reading one after the other: where a loop stands, and what moves it.

use super::rows;
use crate::case::Case;
use crate::sys::accounts::{groups, users};

const THREE: &str = "one:x:1:1::/:/bin/sh\ntwo:x:2:2::/:/bin/sh\nthree:x:3:3::/:/bin/sh\n";
const GROUPS: &str = "g1:x:1:\ng2:x:2:\n";

pub const CASES: &[Case] = rows![
    (
        "order.look-up",
        "a look-up within a loop",
        "Does getpwnam within a loop of getpwent move it?",
        "POSIX getpwent; getpwent(3)",
        [("/etc/passwd", THREE)],
        |o| {
            o.line(users::next());
            o.line(users::by_name("three"));
            o.line(users::next());
        }
    ),
    (
        "order.rewind",
        "setpwent",
        "Does setpwent begin a loop of getpwent anew?",
        "POSIX setpwent",
        [("/etc/passwd", THREE)],
        |o| {
            o.line(users::next());
            users::rewind();
            o.line(users::next());
        }
    ),
    (
        "order.end",
        "endpwent",
        "Does getpwent after endpwent begin anew?",
        "POSIX endpwent",
        [("/etc/passwd", THREE)],
        |o| {
            o.line(users::next());
            users::end();
            o.line(users::next());
        }
    ),
    (
        "order.past-end",
        "getpwent past the end",
        "What does getpwent give after the last user, and once more?",
        "POSIX getpwent",
        [("/etc/passwd", "one:x:1:1::/:/bin/sh\n")],
        |o| {
            o.line(users::next());
            o.line(users::next());
            o.line(users::next());
        }
    ),
    (
        "order.both",
        "users and groups in turn",
        "Do loops over users and over groups move each other?",
        "POSIX getpwent, getgrent",
        [("/etc/passwd", THREE), ("/etc/group", GROUPS)],
        |o| {
            o.line(users::next());
            o.line(groups::next());
            o.line(users::next());
            o.line(groups::next());
        }
    ),
    (
        "order.group-rewind",
        "setgrent",
        "Does setgrent begin a loop of getgrent anew?",
        "POSIX setgrent",
        [("/etc/group", GROUPS)],
        |o| {
            o.line(groups::next());
            groups::rewind();
            o.line(groups::next());
            groups::end();
        }
    ),
];
