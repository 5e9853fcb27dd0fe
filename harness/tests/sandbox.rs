//! The agent in the built-in sandbox, with a program that misbehaves: whatever it does costs its own case only, and
//! nothing is left behind. Needs the compilers of `make setup`, no image and no root.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use libcdiff::bundle::{self, Programs};
use libcdiff::runner::{Ran, Runner, Sandbox};
use libcdiff_protocol::{Flavour, Item, Limits, Observation, Plan, StackLimit, Status};

/// A folder of probes that holds the misbehaving program, and an image of a few files.
struct Place {
    _folder: tempfile::TempDir,
    agent: PathBuf,
    probes: PathBuf,
    image: PathBuf,
}

fn place() -> &'static Place {
    static PLACE: OnceLock<Place> = OnceLock::new();
    PLACE.get_or_init(|| {
        let folder = tempfile::tempdir().expect("a folder");
        let agent = bundle::lay_out(&folder.path().join("cache")).expect("the agent").agent;
        let (probes, image) = (folder.path().join("probes"), folder.path().join("image"));
        fs::create_dir_all(probes.join(".libcdiff")).expect("writable");
        fs::create_dir_all(image.join("etc")).expect("writable");
        fs::write(image.join("etc/marker"), "as shipped").expect("writable");
        fs::write(image.join("etc/other"), "as shipped").expect("writable");
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/programs/misbehave.c");
        let program = probes.join(".libcdiff/misbehave");
        let compiled = Command::new("musl-gcc").args(["-O1", "-static", "-o"]).arg(&program).arg(source).status();
        assert!(compiled.is_ok_and(|status| status.success()), "musl-gcc is needed: run `make setup`");
        Place { _folder: folder, agent, probes, image }
    })
}

fn item(what: &[&str]) -> Item {
    let case = format!("test.{}", what[0]);
    let args = std::iter::once(case.clone()).chain(what.iter().map(|s| (*s).to_owned())).collect();
    Item {
        case,
        flavour: Flavour::MuslStatic,
        program: "misbehave".into(),
        args,
        env: BTreeMap::new(),
        files: vec![],
        hostname: None,
        dns: None,
        relay: None,
        limits: Limits {
            deadline_ms: 5000,
            stack: StackLimit::Bytes(8 << 20),
            output_bytes: 64 << 10,
            disk_bytes: 4 << 20,
            processes: 512,
            address_space_bytes: 1 << 30,
            memory_bytes: None,
            memory_watched: false,
        },
    }
}

fn run(items: Vec<Item>) -> Ran {
    let place = place();
    let programs = Programs { agent: place.agent.clone(), probes: place.probes.clone() };
    let plan = Plan { computing: 2, waiting: 8, items };
    Sandbox { programs }.run("test", &place.image, plan, &|_| ()).unwrap_or_else(|e| panic!("{e}"))
}

fn one(what: &[&str]) -> Observation {
    run(vec![item(what)]).observations.remove(0)
}

/// Processes of this machine that came from this case.
fn left_over(case: &str) -> usize {
    let line = |entry: fs::DirEntry| fs::read(entry.path().join("cmdline")).ok();
    let marker = format!("/.libcdiff/misbehave\0test.{case}\0");
    fs::read_dir("/proc")
        .expect("/proc")
        .filter_map(|entry| line(entry.ok()?))
        .filter(|line| line.starts_with(marker.as_bytes()))
        .count()
}

#[test]
fn a_crash_is_an_observation() {
    let seen = one(&["crash"]);
    assert_eq!(
        (seen.status, seen.signal.as_deref(), seen.text.as_str()),
        (Status::Crashed, Some("SIGSEGV"), "crashed: SIGSEGV")
    );
}

#[test]
fn a_hang_ends_at_its_deadline_and_holds_nobody_up() {
    let mut hang = item(&["hang"]);
    hang.limits.deadline_ms = 300;
    let seen = run(vec![hang, item(&["find-fill"])]).observations;
    let status = |case: &str| seen.iter().find(|o| o.case == case).map(|o| o.status);
    assert_eq!((status("test.hang"), status("test.find-fill")), (Some(Status::Timeout), Some(Status::Described)));
}

#[test]
fn a_full_disk_is_one_cases_own() {
    let mut plan = vec![item(&["fill-disk"]), item(&["find-fill"])];
    plan.extend((0..10).map(|_| item(&["find-fill"])));
    let seen = run(plan).observations;
    let texts = |case: &str| seen.iter().filter(|o| o.case == case).map(|o| o.text.as_str()).collect::<Vec<_>>();
    assert_eq!(texts("test.fill-disk"), ["no space left"]);
    assert_eq!(texts("test.find-fill"), ["not found"; 11]);
}

#[test]
fn a_flood_of_output_is_stopped() {
    let seen = one(&["flood"]);
    assert_eq!(seen.status, Status::Broke);
    assert!(seen.reason.is_some_and(|reason| reason.contains("wrote more than")));
}

#[test]
fn children_do_not_outlive_their_case() {
    assert_eq!(one(&["litter"]).text, "littered");
    assert_eq!(left_over("litter"), 0);
}

#[test]
fn a_fork_bomb_is_contained() {
    let seen = run(vec![item(&["fork-bomb"]), item(&["find-fill"])]).observations;
    for o in &seen {
        assert_eq!(o.status, Status::Described, "{}: {:?}", o.case, o.reason);
    }
    assert!(seen.iter().any(|o| o.text == "stopped"), "{seen:?}");
    assert_eq!(left_over("fork-bomb"), 0);
}

#[test]
fn silence_and_lies_are_the_probes_fault() {
    for what in ["silent", "lie"] {
        assert_eq!(one(&[what]).status, Status::Broke, "{what}");
    }
}

#[test]
fn the_image_is_never_changed() {
    assert_eq!(one(&["overwrite"]).text, "changed");
    for file in ["etc/marker", "etc/other"] {
        assert_eq!(fs::read_to_string(place().image.join(file)).expect("there"), "as shipped");
    }
}

#[test]
fn nothing_leads_out() {
    assert_eq!(one(&["escape"]).text, "nothing worked");
}

#[test]
fn the_machines_loopback_is_another_one() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("bound").port().to_string();
    assert_eq!(one(&["loopback", &port]).text, "Connection refused");
}

#[test]
fn a_program_that_is_not_there_is_said_so() {
    let mut missing = item(&["silent"]);
    missing.program = "nowhere".into();
    let seen = run(vec![missing]).observations.remove(0);
    assert_eq!(seen.status, Status::Broke);
    assert!(seen.reason.as_deref().is_some_and(|r| r.contains("/.libcdiff/nowhere")), "{seen:?}");
}

#[test]
fn many_cases_come_back_each_once() {
    let items: Vec<Item> = (0..60)
        .map(|n| {
            let mut item = item(&["find-fill"]);
            item.case = format!("test.number-{n}");
            item.args[0] = item.case.clone();
            item
        })
        .collect();
    let mut seen: Vec<String> = run(items).observations.into_iter().map(|o| o.case).collect();
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), 60);
}
