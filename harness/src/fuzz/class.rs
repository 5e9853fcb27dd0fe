//! Classes: findings that have one cause, as far as that can be told without knowing it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::input::{Input, NO_END, Record};
use super::reduce::measure;
use super::shape::Shape;
use super::target::Target;

/// Differences with one cause: the same target, the same shape, and much the same first field once that was made as small as it
/// could be. The first field is what a program writes (a format, a pattern); the others are what it meets. Where the names of a
/// target's lines tell what they are about, or what is said in them does, the shape is enough; where flags are needed, the flags.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Class {
    /// What differs.
    pub shape: Shape,
    /// The smallest input that shows it.
    pub input: Input,
    /// For each image the lines that came back.
    pub answers: Vec<Vec<String>>,
    /// How many inputs were found that belong to it: those that were made small, or, of a small domain, all.
    pub inputs: u64,
    /// Other inputs of it that cannot be made smaller either, the first of them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub alike: Vec<Input>,
    /// Of a domain of numbers: which, as ranges, the first of them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ranges: Vec<[u64; 2]>,
    /// Other shapes that this difference has together with something else: what is left of their inputs, when a piece more is
    /// taken out, is of this class.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub compounds: Vec<Class>,
    /// The round in which it was found.
    pub round: u64,
}

/// Ranges that are kept of a domain.
const RANGES: usize = 32;
/// Other inputs that are kept.
const ALIKE: usize = 16;

impl Class {
    /// A class of one input; the records are one for each image.
    pub fn new(shape: Shape, records: &[&Record], round: u64) -> Self {
        let first = records[0];
        Self {
            shape,
            input: first.input.clone(),
            answers: records.iter().map(|record| record.answer.lines()).collect(),
            inputs: 1,
            alike: Vec::new(),
            ranges: Vec::new(),
            compounds: Vec::new(),
            round,
        }
    }

    /// This one and its compounds.
    pub fn all(&self) -> impl Iterator<Item = &Self> {
        std::iter::once(self).chain(&self.compounds)
    }

    /// Whether the shape tells the cause, whatever the input looks like.
    pub fn is_told(&self, target: &Target) -> bool {
        target.by_shape() || self.shape.says.iter().any(|says| target.telling.contains(says))
    }

    /// Whether another is of the same class.
    pub fn is_like(&self, other: &Self, target: &Target) -> bool {
        let flags = |class: &Self| target.flags.and_then(|n| class.input.0.get(n)).cloned().unwrap_or_default();
        let by_flags = || !flags(self).is_empty() && flags(self) == flags(other);
        self.shape == other.shape && (self.is_told(target) || by_flags() || alike(self.first(), other.first()))
    }

    /// Whether asking comes to no end somewhere. Inputs that are made of such a one often do not either, and each costs seconds.
    pub fn hangs(&self) -> bool {
        self.answers.iter().flatten().any(|line| line == NO_END)
    }

    fn first(&self) -> &[u8] {
        self.input.0.first().map(Vec::as_slice).unwrap_or_default()
    }

    /// Takes in what is left of this difference together with something else.
    pub fn add_compound(&mut self, other: Self, target: &Target) {
        match self.is_like(&other, target) {
            true => self.absorb(other, target),
            false => put(&mut self.compounds, other, target),
        }
    }

    /// Takes another of the same class in.
    pub fn absorb(&mut self, other: Self, target: &Target) {
        self.inputs += other.inputs;
        for range in other.ranges {
            self.add(range);
        }
        let (mut input, mut answers) = (other.input, other.answers);
        if measure(&input) < measure(&self.input) {
            std::mem::swap(&mut input, &mut self.input);
            std::mem::swap(&mut answers, &mut self.answers);
        }
        for input in other.alike.into_iter().chain([input]) {
            let is_new = input.0.first() != self.input.0.first()
                && self.alike.iter().all(|known| known.0.first() != input.0.first());
            if is_new && self.alike.len() < ALIKE {
                self.alike.push(input);
            }
        }
        self.round = self.round.min(other.round);
        other.compounds.into_iter().for_each(|compound| self.add_compound(compound, target));
    }

