//! What `libcdiff doctor` says of clusters: whether there is a kubectl, which cluster it means, and whether it lets a run be
//! made there. Who has none needs none, so that only a refusal is something to mend.

use super::kubectl::{ClusterError, Kubectl};

/// What a run does, as the API's verbs and resources.
const NEEDED: [(&str, &str); 7] = [
    ("create", "jobs.batch"),
    ("list", "jobs.batch"),
    ("delete", "jobs.batch"),
    ("create", "configmaps"),
    ("delete", "configmaps"),
    ("list", "pods"),
    ("get", "pods/log"),
];

/// Looks.
///
/// # Errors
/// Where a cluster refuses what a run does there, and what to do about it.
pub fn check() -> Result<String, String> {
    check_by(&Kubectl { answer_seconds: 5, ..Kubectl::usual(None, None) })
}

/// As [`check`], by this kubectl.
///
/// # Errors
/// As there.
pub fn check_by(kubectl: &Kubectl) -> Result<String, String> {
    let context = match kubectl.call(&["config", "current-context"], None) {
        Ok(context) => String::from_utf8_lossy(&context).trim().to_owned(),
        Err(ClusterError::NoKubectl { .. }) => return Ok("no kubectl, which --runner kubernetes alone needs".into()),
        Err(_) => return Ok("kubectl is there, and has no context: --runner kubernetes needs one".into()),
    };
    let mut refused = Vec::new();
    for (verb, resource) in NEEDED {
        match kubectl.call(&["auth", "can-i", verb, resource], None) {
            Ok(_) => {}
            Err(error) if error.is_no() => refused.push(format!("{verb} {resource}")),
            Err(error) => return Ok(format!("the cluster of context {context} does not answer: {error}")),
        }
    }
    match refused.is_empty() {
        true => Ok(format!("context {context} lets Jobs be made, and their logs be read")),
        false => Err(format!(
            "context {context} does not let you {}: ask for these rights, or give the manifests of --emit-manifest to somebody \
             who has them",
            refused.join(", ")
        )),
    }
}
