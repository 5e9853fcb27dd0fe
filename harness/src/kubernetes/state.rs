//! How a Job fares, from what the API says of it and of its pods.
//!
//! A Job has ended when one of its conditions says so; its counts come earlier and later as they like. Why a pod does not
//! start, or has ended badly, is told apart, because what to do about it differs.

use serde::Deserialize;
use serde_json::Value;

use super::job::labels;

/// The Jobs and pods of a run, as they were listed.
#[derive(Debug, Default)]
pub struct Listing {
    /// Jobs.
    pub jobs: Vec<Seen>,
    /// Pods.
    pub pods: Vec<Seen>,
}

/// A Job or a pod.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Seen {
    kind: String,
    metadata: Meta,
    status: Status,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Meta {
    name: String,
    uid: String,
    labels: super::manifest::Map,
    annotations: super::manifest::Map,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Status {
    phase: String,
    reason: Option<String>,
    message: Option<String>,
    conditions: Vec<Condition>,
    init_container_statuses: Vec<ContainerStatus>,
    container_statuses: Vec<ContainerStatus>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Condition {
    #[serde(rename = "type")]
    kind: String,
    status: String,
    reason: Option<String>,
    message: Option<String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct ContainerStatus {
    name: String,
    image: String,
    state: State,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct State {
    waiting: Option<Waiting>,
    terminated: Option<Terminated>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Waiting {
    reason: Option<String>,
    message: Option<String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Terminated {
    exit_code: i32,
    reason: Option<String>,
    message: Option<String>,
}

/// How a Job has ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// Every pod did what it should.
    Complete,
    /// It was given up; the reason and the message of its condition.
    Failed(String, String),
}

/// What keeps a pod from its work, or has ended it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// It may come right by itself: an image that is pulled again, a node that appears.
    Waits(String),
    /// It will not.
    Over(String),
}

impl Listing {
    /// Reads a list of Jobs and pods.
    ///
    /// # Errors
    /// What is no list of such.
    pub fn read(list: Value) -> Result<Self, serde_json::Error> {
        #[derive(Deserialize)]
        struct List {
            items: Vec<Seen>,
        }
        let list: List = serde_json::from_value(list)?;
        let (jobs, pods) = list.items.into_iter().partition(|seen| seen.kind == "Job");
        Ok(Self { jobs, pods })
    }

    /// The Job of the image at this place.
    pub fn job(&self, place: usize) -> Option<&Seen> {
        self.jobs.iter().find(|job| job.is_of(place))
    }

    /// The pods of the image at this place.
    pub fn pods(&self, place: usize) -> impl Iterator<Item = &Seen> {
        self.pods.iter().filter(move |pod| pod.is_of(place))
    }
}

impl Seen {
    /// Reads one object.
    ///
    /// # Errors
    /// What is none.
    pub fn read(object: Value) -> Result<Self, serde_json::Error> {
        serde_json::from_value(object)
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.metadata.name
    }

    /// What the server calls it, for good.
    pub fn uid(&self) -> &str {
        &self.metadata.uid
    }

    fn is_of(&self, place: usize) -> bool {
        labels("", place).get("libcdiff-image") == self.metadata.labels.get("libcdiff-image")
    }

    /// Which shard a pod is; 0 where it does not say.
    pub fn shard(&self) -> &str {
        self.metadata.annotations.get("batch.kubernetes.io/job-completion-index").map_or("0", String::as_str)
    }

    /// How a Job has ended; nothing while it has not.
    pub fn end(&self) -> Option<End> {
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        self.status.conditions.iter().filter(|condition| condition.status == "True").find_map(|c| {
            match c.kind.as_str() {
                "Complete" => Some(End::Complete),
                "Failed" => Some(End::Failed(text(&c.reason), text(&c.message))),
                _ => None,
            }
        })
    }

    /// Whether a pod has ended, so that its log is whole.
    pub fn has_ended(&self) -> bool {
        // A container's state comes before the pod's phase.
        let container = self.status.container_statuses.iter().any(|status| status.state.terminated.is_some());
        container || matches!(self.status.phase.as_str(), "Succeeded" | "Failed")
    }

    /// Whether the container with the probes has run, so that there may be a log.
    pub fn has_run(&self) -> bool {
        self.status.container_statuses.iter().any(|status| status.state.terminated.is_some())
    }

    /// What is wrong with a pod.
    pub fn trouble(&self) -> Option<Trouble> {
        let status = &self.status;
        if let Some(reason) = &status.reason {
            let message = status.message.as_deref().unwrap_or("no message");
            return Some(Trouble::Over(match reason.as_str() {
                "Evicted" => {
                    format!("evicted from its node ({message}): the node was short of something; run it again")
                }
                "DeadlineExceeded" => {
                    format!("not done at the deadline ({message}): give --job-deadline more, or --shards")
                }
                reason => format!("{reason}: {message}"),
            }));
        }
        let condition = |kind: &str, value: &str| {
            status.conditions.iter().find(|condition| condition.kind == kind && condition.status == value)
        };
        if let Some(condition) = condition("DisruptionTarget", "True") {
            let message = condition.message.as_deref().unwrap_or("no message");
            return Some(Trouble::Over(format!("taken away by the cluster ({message}): run it again")));
        }
        let containers = status.init_container_statuses.iter().chain(&status.container_statuses);
        if let Some(trouble) = containers.filter_map(ContainerStatus::trouble).next() {
            return Some(trouble);
        }
        let unschedulable = condition("PodScheduled", "False")?;
        let message = unschedulable.message.as_deref().unwrap_or("no message");
        Some(Trouble::Waits(format!("no node takes it ({message}): see --node-selector, and what the pod requests")))
    }
}

impl ContainerStatus {
    fn trouble(&self) -> Option<Trouble> {
        if let Some(waiting) = &self.state.waiting {
            return self.waits(waiting.reason.as_deref()?, waiting.message.as_deref().unwrap_or("no message"));
        }
        let Terminated { exit_code, reason, message } = self.state.terminated.as_ref()?;
        let reason = reason.as_deref().unwrap_or_default();
        let message = message.as_deref().unwrap_or_default();
        if *exit_code == 0 {
            return None;
        }
        let why = match reason {
            _ if message.contains("exec format error") => self.other_architecture(),
            "OOMKilled" => format!("the container {} had more memory than its limit, and was killed", self.name),
            "ContainerCannotRun" | "StartError" => {
                format!("the container {} could not be started: {message}", self.name)
            }
            _ => {
                format!("the container {} ended with exit code {exit_code} {message}", self.name).trim_end().to_owned()
            }
        };
        Some(Trouble::Over(why))
    }

    /// What it says when its programs are none of the node's.
    fn other_architecture(&self) -> String {
        format!(
            "the container {} is for another architecture than its node (exec format error): the image, the carrier and the \
             nodes (--node-selector kubernetes.io/arch=...) must be of one",
            self.name
        )
    }

    fn waits(&self, reason: &str, message: &str) -> Option<Trouble> {
        let image = &self.image;
        Some(match reason {
            "PodInitializing" | "ContainerCreating" => return None,
            "ErrImagePull" | "ImagePullBackOff" => Trouble::Waits(format!(
                "the node cannot pull {image} ({reason}: {message}): is it there, can the node reach it, does it take \
                 --image-pull-secret?"
            )),
            "InvalidImageName" | "ErrImageNeverPull" => Trouble::Over(format!("{image}: {reason}: {message}")),
            "CreateContainerConfigError" | "CreateContainerError" | "RunContainerError" => {
                Trouble::Over(format!("the container {} cannot be made: {reason}: {message}", self.name))
            }
            _ => Trouble::Waits(format!("{reason}: {message}")),
        })
    }
}

/// What the last lines of a log say, where they are no messages.
pub fn last_words(lines: &[String]) -> Option<String> {
    let text = lines.join("; ");
    (!text.is_empty()).then(|| match text.contains("exec format error") {
        true => ContainerStatus { name: "probes".into(), ..ContainerStatus::default() }.other_architecture(),
        false => format!("it said: {text}"),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn pod(status: Value) -> Seen {
        Seen::read(json!({"kind": "Pod", "metadata": {"name": "p"}, "status": status})).expect("a pod")
    }

    #[track_caller]
    fn says(status: Value, waits: bool, words: &str) {
        let (is, text) = match pod(status).trouble().expect("trouble") {
            Trouble::Waits(text) => (true, text),
            Trouble::Over(text) => (false, text),
        };
        assert!(is == waits && text.contains(words), "{text}");
    }

    fn container(state: Value) -> Value {
        json!({"phase": "Pending", "containerStatuses": [{"name": "probes", "image": "x/y@sha256:0", "state": state}]})
    }

    #[test]
    fn each_trouble_is_told_apart() {
        let waiting = |reason: &str| container(json!({"waiting": {"reason": reason, "message": "m"}}));
        let ended = |reason: &str, message: &str| {
            container(json!({"terminated": {"exitCode": 137, "reason": reason, "message": message}}))
        };
        says(waiting("ImagePullBackOff"), true, "cannot pull x/y@sha256:0");
        says(waiting("InvalidImageName"), false, "InvalidImageName");
        says(waiting("CreateContainerConfigError"), false, "cannot be made");
        says(ended("OOMKilled", ""), false, "more memory than its limit");
        says(ended("StartError", "exec /.libcdiff/agent: exec format error"), false, "another architecture");
        says(ended("Error", ""), false, "exit code 137");
        says(json!({"phase": "Failed", "reason": "Evicted", "message": "low on memory"}), false, "evicted");
        says(json!({"phase": "Failed", "reason": "DeadlineExceeded"}), false, "--job-deadline");
        let condition =
            |kind: &str, status: &str| json!({"conditions": [{"type": kind, "status": status, "message": "m"}]});
        says(condition("PodScheduled", "False"), true, "no node takes it");
        says(condition("DisruptionTarget", "True"), false, "taken away");
    }

    #[test]
    fn what_is_on_its_way_is_no_trouble() {
        for state in [
            json!({"waiting": {"reason": "ContainerCreating"}}),
            json!({"running": {}}),
            json!({"terminated": {"exitCode": 0}}),
        ] {
            assert_eq!(pod(container(state)).trouble(), None);
        }
    }

    #[test]
    fn a_job_ends_by_its_conditions_and_not_by_its_counts() {
        let job = |status: Value| Seen::read(json!({"kind": "Job", "status": status})).expect("a Job").end();
        assert_eq!(job(json!({"succeeded": 1})), None);
        assert_eq!(job(json!({"conditions": [{"type": "Complete", "status": "True"}]})), Some(End::Complete));
        let failed = json!({"conditions": [
            {"type": "Complete", "status": "False"},
            {"type": "Failed", "status": "True", "reason": "DeadlineExceeded", "message": "m"}]});
        assert_eq!(job(failed), Some(End::Failed("DeadlineExceeded".into(), "m".into())));
    }

    #[test]
    fn the_log_of_a_pod_is_whole_when_its_container_has_ended() {
        assert!(!pod(container(json!({"running": {}}))).has_ended());
        let running = json!({"phase": "Running", "containerStatuses": [{"state": {"terminated": {"exitCode": 0}}}]});
        assert!(pod(running).has_ended());
        let evicted = pod(json!({"phase": "Failed", "reason": "Evicted"}));
        assert!(evicted.has_ended() && !evicted.has_run());
    }
}