    /// Adds numbers of a domain, which come in their order.
    pub fn add(&mut self, [from, to]: [u64; 2]) {
        let room = self.ranges.len() < RANGES;
        match self.ranges.last_mut() {
            Some(last) if last[1] + 1 == from => last[1] = to,
            _ if room => self.ranges.push([from, to]),
            _ => {}
        }
    }

    /// Whether an input holds all that this class's input does, so that it most likely belongs to it.
    pub fn is_in(&self, shape: &Shape, input: &Input) -> bool {
        let within = |(small, large): (&Vec<u8>, &Vec<u8>)| {
            small.is_empty() || large.windows(small.len()).any(|window| window == &small[..])
        };
        self.shape == *shape && self.input.0.iter().zip(&input.0).take(1).all(within)
    }
}

/// Whether two fields have most of their bytes in common, in order: `%+U` and `%+e`, but not `%s` and `%z`. One byte beyond
/// ASCII is as good as another.
fn alike(a: &[u8], b: &[u8]) -> bool {
    let [a, b] = [a, b].map(|field| field.iter().map(|byte| (*byte).min(0x80)).collect::<Vec<u8>>());
    let longest = a.len().max(b.len());
    a == b || (longest <= LONG && common(&a, &b) * 3 >= longest * 2)
}

/// Bytes of a field beyond which it is only like itself.
const LONG: usize = 64;

/// The length of the longest common subsequence.
fn common(a: &[u8], b: &[u8]) -> usize {
    let mut row = vec![0; b.len() + 1];
    for x in a {
        let mut diagonal = 0;
        for (n, y) in b.iter().enumerate() {
            let above = row[n + 1];
            row[n + 1] = if x == y { diagonal + 1 } else { above.max(row[n]) };
            diagonal = above;
        }
    }
    row[b.len()]
}

