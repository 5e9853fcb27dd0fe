//! Making an input smaller as long as the same difference is left: pieces are taken out, then bytes replaced by plainer ones.
//!
//! Nothing here knows what an input means, or asks anything: [`Reduction::candidates`] says what to try next, whoever asks
//! tells what came of it, and many reductions share one question to the images.

use super::input::Input;
use super::shape::Shape;

/// What has to be left of a difference.
#[derive(Clone, Debug)]
pub enum Wanted {
    /// This one.
    Same(Shape),
    /// Any, but for those that are there without any input: pieces are taken out, and no byte is replaced.
    Any {
        /// The difference of the empty input, where it has one.
        but: Option<Shape>,
    },
}

impl Wanted {
    /// Whether a candidate's difference will do.
    pub fn is(&self, shape: Option<&Shape>) -> bool {
        match self {
            Self::Same(wanted) => shape == Some(wanted),
            Self::Any { but } => shape.is_some() && shape != but.as_ref(),
        }
    }
}

/// An input on its way to the smallest.
#[derive(Clone, Debug)]
pub struct Reduction {
    /// The smallest so far.
    pub input: Input,
    /// What has to stay.
    pub wanted: Wanted,
    step: Step,
    /// What the candidates of the step differ by from the input, where each is one change.
    changes: Vec<Change>,
    /// Changes that each left the difference as it was, the best first: they are tried together next.
    together: Vec<Change>,
}

/// One change to an input.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Change {
    /// These bytes of a field go.
    Remove { field: usize, start: usize, end: usize },
    /// This byte becomes another.
    Replace { field: usize, at: usize, byte: u8 },
}

impl Change {
    /// The field, and the bytes of it that are touched.
    fn place(self) -> (usize, usize, usize) {
        match self {
            Self::Remove { field, start, end } => (field, start, end),
            Self::Replace { field, at, .. } => (field, at, at + 1),
        }
    }

