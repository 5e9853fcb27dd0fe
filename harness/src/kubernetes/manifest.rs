//! The few Kubernetes objects that a run is made of, as the API spells them. Every field that is written is here; what an API
//! server adds to them is not read back through these types.
//!
//! The types are few and their own, because a crate of all of Kubernetes' is larger than this program; tests hold them
//! against those types, which are generated from the published API.

#![allow(missing_docs, reason = "fields mean what the API says of them")]

use std::collections::BTreeMap;

use serde::Serialize;

/// Names and values, in order.
pub type Map = BTreeMap<String, String>;

/// An object at the top of a manifest.
#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
pub enum Object {
    /// A Job.
    Job(Box<Job>),
    /// A ConfigMap.
    ConfigMap(ConfigMap),
}

/// `ObjectMeta`.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Metadata {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    pub labels: Map,
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub annotations: Map,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub owner_references: Vec<OwnerReference>,
}

/// Who an object goes away with.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct OwnerReference {
    pub api_version: &'static str,
    pub kind: &'static str,
    pub name: String,
    pub uid: String,
}

/// `ConfigMap`: the plan.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ConfigMap {
    pub api_version: &'static str,
    pub kind: &'static str,
    pub metadata: Metadata,
    pub immutable: bool,
    /// Base 64.
    pub binary_data: Map,
}

/// `Job`.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Job {
    pub api_version: &'static str,
    pub kind: &'static str,
    pub metadata: Metadata,
    pub spec: JobSpec,
}

/// `JobSpec`.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct JobSpec {
    pub completions: u32,
    pub parallelism: u32,
    pub completion_mode: &'static str,
    pub backoff_limit: u32,
    pub active_deadline_seconds: u64,
    pub ttl_seconds_after_finished: u64,
    pub template: Template,
}

/// `PodTemplateSpec`.
#[derive(Clone, Debug, Serialize)]
pub struct Template {
    pub metadata: Metadata,
    pub spec: PodSpec,
}

/// `PodSpec`.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PodSpec {
    pub restart_policy: &'static str,
    pub automount_service_account_token: bool,
    pub enable_service_links: bool,
    pub termination_grace_period_seconds: u64,
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub node_selector: Map,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub image_pull_secrets: Vec<Named>,
    pub security_context: PodSecurity,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub init_containers: Vec<Container>,
    pub containers: Vec<Container>,
    pub volumes: Vec<Volume>,
}

/// A name alone.
#[derive(Clone, Debug, Serialize)]
pub struct Named {
    pub name: String,
}

/// `PodSecurityContext`.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PodSecurity {
    pub run_as_non_root: bool,
    pub run_as_user: u32,
    pub run_as_group: u32,
    pub seccomp_profile: SeccompProfile,
}

/// `SeccompProfile`.
#[derive(Clone, Debug, Serialize)]
pub struct SeccompProfile {
    #[serde(rename = "type")]
    pub kind: &'static str,
}

/// `Container`.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Container {
    pub name: &'static str,
    pub image: String,
    pub image_pull_policy: &'static str,
    pub command: Vec<String>,
    pub security_context: ContainerSecurity,
    pub resources: Resources,
    pub volume_mounts: Vec<Mount>,
}

/// `SecurityContext` of a container.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ContainerSecurity {
    pub allow_privilege_escalation: bool,
    pub read_only_root_filesystem: bool,
    pub capabilities: Capabilities,
}

/// `Capabilities`.
#[derive(Clone, Debug, Serialize)]
pub struct Capabilities {
    pub drop: Vec<&'static str>,
}

/// `ResourceRequirements`.
#[derive(Clone, Debug, Serialize)]
pub struct Resources {
    pub requests: Map,
    pub limits: Map,
}

/// `VolumeMount`.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Mount {
    pub name: &'static str,
    pub mount_path: &'static str,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub read_only: bool,
}

/// `Volume`.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Volume {
    pub name: &'static str,
    #[serde(flatten)]
    pub source: Source,
}

/// What a volume holds.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Source {
    /// A folder that is empty at first.
    EmptyDir(EmptyDir),
    /// The content of an image.
    Image(ImageSource),
    /// Several ConfigMaps in one folder.
    Projected(Projected),
}

/// `EmptyDirVolumeSource`.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct EmptyDir {
    pub size_limit: String,
}

/// `ImageVolumeSource`.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ImageSource {
    pub reference: String,
    pub pull_policy: &'static str,
}

/// `ProjectedVolumeSource`.
#[derive(Clone, Debug, Serialize)]
pub struct Projected {
    pub sources: Vec<Projection>,
}

/// `VolumeProjection`.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Projection {
    pub config_map: Named,
}
