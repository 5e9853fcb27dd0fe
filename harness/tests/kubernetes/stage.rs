//! A run of a few cases that ask the C library inside the probes, in an image that has none; and how its pods are run
//! without an engine: the agent in a root of its own, with no more rights than a pod gives it.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use libcdiff::kubernetes::flow::{Flow, FlowError, Outcome};
use libcdiff::kubernetes::job::Objects;
use libcdiff::kubernetes::kubectl::Kubectl;
use libcdiff::kubernetes::{Options, Wanted, objects};
use libcdiff::plan::{self, Selection};
use libcdiff::runfile::{AsDeployed, Image, Os, Size};
use libcdiff::{bundle, verb};
use libcdiff_protocol::Flavour;

use crate::server::{Fate, Pod, Server};

/// The kubectl of this machine; `None`, said aloud, where there is none.
pub fn kubectl(folder: &Path) -> Option<Kubectl> {
    let usual = Kubectl { pause: Duration::from_millis(10), ..Kubectl::usual(None, None) };
    if Command::new(&usual.program).args(["version", "--client"]).output().is_err() {
        eprintln!("unsupported: kubectl is not installed; `make setup` installs it");
        return None;
    }
    // It finds its configuration by the environment, and keeps what it discovers in the home folder: both of this test alone.
    let script = folder.join("kubectl");
    let home = folder.display();
    let text = format!("#!/bin/sh\nHOME={home} KUBECONFIG={home}/config exec {} \"$@\"\n", usual.program);
    std::fs::write(&script, text).expect("written");
    std::fs::set_permissions(&script, std::os::unix::fs::PermissionsExt::from_mode(0o755)).expect("own");
    Some(Kubectl { program: script.display().to_string(), ..usual })
}

pub fn options() -> Options {
    Options {
        carrier: "registry.test/carrier@sha256:1".into(),
        image_volume: false,
        shards: 1,
        namespace: None,
        node_selector: Default::default(),
        pull_secrets: vec![],
        deadline_seconds: 600,
        keep_seconds: 60,
    }
}

/// A run of these cases in one image without a C library.
pub fn wanted(cases: &[&str]) -> Wanted {
    let all = bundle::cases().expect("the manifest");
    let selection = Selection {
        cases: cases.iter().map(|case| (*case).to_owned()).collect(),
        flavours: vec![Flavour::MuslStatic],
        ..Selection::default()
    };
    let image = Image {
        id: "empty".into(),
        reference: "registry.test/empty:1".into(),
        digest: None,
        os: Os::default(),
        libc: None,
        libcs: vec![],
        size: Size::default(),
        kernel: String::new(),
        confinement: None,
        arch: String::new(),
        emulated_by: None,
    };
    let (plan, dropped) = plan::plan(&selection.of(&all), &image, &selection, 1);
    assert!(!plan.items.is_empty());
    Wanted { image, pinned: "registry.test/empty@sha256:2".into(), arch: "amd64", plan: plan::whole(&plan), dropped }
}

/// What became of a run, and what was told on the way.
pub struct Ran {
    pub outcome: Result<Outcome, FlowError>,
    pub told: Vec<String>,
    pub left: Vec<(String, String)>,
}

/// Runs it at a server; nothing where there is no kubectl.
pub fn run(server: &Server, wanted: &[Wanted], options: &Options) -> Option<Ran> {
    run_until(server, wanted, options, || false)
}

/// Runs look-ups as deployed.
pub fn run_deployed(server: &Server, wanted: &[Wanted], options: &Options, record: &AsDeployed) -> Option<Ran> {
    let objects = objects("test", wanted, Some(record), options).expect("objects");
    run_objects(server, objects, &|| false)
}

pub fn run_until(server: &Server, wanted: &[Wanted], options: &Options, stopped: impl Fn() -> bool) -> Option<Ran> {
    run_objects(server, objects("test", wanted, None, options).expect("objects"), &stopped)
}

fn run_objects(server: &Server, objects: Vec<Objects>, stopped: &dyn Fn() -> bool) -> Option<Ran> {
    let folder = tempfile::tempdir().expect("a folder");
    server.configure(&folder.path().join("config"));
    let kubectl = kubectl(folder.path())?;
    let told = Mutex::new(Vec::new());
    let flow = Flow {
        cluster: &kubectl,
        run: "test",
        every: Duration::from_millis(50),
        patience: Duration::from_millis(100),
        stopped,
        tell: &|text| told.lock().expect("not poisoned").push(text.to_owned()),
    };
    let outcome = flow.run(objects);
    Some(Ran { outcome, told: told.into_inner().expect("not poisoned"), left: server.objects() })
}

/// The programs, as a carrier brings them.
fn programs() -> PathBuf {
    let programs = bundle::lay_out(&verb::cache().expect("a cache")).expect("laid out");
    programs.agent.parent().expect("a folder").to_owned()
}

/// Runs the agent of a pod: in a root with the probes, an empty /tmp, a device and its processes, where it may do nothing to
/// the machine.
pub fn kubelet(pod: &Pod<'_>) -> Fate {
    kubelet_with(pod, "")
}

/// As [`kubelet`], with this resolv.conf.
pub fn kubelet_with(pod: &Pod<'_>, resolv_conf: &str) -> Fate {
    let root = tempfile::tempdir().expect("a folder");
    std::fs::create_dir(root.path().join("etc")).expect("writable");
    std::fs::write(root.path().join("etc/resolv.conf"), resolv_conf).expect("writable");
    let script = r#"set -e
        cd "$ROOT"
        mkdir -p .libcdiff plan tmp proc dev
        mount -t tmpfs none .libcdiff
        mkdir .libcdiff/musl-static
        cp "$PROGRAMS/agent" .libcdiff/agent
        mount --bind "$PROGRAMS/image/.libcdiff/musl-static" .libcdiff/musl-static
        mount --bind "$PLAN" plan
        mount -t proc none proc
        touch dev/null; mount --bind /dev/null dev/null
        exec chroot . /.libcdiff/agent pod /plan"#;
    let output = Command::new("unshare")
        .args(["--user", "--map-root-user", "--mount", "--pid", "--fork", "sh", "-c", script])
        .env("ROOT", root.path())
        .env("PROGRAMS", programs())
        .env("PLAN", pod.plan)
        .env("JOB_COMPLETION_INDEX", pod.index.to_string())
        .output()
        .expect("unshare starts");
    let log = [output.stdout, output.stderr].concat();
    Fate::ended(output.status.code().unwrap_or(255), log)
}

/// A kubelet that does something else with what the agent has written.
pub fn changing(
    change: impl Fn(Vec<u8>) -> Vec<u8> + Send + Sync + 'static,
) -> impl Fn(&Pod<'_>) -> Fate + Send + Sync {
    let change = Arc::new(change);
    move |pod| {
        let fate = kubelet(pod);
        Fate { log: change(fate.log), ..fate }
    }
}
