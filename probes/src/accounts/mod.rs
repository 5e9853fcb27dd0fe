//! Accounts: users, groups, shadow passwords, password hashes, log-ins, and the small databases beside them in `/etc`. Each
//! case brings the files that it asks about, `nsswitch.conf` with them, so that both families read the same.

mod group;
mod groups;
mod hash;
mod lines;
mod login;
mod network;
mod order;
mod passwd;
mod record;
mod shadow;
mod shells;
mod source;

use crate::case::{Case, File, count, join};

const TABLES: &[&[Case]] = &[
    passwd::CASES,
    lines::CASES,
    group::CASES,
    groups::CASES,
    order::CASES,
    shadow::CASES,
    record::CASES,
    source::CASES,
    hash::CASES,
    login::CASES,
    network::CASES,
    shells::CASES,
];

/// Every case of the area.
pub static CASES: &[Case] = &join::<{ count(TABLES) }>(TABLES);

/// Says that every database is in its file: what glibc takes, and every distribution writes, in one way or another.
const FILES_ONLY: File = file(
    "/etc/nsswitch.conf",
    "passwd: files\ngroup: files\nshadow: files\ninitgroups: files\nservices: files\nprotocols: files\nnetworks: files\nnetgroup: files\n",
);

const fn file(path: &'static str, content: &'static str) -> File {
    File { path, content: content.as_bytes() }
}

/// A table of cases that bring files and ask.
macro_rules! rows {
    ($(($id:literal, $title:literal, $question:literal, $source:literal, [$(($path:literal, $content:expr)),* $(,)?], $run:expr)),* $(,)?) => {
        &[$($crate::case::Case {
            id: concat!("accounts.", $id),
            title: $title,
            question: $question,
            source: $source,
            needs: $crate::case::Needs::NOTHING.files(&[$crate::accounts::FILES_ONLY, $($crate::accounts::file($path, $content)),*]),
            run: $run,
        }),*]
    };
}
use rows;
