//! The whole of it, as people call it: images at a real registry, the carrier too, the API stood in for, and each pod run by a
//! real Docker with the security context that its spec asks for. What pods say is what the sandbox says, case by case.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use libcdiff::fuzz::state::Campaign;
use libcdiff::runfile::{Observation, RunFile};
use libcdiff::verb;
use libcdiff_protocol::Status;
use serde_json::Value;

use crate::daemon::Daemon;
use crate::registry::Registry;
use crate::server::{Fate, Pod, Server};
use crate::stage;

/// The areas in which a container could show: users, limits, filters, mounts, temporary folders, what runs on.
const AREAS: &str = "accounts,alloc,fs,loader,memory,process,stdio,threads";

/// The images, one of each family: their names at the registry, and root file systems.
fn images() -> [(&'static str, PathBuf); 2] {
    let catalog = |name: &str| verb::cache().expect("a cache").join(format!("catalog/{name}.tar"));
    let folder = std::env::var("LIBCDIFF_TEST_IMAGES").ok().filter(|folder| !folder.is_empty());
    let alpine = folder.map(|folder| Path::new(&folder).join("alpine-3.20.tar.gz")).filter(|file| file.exists());
    if alpine.is_none() {
        eprintln!(
            "unsupported: LIBCDIFF_TEST_IMAGES names no folder with an Alpine image; Debian with musl stands in for it"
        );
    }
    let musl = alpine.map_or_else(|| ("debian-13-musl", catalog("debian-13-musl")), |file| ("alpine-3.20", file));
    [("debian-13", catalog("debian-13")), musl]
}

/// A container of a pod, as a kubelet has it made: user, capabilities, filters, mounts of its spec.
fn container(
    daemon: &Daemon,
    spec: &Value,
    container: &Value,
    folders: &Path,
    plan: &Path,
    index: u32,
) -> (i32, Vec<u8>) {
    let (pod, own) = (&spec["securityContext"], &container["securityContext"]);
    assert_eq!(pod["seccompProfile"]["type"], "RuntimeDefault", "which Docker has by default");
    let mut command = Command::new("docker");
    command.env("DOCKER_HOST", &daemon.host).args(["run", "--rm", "--network", "none"]);
    command.args(["--user", &format!("{}:{}", pod["runAsUser"], pod["runAsGroup"])]);
    for capability in own["capabilities"]["drop"].as_array().expect("what is dropped") {
        command.args(["--cap-drop", capability.as_str().expect("a name")]);
    }
    assert_eq!(own["allowPrivilegeEscalation"], false);
    command.args(["--security-opt", "no-new-privileges"]);
    if own["readOnlyRootFilesystem"] == true {
        command.arg("--read-only");
    }
    command.args(["--env", &format!("JOB_COMPLETION_INDEX={index}")]);
    for mount in container["volumeMounts"].as_array().expect("mounts") {
        let name = mount["name"].as_str().expect("a name");
        let from = if name == "plan" { plan.to_owned() } else { folders.join(name) };
        let read_only = if mount["readOnly"] == true { ":ro" } else { "" };
        command.args([
            "--volume",
            &format!("{}:{}{read_only}", from.display(), mount["mountPath"].as_str().expect("a path")),
        ]);
    }
    let words = container["command"].as_array().expect("a command").iter().map(|word| word.as_str().expect("a word"));
    let mut words = words;
    command.args(["--entrypoint", words.next().expect("a program")]);
    command.arg(container["image"].as_str().expect("an image")).args(words);
    let output = command.output().expect("docker starts");
    let log = [output.stdout, output.stderr].concat();
    (output.status.code().unwrap_or(255), log)
}

fn pod(daemon: &Daemon, pod: &Pod<'_>) -> Fate {
    let folders = tempfile::tempdir().expect("a folder");
    fs::set_permissions(folders.path(), fs::Permissions::from_mode(0o755)).expect("own");
    for volume in
        pod.spec["volumes"].as_array().expect("volumes").iter().filter(|volume| volume["emptyDir"].is_object())
    {
        // What a kubelet makes of an empty folder.
        let folder = folders.path().join(volume["name"].as_str().expect("a name"));
        fs::create_dir(&folder).expect("writable");
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o777)).expect("own");
    }
    for parent in pod.plan.ancestors().take(2) {
        fs::set_permissions(parent, fs::Permissions::from_mode(0o755)).expect("own");
    }
    let run = |one: &Value| container(daemon, pod.spec, one, folders.path(), pod.plan, pod.index);
    for init in pod.spec["initContainers"].as_array().into_iter().flatten() {
        let (code, log) = run(init);
        assert_eq!(code, 0, "the carrier: {}", String::from_utf8_lossy(&log));
    }
    let (code, log) = run(&pod.spec["containers"][0]);
    Fate::ended(code, log)
}

/// Pushes what the run needs, and gives the names of the images.
fn fill(registry: &Registry, daemon: &Daemon, folder: &Path) -> Vec<String> {
    let carrier = folder.join("carrier.tar").display().to_string();
    let written =
        Command::new(env!("CARGO_BIN_EXE_libcdiff")).args(["kubernetes", "carrier", "--output", &carrier]).output();
    assert!(written.expect("libcdiff starts").status.success());
    registry.push(&format!("oci-archive:{carrier}"), "carrier:1", &[]);
    let pushed = |(name, file): (&str, PathBuf)| {
        daemon.says(&["import", &file.display().to_string(), name]);
        registry.push(
            &format!("docker-daemon:{name}:latest"),
            &format!("{name}:1"),
            &["--src-daemon-host", &daemon.host],
        );
        format!("{}/{name}:1", registry.host)
    };
    images().into_iter().map(pushed).collect()
}

