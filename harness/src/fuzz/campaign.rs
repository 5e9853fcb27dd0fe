//! A round of a target: a batch is asked, and what differs in it is made small, confirmed, and put into classes.

use std::collections::BTreeMap;
use std::time::Instant;

use super::ask::{AskError, Lab, Source};
use super::class::{self, Class};
use super::input::{End, Input, Record};
use super::reduce::{Reduction, Wanted, measure};
use super::shape::{self, Shape};
use super::state::{Finding, Found};
use super::target::Target;

/// Inputs of a round that are looked at in full, where more differ.
const SHOWN: usize = 2_000;
/// Inputs of a round that are made small, where more differ.
const REDUCED: usize = 96;
/// Bytes of all of them together: each step of a reduction asks about as many inputs as there are bytes left.
const REDUCED_BYTES: usize = 4_000;
/// Of those, inputs of one shape.
const OF_A_SHAPE: usize = 8;
/// Of those, inputs that look as if they belonged to a class that is known.
const KNOWN: usize = 8;
/// Inputs that are kept to be changed further.
const CORPUS: usize = 64;
/// How often a finding is asked again, in processes of its own.
const CONFIRMED: usize = 2;

/// An input that differs, with its answers in all images.
struct Differs {
    shape: Shape,
    records: Vec<Record>,
}

impl Differs {
    fn input(&self) -> &Input {
        &self.records[0].input
    }

    /// Whether it came to no end somewhere. Asking takes seconds then, so that it is kept as it is, and once for a shape.
    fn hangs(&self) -> bool {
        hang(&self.records)
    }

    fn reduction(&self) -> Reduction {
        Reduction::new(self.input().clone(), Wanted::Same(self.shape.clone()))
    }

    fn class(&self, round: u64) -> Class {
        Class::new(self.shape.clone(), &self.records.iter().collect::<Vec<_>>(), round)
    }
}

/// What came of asking the inputs of a round.
#[derive(Clone, Debug, Default)]
pub struct Heard {
    /// How many were asked.
    pub asked: u64,
    /// Those that differ, by their numbers.
    pub numbers: Vec<u64>,
    /// Seconds that asking took.
    pub seconds: f64,
}

impl Heard {
    /// Takes what was answered to inputs from number `from` on: hashes, for each image.
    pub fn take(&mut self, from: u64, hashes: &[Vec<u32>]) {
        let asked = hashes.first().map_or(0, Vec::len);
        let differs = |at: &usize| hashes.iter().any(|image| image.get(*at) != hashes[0].get(*at));
        self.numbers.extend((0..asked).filter(differs).map(|at| from + at as u64));
        self.asked += asked as u64;
    }
}

/// The batches of the round of this number: the first input of each, and how many.
pub fn batches(target: &Target, number: u64) -> impl Iterator<Item = (u64, u64)> {
    let batch = target.batch.max(1);
    let (from, to) = match target.domain {
        Some(end) => (0, end),
        None => (number * batch, (number + 1) * batch),
    };
    (from..to).step_by(batch as usize).map(move |from| (from, batch.min(to - from)))
}

/// Does the round of this number. The same campaign so far, seed and number come to the same.
///
/// # Errors
/// A worker, or what runs it; then nothing is changed.
pub fn round(lab: &Lab<'_, '_>, target: &Target, seed: u64, number: u64, found: &mut Found) -> Result<(), AskError> {
    let begun = Instant::now();
    let corpus = found.corpus.clone();
    let source = Source { target, seed, corpus: &corpus };
    let mut heard = Heard::default();
    for (from, count) in batches(target, number) {
        heard.take(from, &lab.hashes(source, from, count)?);
    }
    heard.seconds = begun.elapsed().as_secs_f64();
    settle(lab, source, number, heard, found)
}

/// Looks at what differs in the round of this number, which was asked already.
///
/// # Errors
/// As [`round`].
pub fn settle(
    lab: &Lab<'_, '_>,
    source: Source<'_>,
    number: u64,
    heard: Heard,
    found: &mut Found,
) -> Result<(), AskError> {
    let (begun, target) = (Instant::now(), source.target);
    let (new, unstable) = match target.shrinks() {
        true => small(lab, source, number, &heard.numbers, found)?,
        false => (elements(lab, source, &heard.numbers)?, 0),
    };
    found.take(target, new);
    found.unstable += unstable;
    found.rounds += 1;
    found.complete = target.domain.is_some();
    found.asked += heard.asked;
    found.differed += heard.numbers.len() as u64;
    found.asking_seconds += heard.seconds;
    found.seconds += heard.seconds + begun.elapsed().as_secs_f64();
    Ok(())
}

