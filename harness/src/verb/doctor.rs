//! `libcdiff doctor`: what the sandbox needs of this machine, what it found, and how to mend what is missing.

use std::fmt::Write;
use std::fs;

use super::{cache, print};
use crate::bundle;
use crate::engine;
use crate::exit::{Exit, Failure};
use crate::image::{self, Engine};
use crate::kubernetes;
use crate::machines;
use crate::plan::Plan;
use crate::runner::{Runner, Sandbox, Subject};
use libcdiff_protocol::Confinement;

mod confinement;

/// One thing that was looked at.
struct Check {
    name: &'static str,
    /// What was found; an error says what to do.
    result: Result<String, String>,
}

/// Runs the verb.
pub fn run() -> Result<(), Failure> {
    let (sandbox, found) = sandbox();
    let mut checks = vec![
        kernel(),
        user_namespaces(),
        apparmor(),
        userns_clone(),
        proc_mount(),
        cache_folder(),
        unpacking(),
        foreign_images(),
        sandbox,
    ];
    checks.extend(found.iter().flat_map(confinement::checks));
    let mut out = String::new();
    for check in &checks {
        let (mark, text) = match &check.result {
            Ok(text) => ("ok", text),
            Err(text) => ("MISSING", text),
        };
        let _ = writeln!(out, "{mark:8}{:24}{text}", check.name);
    }
    // Told, and not counted: nothing needs an engine or a cluster.
    let cluster = kubernetes::doctor::check().map_or_else(|text| ("without", text), |text| ("ok", text));
    let others =
        [("Docker", engine_state(Engine::Docker)), ("Podman", engine_state(Engine::Podman)), ("Kubernetes", cluster)];
    for (name, (mark, text)) in others {
        let _ = writeln!(out, "{mark:8}{name:24}{text}");
    }
    print(&out)?;
    match checks.iter().filter(|check| check.result.is_err()).count() {
        0 => Ok(()),
        n => Err(Failure { exit: Exit::Failed, message: format!("{n} of {} checks failed", checks.len()) }),
    }
}

fn read(path: &str) -> Option<String> {
    fs::read_to_string(path).ok().map(|text| text.trim().to_owned())
}

/// Overlay mounts in user namespaces came with 5.11; everything else the agent uses is older.
fn kernel() -> Check {
    let release = read("/proc/sys/kernel/osrelease").unwrap_or_default();
    let mut numbers = release.split(['.', '-']).map(|n| n.parse::<u32>().unwrap_or(0));
    let version = (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0));
    let result = if version >= (5, 11) {
        Ok(format!("Linux {release}"))
    } else {
        Err(format!("Linux {release} has no overlay mounts for ordinary users: 5.11 or newer is needed"))
    };
    Check { name: "kernel", result }
}

/// Without Landlock unpacking stays inside by its own care alone, so that is told and nothing to mend.
fn unpacking() -> Check {
    Check { name: "unpacking", result: Ok(image::confine::state().to_string()) }
}

/// Nobody needs them, so their lack is told and is none.
fn foreign_images() -> Check {
    Check { name: "foreign images", result: Ok(machines::state()) }
}

fn user_namespaces() -> Check {
    let path = "/proc/sys/user/max_user_namespaces";
    let result = match read(path).and_then(|n| n.parse::<u64>().ok()) {
        None => Err("this kernel is built without user namespaces".into()),
        Some(n) if n < 256 => Err(format!("{path} is {n}: as root, sysctl user.max_user_namespaces=15000")),
        Some(n) => Ok(format!("{n} allowed")),
    };
    Check { name: "user namespaces", result }
}

fn apparmor() -> Check {
    let path = "/proc/sys/kernel/apparmor_restrict_unprivileged_userns";
    let root = nix::unistd::geteuid().is_root();
    let result = match read(path).as_deref() {
        Some("1") if !root => Err(format!(
            "{path} is 1 (as on Ubuntu 23.10 and newer): as root, sysctl kernel.apparmor_restrict_unprivileged_userns=0, \
             or give this program an AppArmor profile with `userns,`"
        )),
        Some(_) => Ok("does not stand in the way".into()),
        None => Ok("no such restriction here".into()),
    };
    Check { name: "AppArmor", result }
}

fn userns_clone() -> Check {
    let path = "/proc/sys/kernel/unprivileged_userns_clone";
    let root = nix::unistd::geteuid().is_root();
    let result = match read(path).as_deref() {
        Some("0") if !root => Err(format!("{path} is 0: as root, sysctl kernel.unprivileged_userns_clone=1")),
        Some(_) => Ok("allowed".into()),
        None => Ok("no such restriction here".into()),
    };
    Check { name: "unprivileged namespaces", result }
}

/// A container that masks parts of /proc may not mount a new one.
fn proc_mount() -> Check {
    let mounts = read("/proc/self/mountinfo").unwrap_or_default();
    let masked = mounts.lines().filter_map(|line| line.split(' ').nth(4)).filter(|point| point.starts_with("/proc/"));
    let masked: Vec<_> = masked.filter(|point| *point != "/proc/sys/fs/binfmt_misc").collect();
    let result = match masked.is_empty() {
        true => Ok("nothing of it is masked".into()),
        false => Err(format!(
            "{} is mounted over, as container engines do, and the kernel then refuses a new /proc: \
             run outside of the container, or start it with --security-opt systempaths=unconfined",
            masked.join(", ")
        )),
    };
    Check { name: "/proc", result }
}

fn cache_folder() -> Check {
    let result = cache().map_err(|f| f.message).and_then(|path| {
        let written = fs::create_dir_all(&path).and_then(|()| tempfile::tempfile_in(&path));
        match written {
            Ok(_) => Ok(path.display().to_string()),
            Err(e) => Err(format!("{}: {e}: set LIBCDIFF_CACHE to a folder that can be written to", path.display())),
        }
    });
    Check { name: "cache", result }
}

/// The proof: enter the sandbox and leave it again; and what confines programs there.
fn sandbox() -> (Check, Option<Confinement>) {
    let entered = cache().map_err(|f| f.message).and_then(|cache| {
        let programs = bundle::lay_out(&cache).map_err(|e| e.to_string())?;
        let empty = tempfile::tempdir().map_err(|e| e.to_string())?;
        let plan = Plan { computing: 1, waiting: 1, items: Vec::new() };
        let runner = Sandbox { programs };
        runner.run(&Subject::new("an empty image", empty.path()), plan, &|_| ()).map_err(|e| e.to_string())
    });
    let found = entered.as_ref().ok().and_then(|ran| ran.confinement.clone());
    let result = entered.map(|ran| format!("entered, found isolated, left (Linux {})", ran.kernel));
    (Check { name: "sandbox", result }, found)
}

/// Whether the agent can do its work in a container of an engine, where there is one.
fn engine_state(engine: Engine) -> (&'static str, String) {
    let programs = cache().and_then(|cache| Ok(bundle::lay_out(&cache)?)).map_err(|failure| failure.message);
    match programs.and_then(|programs| engine::state(engine, programs)) {
        Ok(Some(text)) => ("ok", text),
        Ok(None) => ("none", "not here, and not needed".into()),
        Err(text) => ("without", text),
    }
}
