//! The agent in the built-in sandbox, with a program that misbehaves: whatever it does costs its own case only, and
//! nothing is left behind. Needs the compilers of `make setup`, no image and no root.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::rc::Rc;
use std::time::{Duration, Instant};

use libcdiff::bundle::{self, Programs};
use libcdiff::plan;
use libcdiff::runner::{Runner, Sandbox, Subject};
use libcdiff_agent::memory::cgroup::{Place, Version, bound_memory};
use libcdiff_protocol::{
    Confinement, Enter, Flavour, Item, Limits, Message, Observation, Plan, Session, StackLimit, Status,
};
use rustix::fs::{Access, access};

/// A folder of probes that holds the misbehaving program, and an image of a few files.
struct Stage {
    _folder: tempfile::TempDir,
    agent: PathBuf,
    probes: PathBuf,
    image: PathBuf,
}

/// A test has a thread of its own, and its stage goes with that.
fn place() -> Rc<Stage> {
    thread_local!(static PLACE: Rc<Stage> = Rc::new(stage()));
    PLACE.with(Rc::clone)
}

fn stage() -> Stage {
    let folder = tempfile::tempdir().expect("a folder");
    let agent = folder.path().join("agent");
    bundle::lay_out_agent(&agent).expect("writable");
    let (probes, image) = (folder.path().join("probes"), folder.path().join("image"));
    fs::create_dir_all(probes.join(".libcdiff")).expect("writable");
    fs::create_dir_all(image.join("etc")).expect("writable");
    fs::write(image.join("etc/marker"), "as shipped").expect("writable");
    fs::write(image.join("etc/other"), "as shipped").expect("writable");
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/programs/misbehave.c");
    let program = probes.join(".libcdiff/misbehave");
    let compiled = Command::new("musl-gcc").args(["-O1", "-static", "-o"]).arg(&program).arg(source).status();
    assert!(compiled.is_ok_and(|status| status.success()), "musl-gcc is needed: run `make setup`");
    Stage { _folder: folder, agent, probes, image }
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

fn run(items: Vec<Item>) -> Vec<Observation> {
    run_plan(plan(items))
}

fn plan(items: Vec<Item>) -> plan::Plan<'static> {
    Plan { computing: 2, waiting: 8, items: due(items) }
}

fn due(items: Vec<Item>) -> Vec<plan::Due<'static>> {
    items.into_iter().map(Into::into).collect()
}

fn run_plan(plan: plan::Plan<'_>) -> Vec<Observation> {
    sandbox().collect(&Subject::new("test", &place().image), plan).unwrap_or_else(|e| panic!("{e}"))
}

fn sandbox() -> Sandbox {
    let place = place();
    Sandbox { programs: Programs { agent: place.agent.clone(), probes: place.probes.clone() } }
}

/// What the agent says of what programs run behind.
fn confinement(items: Vec<Item>) -> Confinement {
    let ran = sandbox().run(&Subject::new("test", &place().image), plan(items), &|_| ());
    ran.unwrap_or_else(|e| panic!("{e}")).confinement.expect("what the agent said")
}

fn one(what: &[&str]) -> Observation {
    run(vec![item(what)]).remove(0)
}

fn kernel_is_at_least(major: u32, minor: u32) -> bool {
    let release = fs::read_to_string("/proc/sys/kernel/osrelease").expect("/proc");
    let mut numbers = release.split(['.', '-']).map(|n| n.parse::<u32>().unwrap_or(0));
    (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0)) >= (major, minor)
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
    let seen = run(vec![hang, item(&["find-fill"])]);
    let status = |case: &str| seen.iter().find(|o| o.case == case).map(|o| o.status);
    assert_eq!((status("test.hang"), status("test.find-fill")), (Some(Status::Timeout), Some(Status::Described)));
}

