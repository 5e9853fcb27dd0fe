//! Cases that take a sandbox although nothing in their items says so, found by asking every case in both. In a container that
//! others use as well, with a root folder that cannot be written to, or by a user who may not, they would get another answer,
//! or spoil those of others.

use std::collections::BTreeMap;

use libcdiff_protocol::Plan;

use crate::pitfalls::glob;

const WRITES: &str = "it writes to folders of the image";
const LISTENS: &str = "it listens at /dev/log";

/// Patterns of case ids, and why.
const CONFINED: [(&str, &str); 11] = [
    ("loader.search.cache", WRITES),
    ("loader.search.conf-alone", WRITES),
    ("loader.search.default", WRITES),
    ("loader.search.path-file", WRITES),
    ("loader.search.path-file-colon", WRITES),
    ("loader.search.remedy-own-folder", WRITES),
    ("loader.search.shipped", WRITES),
    ("loader.search.working-folder", WRITES),
    ("loader.variable.library-path-empty", WRITES),
    ("loader.variable.preload-file", WRITES),
    ("stdio.syslog.*", LISTENS),
];

/// Those of a plan, and why.
pub fn of(plan: &Plan) -> BTreeMap<String, String> {
    let why = |id: &str| CONFINED.iter().find(|(pattern, _)| glob(pattern, id)).map(|(_, why)| (*why).to_owned());
    plan.items.iter().filter_map(|item| Some((item.case.clone(), why(&item.case)?))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_fits_a_case() {
        let cases = crate::bundle::cases().expect("the manifest");
        for (pattern, _) in CONFINED {
            assert!(cases.iter().any(|case| glob(pattern, &case.id)), "{pattern}");
        }
    }
}
