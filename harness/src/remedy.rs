//! Whether remedies work: each one that names a case is judged by what that case said in every image that its pitfall
//! hits. A remedy counts as shown where its case ran there and said what the pitfall file promises, and nowhere else.

use libcdiff_protocol::{Flavour, Status};

use crate::compare::own_flavour;
use crate::pitfalls::{Pitfall, Remedy};
use crate::runfile::{Image, Judged, Libc, Observation, RunFile, Verdict};

/// The reason where a remedy's case was left out of the run.
pub const NOT_SELECTED: &str = "its case was not selected";

/// The verdicts on the remedies of all pitfalls whose differences are in the run, in the order of `pitfalls`.
pub fn judge(pitfalls: &[Pitfall], run: &RunFile) -> Vec<Judged> {
    let seen = |p: &&Pitfall| run.differences.iter().any(|d| d.pitfall.as_ref() == Some(&p.id));
    let mut verdicts = Vec::new();
    for pitfall in pitfalls.iter().filter(seen) {
        verdicts.extend(of(pitfall, run));
    }
    verdicts
}

/// The verdicts on the remedies of one pitfall, by remedy and image.
pub fn of(pitfall: &Pitfall, run: &RunFile) -> Vec<Judged> {
    let mut verdicts = Vec::new();
    for (place, remedy) in pitfall.remedies.iter().enumerate() {
        let Some(case) = &remedy.case else { continue };
        for image in run.images.iter().filter(|image| hit(pitfall, image, run)) {
            let flavour = remedy.flavour.unwrap_or_else(|| own_flavour(image));
            let (verdict, reason) = verdict(remedy, case, image, flavour, run);
            verdicts.push(Judged {
                pitfall: pitfall.id.clone(),
                remedy: place,
                case: case.clone(),
                image: image.id.clone(),
                flavour,
                verdict,
                reason,
            });
        }
    }
    verdicts
}

/// Whether the pitfall hits programs in this image; one that does not say whom it hits may hit everybody. In an image
/// without a C library it is the one that static programs bring along.
pub fn hit(pitfall: &Pitfall, image: &Image, run: &RunFile) -> bool {
    let carried =
        || run.flavours.iter().find_map(|f| f.libc.as_ref()).map(|l| (l.family.as_str(), Some(l.version.as_str())));
    let own = |libc: &Libc| pitfall.affects.iter().any(|a| a.hits(&libc.family, libc.version.as_deref()));
    match (&image.libc, pitfall.affects.is_empty()) {
        (_, true) => true,
        (Some(libc), _) => own(libc),
        (None, _) => carried().is_some_and(|(family, version)| pitfall.affects.iter().any(|a| a.hits(family, version))),
    }
}

fn verdict(remedy: &Remedy, case: &str, image: &Image, flavour: Flavour, run: &RunFile) -> (Verdict, Option<String>) {
    let seen = run.observations.iter().find(|o| o.case == case && o.image == image.id && o.flavour == flavour);
    let Some(seen) = seen else {
        let dropped = run.dropped.iter().find(|d| d.image == image.id && d.flavour == flavour);
        let reason = dropped.map_or(NOT_SELECTED.to_owned(), |d| d.reason.clone());
        return (Verdict::NotRun, Some(reason));
    };
    if matches!(seen.status, Status::Unsupported | Status::Broke) {
        return (Verdict::NotRun, Some(seen.answer().into()));
    }
    match lacking(remedy, seen, run) {
        None => (Verdict::Works, None),
        Some(reason) => (Verdict::DoesNot, Some(reason)),
    }
}

/// What the observation lacks of what the remedy promises. A remedy that promises nothing works where images agree.
fn lacking(remedy: &Remedy, seen: &Observation, run: &RunFile) -> Option<String> {
    if remedy.expect.is_empty() && remedy.at_least.is_empty() && remedy.at_most.is_empty() {
        return run.differences.iter().any(|d| d.case == seen.case).then(|| "the images still differ".to_owned());
    }
    let line = remedy.expect.iter().find(|line| !seen.text.lines().any(|found| found.trim() == line.trim()));
    let ended = seen.text.lines().next().filter(|_| seen.status != Status::Described);
    if let Some(line) = line {
        let instead = ended.map(|end| format!(" ({end})")).or_else(|| instead(line, seen)).unwrap_or_default();
        return Some(format!("the line `{}` is missing{instead}", line.trim()));
    }
    if let Some(end) = ended.filter(|end| !remedy.expect.iter().any(|line| line.trim() == end.trim())) {
        return Some(end.trim().to_owned());
    }
    let least = remedy.at_least.iter().find_map(|(name, least)| bound(seen, name, *least, "at least", |a, b| a >= b));
    least.or_else(|| remedy.at_most.iter().find_map(|(name, most)| bound(seen, name, *most, "at most", |a, b| a <= b)))
}