impl Found {
    /// Every class, compounds too.
    fn known(&self) -> impl Iterator<Item = &Class> {
        self.classes.iter().flat_map(|found| found.class.all())
    }

    /// Whether a class is like one of these. One that is like a compound alone may turn out to be none.
    fn knows(&self, class: &Class, target: &Target) -> bool {
        self.classes.iter().any(|known| known.class.is_like(class, target))
    }

    /// Puts classes among those that are known, and keeps their inputs for later rounds.
    fn take(&mut self, target: &Target, new: Vec<Class>) {
        let mut classes: Vec<Class> = self.classes.drain(..).map(|found| found.class).collect();
        new.into_iter().for_each(|new| class::put(&mut classes, new, target));
        if target.domain.is_none() {
            let kept = classes.iter().rev().filter(|class| !class.hangs()).take(CORPUS);
            self.corpus = kept.map(|class| class.input.clone()).collect();
            self.corpus.reverse();
        }
        self.classes = classes.into_iter().map(|class| Finding::of(target, class)).collect();
    }
}

/// Classes of a domain whose elements are numbers: every element that differs is in one.
fn elements(lab: &Lab<'_, '_>, source: Source<'_>, numbers: &[u64]) -> Result<Vec<Class>, AskError> {
    let mut classes: BTreeMap<Shape, Class> = BTreeMap::new();
    for differs in shown(lab, source, numbers)? {
        let number = differs.records[0].number;
        match classes.get_mut(&differs.shape) {
            Some(class) => class.inputs += 1,
            None => drop(classes.insert(differs.shape.clone(), differs.class(0))),
        }
        classes.entry(differs.shape).and_modify(|class| class.add([number, number]));
    }
    Ok(classes.into_values().collect())
}

/// Classes of inputs that were made small, and how many findings did not come again.
fn small(
    lab: &Lab<'_, '_>,
    source: Source<'_>,
    round: u64,
    numbers: &[u64],
    found: &Found,
) -> Result<(Vec<Class>, u64), AskError> {
    let target = source.target;
    let spread = spread(numbers, SHOWN);
    let chosen = choose(shown(lab, source, &spread)?, found);
    let (hanging, rest): (Vec<Differs>, Vec<Differs>) = chosen.into_iter().partition(Differs::hangs);
    let mut inputs = reduce(lab, target, rest.iter().map(Differs::reduction).collect())?;
    inputs.sort();
    inputs.dedup();
    let mut classes = Vec::new();
    for differs in differing(lab.given(target, &inputs)?).into_iter().chain(hanging) {
        class::put(&mut classes, differs.class(round), target);
    }
    let is_known = |class: &Class| found.knows(class, target);
    let (known, new): (Vec<Class>, Vec<Class>) = classes.into_iter().partition(is_known);
    let asked = new.len();
    let new = confirmed(lab, target, new)?;
    let unstable = (asked - new.len()) as u64;
    let mut all = known;
    for (class, root) in rooted(lab, target, new, found)? {
        match root {
            Some(mut root) => {
                root.add_compound(class, target);
                class::put(&mut all, root, target);
            }
            None => class::put(&mut all, class, target),
        }
    }
    Ok((all, unstable))
}

/// Each class with the one that it is a compound of, where there is one: pieces are taken out of its input for as long as
/// anything is left that differs; and what was taken out of the first field differs in the same line, or has its part in the
/// answers ([`stand_beside`]). What is left is then made small as any finding is.
fn rooted(
    lab: &Lab<'_, '_>,
    target: &Target,
    classes: Vec<Class>,
    found: &Found,
) -> Result<Vec<(Class, Option<Class>)>, AskError> {
    let (hanging, classes): (Vec<Class>, Vec<Class>) = classes.into_iter().partition(Class::hangs);
    let left = left(lab, target, &classes)?;
    let small = reduce(lab, target, left.iter().flatten().map(Differs::reduction).collect())?;
    let mut roots = shapes(lab, target, &small)?.into_iter();
    let roots: Vec<Option<Class>> = left
        .into_iter()
        .zip(&classes)
        .map(|(left, class)| left.and_then(|_| roots.next().flatten()).map(|root| root.class(class.round)))
        .collect();
    let unknown = roots.iter().flatten().filter(|root| !found.knows(root, target)).cloned().collect();
    let confirmed = confirmed(lab, target, unknown)?;
    let holds = |root: &Class| found.knows(root, target) || confirmed.iter().any(|known| known.input == root.input);
    let rooted = classes.into_iter().zip(roots).map(|(class, root)| (class, root.filter(holds)));
    Ok(rooted.chain(hanging.into_iter().map(|class| (class, None))).collect())
}