    fn is_apart(self, other: Self) -> bool {
        let ((field, start, end), (of, from, to)) = (self.place(), other.place());
        field != of || end <= from || to <= start
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Step {
    /// Taking out pieces of this many bytes.
    Remove(usize),
    /// Taking something out of the first two fields at once, at both beginnings or both ends: what stands for each other there.
    Both,
    /// Replacing bytes.
    Replace,
    /// There is nothing left to try.
    Done,
}

/// Bytes that are taken out of two fields at once, at most.
const BOTH: usize = 4;
/// Plain bytes, the plainest first.
const PLAIN: &[u8] = b"a01 ";

impl Reduction {
    /// Begins.
    pub fn new(input: Input, wanted: Wanted) -> Self {
        let longest = input.0.iter().map(Vec::len).max().unwrap_or(0);
        let step = Step::Remove((longest / 2).max(1));
        Self { input, wanted, step, changes: Vec::new(), together: Vec::new() }
    }

    /// What to try next, all at once; nothing when it is done.
    pub fn candidates(&mut self) -> Vec<Input> {
        if !self.together.is_empty() {
            // All of them, the better half, and so on down to the best, which is known to do.
            let counts = std::iter::successors(Some(self.together.len()), |count| (*count > 1).then_some(count / 2));
            return counts.map(|count| self.changed(&self.together[..count])).collect();
        }
        loop {
            let candidates = self.of_step();
            if !candidates.is_empty() || self.step == Step::Done {
                return candidates;
            }
            self.step = self.step.next();
        }
    }

    fn of_step(&mut self) -> Vec<Input> {
        self.changes = match self.step {
            Step::Remove(length) => self.removals(length),
            Step::Replace if matches!(self.wanted, Wanted::Same(_)) => self.replacements(),
            Step::Both => return self.without_both(),
            Step::Replace | Step::Done => Vec::new(),
        };
        self.changes.iter().map(|change| self.changed(&[*change])).collect()
    }

    /// Takes what came of the candidates: which of them still have the difference, in their order.
    pub fn take(&mut self, candidates: Vec<Input>, same: &[bool]) {
        let (changes, together) = (std::mem::take(&mut self.changes), std::mem::take(&mut self.together));
        let mut kept: Vec<(usize, Input)> =
            candidates.into_iter().enumerate().zip(same).filter(|(_, same)| **same).map(|(kept, _)| kept).collect();
        kept.sort_by_cached_key(|(_, input)| measure(input));
        if together.is_empty() {
            for change in kept.iter().filter_map(|(at, _)| changes.get(*at)) {
                if self.together.iter().all(|other| other.is_apart(*change)) {
                    self.together.push(*change);
                }
            }
            if self.together.len() > 1 {
                return;
            }
            self.together.clear();
        }
        match (kept.into_iter().next(), self.step) {
            (Some((_, smaller)), step) => {
                self.input = smaller;
                // What was in the way may be gone.
                self.step = if step == Step::Both { Step::Remove(2) } else { step };
            }
            (None, step) => self.step = step.next(),
        }
    }

    /// The input with changes that are apart.
    fn changed(&self, changes: &[Change]) -> Input {
        let mut fields: Vec<Vec<Option<u8>>> =
            self.input.0.iter().map(|field| field.iter().copied().map(Some).collect()).collect();
        for change in changes {
            match *change {
                Change::Remove { field, start, end } => fields[field][start..end].fill(None),
                Change::Replace { field, at, byte } => fields[field][at] = Some(byte),
            }
        }
        Input(fields.into_iter().map(|field| field.into_iter().flatten().collect()).collect())
    }

    fn removals(&self, length: usize) -> Vec<Change> {
        let of_field = |(field, bytes): (usize, &Vec<u8>)| {
            let count = bytes.len();
            let starts = (0..count).step_by(length.div_ceil(2));
            starts.map(move |start| Change::Remove { field, start, end: (start + length).min(count) })
        };
        self.input.0.iter().enumerate().flat_map(of_field).collect()
    }

    fn without_both(&self) -> Vec<Input> {
        let [first, second, ..] = &self.input.0[..] else { return Vec::new() };
        let mut all = Vec::new();
        for (a, b) in (1..=first.len().min(BOTH)).flat_map(|a| (1..=second.len().min(BOTH)).map(move |b| (a, b))) {
            let (mut front, mut back) = (self.input.clone(), self.input.clone());
            front.0[0].drain(..a);
            front.0[1].drain(..b);
            back.0[0].truncate(first.len() - a);
            back.0[1].truncate(second.len() - b);
            all.extend([front, back]);
        }
        all
    }

    fn replacements(&self) -> Vec<Change> {
        let mut all = Vec::new();
        for (field, bytes) in self.input.0.iter().enumerate() {
            for (at, byte) in bytes.iter().enumerate() {
                let others = PLAIN.iter().copied().chain([byte.to_ascii_lowercase()]);
                let plainer = others.filter(|plain| rank(*plain) < rank(*byte));
                all.extend(plainer.map(|byte| Change::Replace { field, at, byte }));
            }
        }
        all
    }
}

impl Step {
    fn next(self) -> Self {
        match self {
            Self::Remove(1) => Self::Both,
            Self::Remove(length) => Self::Remove(length / 2),
            Self::Both => Self::Replace,
            Self::Replace | Self::Done => Self::Done,
        }
    }
}

/// How large and how far from plain an input is; the smallest is the best, and of two as small the first in order.
pub fn measure(input: &Input) -> (usize, u32, Input) {
    (input.size(), input.0.iter().flatten().map(|byte| rank(*byte)).sum(), input.clone())
}

fn rank(byte: u8) -> u32 {
    match byte {
        byte if PLAIN.contains(&byte) => PLAIN.iter().position(|plain| *plain == byte).unwrap_or(0) as u32,
        b'0'..=b'9' => u32::from(byte - b'0') + 4,
        b'a'..=b'z' => u32::from(byte - b'a') + 20,
        b'A'..=b'Z' => u32::from(byte - b'A') + 50,
        0x21..=0x7e => u32::from(byte) + 100,
        _ => u32::from(byte) + 300,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reduces by a rule in place of images.
    fn reduced(start: &[&str], differs: impl Fn(&Input) -> bool) -> Vec<String> {
        let input = Input(start.iter().map(|field| field.as_bytes().to_vec()).collect());
        let shape = Shape { groups: vec![0, 1], line: "a".into(), says: Vec::new() };
        let mut reduction = Reduction::new(input, Wanted::Same(shape));
        loop {
            let candidates = reduction.candidates();
            if candidates.is_empty() {
                break;
            }
            let same: Vec<bool> = candidates.iter().map(&differs).collect();
            reduction.take(candidates, &same);
        }
        reduction.input.0.iter().map(|field| String::from_utf8_lossy(field).into_owned()).collect()
    }

    #[test]
    fn what_does_not_matter_goes_and_the_rest_becomes_plain() {
        let holds = |field: &[u8], piece: &str| String::from_utf8_lossy(field).contains(piece);
        let differs =
            |input: &Input| holds(&input.0[0], "%s") && input.0[1].iter().filter(|b| b.is_ascii_digit()).count() > 1;
        assert_eq!(reduced(&["%H:%M%s", "12:34 17000"], differs), ["%s", "00"]);
    }

    #[test]
    fn what_stands_for_each_other_in_two_fields_goes_together() {
        let differs = |input: &Input| input.0[0].len() == input.0[1].len() && input.0[0].ends_with(b"%s");
        assert_eq!(reduced(&["::%s", "::17"], differs), ["%s", "aa"]);
    }

    #[test]
    fn what_can_go_together_goes_in_a_few_questions() {
        let bytes = (0..400).map(|n| if n % 10 == 3 { b'K' } else { b'x' });
        let input = Input(vec![bytes.collect()]);
        let shape = Shape { groups: vec![0, 1], line: "a".into(), says: Vec::new() };
        let mut reduction = Reduction::new(input, Wanted::Same(shape));
        let mut questions = 0;
        loop {
            let candidates = reduction.candidates();
            if candidates.is_empty() {
                break;
            }
            questions += 1;
            let count = |input: &Input| input.0[0].iter().filter(|byte| **byte == b'K').count();
            let same: Vec<bool> = candidates.iter().map(|input| count(input) == 40).collect();
            reduction.take(candidates, &same);
        }
        assert!(reduction.input.0[0] == [b'K'; 40] && questions < 40, "{:?} by {questions}", reduction.input);
    }

    #[test]
    fn what_any_difference_is_left_of_keeps_its_bytes_and_is_not_empty() {
        let shape = |line: &str| Some(Shape { groups: vec![0, 1], line: line.into(), says: Vec::new() });
        let wanted = Wanted::Any { but: shape("empty") };
        assert!(wanted.is(shape("other").as_ref()) && !wanted.is(shape("empty").as_ref()) && !wanted.is(None));
        let mut reduction = Reduction::new(Input(vec![b"x%k%C".to_vec()]), wanted);
        loop {
            let candidates = reduction.candidates();
            if candidates.is_empty() {
                break;
            }
            let same: Vec<bool> =
                candidates.iter().map(|input| input.0[0].windows(2).any(|two| two == b"%C" || two == b"%k")).collect();
            reduction.take(candidates, &same);
        }
        assert!(["%C", "%k"].map(str::as_bytes).contains(&&reduction.input.0[0][..]), "{:?}", reduction.input);
    }

    #[test]
    fn it_ends_where_everything_differs() {
        assert_eq!(reduced(&["abc", "\u{ff}"], |_| true), ["", ""]);
    }
}
