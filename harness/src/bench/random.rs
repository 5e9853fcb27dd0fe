//! The one source of randomness of a benchmark: seeded, so that a run can be repeated in the same order, and its intervals
//! come out the same from the same file.

/// A seeded generator.
pub struct Random(fastrand::Rng);

impl Random {
    /// A generator.
    pub fn new(seed: u64) -> Self {
        Self(fastrand::Rng::with_seed(seed))
    }

    /// A generator for one purpose of a run: what comes out of it depends on nothing that is done before.
    pub fn of(seed: u64, purpose: &str) -> Self {
        // FNV-1a; a seed needs no more than to differ.
        let hash = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        Self::new(purpose.bytes().fold(seed ^ 0xcbf2_9ce4_8422_2325, hash))
    }

    /// A whole number below `end`; 0 where there is none.
    pub fn below(&mut self, end: usize) -> usize {
        if end == 0 { 0 } else { self.0.usize(..end) }
    }

    /// The numbers below `end` in random order.
    pub fn permutation(&mut self, end: usize) -> Vec<usize> {
        let mut order: Vec<usize> = (0..end).collect();
        self.0.shuffle(&mut order);
        order
    }
}

#[cfg(test)]
impl Random {
    /// A draw from the normal distribution (the sum of twelve uniform ones, which is near enough and has no long tails).
    pub fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.0.f64()).sum::<f64>() - 6.0
    }

    /// A draw from 0 to 1.
    pub fn share(&mut self) -> f64 {
        self.0.f64()
    }
}
