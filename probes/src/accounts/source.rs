//! `nsswitch.conf`: where users come from. musl does not read it; glibc does what it says.

use crate::case::{Case, File, Needs};
use crate::outcome::Outcome;
use crate::sys::accounts::{groups, users};

const PASSWD: File =
    super::file("/etc/passwd", "alice:x:1000:100::/home/alice:/bin/sh\n+bob:x:1001:100::/home/bob:/bin/sh\n");
const GROUP: File = super::file("/etc/group", "staff:x:50:alice\n");

macro_rules! sources {
    ($(($id:literal, $title:literal, $question:literal, $content:expr, $run:expr)),* $(,)?) => {
        &[$(Case {
            id: concat!("accounts.source.", $id),
            title: $title,
            question: $question,
            source: "nsswitch.conf(5); glibc nss/nss_database.c; musl wiki, Functional differences from glibc, NSS",
            needs: Needs::NOTHING.files(&[PASSWD, GROUP, super::file("/etc/nsswitch.conf", $content)]),
            run: $run,
        }),*]
    };
}

fn alice(o: &mut Outcome) {
    o.line(users::by_name("alice"));
}

fn nobody(o: &mut Outcome) {
    o.line(users::by_name("carol"));
}

pub const CASES: &[Case] = sources![
    ("files", "passwd: files", "Is a user of /etc/passwd found with `passwd: files`?", "passwd: files\n", alice),
    ("empty", "an empty nsswitch.conf", "Is a user of /etc/passwd found with an empty nsswitch.conf?", "", alice),
    (
        "nothing",
        "passwd: without a source",
        "Is a user of /etc/passwd found where nsswitch.conf names no source for passwd?",
        "passwd:\ngroup: files\n",
        alice
    ),
    (
        "unknown-first",
        "an unknown module before files",
        "Is a user of /etc/passwd found behind a module that the image does not have?",
        "passwd: nosuch files\n",
        alice
    ),
    (
        "unknown-only",
        "an unknown module alone",
        "Is a user of /etc/passwd found where nsswitch.conf names a module that the image does not have?",
        "passwd: nosuch\n",
        alice
    ),
    (
        "unknown-absent",
        "nobody behind an unknown module",
        "What is errno when nobody is found and a module is missing?",
        "passwd: nosuch files\n",
        nobody
    ),
    (
        "unavailable-return",
        "a missing module that ends the search",
        "Is a user of /etc/passwd found behind a missing module with [UNAVAIL=return]?",
        "passwd: nosuch [UNAVAIL=return] files\n",
        alice
    ),
    (
        "db",
        "passwd: db files",
        "Is a user of /etc/passwd found with `db` before `files` and no data base?",
        "passwd: db files\n",
        alice
    ),
    ("compat", "passwd: compat", "Is a user of /etc/passwd found with `passwd: compat`?", "passwd: compat\n", alice),
    (
        "compat-plus",
        "passwd: compat and +bob",
        "Does `passwd: compat` make +bob a user of the name bob?",
        "passwd: compat\n",
        |o| o.line(users::by_name("bob"))
    ),
    (
        "plus-files",
        "passwd: files and +bob",
        "Does `passwd: files` make +bob a user of the name bob?",
        "passwd: files\n",
        |o| o.line(users::by_name("bob"))
    ),
    (
        "group-unknown",
        "group: an unknown module alone",
        "Is a group of /etc/group found where nsswitch.conf names a module that the image does not have?",
        "passwd: files\ngroup: nosuch\n",
        |o| o.line(groups::by_name("staff"))
    ),
    (
        "remedy-static",
        "files in every line",
        "Are users and groups found by both families with `files` alone?",
        "passwd: files\ngroup: files\n",
        |o| {
            alice(o);
            o.line(groups::by_name("staff"));
        }
    ),
];
