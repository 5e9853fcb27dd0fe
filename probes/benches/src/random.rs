//! Numbers in a fixed sequence from a fixed seed, the same in every image: Marsaglia's xorshift (Journal of Statistical
//! Software 8(14), 2003) with Vigna's multiplier. No function of the C library's, which differ.

/// A sequence.
#[derive(Clone, Copy, Debug)]
pub struct Random(u64);

impl Random {
    /// The sequence of one thread of a workload.
    pub fn of_thread(thread: usize) -> Self {
        Self(0x9E37_79B9_7F4A_7C15_u64.wrapping_mul(2 * thread as u64 + 1))
    }

    /// The next 32 bits.
    #[inline]
    pub fn bits(&mut self) -> u32 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 32) as u32
    }

    /// The next number below `limit`.
    #[inline]
    pub fn below(&mut self, limit: usize) -> usize {
        ((u64::from(self.bits()) * limit as u64) >> 32) as usize
    }

    /// The next number from `least` to `most`, both included.
    #[inline]
    pub fn between(&mut self, least: usize, most: usize) -> usize {
        least + self.below(most - least + 1)
    }
}

/// The FNV-1a hash of a sequence, a step for each number. For tests.
#[cfg(test)]
pub fn fnv(numbers: impl Iterator<Item = u64>) -> u64 {
    numbers.fold(0xcbf2_9ce4_8422_2325, |hash, number| (hash ^ number).wrapping_mul(0x0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sequence_is_fixed_and_threads_have_their_own() {
        let first = |thread| {
            let mut random = Random::of_thread(thread);
            [random.bits(), random.bits(), random.bits()]
        };
        assert_eq!(first(0), first(0));
        assert_ne!(first(0), first(1));
    }

    #[test]
    fn numbers_fill_their_range() {
        let mut random = Random::of_thread(0);
        let numbers: Vec<usize> = (0..2000).map(|_| random.between(16, 31)).collect();
        assert_eq!((numbers.iter().min(), numbers.iter().max()), (Some(&16), Some(&31)));
    }
}