/// Puts a class among others: into the one that is like it, or behind them. A compound that is like it was none, and goes into it.
pub fn put(classes: &mut Vec<Class>, mut class: Class, target: &Target) {
    if let Some(known) = classes.iter_mut().find(|known| known.is_like(&class, target)) {
        return known.absorb(class, target);
    }
    for known in classes.iter_mut() {
        let same = known.compounds.extract_if(.., |compound| compound.is_like(&class, target));
        same.collect::<Vec<_>>().into_iter().for_each(|compound| class.absorb(compound, target));
    }
    classes.push(class);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fuzz::input::{Answer, End};

    fn target(told: bool) -> Target {
        let target = serde_json::json!({"id": "stdio.snprintf", "constant": "", "what": "", "functions": [],
            "fields": ["format"], "domain": null, "batch": 1, "env": {}, "network": false, "told": told});
        serde_json::from_value(target).expect("a target")
    }

    /// Of a first field and flags; the second image says this, and the first a number.
    fn class(first: &str, flags: &str, says: &str) -> Class {
        Class {
            shape: Shape { groups: vec![0, 1], line: "returns".into(), says: vec!["#".into(), says.into()] },
            input: Input(vec![first.as_bytes().to_vec(), flags.as_bytes().to_vec()]),
            answers: vec![Vec::new(), Vec::new()],
            inputs: 1,
            alike: Vec::new(),
            ranges: Vec::new(),
            compounds: Vec::new(),
            round: 0,
        }
    }

    #[test]
    fn fields_are_alike_that_have_most_in_common() {
        for (a, b, same) in
            [("%+U", "%+e", true), ("%s", "%z", false), ("%C%D", "%C:%D", true), ("", "", true), ("a", "b", false)]
        {
            assert_eq!(alike(a.as_bytes(), b.as_bytes()), same, "{a} {b}");
        }
        assert!(alike(b"\xc3", b"\xff") && !alike(b"\xc3", b"a"));
    }

    #[test]
    fn the_smallest_input_stands_for_a_class_and_others_are_kept() {
        let shape = Shape { groups: vec![0, 1], line: "returns".into(), says: vec!["#".into(), "NULL".into()] };
        let class = |first: &str| Class {
            shape: shape.clone(),
            input: Input(vec![first.as_bytes().to_vec()]),
            answers: vec![vec![first.into()], Vec::new()],
            inputs: 1,
            alike: Vec::new(),
            ranges: Vec::new(),
            compounds: Vec::new(),
            round: 0,
        };
        let mut one = class("%+ee");
        one.absorb(class("%+e"), &target(false));
        one.absorb(class("%+U"), &target(false));
        assert_eq!((&one.input.0[0][..], one.answers[0][0].as_str(), one.inputs), (&b"%+e"[..], "%+e", 3));
        assert_eq!(one.alike.iter().map(|input| input.0[0].as_slice()).collect::<Vec<_>>(), [&b"%+ee"[..], b"%+U"]);
    }

    #[test]
    fn where_lines_tell_the_cause_inputs_need_not_look_alike() {
        let class = |line: &str, first: &str| Class {
            shape: Shape { groups: vec![0, 1], line: line.into(), says: vec!["text".into(), "text".into()] },
            input: Input(vec![first.as_bytes().to_vec()]),
            answers: vec![Vec::new(), Vec::new()],
            inputs: 1,
            alike: Vec::new(),
            ranges: Vec::new(),
            compounds: Vec::new(),
            round: 0,
        };
        let count = |told: bool| {
            let mut classes = Vec::new();
            for (line, first) in [("%p", "%p"), ("%p", "%-33.5p"), ("%m", "%m")] {
                put(&mut classes, class(line, first), &target(told));
            }
            classes.len()
        };
        assert_eq!((count(true), count(false)), (2, 3));
    }

    #[test]
    fn what_was_a_compound_and_comes_alone_is_none() {
        let class = |first| class(first, "", "NULL");
        let mut root = class("%d");
        root.add_compound(class("%0C%k"), &target(false));
        let mut classes = vec![root];
        put(&mut classes, class("%0C"), &target(false));
        let firsts: Vec<&[u8]> = classes.iter().map(Class::first).collect();
        assert_eq!((firsts, classes[0].compounds.len()), (vec![&b"%d"[..], b"%0C"], 1));
        put(&mut classes, class("%0Ck"), &target(false));
        assert_eq!((classes.len(), classes[0].compounds.len(), classes[1].inputs), (2, 1, 2));
    }

    #[test]
    fn what_is_said_or_the_flags_may_tell_the_cause() {
        let mut target = target(false);
        let like = |target: &Target, a: &Class, b: &Class| a.is_like(b, target);
        let (day, year) = (class("%d", "e", "untouched"), class("%y", "", "untouched"));
        assert!(!like(&target, &day, &year));
        target.telling = vec!["untouched".into()];
        assert!(like(&target, &day, &year));
        let [one, two, other] = [("*", "e"), ("a/", "e"), ("a/", "em")].map(|(first, flags)| class(first, flags, "#"));
        assert!(!like(&target, &one, &two));
        target.flags = Some(1);
        assert!(like(&target, &one, &two) && !like(&target, &one, &other));
    }

    #[test]
    fn a_class_hangs_where_one_image_comes_to_no_end() {
        let shape = Shape { groups: vec![0, 1], line: "a".into(), says: Vec::new() };
        let answered =
            Record { number: 0, input: Input::default(), answer: Answer { end: End::Answered, text: "a: 1\n".into() } };
        let hung = Record { answer: Answer { end: End::Hung, text: String::new() }, ..answered.clone() };
        assert!(Class::new(shape.clone(), &[&answered, &hung], 0).hangs());
        assert!(!Class::new(shape, &[&answered, &answered], 0).hangs());
    }

    #[test]
    fn numbers_of_a_domain_are_kept_as_ranges() {
        let shape = Shape { groups: vec![0, 1], line: "a".into(), says: Vec::new() };
        let mut class = Class {
            shape,
            input: Input::default(),
            answers: Vec::new(),
            inputs: 0,
            alike: Vec::new(),
            ranges: Vec::new(),
            compounds: Vec::new(),
            round: 0,
        };
        [1, 2, 3, 7, 9, 10].into_iter().for_each(|number| class.add([number, number]));
        assert_eq!(class.ranges, [[1, 3], [7, 7], [9, 10]]);
    }
}