#[test]
fn a_full_disk_is_one_cases_own() {
    for path in ["/fill", "/tmp/fill", "/dev/shm/fill"] {
        let mut plan = vec![item(&["fill-disk", path]), item(&["find-fill"])];
        plan.extend((0..10).map(|_| item(&["find-fill"])));
        let seen = run(plan);
        let texts = |case: &str| seen.iter().filter(|o| o.case == case).map(|o| o.text.as_str()).collect::<Vec<_>>();
        assert_eq!(texts("test.fill-disk"), ["no space left"], "{path}");
        assert_eq!(texts("test.find-fill"), ["not found"; 11]);
    }
}

#[test]
fn files_that_take_no_room_have_an_end_too() {
    for what in ["many-files", "sparse"] {
        assert_eq!(one(&[what]).text, "no space left", "{what}");
    }
}

#[test]
fn a_flood_of_output_is_stopped() {
    for what in [&["flood"][..], &["flood", "errors"]] {
        let seen = one(what);
        assert_eq!(seen.status, Status::Broke, "{what:?}");
        assert!(seen.reason.is_some_and(|reason| reason.contains("wrote more than")), "{what:?}");
    }
}

#[test]
fn all_programs_of_an_image_together_say_no_more_than_the_harness_can_keep() {
    let mut talks = item(&["talk"]);
    talks.limits.output_bytes = 2 << 20;
    let mut plan = vec![talks; 80];
    plan.push(item(&["find-fill"]));
    let seen = run(plan);
    let (said, refused): (Vec<_>, Vec<_>) = seen.iter().partition(|o| o.status == Status::Described);
    let bytes: usize = said.iter().map(|o| o.text.len()).sum();
    assert!((60 << 20..64 << 20).contains(&bytes), "{bytes} bytes in {} answers", said.len());
    assert_eq!(said.len() + refused.len(), 81);
    assert!(said.iter().any(|o| o.text == "not found"), "what is brief is passed on");
    assert!(refused.iter().all(|o| o.reason.as_deref().is_some_and(|r| r.contains("64 MiB together"))));
}

#[test]
fn what_outlives_a_process_does_not_outlive_its_case() {
    let mut plan = vec![item(&["leave"])];
    plan.extend((0..10).map(|_| item(&["find-left"])));
    let mut kept = Plan { computing: 1, waiting: 1, items: due(plan) };
    let both = run_plan(kept.clone());
    kept.computing = 4;
    for seen in both.iter().chain(&run_plan(kept)) {
        let expected = if seen.case == "test.leave" { "left" } else { "not found" };
        assert_eq!(seen.text, expected, "{seen:?}");
    }
}

#[test]
fn memory_that_is_in_no_address_space_has_an_end() {
    if !kernel_is_at_least(6, 2) {
        eprintln!("unsupported: before Linux 6.2 only root of the machine may bound it, and a cgroup");
        return;
    }
    for what in ["fill-shared", "many-semaphores"] {
        assert_eq!(one(&[what]).text, "stopped", "{what}");
    }
}

#[test]
fn a_program_has_no_privilege_and_can_gain_none() {
    let none = "0000000000000000";
    let filter = if libcdiff_agent::filter::in_force().is_some() { 2 } else { 0 };
    let expected = format!(
        "CapInh: {none}, CapPrm: {none}, CapEff: {none}, CapBnd: {none}, CapAmb: {none}, NoNewPrivs: 1, Seccomp: {filter}"
    );
    assert_eq!(one(&["privileges"]).text, expected);
}

#[test]
fn what_tells_of_the_machine_is_masked_and_its_settings_cannot_be_written() {
    assert_eq!(one(&["machine"]).text, "nothing");
}

#[test]
fn a_program_that_stops_itself_or_goes_on_without_streams_ends_at_its_deadline() {
    for what in ["stop", "live-on"] {
        let mut stays = item(&[what]);
        stays.limits.deadline_ms = 300;
        let seen = run(vec![stays, item(&["find-fill"])]);
        let status = |case: &str| seen.iter().find(|o| o.case == case).map(|o| o.status);
        assert_eq!(status(&format!("test.{what}")), Some(Status::Timeout), "{what}");
        assert_eq!(status("test.find-fill"), Some(Status::Described), "{what}");
        assert_eq!(left_over(what), 0, "{what}");
    }
}

