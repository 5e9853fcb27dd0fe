//! Cases that take a sandbox although nothing in their items says so, found by asking every case in both: they write to
//! folders of the image. In a container that others use as well, with a root folder that cannot be written to, or by a user
//! who may not, they would get another answer, or spoil those of others.

use std::collections::BTreeMap;

use libcdiff_protocol::Plan;

const WRITES: [&str; 10] = [
    "loader.search.cache",
    "loader.search.conf-alone",
    "loader.search.default",
    "loader.search.path-file",
    "loader.search.path-file-colon",
    "loader.search.remedy-own-folder",
    "loader.search.shipped",
    "loader.search.working-folder",
    "loader.variable.library-path-empty",
    "loader.variable.preload-file",
];

/// Those of a plan, and why.
pub fn of(plan: &Plan) -> BTreeMap<String, String> {
    let is = |id: &str| WRITES.contains(&id);
    let cases = plan.items.iter().filter(|item| is(&item.case));
    cases.map(|item| (item.case.clone(), "it writes to folders of the image".to_owned())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_is_a_case() {
        let cases = crate::bundle::cases().expect("the manifest");
        for id in WRITES {
            assert!(cases.iter().any(|case| case.id == id), "{id}");
        }
    }
}
