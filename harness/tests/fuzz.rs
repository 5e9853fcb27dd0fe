//! `libcdiff fuzz` on real roots of both families: it finds what is known, finds it again with the same seed, goes on, merges, and
//! finds nothing in an image beside itself.

use std::path::Path;
use std::process::{Command, Output};

use libcdiff::fuzz::state::Campaign;

const PAIR: [&str; 4] = ["--image", "debian-13", "--image", "debian-13-musl"];

fn fuzz(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_libcdiff")).arg("fuzz").args(arguments).output().expect("libcdiff runs")
}

fn campaign(arguments: &[&str]) -> Campaign {
    let output = fuzz(&[arguments, &["--json", "--quiet"]].concat());
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("a campaign")
}

/// The classes of all targets, by name.
fn names(campaign: &Campaign) -> Vec<String> {
    campaign.targets.iter().flat_map(|found| &found.classes).map(|found| found.id.clone()).collect()
}

fn text(path: &Path) -> &str {
    path.to_str().expect("UTF-8")
}

#[test]
fn what_is_known_is_found_and_with_the_same_seed_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let run = |state: &str, more: &[&str]| {
        let state = folder.path().join(state);
        campaign(&[&["time.strptime", "process.confstr", "--state", text(&state)][..], &PAIR, more].concat())
    };
    let first = run("a", &["--rounds", "1"]);
    let second = run("b", &["--rounds", "1", "--jobs", "1"]);
    assert_eq!(names(&first), names(&second));
    // glibc reads seconds since 1970 by %s and musl does not.
    let seconds = first.targets.iter().flat_map(|found| &found.classes).find(|found| found.class.input.0[0] == b"%s");
    let seconds = seconds.expect("%s is found");
    assert_eq!(
        (&seconds.class.shape.line[..], &seconds.class.shape.says[..]),
        ("returns", &["#".to_owned(), "NULL".into()][..])
    );
    // Going on asks other inputs, and a domain that was asked whole is not asked again.
    let on = run("a", &["--rounds", "1"]);
    let rounds = |campaign: &Campaign| campaign.targets.iter().map(|found| found.rounds).collect::<Vec<_>>();
    assert_eq!((rounds(&first), rounds(&on)), (vec![1, 1], vec![1, 2]));
}

/// Whether a target has a class of which one image says the one and the other the other.
fn has(campaign: &Campaign, target: &str, line: &str, says: [&str; 2]) -> bool {
    let found = campaign.targets.iter().find(|found| found.target == target).expect("the target");
    assert!(found.asked > 0 && found.classes.iter().all(|found| found.class.shape.line != "not asked"), "{found:?}");
    found.classes.iter().any(|found| found.class.shape.line == line && found.class.shape.says == says)
}

#[test]
fn look_ups_differ_in_files_and_answers_as_is_known() {
    let folder = tempfile::tempdir().expect("a folder");
    let targets = ["dns.hosts", "dns.resolvconf", "dns.answer", "--rounds", "1", "--state"];
    let state = folder.path().join("state");
    let campaign = campaign(&[&targets[..], &[text(&state)], &PAIR].concat());
    // musl does not find a last line that has no end, nor a name in other letters.
    assert!(has(&campaign, "dns.hosts", "code", ["#", "EAI_NONAME"]), "{campaign:?}");
    // glibc goes through the search list after the name as it is, and musl asks for that alone.
    assert!(has(&campaign, "dns.resolvconf", "names asked for", ["#", "#"]), "{campaign:?}");
    // musl takes an answer to another question.
    assert!(has(&campaign, "dns.answer", "taken", ["the plain one", "the odd one"]), "{campaign:?}");
}

#[test]
fn parts_are_put_together() {
    let folder = tempfile::tempdir().expect("a folder");
    let state = |name: &str| folder.path().join(name);
    for part in ["1/2", "2/2"] {
        let path = state(&part.replace('/', "-"));
        campaign(&[&["time.strptime", "--rounds", "1", "--shard", part, "--state", text(&path)][..], &PAIR].concat());
    }
    let merged = campaign(&["--merge", text(&state("1-2")), text(&state("2-2"))]);
    assert_eq!((merged.targets[0].rounds, merged.targets[0].asked), (2, 200_000));
    let drafts = state("drafts");
    // Without pitfalls nothing is explained, and everything is a draft.
    let none = tempfile::tempdir().expect("a folder");
    let output = fuzz(&["--merge", text(&state("1-2")), "--drafts", text(&drafts), "--pitfalls", text(none.path())]);
    assert!(output.status.success());
    let first = std::fs::read_dir(&drafts).expect("drafts").next().expect("one").expect("readable").path();
    let pitfall = std::fs::read_to_string(first.join("pitfall.toml")).expect("a draft");
    assert!(toml::from_str::<libcdiff::pitfalls::Pitfall>(&pitfall).is_ok(), "{pitfall}");
}

#[test]
fn an_image_differs_from_itself_in_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let state = folder.path().join("state");
    for image in ["debian-13", "debian-13-musl"] {
        let look_ups = ["dns.hosts", "dns.resolvconf", "dns.answer"];
        let others = ["time.strptime", "stdio.sscanf", "strings.inet_aton", "process.*", "locale.langinfo"];
        let targets = [&look_ups[..], &others].concat();
        let images = ["--image", image, "--image", image, "--rounds", "1", "--fresh", "--state", text(&state)];
        let campaign = campaign(&[&targets[..], &images].concat());
        assert!(campaign.targets.iter().all(|found| found.asked > 0 && found.differed == 0), "{campaign:?}");
    }
}

#[test]
fn what_cannot_be_asked_is_said() {
    for (arguments, says) in [
        (&["nothing.there"][..], "no target is called `nothing.there`"),
        (&["time.strptime", "--image", "debian-13"], "give another --image"),
        (&["--merge", "/dev/null"], "it is no file of `fuzz`"),
        (&["--time", "1"], "is no time"),
        (&["--shard", "3/2"], "is no part"),
    ] {
        let output = fuzz(arguments);
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!((output.status.code(), said.contains(says)), (Some(2), true), "{said}");
    }
}