#[test]
fn answers_that_are_none_break_their_case_alone() {
    for how in ["lines", "long", "deep", "bytes"] {
        let seen = run(vec![item(&["garble", how]), item(&["find-fill"])]);
        let of = |case: &str| seen.iter().find(|o| o.case == case).expect("an observation");
        assert_eq!(
            (of("test.garble").status, of("test.find-fill").status),
            (Status::Broke, Status::Described),
            "{how}"
        );
    }
}

#[test]
fn nobody_speaks_for_the_agent_or_for_another_case() {
    let items = ["pretend", "find-fill", "pretend", "find-fill"].map(|what| item(&[what]));
    let seen = run(items.to_vec());
    let mut answers: Vec<_> = seen.iter().map(|o| (o.case.as_str(), o.status, o.text.as_str())).collect();
    answers.sort();
    let (own, other) = (("test.find-fill", Status::Described, "not found"), ("test.pretend", Status::Broke, ""));
    assert_eq!(answers, [own, own, other, other]);
}

#[test]
fn children_do_not_outlive_their_case() {
    assert_eq!(one(&["litter"]).text, "littered");
    assert_eq!(left_over("litter"), 0);
}

#[test]
fn bombs_are_contained() {
    for bomb in ["fork-bomb", "thread-bomb", "many-mappings"] {
        let seen = run(vec![item(&[bomb]), item(&["find-fill"])]);
        for o in &seen {
            assert_eq!(o.status, Status::Described, "{}: {:?}", o.case, o.reason);
        }
        assert!(seen.iter().any(|o| o.text == "stopped"), "{seen:?}");
        assert_eq!(left_over(bomb), 0);
    }
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
    let seen = run(vec![missing]).remove(0);
    assert_eq!(seen.status, Status::Broke);
    assert!(seen.reason.as_deref().is_some_and(|r| r.contains("/.libcdiff/nowhere")), "{seen:?}");
}

/// A case that grows to 64 MiB, under a limit of so many.
fn growing(limit_mib: u64, watched: bool) -> Observation {
    let mut grows = item(&["grow", "64"]);
    grows.limits.memory_bytes = Some(limit_mib << 20);
    grows.limits.memory_watched = watched;
    run(vec![grows]).remove(0)
}

/// Whether a cgroup with a limit can be made here, as the agent would find out.
fn cgroups() -> Option<Place> {
    let place = Place::find()?;
    let trial = place.folder().join(format!("libcdiff-test-{}", std::process::id()));
    let made = fs::create_dir(&trial).is_ok() && fs::remove_dir(&trial).is_ok();
    if !made {
        eprintln!("unsupported: no cgroup can be made in {}", place.folder().display());
    }
    made.then_some(place)
}

#[test]
fn more_memory_than_a_case_may_have_ends_it_and_less_does_not() {
    for watched in [false, true] {
        let (over, under) = (growing(32, watched), growing(256, watched));
        assert_eq!((over.status, over.signal.as_deref()), (Status::Crashed, Some("SIGKILL")), "{over:?}");
        assert!(over.reason.as_deref().is_some_and(|reason| reason.contains("33554432 bytes of memory")), "{over:?}");
        assert_eq!((under.status, under.text.as_str()), (Status::Described, "grown"), "{:?}", under.reason);
        for (seen, exceeded) in [(&over, true), (&under, false)] {
            let told = &seen.values["memory_limit"];
            let by = told["enforced_by"].as_str().expect("somebody");
            assert_eq!(told["exceeded"], exceeded, "{told}");
            // Without a cgroup, watching is what is left.
            assert!(by == "watching" || (by.starts_with("cgroup v") && !watched), "{told}");
            assert!(told["peak_bytes"].as_u64().is_some_and(|bytes| bytes > 16 << 20), "{told}");
        }
    }
}

