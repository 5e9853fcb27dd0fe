//! The Job of one image, and the ConfigMaps of its plan.
//!
//! The pod is what the restricted pod security standard allows: an ordinary user, no capability, no way to gain one, the
//! runtime's seccomp filter, a root folder that cannot be written to. The agent and the probes come from the carrier image:
//! an init container copies them into an empty folder, or, where asked for, the carrier is itself a volume.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::manifest::*;
use super::{Options, Wanted};

/// Where programs find the agent and the probes: cases name files below it.
const PROGRAMS: &str = "/.libcdiff";
/// Where the agent finds its plan.
const PLAN: &str = "/.libcdiff-plan";
/// A user that no image gives rights to; the one that images without root commonly take.
const USER: u32 = 65532;
const MIB: u64 = 1 << 20;

/// The objects of one image.
pub struct Objects {
    /// The Job.
    pub job: Job,
    /// Its plan.
    pub plan: Vec<ConfigMap>,
}

/// Makes the objects of the image at this place of a run; `parts` is its plan.
pub fn objects(run: &str, place: usize, wanted: &Wanted, parts: &[Vec<u8>], options: &Options) -> Objects {
    let name = format!("libcdiff-{run}-{place}");
    let meta = |name: Option<String>| Metadata {
        name,
        namespace: options.namespace.clone(),
        labels: labels(run, place),
        ..Metadata::default()
    };
    let map = |(part, content): (usize, &Vec<u8>)| ConfigMap {
        api_version: "v1",
        kind: "ConfigMap",
        metadata: meta(Some(format!("{name}-plan-{part}"))),
        immutable: true,
        binary_data: Map::from([(format!("session.gz.{part:03}"), STANDARD.encode(content))]),
    };
    let plan: Vec<ConfigMap> = parts.iter().enumerate().map(map).collect();
    let names = plan.iter().filter_map(|map| map.metadata.name.clone()).collect();
    let annotations = Map::from([("libcdiff-image-reference".to_owned(), wanted.image.reference.clone())]);
    let job = Job {
        api_version: "batch/v1",
        kind: "Job",
        metadata: Metadata { annotations, ..meta(Some(name)) },
        spec: JobSpec {
            completions: options.shards,
            parallelism: options.shards,
            completion_mode: "Indexed",
            // A pod that failed fails again; and its log is all there is to say why.
            backoff_limit: 0,
            active_deadline_seconds: options.deadline_seconds,
            ttl_seconds_after_finished: options.keep_seconds,
            template: Template {
                metadata: Metadata { namespace: None, ..meta(None) },
                spec: pod(wanted, names, options),
            },
        },
    };
    Objects { job, plan }
}

/// What the objects of a run are found by.
pub fn labels(run: &str, place: usize) -> Map {
    Map::from([
        ("app.kubernetes.io/name".to_owned(), "libcdiff".to_owned()),
        ("app.kubernetes.io/managed-by".to_owned(), "libcdiff".to_owned()),
        ("app.kubernetes.io/instance".to_owned(), run.to_owned()),
        ("libcdiff-image".to_owned(), place.to_string()),
    ])
}

/// The selector of everything that belongs to a run.
pub fn selector(run: &str) -> String {
    format!("app.kubernetes.io/name=libcdiff,app.kubernetes.io/instance={run}")
}

fn pod(wanted: &Wanted, plan: Vec<String>, options: &Options) -> PodSpec {
    let mut node_selector = Map::from([("kubernetes.io/arch".to_owned(), wanted.arch.to_owned())]);
    node_selector.extend(options.node_selector.clone());
    let mount = |name, mount_path, read_only| Mount { name, mount_path, read_only };
    let probes = container(
        "probes",
        &wanted.pinned,
        [&format!("{PROGRAMS}/agent"), "pod", PLAN],
        resources("500m", 2048 * MIB),
        vec![mount("programs", PROGRAMS, true), mount("plan", PLAN, true), mount("temporary", "/tmp", false)],
    );
    let carrier = container(
        "carrier",
        &options.carrier,
        ["/agent", "install", PROGRAMS],
        resources("100m", 256 * MIB),
        vec![mount("programs", PROGRAMS, false)],
    );
    let empty = |mib: u64| Source::EmptyDir(EmptyDir { size_limit: format!("{mib}Mi") });
    let programs = match options.image_volume {
        true => Source::Image(ImageSource { reference: options.carrier.clone(), pull_policy: "IfNotPresent" }),
        false => empty(256),
    };
    let config_map = |name| Projection { config_map: Named { name } };
    PodSpec {
        restart_policy: "Never",
        automount_service_account_token: false,
        enable_service_links: false,
        termination_grace_period_seconds: 5,
        node_selector,
        image_pull_secrets: options.pull_secrets.iter().map(|name| Named { name: name.clone() }).collect(),
        security_context: PodSecurity {
            run_as_non_root: true,
            run_as_user: USER,
            run_as_group: USER,
            seccomp_profile: SeccompProfile { kind: "RuntimeDefault" },
        },
        init_containers: if options.image_volume { vec![] } else { vec![carrier] },
        containers: vec![probes],
        volumes: vec![
            Volume { name: "programs", source: programs },
            Volume {
                name: "plan",
                source: Source::Projected(Projected { sources: plan.into_iter().map(config_map).collect() }),
            },
            Volume { name: "temporary", source: empty(256) },
        ],
    }
}

fn container<const N: usize>(
    name: &'static str,
    image: &str,
    command: [&str; N],
    resources: Resources,
    volume_mounts: Vec<Mount>,
) -> Container {
    Container {
        name,
        image: image.to_owned(),
        image_pull_policy: "IfNotPresent",
        command: command.map(str::to_owned).to_vec(),
        security_context: ContainerSecurity {
            allow_privilege_escalation: false,
            read_only_root_filesystem: true,
            capabilities: Capabilities { drop: vec!["ALL"] },
        },
        resources,
        volume_mounts,
    }
}

/// Some processor time and memory to be sure of, and memory that is not exceeded; no limit on processor time, which would
/// make waiting look like slowness.
fn resources(cpu: &str, most_bytes: u64) -> Resources {
    let mib = |bytes: u64| format!("{}Mi", bytes / MIB);
    Resources {
        requests: Map::from([("cpu".to_owned(), cpu.to_owned()), ("memory".to_owned(), mib(256 * MIB))]),
        limits: Map::from([("memory".to_owned(), mib(most_bytes))]),
    }
}
