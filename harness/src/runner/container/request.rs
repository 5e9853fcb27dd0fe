//! What a container may do and have, as it is asked of the engine.
//!
//! The agent needs two capabilities until it has namespaces of its own: CAP_SYS_ADMIN to make a mount namespace, and CAP_SETFCAP
//! to be uid 0 in a user namespace. With the latter it leaves the container's rights behind, so that a program of the image has
//! none of them. There is no network, and memory and processes are bounded.

use std::collections::HashMap;

use bollard::models::{ContainerCreateBody, HealthConfig, HostConfig, HostConfigLogConfig};
use serde_json::json;

use super::STAGE;
use crate::engine::{LABEL, Owner};
use crate::image::Engine;

/// Bytes of memory of a container: above anything that the cases of a session have at a time.
const MEMORY: i64 = 8 << 30;
/// Processes and threads of a container: as many as the cases of a session may have at a time.
const PROCESSES: i64 = 32 << 10;

/// A container of this image that runs the agent.
pub fn container(image: &str, engine: Engine) -> ContainerCreateBody {
    let strings = |list: &[&str]| Some(list.iter().map(|text| (*text).to_owned()).collect());
    ContainerCreateBody {
        image: Some(image.into()),
        entrypoint: Some(vec![format!("{STAGE}/agent")]),
        cmd: Some(Vec::new()),
        user: Some("0:0".into()),
        working_dir: Some("/".into()),
        env: Some(Vec::new()),
        attach_stdin: Some(true),
        attach_stdout: Some(true),
        attach_stderr: Some(true),
        open_stdin: Some(true),
        // Closed with the connection: then the agent ends.
        stdin_once: Some(true),
        healthcheck: Some(HealthConfig { test: strings(&["NONE"]), ..HealthConfig::default() }),
        labels: Some(HashMap::from([(LABEL.into(), Owner::me().to_string())])),
        host_config: Some(HostConfig {
            network_mode: Some("none".into()),
            auto_remove: Some(true),
            cap_drop: strings(&["ALL"]),
            cap_add: strings(&["SYS_ADMIN", "SETFCAP"]),
            security_opt: Some(security(engine)),
            memory: Some(MEMORY),
            pids_limit: Some(PROCESSES),
            // What the agent says goes to whoever listens, and is not kept.
            log_config: Some(HostConfigLogConfig { typ: Some("none".into()), config: None }),
            ..HostConfig::default()
        }),
        ..ContainerCreateBody::default()
    }
}

/// Profiles of engines forbid all mounting, so that they are left out; the agent confines the programs itself.
fn security(engine: Engine) -> Vec<String> {
    let seccomp = match engine {
        Engine::Docker => seccomp().to_string(),
        // Takes the path of a file on its own machine alone.
        Engine::Podman => "unconfined".into(),
    };
    vec!["no-new-privileges".into(), "apparmor=unconfined".into(), "label=disable".into(), format!("seccomp={seccomp}")]
}

/// System calls that reach past a container for those who have CAP_SYS_ADMIN, or the kernel itself. Everything else is
/// allowed: the answers must be those that programs get without an engine.
const DENIED: [&str; 29] = [
    "acct",
    "add_key",
    "bpf",
    "create_module",
    "delete_module",
    "fanotify_init",
    "finit_module",
    "get_kernel_syms",
    "init_module",
    "ioperm",
    "iopl",
    "kexec_file_load",
    "kexec_load",
    "keyctl",
    "lookup_dcookie",
    "nfsservctl",
    "open_by_handle_at",
    "perf_event_open",
    "query_module",
    "quotactl",
    "quotactl_fd",
    "reboot",
    "request_key",
    "swapoff",
    "swapon",
    "syslog",
    "userfaultfd",
    "uselib",
    "vhangup",
];

fn seccomp() -> serde_json::Value {
    json!({
        "defaultAction": "SCMP_ACT_ALLOW",
        "syscalls": [{ "names": DENIED, "action": "SCMP_ACT_ERRNO" }],
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_container_has_no_network_few_rights_and_an_owner() {
        let body = container("x", Engine::Docker);
        let host = body.host_config.expect("there");
        assert_eq!(host.network_mode.as_deref(), Some("none"));
        assert_eq!(host.cap_drop, Some(vec!["ALL".to_owned()]));
        assert_eq!(host.privileged, None);
        assert!(host.memory > Some(0) && host.pids_limit > Some(0) && host.auto_remove == Some(true));
        assert_eq!(body.labels.expect("there").get(LABEL).map(|owner| owner.parse()), Some(Ok(Owner::me())));
        let options = host.security_opt.expect("there");
        assert!(
            options.iter().any(|option| option.starts_with("seccomp={"))
                && options.contains(&"no-new-privileges".into())
        );
    }
}