#[test]
fn a_cgroup_holds_the_limit_where_one_can_be_made() {
    if cgroups().is_some() && nix::unistd::geteuid().is_root() {
        let told = growing(32, false).values.remove("memory_limit").expect("a limit");
        assert!(told["enforced_by"].as_str().is_some_and(|by| by.starts_with("cgroup v")), "{told}");
    }
}

#[test]
fn a_case_without_a_limit_says_nothing_of_one() {
    let seen = run(vec![item(&["grow", "8"])]).remove(0);
    assert_eq!((seen.text.as_str(), seen.values.get("memory_limit")), ("grown", None));
}

#[test]
fn a_case_that_is_killed_otherwise_is_not_said_to_have_had_too_much() {
    for watched in [false, true] {
        let mut crash = item(&["crash"]);
        crash.limits.memory_bytes = Some(256 << 20);
        crash.limits.memory_watched = watched;
        let seen = run(vec![crash]).remove(0);
        assert_eq!((seen.status, seen.signal.as_deref(), seen.reason), (Status::Crashed, Some("SIGSEGV"), None));
        assert_eq!(seen.values["memory_limit"]["exceeded"], false);
    }
}

#[test]
fn an_agent_that_is_killed_leaves_no_cgroup() {
    let Some(cgroups) = cgroups() else { return };
    let mut stays = item(&["stay", "8"]);
    stays.limits.memory_bytes = Some(64 << 20);
    stays.limits.deadline_ms = 60_000;
    // As many as make a session worth the cgroups that hold all of it.
    let items = vec![stays; 16];
    let session = Session {
        within: None,
        travel: None,
        stays: false,
        enter: Some(Enter {
            parent: std::process::id() as i32,
            image: place().image.display().to_string(),
            probes: place().probes.display().to_string(),
            emulator: None,
        }),
        plan: Plan { computing: 1, waiting: 1, items },
    };
    let mut agent = Command::new(&place().agent)
        .env_clear()
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .expect("the agent starts");
    serde_json::to_writer(agent.stdin.take().expect("a pipe"), &session).expect("it listens");
    let name = |what: &str| format!("libcdiff-{}-{what}", agent.id());
    // The case in one of its own, the session in one or two.
    let places = ["memory", "pids"].iter().filter_map(|controller| Place::of(controller));
    let all: BTreeSet<_> = places.map(|place| place.folder().join(name("all"))).filter(|f| writable(f)).collect();
    let folders: Vec<_> = all.into_iter().chain([cgroups.folder().join(name("0"))]).collect();
    let inside =
        |folder: &PathBuf| fs::read_to_string(folder.join("cgroup.procs")).is_ok_and(|pids| !pids.trim().is_empty());
    assert!(until(|| folders.iter().all(inside)), "nobody ever was in one of {folders:?}");
    agent.kill().expect("it is ours");
    agent.wait().expect("it ended");
    assert!(until(|| folders.iter().all(|folder| !folder.exists())), "one of {folders:?} is still there");
}

