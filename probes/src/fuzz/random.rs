//! Numbers that look random and are the same everywhere: a seed and a number make them, and no C library is asked.

/// How many inputs that follow each other have a source in common ([`Random::shared`]).
const RUN: u64 = 16;

/// A source of numbers (splitmix64, Steele, Lea and Flood, 2014).
#[derive(Clone)]
pub struct Random {
    state: u64,
    shared: u64,
}

impl Random {
    /// The source of the input `number` of a target under a seed.
    pub fn new(seed: u64, target: &str, number: u64) -> Self {
        let name = target
            .bytes()
            .fold(0xcbf2_9ce4_8422_2325, |hash: u64, b| (hash ^ u64::from(b)).wrapping_mul(0x100_0000_01b3));
        let mut mixed = Self { state: seed ^ name, shared: 0 };
        let (own, shared) = (mixed.next(), mixed.next());
        let spread = |number: u64| number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        Self { state: own ^ spread(number), shared: shared ^ spread(number / RUN) }
    }

    /// A source that is the same for sixteen inputs that follow each other: for what is slow to prepare, such as a pattern
    /// to compile, and is kept from one input to the next.
    pub fn shared(&self) -> Self {
        Self { state: self.shared, shared: self.shared }
    }

    /// The next number.
    #[allow(clippy::should_implement_trait, reason = "it never ends, and is no iterator")]
    pub fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `end`, which is not 0.
    pub fn below(&mut self, end: usize) -> usize {
        ((u128::from(self.next()) * end as u128) >> 64) as usize
    }

    /// A number from `low` to `high`, both included.
    pub fn between(&mut self, low: i64, high: i64) -> i64 {
        low.wrapping_add(self.below((high.wrapping_sub(low) as usize).saturating_add(1)) as i64)
    }

    /// True once in `n` times.
    pub fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }

    /// One of a list that is not empty.
    pub fn pick<'a, T: ?Sized>(&mut self, list: &[&'a T]) -> &'a T {
        list[self.below(list.len())]
    }

    /// One of some bytes, of which there is at least one.
    pub fn byte(&mut self, of: &[u8]) -> u8 {
        of[self.below(of.len())]
    }
}

#[cfg(test)]
mod tests {
    use super::Random;

    #[test]
    fn the_same_seed_makes_the_same_numbers_and_another_does_not() {
        let first = |seed, target, number| Random::new(seed, target, number).next();
        assert_eq!(first(1, "time.strptime", 7), first(1, "time.strptime", 7));
        let others = [first(2, "time.strptime", 7), first(1, "time.strftime", 7), first(1, "time.strptime", 8)];
        assert!(others.iter().all(|other| *other != first(1, "time.strptime", 7)));
    }

    #[test]
    fn inputs_of_a_run_share_a_source() {
        let shared = |number| Random::new(1, "regex.regcomp", number).shared().next();
        assert!((33..48).all(|number| shared(number) == shared(32)));
        assert!(shared(31) != shared(32) && shared(48) != shared(32));
    }

    #[test]
    fn numbers_stay_between_their_bounds_and_reach_them() {
        let mut random = Random::new(3, "x", 0);
        let seen: std::collections::BTreeSet<i64> = (0..1000).map(|_| random.between(-2, 2)).collect();
        assert_eq!(seen.into_iter().collect::<Vec<_>>(), [-2, -1, 0, 1, 2]);
    }
}
