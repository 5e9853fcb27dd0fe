//! What follows from builds: medians with intervals, ratios to the first subject in the same rounds, and what fills an image.
//!
//! Statistics are those of benchmarks ([`crate::bench::statistics`]): medians of logarithms with bootstrap intervals, which of
//! three builds reach from the least to the greatest. No verdict is given: builds are few, and half of what they do is others'
//! servers.

use super::file::{Build, BuildFile, Cache, Figure, Figures, Layer, Outcome};
use crate::bench::random::Random;
use crate::bench::statistics::{self, median};

/// A figure of each round that has it.
type Rounds = Vec<(usize, f64)>;

/// Settles the outcome of every subject.
pub fn settle(file: &mut BuildFile) {
    let first = file.subjects.first().map(|subject| subject.builds.clone()).unwrap_or_default();
    for (at, subject) in file.subjects.iter_mut().enumerate() {
        let against = (at > 0).then_some(&first[..]);
        let figures = |cache| figures(&subject.builds, against, cache, file.seed, &subject.id);
        let (cold, warm, told) = (figures(Cache::Cold), figures(Cache::Warm), of(&subject.builds));
        // What failed before there was anything to build is not among the builds.
        let failed = told.failed.clone().or(subject.outcome.failed.take());
        subject.outcome = Outcome { cold, warm, failed, ..told };
    }
}

/// What is told of the images.
fn of(builds: &[Build]) -> Outcome {
    let cold: Vec<&Build> = good(builds, Cache::Cold).collect();
    let sizes: Vec<u64> = cold.iter().filter_map(|build| Some(build.image.as_ref()?.bytes)).collect();
    let middle = median(&sizes.iter().map(|bytes| *bytes as f64).collect::<Vec<_>>());
    Outcome {
        image_bytes: middle.is_finite().then_some(middle as u64),
        varies: sizes.windows(2).any(|pair| pair[0] != pair[1]),
        layers: layers(&cold),
        failed: builds.iter().find_map(|build| build.failed.clone()),
        ..Outcome::default()
    }
}

/// Builds that came to an end.
fn good(builds: &[Build], cache: Cache) -> impl Iterator<Item = &Build> {
    builds.iter().filter(move |build| build.cache == cache && build.failed.is_none())
}

/// What each step put into the last of these images, with the median of its times in all of them.
fn layers(cold: &[&Build]) -> Vec<Layer> {
    let Some(last) = cold.last() else { return Vec::new() };
    let steps = last.steps.iter().enumerate();
    let layer = |(at, step): (usize, &super::file::Step)| {
        let times: Vec<f64> = cold.iter().filter_map(|build| Some(build.steps.get(at)?.ms)).collect();
        let bytes = step.bytes.filter(|bytes| *bytes > 0)?;
        Some(Layer { line: step.line, instruction: step.instruction.clone(), bytes, ms: median(&times) })
    };
    steps.filter_map(layer).collect()
}

fn figures(builds: &[Build], first: Option<&[Build]>, cache: Cache, seed: u64, id: &str) -> Figures {
    let figure = |name: &str, of: &dyn Fn(&Build) -> Option<f64>| {
        let rounds = |builds: &[Build]| -> Rounds {
            good(builds, cache).filter_map(|build| Some((build.round, of(build)?))).collect()
        };
        let first = first.map(rounds).unwrap_or_default();
        self::figure(&rounds(builds), &first, &mut Random::of(seed, &format!("{id} {cache} {name}")))
    };
    let unread = |build: &Build| build.cpu.is_some_and(|cpu| cpu.unread_ms > cpu.ms / 100.0);
    Figures {
        builds: good(builds, cache).count(),
        wall_ms: figure("wall", &|build| Some(build.wall_ms)),
        cpu_ms: figure("cpu", &|build| Some(build.cpu?.ms)),
        cpu_at_least: good(builds, cache).any(unread),
        received_bytes: figure("received", &|build| Some(build.network?.received_bytes as f64)),
        sent_bytes: figure("sent", &|build| Some(build.network?.sent_bytes as f64)),
    }
}