/// What the text says of the same thing: `consumed_bytes: none` where `consumed_bytes: 19` was promised.
fn instead(line: &str, seen: &Observation) -> Option<String> {
    let name = line.trim().rsplit_once(": ").map(|(name, _)| format!("{name}: "))?;
    let found = seen.text.lines().find(|found| found.trim().starts_with(&name))?;
    Some(format!(", it says `{}`", found.trim()))
}

fn bound(seen: &Observation, name: &str, limit: f64, words: &str, holds: fn(f64, f64) -> bool) -> Option<String> {
    match seen.values.value(name) {
        None => Some(format!("the value `{name}` is missing")),
        Some(value) => match value.as_f64() {
            Some(number) if holds(number, limit) => None,
            _ => Some(format!("{name} is {value}, not {words} {limit}")),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runfile::{Attribution, Difference, Dropped};

    const PITFALL: &str = r#"
        id = "time.p"
        symbols = ["f"]
        title = "t"
        severity = "breaks"
        cases = ["time.p"]
        what = "w"
        who = []
        why = "w"
        standard = "s"
        affects = ["musl <1.2.6"]
        sources = ["s"]
        [[remedies]]
        what = "lines"
        case = "time.remedy"
        expect = ["b: 2"]
        [[remedies]]
        what = "values"
        case = "time.remedy"
        at_least = { frames = 100 }
        at_most = { waits = 1 }
        [[remedies]]
        what = "words alone"
    "#;

    fn image(id: &str, family: &str, version: &str) -> Image {
        let libc = Libc { family: family.into(), version: Some(version.into()), interpreter: "/lib/ld".into() };
        Image {
            id: id.into(),
            reference: id.into(),
            digest: None,
            os: Default::default(),
            libc: Some(libc.clone()),
            libcs: vec![libc],
            size: Default::default(),
            kernel: String::new(),
            confinement: None,
            arch: String::new(),
            emulated_by: None,
        }
    }

    fn seen(image: &str, flavour: Flavour, text: &str, values: serde_json::Value) -> Observation {
        Observation {
            case: "time.remedy".into(),
            area: "time".into(),
            image: image.into(),
            flavour,
            status: Status::Described,
            signal: None,
            reason: None,
            text: text.into(),
            values: serde_json::from_value(values).expect("values"),
            wire: None,
            elapsed_ms: 1,
        }
    }

    fn run(observations: Vec<Observation>) -> RunFile {
        let text = include_str!("../tests/fixtures/run.json");
        let mut run = RunFile::parse(text).expect("a run file");
        let images = [("glibc", "2.41"), ("musl", "1.2.5"), ("musl", "1.2.6")];
        run.images =
            images.iter().map(|(family, version)| image(&format!("{family}-{version}"), family, version)).collect();
        run.observations = observations;
        run.dropped = Vec::new();
        run.differences = vec![Difference {
            case: "time.p".into(),
            groups: Vec::new(),
            attribution: Attribution::Libc,
            evidence: String::new(),
            pitfall: Some("time.p".into()),
        }];
        run
    }

    fn verdicts(pitfall: &str, run: &RunFile) -> Vec<(usize, String, Verdict, String)> {
        let pitfall: Pitfall = toml::from_str(pitfall).expect("a pitfall");
        let judged = judge(&[pitfall], run);
        judged.into_iter().map(|j| (j.remedy, j.image, j.verdict, j.reason.unwrap_or_default())).collect()
    }

    #[test]
    fn only_the_affected_image_is_judged_by_lines_and_by_values() {
        let works = run(vec![
            seen("glibc-2.41", Flavour::Gnu, "nothing", serde_json::json!({})),
            seen("musl-1.2.5", Flavour::Musl, "a: 1\n  b: 2", serde_json::json!({"frames": 100, "waits": 0})),
        ]);
        let image = || "musl-1.2.5".to_owned();
        let none = String::new;
        assert_eq!(
            verdicts(PITFALL, &works),
            [(0, image(), Verdict::Works, none()), (1, image(), Verdict::Works, none())]
        );
    }

    #[test]
    fn what_is_missing_is_named() {
        let judged = |text: &str, values: serde_json::Value| {
            verdicts(PITFALL, &run(vec![seen("musl-1.2.5", Flavour::Musl, text, values)]))
                .into_iter()
                .map(|(_, _, verdict, reason)| (verdict, reason))
                .collect::<Vec<_>>()
        };
        let few = judged("b: 20", serde_json::json!({"frames": 99.5, "waits": 0}));
        let say = |reason: &str| (Verdict::DoesNot, reason.to_owned());
        assert_eq!(few, [say("the line `b: 2` is missing, it says `b: 20`"), say("frames is 99.5, not at least 100")]);
        let many = judged("", serde_json::json!({"frames": 100, "waits": 2}));
        assert_eq!(many[1], say("waits is 2, not at most 1"));
        assert_eq!(judged("", serde_json::json!({"frames": null}))[1], say("frames is null, not at least 100"));
        assert_eq!(judged("", serde_json::json!({}))[1], say("the value `frames` is missing"));
    }

    #[test]
    fn what_ends_badly_does_not_work_unless_that_is_the_promise() {
        let mut crashed =
            seen("musl-1.2.5", Flavour::Musl, "crashed: SIGSEGV", serde_json::json!({"frames": 100, "waits": 0}));
        crashed.status = Status::Crashed;
        let run = run(vec![crashed]);
        let found = verdicts(PITFALL, &run);
        assert_eq!(found[0].3, "the line `b: 2` is missing (crashed: SIGSEGV)");
        assert_eq!((found[1].2, found[1].3.as_str()), (Verdict::DoesNot, "crashed: SIGSEGV"));
        let promised = PITFALL.replace("b: 2", "crashed: SIGSEGV");
        assert_eq!(verdicts(&promised, &run)[0].2, Verdict::Works);
    }

    #[test]
    fn what_did_not_run_has_a_reason() {
        let reasons = |run: &RunFile| verdicts(PITFALL, run).into_iter().map(|v| (v.2, v.3)).next().expect("a verdict");
        let not_run = |reason: &str| (Verdict::NotRun, reason.to_owned());
        let mut bare = run(Vec::new());
        assert_eq!(reasons(&bare), not_run(NOT_SELECTED));
        let reason = "its musl loader is elsewhere".to_owned();
        bare.dropped = vec![Dropped { image: "musl-1.2.5".into(), flavour: Flavour::Musl, cases: 1, reason }];
        assert_eq!(reasons(&bare), not_run("its musl loader is elsewhere"));
        let mut lost = seen("musl-1.2.5", Flavour::Musl, "b: 2", serde_json::json!({}));
        lost.status = Status::Unsupported;
        lost.reason = Some("no such function".into());
        assert_eq!(reasons(&run(vec![lost.clone()])), not_run("unsupported: no such function"));
        lost.status = Status::Broke;
        assert_eq!(reasons(&run(vec![lost])), not_run("broke: no such function"));
    }

    #[test]
    fn a_flavour_can_be_the_remedy_and_nobody_named_is_everybody() {
        let other = PITFALL.replace("expect = [\"b: 2\"]", "expect = [\"b: 2\"]\nflavour = \"musl-static\"");
        let everybody = other.replace("affects = [\"musl <1.2.6\"]", "");
        let run = run(vec![
            seen("musl-1.2.5", Flavour::Musl, "", serde_json::json!({})),
            seen("musl-1.2.5", Flavour::MuslStatic, "b: 2", serde_json::json!({})),
        ]);
        assert_eq!(verdicts(&other, &run)[0].2, Verdict::Works);
        let images: Vec<_> = verdicts(&everybody, &run).into_iter().filter(|v| v.0 == 0).map(|v| v.1).collect();
        assert_eq!(images, ["glibc-2.41", "musl-1.2.5", "musl-1.2.6"]);
    }

    #[test]
    fn a_remedy_that_promises_nothing_works_where_images_agree() {
        let plain = PITFALL.replace("expect = [\"b: 2\"]", "");
        let mut run = run(vec![seen("musl-1.2.5", Flavour::Musl, "x", serde_json::json!({}))]);
        assert_eq!(verdicts(&plain, &run)[0].2, Verdict::Works);
        let again = Difference { case: "time.remedy".into(), ..run.differences[0].clone() };
        run.differences.push(again);
        assert_eq!(verdicts(&plain, &run)[0].3, "the images still differ");
    }

    #[test]
    fn without_a_difference_of_its_own_a_pitfall_is_not_judged() {
        let mut run = run(vec![seen("musl-1.2.5", Flavour::Musl, "b: 2", serde_json::json!({}))]);
        run.differences.clear();
        assert!(verdicts(PITFALL, &run).is_empty());
    }
}
