//! The groups of a user.

use super::rows;
use crate::case::Case;
use crate::outcome::{Outcome, Value};
use crate::sys::accounts::groups::{of_user, take, take_those_of};
use crate::text;

const GROUPS: &str =
    "own:x:1000:\nc:x:30:alice\na:x:10:bob,alice\nsame:x:1000:alice\nb:x:20:alice,alice\nother:x:40:bob\n";

fn list(o: &mut Outcome, user: &str, room: usize) {
    let found = of_user(user, 1000, room);
    o.fact("returned", found.result);
    o.fact("count", found.count);
    o.fact("groups", Value::List(found.groups.into_iter().map(Value::from).collect()));
}

pub const CASES: &[Case] = rows![
    (
        "groups.list",
        "getgrouplist",
        "In what order does getgrouplist give a user's groups, and each of them once?",
        "getgrouplist(3)",
        [("/etc/group", GROUPS)],
        |o| list(o, "alice", 16)
    ),
    (
        "groups.list-nobody",
        "getgrouplist of nobody",
        "What does getgrouplist give for a user in no group?",
        "getgrouplist(3)",
        [("/etc/group", GROUPS)],
        |o| list(o, "carol", 16)
    ),
    (
        "groups.list-small",
        "getgrouplist with too little room",
        "What does getgrouplist return, and which count does it write, with room for two of four?",
        "getgrouplist(3): -1, and the number needed",
        [("/etc/group", GROUPS)],
        |o| list(o, "alice", 2)
    ),
    (
        "groups.list-none",
        "getgrouplist without room",
        "What does getgrouplist return, and which count does it write, without any room?",
        "getgrouplist(3)",
        [("/etc/group", GROUPS)],
        |o| list(o, "alice", 0)
    ),
    (
        "groups.list-exact",
        "getgrouplist with room for each",
        "What does getgrouplist return with room for just the user's groups?",
        "getgrouplist(3)",
        [("/etc/group", GROUPS)],
        |o| list(o, "alice", 4)
    ),
    (
        "groups.list-plus",
        "getgrouplist over a line of +",
        "Does a line with + end the list of groups?",
        "nsswitch.conf(5), compat",
        [("/etc/group", "a:x:10:alice\n+:::\nb:x:20:alice\n")],
        |o| list(o, "alice", 16)
    ),
    (
        "groups.take",
        "initgroups",
        "What does initgroups say where the process may not set its groups?",
        "initgroups(3): EPERM",
        [("/etc/group", GROUPS)],
        |o| o.fact("errno", text::errno(take_those_of("alice", 1000).0))
    ),
    (
        "groups.take-many",
        "initgroups of 40 groups",
        "What does initgroups say of a user in 40 groups, where the process may not set its groups?",
        "initgroups(3); musl src/misc/initgroups.c (an array of NGROUPS_MAX, 32)",
        [("/etc/group", FORTY)],
        |o| o.fact("errno", text::errno(take_those_of("alice", 1000).0))
    ),
    (
        "groups.list-many",
        "getgrouplist of 40 groups",
        "Does getgrouplist give all of 40 groups?",
        "getgrouplist(3); limits.h, NGROUPS_MAX: 32 in musl's, 65536 in Linux's",
        [("/etc/group", FORTY)],
        |o| list(o, "alice", 64)
    ),
    (
        "groups.set",
        "setgroups",
        "What does setgroups of 40 groups say where the process may not set them?",
        "setgroups(2): EPERM",
        [("/etc/group", GROUPS)],
        |o| o.fact("errno", text::errno(take(40).0))
    ),
];

/// 40 groups with one member.
const FORTY: &str = "g10:x:10:alice\ng11:x:11:alice\ng12:x:12:alice\ng13:x:13:alice\ng14:x:14:alice\ng15:x:15:alice\ng16:x:16:alice\n\
g17:x:17:alice\ng18:x:18:alice\ng19:x:19:alice\ng20:x:20:alice\ng21:x:21:alice\ng22:x:22:alice\ng23:x:23:alice\ng24:x:24:alice\n\
g25:x:25:alice\ng26:x:26:alice\ng27:x:27:alice\ng28:x:28:alice\ng29:x:29:alice\ng30:x:30:alice\ng31:x:31:alice\ng32:x:32:alice\n\
g33:x:33:alice\ng34:x:34:alice\ng35:x:35:alice\ng36:x:36:alice\ng37:x:37:alice\ng38:x:38:alice\ng39:x:39:alice\ng40:x:40:alice\n\
g41:x:41:alice\ng42:x:42:alice\ng43:x:43:alice\ng44:x:44:alice\ng45:x:45:alice\ng46:x:46:alice\ng47:x:47:alice\ng48:x:48:alice\n\
g49:x:49:alice\n";
