//! The book's table of contents.

use std::fmt::Write;

use super::{areas, link, pitfalls_of};
use crate::report::Model;

/// SUMMARY.md.
pub fn page(model: &Model<'_>) -> String {
    let mut out = String::from(
        "# Contents\n\n[What differs between C libraries](index.md)\n\n\
         - [The gravest first](severity.md)\n- [Version by version](versions.md)\n",
    );
    for area in areas(model) {
        let _ = writeln!(out, "- [{area}]({area}/index.md)");
        for pitfall in pitfalls_of(model, area) {
            let _ = writeln!(out, "  - {}", link(pitfall, ""));
        }
    }
    out
}