/// A figure of these rounds; `None` of none.
fn figure(rounds: &Rounds, first: &Rounds, random: &mut Random) -> Option<Figure> {
    let values: Vec<f64> = rounds.iter().map(|(_, value)| *value).collect();
    let logs: Vec<f64> = values.iter().map(|value| value.ln()).collect();
    let paired = rounds.iter().filter_map(|(round, value)| {
        let (_, other) = first.iter().find(|(known, _)| known == round)?;
        Some((value / other).ln())
    });
    let paired: Vec<f64> = paired.collect();
    let middle = median(&values);
    middle.is_finite().then(|| Figure {
        median: middle,
        interval: statistics::ratio(&logs, random),
        against_first: statistics::ratio(&paired, random),
    })
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::build::file::{Base, Built, Cpu, Engine, Failed, Reader, SCHEMA, Step, Subject, Traffic};
    use crate::runfile::Tool;

    fn build(round: usize, cache: Cache, ms: f64, bytes: u64) -> Build {
        let step = |line, instruction: &str, ms, bytes| Step {
            line,
            instruction: instruction.into(),
            ms,
            cached: cache == Cache::Warm,
            bytes,
            image: None,
        };
        let cold = cache == Cache::Cold;
        Build {
            round,
            cache,
            wall_ms: ms,
            cpu: Some(Cpu { ms: if cold { ms / 2.0 } else { 0.0 }, by: Reader::Cgroup, unread_ms: 1.0 }),
            network: Some(Traffic { received_bytes: if cold { 5 << 20 } else { 0 }, sent_bytes: 1000 }),
            image: Some(Built { id: "sha256:1".into(), bytes }),
            steps: vec![
                step(1, "FROM x", 1.0, None),
                step(2, "RUN install", ms - 2.0, Some(bytes - (30 << 20))),
                step(4, "CMD x", 1.0, Some(0)),
            ],
            failed: None,
        }
    }

    /// Three rounds of two subjects, of which the second takes ten times as long.
    pub fn file() -> BuildFile {
        let subject = |id: &str, times: f64, bytes: u64| Subject {
            id: id.into(),
            dockerfile: "Dockerfile".into(),
            image: Some(id.into()),
            base: Some(Base { name: id.into(), id: "sha256:0".into(), bytes: 30 << 20, pulled_ms: None }),
            builds: (0..3)
                .flat_map(|round| {
                    let ms = (1.0 + round as f64 / 10.0) * times;
                    [build(round, Cache::Cold, 2000.0 * ms, bytes), build(round, Cache::Warm, 100.0, bytes)]
                })
                .collect(),
            outcome: Outcome::default(),
        };
        let mut file = BuildFile {
            schema: SCHEMA.into(),
            tool: Tool { name: "libcdiff".into(), version: "0".into() },
            started: String::new(),
            finished: String::new(),
            complete: true,
            engine: Engine { name: "docker".into(), version: "20.10.24".into(), cpus: Some(2), ..Engine::default() },
            network: "default".into(),
            rounds: 3,
            seed: 1,
            subjects: vec![subject("debian-13", 1.0, 130 << 20), subject("alpine-3.20", 10.0, 60 << 20)],
        };
        settle(&mut file);
        file
    }

    #[test]
    fn figures_have_intervals_and_ratios_of_the_same_rounds() {
        let file = file();
        let [one, other] = &file.subjects[..] else { panic!("two") };
        let wall = other.outcome.cold.wall_ms.expect("a figure");
        assert_eq!(wall.median, 22_000.0);
        let interval = wall.interval.expect("an interval");
        assert!((interval.low - 20_000.0).abs() < 1.0 && (interval.high - 24_000.0).abs() < 1.0, "{interval:?}");
        let ratio = wall.against_first.expect("a ratio");
        assert!((ratio.median - 10.0).abs() < 1e-9 && (ratio.width() - 1.0).abs() < 1e-9, "{ratio:?}");
        assert_eq!(one.outcome.cold.wall_ms.expect("a figure").against_first, None);
        // Nothing came over the network in warm builds: a figure without an interval, and no ratio.
        let received = other.outcome.warm.received_bytes.expect("a figure");
        assert_eq!((received.median, received.interval, received.against_first), (0.0, None, None));
        assert!(!other.outcome.cold.cpu_at_least && other.outcome.warm.cpu_at_least);
    }

    #[test]
    fn what_fills_an_image_is_what_steps_put_there() {
        let file = file();
        let outcome = &file.subjects[0].outcome;
        assert_eq!((outcome.image_bytes, outcome.varies), (Some(130 << 20), false));
        let told: Vec<_> = outcome.layers.iter().map(|l| (l.line, &*l.instruction, l.bytes, l.ms)).collect();
        assert_eq!(told, [(2, "RUN install", 100 << 20, 2198.0)]);
    }

    #[test]
    fn a_failure_leaves_what_was_measured_before_it() {
        let mut file = file();
        let failed = Failed {
            line: Some(2),
            instruction: Some("RUN install".into()),
            exit_code: Some(100),
            message: "no".into(),
            output: vec!["E: no".into()],
        };
        file.subjects[1].builds[2].failed = Some(failed.clone());
        settle(&mut file);
        let outcome = &file.subjects[1].outcome;
        assert_eq!((outcome.failed.as_ref(), outcome.cold.builds), (Some(&failed), 2));
        assert_eq!(
            BuildFile::parse(&file.to_json().expect("JSON")).expect("a build file").subjects[1].outcome,
            *outcome
        );
        assert!(BuildFile::parse(&file.to_json().expect("JSON").replace("build/1", "build/2")).is_err());
    }
}