fn by_case(run: &RunFile) -> BTreeMap<(String, String, String), &Observation> {
    let key = |seen: &Observation| (seen.case.to_string(), seen.image.to_string(), seen.flavour.to_string());
    run.observations.iter().map(|seen| (key(seen), seen)).collect()
}

#[test]
fn a_pod_says_what_the_sandbox_says() {
    let (Some(daemon), Some(registry)) = (Daemon::docker().map(Arc::new), Registry::open()) else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let Some(kubectl) = stage::kubectl(folder.path()) else { return };
    let images = fill(&registry, &daemon, folder.path());
    // The server's thread outlives the test; the engine must not.
    let kubelets = Arc::downgrade(&daemon);
    let server = Server::start(move |one: &Pod<'_>| pod(&kubelets.upgrade().expect("the test goes on"), one));
    server.configure(&folder.path().join("config"));
    let run = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_libcdiff"));
        command
            .args(["run", "--format", "json", "--area", AREAS, "--flavour", "gnu,musl"])
            .args(arguments)
            .args(&images);
        let output = command.env("KUBECTL", &kubectl.program).output().expect("libcdiff starts");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        RunFile::parse(&String::from_utf8_lossy(&output.stdout)).expect("a run file")
    };
    let carrier = format!("{}/carrier:1", registry.host);
    let logs = folder.path().join("logs").display().to_string();
    let there = run(&["--runner", "kubernetes", "--carrier", &carrier, "--shards", "2", "--logs", &logs]);
    let here = run(&[]);
    assert!(server.objects().is_empty(), "{:?}", server.objects());
    assert_eq!(
        there.images.iter().map(|image| &image.digest).collect::<Vec<_>>(),
        here.images.iter().map(|image| &image.digest).collect::<Vec<_>>()
    );

    let (there_by, here_by) = (by_case(&there), by_case(&here));
    assert_eq!(there_by.keys().collect::<Vec<_>>(), here_by.keys().collect::<Vec<_>>());
    let takes_a_sandbox = |seen: &Observation| {
        seen.status == Status::Unsupported && seen.reason.as_ref().is_some_and(|reason| reason.contains("no sandbox"))
    };
    let (confined, asked): (Vec<_>, Vec<_>) = there_by.into_iter().partition(|(_, seen)| takes_a_sandbox(seen));
    assert!(confined.len() * 4 < asked.len(), "{} of {} were not asked", confined.len(), confined.len() + asked.len());
    let differ: Vec<_> = asked
        .iter()
        .filter(|(key, seen)| {
            let other = here_by[key];
            (seen.status, &seen.signal, &seen.text) != (other.status, &other.signal, &other.text)
        })
        .collect();
    assert!(differ.is_empty(), "{differ:#?}");

    // The logs that were kept are the same run.
    let kept = fs::read_dir(&logs).expect("logs").map(|entry| entry.expect("an entry").path());
    let collected =
        Command::new(env!("CARGO_BIN_EXE_libcdiff")).args(["collect", "--format", "json"]).args(kept).output();
    let collected = collected.expect("libcdiff starts");
    assert!(collected.status.success(), "{}", String::from_utf8_lossy(&collected.stderr));
    let collected = RunFile::parse(&String::from_utf8_lossy(&collected.stdout)).expect("a run file");
    let differences = |run: &RunFile| serde_json::to_value(&run.differences).expect("JSON");
    assert_eq!((&collected.observations, differences(&collected)), (&there.observations, differences(&there)));

    // Pods that are asked for hashes find what is found here.
    let fuzz = |arguments: &[&str]| {
        let state = folder.path().join("campaign");
        let mut command = Command::new(env!("CARGO_BIN_EXE_libcdiff"));
        command.args(["fuzz", "time.strptime", "process.confstr", "--rounds", "2", "--json", "--fresh", "--state"]);
        command.arg(state).args(images.iter().flat_map(|image| ["--image", image])).args(arguments);
        let output = command.env("KUBECTL", &kubectl.program).output().expect("libcdiff starts");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice::<Campaign>(&output.stdout).expect("a campaign")
    };
    let (there, here) = (fuzz(&["--runner", "kubernetes", "--carrier", &carrier, "--shards", "2"]), fuzz(&[]));
    let asked =
        |campaign: &Campaign| campaign.targets.iter().map(|found| (found.asked, found.differed)).collect::<Vec<_>>();
    let classes = |campaign: &Campaign| {
        campaign.targets.iter().flat_map(|found| &found.classes).map(|found| found.id.clone()).collect::<Vec<_>>()
    };
    // Of the second round a part is made of what the first one found, which pods that are asked for both do not know.
    assert_eq!(asked(&there)[0], asked(&here)[0]);
    assert!(there.targets[1].asked == here.targets[1].asked && there.targets[1].differed > 0);
    let (there, here) = (classes(&there), classes(&here));
    let common = there.iter().filter(|id| here.contains(id)).count();
    assert!(common * 2 > here.len(), "{there:?} and {here:?}");
}