/// What a session of these items says in a machine of 200 MiB, which is a cgroup that the agent is started in. `None` where none
/// can be made.
fn in_a_small_machine(name: &str, items: Vec<Item>) -> Option<Vec<Observation>> {
    let Some(cgroups) = cgroups().filter(|place| place.version() == Version::V1) else {
        // In the other version the agent would take the session out of the test's.
        eprintln!("unsupported: no cgroup of version 1 can be made here");
        return None;
    };
    let small = cgroups.folder().join(format!("libcdiff-test-{name}-{}", std::process::id()));
    fs::create_dir(&small).expect("writable");
    bound_memory(Version::V1, &small, 200 << 20).expect("a limit");
    let enter = Enter {
        parent: std::process::id() as i32,
        image: place().image.display().to_string(),
        probes: place().probes.display().to_string(),
        emulator: None,
    };
    let plan = Plan { computing: 4, waiting: 1, items };
    let session = Session { enter: Some(enter), within: None, travel: None, stays: false, plan };
    let script = format!("echo $$ >{}/cgroup.procs && exec {}", small.display(), place().agent.display());
    let mut agent = Command::new("sh");
    let mut agent =
        agent.args(["-c", &script]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("the agent starts");
    serde_json::to_writer(agent.stdin.take().expect("a pipe"), &session).expect("it listens");
    let output = agent.wait_with_output().expect("it ends");
    let removed = until(|| fs::remove_dir(&small).is_ok());
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{text}");
    assert!(removed, "{} is still there", small.display());
    let messages = text.lines().map(|line| serde_json::from_str(line).expect("a message"));
    let observation = |message| match message {
        Message::Observation(seen) => Some(*seen),
        _ => None,
    };
    Some(messages.filter_map(observation).collect())
}

/// Who takes all memory there is, wherever he holds it, has no answer, and says why. What is held outside of address spaces is
/// nobody's for the kernel, so that it may end a small program of the same image first: that one answers all the same. And who
/// ends himself has answered.
#[test]
fn where_there_is_no_more_memory_those_that_took_it_have_no_answer_and_all_others_theirs() {
    // With fewer than 16 the agent makes no cgroup of its own, and counts in the one that it is in.
    for small_ones in [12, 5] {
        let mut items = vec![item(&["hog"]), item(&["grow", "400"]), item(&["hog"]), item(&["raise-a-hog"])];
        items.extend((0..small_ones).map(|_| item(&["find-fill"])));
        items.extend((0..2).map(|_| item(&["kill-itself"])));
        let Some(seen) = in_a_small_machine(&format!("small-{small_ones}"), items) else { return };
        let of = |case: &str| seen.iter().filter(|o| o.case == format!("test.{case}")).collect::<Vec<_>>();
        assert_eq!(seen.len(), small_ones + 6, "{seen:?}");
        let own_cgroup = small_ones == 12;
        let lost = of("hog").into_iter().chain(of("grow")).chain(of("raise-a-hog").into_iter().filter(|_| own_cgroup));
        for o in lost {
            let reason = o.reason.as_deref().unwrap_or_default();
            assert!(o.status == Status::Broke && reason.contains("no more memory"), "{small_ones}: {o:?}");
        }
        let answers = |case: &str| of(case).iter().map(|o| o.text.clone()).collect::<Vec<_>>();
        assert_eq!(answers("find-fill"), vec!["not found"; small_ones], "{seen:?}");
        for o in of("kill-itself") {
            assert_eq!((o.status, o.signal.as_deref(), &o.reason), (Status::Crashed, Some("SIGKILL"), &None));
        }
    }
}

/// Where there is memory enough, SIGKILL is somebody's own doing.
#[test]
fn who_ends_himself_has_answered() {
    let seen = one(&["kill-itself"]);
    assert_eq!((seen.status, seen.signal.as_deref(), seen.reason), (Status::Crashed, Some("SIGKILL"), None));
}

/// Whether a cgroup can be made there.
fn writable(folder: &Path) -> bool {
    folder.parent().is_some_and(|place| access(place, Access::WRITE_OK).is_ok())
}

#[test]
fn a_run_says_what_its_programs_were_behind() {
    let one = confinement(vec![item(&["find-fill"])]);
    assert_eq!(one.filter.as_deref(), libcdiff_agent::filter::in_force());
    let many = confinement((0..16).map(|_| item(&["find-fill"])).collect());
    let expected = cgroups().is_some() && nix::unistd::geteuid().is_root();
    assert!(many.together.is_some() || !expected, "{many:?}");
    if let Some(together) = many.together {
        assert!(together.held_by.starts_with("cgroup v") && together.memory_bytes.is_some_and(|bytes| bytes > 1 << 28));
    }
}

/// Waits until something is so, for a while.
fn until(so: impl Fn() -> bool) -> bool {
    let patience = Instant::now() + Duration::from_secs(60);
    while !so() {
        if Instant::now() > patience {
            return false;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    true
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
    let mut seen: Vec<String> = run(items).into_iter().map(|o| o.case).collect();
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), 60);
}
