//! Allocators in real root file systems: each one that libcdiff carries is live, by its own proof, wherever it is said to
//! apply, and one that is not live is never measured. And what becomes of a workload under a limit on its memory.
//!
//! The images are the catalog's, which `make test` builds, and the Alpine ones in the folder that `LIBCDIFF_TEST_IMAGES`
//! names, where it names one. No figure is looked at.

use std::path::PathBuf;

use libcdiff::bench::allocator::Allocator;
use libcdiff::bench::block::{Mode, Sampling, item};
use libcdiff::bench::subject::{Role, Subject};
use libcdiff::bench::workload::Task;
use libcdiff::image::Store;
use libcdiff::runfile::Image;
use libcdiff::runner::{self, Runner, Sandbox};
use libcdiff::{bundle, compare, verb};
use libcdiff_protocol::{Flavour, Item, Observation, Plan, Status};

const CARRIED: [&str; 4] = ["system", "mimalloc", "mimalloc-secure", "jemalloc"];
/// Each shown by its effect; but for huge pages, which the machine must have.
const TUNED: [&str; 4] = [
    "glibc.arena_max=1",
    "glibc.arena_max=2+glibc.tcache_count=0",
    "glibc.mmap_threshold=65536+glibc.top_pad=1048576",
    "glibc.malloc.trim_threshold=1048576+glibc.malloc.tcache_count=100",
];

/// Images of every version of both families at hand.
fn images() -> Vec<(Image, PathBuf)> {
    let built = ["11", "12", "13", "sid"].map(|suite| [format!("debian-{suite}"), format!("debian-{suite}-musl")]);
    let folder = std::env::var_os("LIBCDIFF_TEST_IMAGES").filter(|folder| !folder.is_empty()).map(PathBuf::from);
    if folder.is_none() {
        eprintln!("unsupported: LIBCDIFF_TEST_IMAGES names no folder of Alpine images");
    }
    let alpine = ["3.12", "3.17", "3.20"].map(|version| format!("alpine-{version}.tar.gz"));
    let alpine = alpine.iter().filter_map(|file| folder.as_ref().map(|folder| folder.join(file)));
    let alpine = alpine.filter(|file| file.exists()).map(|file| file.display().to_string());
    let names: Vec<String> = built.into_iter().flatten().chain(alpine).collect();
    verb::run::resolve(&names, &Store::open(cache())).unwrap_or_else(|e| panic!("{}", e.message))
}

fn cache() -> PathBuf {
    verb::cache().unwrap_or_else(|e| panic!("{}", e.message))
}

fn one(name: &str) -> (Image, PathBuf) {
    verb::run::resolve(&[name.into()], &Store::open(cache())).unwrap_or_else(|e| panic!("{}", e.message)).remove(0)
}

/// A short block of one thread.
fn block(workload: &str, image: &Image, flavour: Flavour, allocator: &str, mode: Mode) -> Item {
    let workloads = bundle::workloads().expect("the workloads");
    let workload = workloads.iter().find(|w| w.name == workload).expect("it is one");
    let subject = Subject {
        id: image.id.clone(),
        image: image.id.clone(),
        flavour,
        allocator: Allocator::parse(allocator).expect("it is known"),
        role: Role::Other,
    };
    item(&Task::new(workload, 1), &subject, mode, Sampling::of(1)).expect("it applies")
}

fn run(image: &(Image, PathBuf), items: Vec<Item>) -> Vec<Observation> {
    let runner = Sandbox { programs: bundle::lay_out(&cache()).expect("laid out") };
    // One at a time and in order, so that each answer is known by its place.
    let items = items.into_iter().map(Into::into).collect();
    let plan = Plan { computing: 1, waiting: 1, items };
    runner.collect(&runner::Subject::of(&image.0, &image.1), plan).unwrap_or_else(|e| panic!("{e}"))
}

#[track_caller]
fn live(seen: &Observation, name: &str, object: &str, image: &str) {
    let place = format!("{name} for {} in {image}", seen.flavour);
    assert_eq!(seen.status, Status::Described, "{place}: {:?}", seen.reason);
    let told = &seen.values["allocator"];
    assert_eq!(told["name"], name, "{place}");
    let proof = told["proof"].as_str().unwrap_or_default();
    assert!(!proof.is_empty(), "{place}: no proof");
    println!("{place}: {told}");
    let bound = seen.values["bound"]["malloc"].as_str().unwrap_or_default();
    assert!(bound.ends_with(object), "{place}: malloc is in {bound}");
}

#[test]
fn each_allocator_is_live_in_each_image_where_it_applies() {
    let images = images();
    assert!(images.len() >= 8, "only {} images", images.len());
    for image in &images {
        let own = compare::own_flavour(&image.0);
        let items = CARRIED.map(|name| block("pair-warm", &image.0, own, name, Mode::Time));
        for (seen, name) in run(image, items.into()).iter().zip(CARRIED) {
            let object = if name == "system" { String::new() } else { format!("/allocators/{own}/{name}.so") };
            live(seen, name, &object, &image.0.id);
        }
    }
}