/// What is left of each of these, where it and what was taken out stand beside each other.
fn left(lab: &Lab<'_, '_>, target: &Target, classes: &[Class]) -> Result<Vec<Option<Differs>>, AskError> {
    let empty = Input(vec![Vec::new(); target.fields.len()]);
    let nothing: Vec<Record> = across(lab.given(target, &[empty])?).next().unwrap_or_default();
    let wanted = Wanted::Any { but: shape_of(&nothing) };
    let reduction = |class: &Class| Reduction::new(class.input.clone(), wanted.clone());
    let left = reduce(lab, target, classes.iter().map(reduction).collect())?;
    let rests: Vec<Input> = left.iter().zip(classes).map(|(left, class)| class.input.without(left)).collect();
    let rests: Vec<Vec<Record>> = across(lab.given(target, &rests)?).collect();
    let left = shapes(lab, target, &left)?.into_iter().zip(rests).zip(classes);
    let kept = left.map(|((left, rest), class)| {
        let first = |input: &Input| input.0.first().map_or(0, Vec::len);
        let is_piece = |left: &Differs| (1..first(&class.input)).contains(&first(left.input()));
        left.filter(|left| {
            let shape = shape_of(&rest).filter(|shape| wanted.is(Some(shape)) && !hang(&rest));
            let line = &class.shape.line;
            let both = shape.is_some_and(|shape| shape.line == *line || left.shape.line == *line);
            !left.hangs() && is_piece(left) && (both || stand_beside(class, &left.records, &rest, &nothing))
        })
    });
    Ok(kept.collect())
}

/// Whether every image says of an input what it says of one of two pieces of it, and both pieces are needed for that: where two
/// errors are in one pattern, say, and the images tell another of them. What is said of no input at all is of no piece.
fn stand_beside(class: &Class, left: &[Record], rest: &[Record], nothing: &[Record]) -> bool {
    let line = |lines: &[String]| lines.iter().find(|line| shape::split(line).0 == class.shape.line).cloned();
    let lines = |records: &[Record]| records.iter().map(|record| line(&record.answer.lines())).collect::<Vec<_>>();
    if lines(rest) == lines(nothing) {
        return false;
    }
    let (mut of_left, mut of_rest) = (false, false);
    for ((whole, left), rest) in class.answers.iter().zip(left).zip(rest) {
        let (whole, left, rest) = (line(whole), line(&left.answer.lines()), line(&rest.answer.lines()));
        match (whole == left, whole == rest) {
            (false, false) => return false,
            (is_left, is_rest) => {
                of_left |= is_left && !is_rest;
                of_rest |= is_rest && !is_left;
            }
        }
    }
    of_left && of_rest
}

/// At most so many of a list, from all over it.
fn spread(numbers: &[u64], most: usize) -> Vec<u64> {
    if numbers.len() <= most {
        return numbers.to_vec();
    }
    (0..most).map(|n| numbers[n * numbers.len() / most]).collect()
}

fn shown(lab: &Lab<'_, '_>, source: Source<'_>, numbers: &[u64]) -> Result<Vec<Differs>, AskError> {
    Ok(differing(lab.show(source, numbers)?))
}

/// What differs of these inputs, each in its place.
fn shapes(lab: &Lab<'_, '_>, target: &Target, inputs: &[Input]) -> Result<Vec<Option<Differs>>, AskError> {
    let records = across(lab.given(target, inputs)?);
    Ok(records.map(|records| Some(Differs { shape: shape_of(&records)?, records })).collect())
}

/// Those of the records, which are given by image, whose answers differ.
fn differing(by_image: Vec<Vec<Record>>) -> Vec<Differs> {
    across(by_image).filter_map(|records| Some(Differs { shape: shape_of(&records)?, records })).collect()
}

/// The records of each input, in all images.
fn across(by_image: Vec<Vec<Record>>) -> impl Iterator<Item = Vec<Record>> {
    let mut images: Vec<_> = by_image.into_iter().map(Vec::into_iter).collect();
    std::iter::from_fn(move || images.iter_mut().map(Iterator::next).collect::<Option<Vec<Record>>>())
}

fn hang(records: &[Record]) -> bool {
    records.iter().any(|record| record.answer.end == End::Hung)
}

fn shape_of(records: &[Record]) -> Option<Shape> {
    shape::of(&records.iter().map(|record| &record.answer).collect::<Vec<_>>())
}

