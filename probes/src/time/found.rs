//! What `libcdiff fuzz` found, each with the smallest input that shows it.

use crate::case::{Needs, cases};
use crate::fuzz::found;
use crate::fuzz::targets::strptime;

const UTC: Needs = Needs::NOTHING.env(&[("TZ", "UTC0")]);

cases! {
    "time.found.strptime-zero-flag", "strptime with a padding flag",
        "Does strptime take the padding flag of strftime before a directive?",
        "POSIX.1-2024 strptime: flags are 0 and +, others undefined; glibc strptime(3), glibc notes", UTC,
        |o| found(o, &strptime::TARGET, &[b"%0Y", b"2020"]);
}
