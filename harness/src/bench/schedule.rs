//! The order of blocks: in each round every subject once in random order, then once more in the reverse of it (ABBA).
//!
//! A machine that becomes slower or faster at a steady pace during a round does so for every subject alike, seen over both
//! halves, and falls out of the round's ratio. A subject has no fixed place in the round, so that what a neighbour leaves
//! behind (caches, clock, heat) has no favourite.

use super::random::Random;

/// One turn of a subject.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Turn {
    /// The subject's place among the subjects.
    pub subject: usize,
    /// The half of the round: 0 forward, 1 back.
    pub half: usize,
}

/// The turns of the next round, for so many subjects.
pub fn round(subjects: usize, random: &mut Random) -> Vec<Turn> {
    let order = random.permutation(subjects);
    let forward = order.iter().map(|&subject| Turn { subject, half: 0 });
    let back = order.iter().rev().map(|&subject| Turn { subject, half: 1 });
    forward.chain(back).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_round_goes_forward_and_back() {
        let turns = round(4, &mut Random::new(5));
        let subjects: Vec<_> = turns.iter().map(|t| t.subject).collect();
        let reversed: Vec<_> = subjects.iter().rev().copied().collect();
        assert_eq!(subjects, reversed);
        let mut first = subjects[..4].to_vec();
        first.sort_unstable();
        assert_eq!(first, [0, 1, 2, 3]);
        assert!(turns[..4].iter().all(|t| t.half == 0) && turns[4..].iter().all(|t| t.half == 1));
    }

    #[test]
    fn orders_differ_between_rounds_and_follow_the_seed() {
        let orders = |seed| {
            let mut random = Random::of(seed, "churn 2");
            (0..20).map(|_| round(3, &mut random)).collect::<Vec<_>>()
        };
        assert_eq!(orders(1), orders(1));
        assert_ne!(orders(1), orders(2));
        for first in 0..3 {
            assert!(orders(1).iter().any(|turns| turns[0].subject == first), "subject {first} never comes first");
        }
    }
}