/// Which are made small: the smallest of each shape, and few of those that look like what is known.
fn choose(mut all: Vec<Differs>, found: &Found) -> Vec<Differs> {
    all.sort_by_cached_key(|differs| measure(differs.input()));
    let (mut of_shape, mut known, mut bytes, mut chosen) = (BTreeMap::<Shape, usize>::new(), 0, 0, Vec::new());
    for differs in all {
        let looks_known = found.known().any(|known| known.is_in(&differs.shape, differs.input()));
        let most = if differs.hangs() { 1 } else { OF_A_SHAPE };
        let seen = differs.hangs() && found.known().any(|known| known.shape == differs.shape);
        let same = of_shape.entry(differs.shape.clone()).or_default();
        if chosen.len() == REDUCED || *same >= most || seen || (looks_known && known == KNOWN) {
            continue;
        }
        bytes += differs.input().size();
        if bytes > REDUCED_BYTES && !chosen.is_empty() {
            break;
        }
        known += usize::from(looks_known);
        *same += 1;
        chosen.push(differs);
    }
    chosen
}

/// Makes all of them small, with one question to the images for each step of all.
fn reduce(lab: &Lab<'_, '_>, target: &Target, mut under_way: Vec<Reduction>) -> Result<Vec<Input>, AskError> {
    loop {
        let candidates: Vec<Vec<Input>> = under_way.iter_mut().map(Reduction::candidates).collect();
        let all: Vec<Input> = candidates.concat();
        if all.is_empty() {
            break;
        }
        let mut shapes = across(lab.given(target, &all)?).map(|records| shape_of(&records).filter(|_| !hang(&records)));
        for (reduction, candidates) in under_way.iter_mut().zip(candidates) {
            if candidates.is_empty() {
                continue;
            }
            let same: Vec<bool> =
                candidates.iter().map(|_| reduction.wanted.is(shapes.next().flatten().as_ref())).collect();
            reduction.take(candidates, &same);
        }
    }
    Ok(under_way.into_iter().map(|reduction| reduction.input).collect())
}

/// Those that come again, and with the same answers, in processes of their own.
fn confirmed(lab: &Lab<'_, '_>, target: &Target, mut classes: Vec<Class>) -> Result<Vec<Class>, AskError> {
    let inputs: Vec<Input> = classes.iter().map(|class| class.input.clone()).collect();
    let mut holds = vec![true; classes.len()];
    for _ in 0..CONFIRMED {
        for (holds, (class, records)) in holds.iter_mut().zip(classes.iter().zip(across(lab.alone(target, &inputs)?))) {
            let lines = records.iter().map(|record| record.answer.lines());
            *holds &= lines.eq(class.answers.iter().cloned());
        }
    }
    let mut holds = holds.into_iter();
    classes.retain(|_| holds.next().unwrap_or(false));
    Ok(classes)
}

#[cfg(test)]
mod tests {
    use super::{Class, Record, Shape, spread, stand_beside};
    use crate::fuzz::input::{Answer, End, Input};

    #[test]
    fn some_of_many_come_from_all_over() {
        let numbers: Vec<u64> = (0..100).collect();
        assert_eq!(spread(&numbers, 4), [0, 25, 50, 75]);
        assert_eq!(spread(&numbers[..3], 4), [0, 1, 2]);
    }

    #[test]
    fn images_that_tell_another_of_two_errors_differ_in_two_things() {
        let record = |text: &str| Record {
            number: 0,
            input: Input(vec![text.into()]),
            answer: Answer { end: End::Answered, text: format!("regcomp: {text}\n") },
        };
        let shape = Shape { groups: vec![0, 1], line: "regcomp".into(), says: Vec::new() };
        let beside = |whole: [&str; 2], left: [&str; 2], rest: [&str; 2]| {
            let [whole, left, rest] = [whole, left, rest].map(|said| said.map(record));
            let nothing = ["0", "0"].map(record);
            stand_beside(&Class::new(shape.clone(), &[&whole[0], &whole[1]], 0), &left, &rest, &nothing)
        };
        assert!(beside(["REG_BADRPT", "REG_EPAREN"], ["REG_BADRPT", "0"], ["REG_EPAREN", "REG_EPAREN"]));
        assert!(!beside(["REG_BADRPT", "0"], ["REG_BADRPT", "0"], ["0", "0"]), "the rest has no part in it");
        assert!(!beside(["REG_BADRPT", "0"], ["REG_EBRACE", "0"], ["0", "0"]), "nobody says REG_BADRPT of a piece");
        assert!(
            !beside(["0", "REG_BADBR"], ["REG_EBRACE", "REG_BADBR"], ["0", "0"]),
            "an interval without its first number is no open one"
        );
    }
}