#[test]
fn each_allocator_is_live_in_a_static_program() {
    for image in [one("debian-11"), one("debian-13-musl")] {
        let items = CARRIED.map(|name| block("pair-warm", &image.0, Flavour::MuslStatic, name, Mode::Time));
        for (seen, name) in run(&image, items.into()).iter().zip(CARRIED) {
            live(seen, name, "program", &image.0.id);
        }
    }
}

#[test]
fn each_tunable_has_its_effect_in_each_glibc() {
    for image in images().iter().filter(|(image, _)| compare::own_flavour(image) == Flavour::Gnu) {
        let items = TUNED.map(|name| block("pair-warm", &image.0, Flavour::Gnu, name, Mode::Time));
        for (seen, name) in run(image, items.into()).iter().zip(TUNED) {
            live(seen, &name.replace("glibc.malloc.", "glibc."), "libc.so.6", &image.0.id);
        }
    }
}

#[test]
fn an_object_of_ones_own_is_live_by_its_path() {
    let folder = tempfile::tempdir().expect("a folder");
    let carried = bundle::lay_out(&cache()).expect("laid out").probes.join(".libcdiff/allocators/gnu/jemalloc.so");
    let path = folder.path().join("my own.so");
    std::fs::copy(carried, &path).expect("copied");
    let image = one("debian-12");
    let item = block("pair-warm", &image.0, Flavour::Gnu, &path.display().to_string(), Mode::Time);
    live(&run(&image, vec![item])[0], "/.libcdiff/own/my-own.so", "/.libcdiff/own/my-own.so", "debian-12");
}

/// An item that runs otherwise than its program was told to expect.
fn betrayed(mut item: Item, change: impl FnOnce(&mut Item)) -> Item {
    change(&mut item);
    item
}

#[test]
fn what_is_not_live_is_not_measured() {
    let image = one("debian-13");
    let gnu = |name| block("pair-warm", &image.0, Flavour::Gnu, name, Mode::Time);
    let fixed = |name| block("pair-warm", &image.0, Flavour::MuslStatic, name, Mode::Time);
    let preload = |item: &mut Item, name: &str| {
        item.env.insert("LD_PRELOAD".into(), format!("/.libcdiff/allocators/gnu/{name}.so"));
    };
    let items = vec![
        betrayed(gnu("mimalloc"), |item| item.env.clear()),
        betrayed(gnu("mimalloc"), |item| preload(item, "mimalloc-secure")),
        betrayed(gnu("mimalloc-secure"), |item| preload(item, "mimalloc")),
        betrayed(gnu("jemalloc"), |item| preload(item, "mimalloc")),
        betrayed(gnu("system"), |item| preload(item, "jemalloc")),
        // A loader that does not find what it shall preload says so aside, and goes on.
        betrayed(gnu("jemalloc"), |item| preload(item, "nowhere")),
        betrayed(gnu("glibc.arena_max=1"), |item| item.env.clear()),
        betrayed(gnu("glibc.tcache_count=0"), |item| {
            item.env.insert("GLIBC_TUNABLES".into(), "glibc.malloc.tcache_cuont=0".into());
        }),
        betrayed(gnu("system"), |item| {
            item.env.insert("GLIBC_TUNABLES".into(), "glibc.malloc.arena_max=1".into());
        }),
        betrayed(fixed("jemalloc"), |item| item.program = "musl-static/bench".into()),
        betrayed(fixed("system"), |item| item.program = "musl-static/bench-jemalloc".into()),
        betrayed(fixed("mimalloc"), |item| item.program = "musl-static/bench-mimalloc-secure".into()),
    ];
    let count = items.len();
    let seen = run(&image, items);
    assert_eq!(seen.len(), count);
    for (n, seen) in seen.iter().enumerate() {
        assert_eq!(seen.status, Status::Broke, "number {n}: {seen:?}");
        assert!(seen.reason.is_some() && !seen.values.contains_key("times_ns"), "number {n}: {seen:?}");
    }
}

#[test]
fn a_workload_lives_or_dies_by_its_memory_in_both_families() {
    for name in ["debian-13", "debian-13-musl"] {
        let image = one(name);
        let limited = |mebibytes: u64, watched| {
            let mut item = block("return-all", &image.0, compare::own_flavour(&image.0), "system", Mode::Memory);
            item.args.extend(["--bytes".into(), (64 << 20).to_string()]);
            item.limits.memory_bytes = Some(mebibytes << 20);
            item.limits.memory_watched = watched;
            item
        };
        let plan = [(24, false), (24, true), (1024, false), (1024, true)];
        for (seen, (mebibytes, watched)) in
            run(&image, plan.map(|(limit, watched)| limited(limit, watched)).into()).iter().zip(plan)
        {
            let dies = mebibytes == 24;
            let told = &seen.values["memory_limit"];
            println!("{name}, {mebibytes} MiB: {told}");
            assert_eq!(told["exceeded"], dies, "{name}: {seen:?}");
            assert!(!watched || told["enforced_by"] == "watching", "{told}");
            assert_eq!(seen.status == Status::Crashed, dies, "{name}: {:?}", seen.reason);
        }
    }
}
