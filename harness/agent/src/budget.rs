//! How much the programs of an image may say in all. Each is bounded by itself; thousands of cases that all say as much as they
//! may would fill the memory of the harness, which keeps every answer, and that would be the end of the images beside this one.

/// Bytes of messages: about twenty times what the answers of an ordinary image take to every case there is.
const IN_ALL: usize = 64 << 20;
/// Bytes that a message may always have.
const SHORT: usize = 4 << 10;

/// What is left for the programs of an image to say.
pub struct Budget {
    left: usize,
}

impl Default for Budget {
    fn default() -> Self {
        Self { left: IN_ALL }
    }
}

impl Budget {
    /// Whether a message of so many bytes may be passed on; what is not passed on costs nothing.
    pub fn allows(&mut self, bytes: usize) -> bool {
        let allowed = bytes <= self.left.max(SHORT);
        if allowed {
            self.left = self.left.saturating_sub(bytes);
        }
        allowed
    }

    /// What is said in the place of a message that is not passed on.
    pub fn refusal() -> String {
        format!("the programs of this image have said more than {} MiB together", IN_ALL >> 20)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_has_said_too_much_may_still_be_brief() {
        let mut budget = Budget::default();
        assert!(budget.allows(IN_ALL - 1));
        assert!(!budget.allows(SHORT + 1));
        assert!((0..100_000).all(|_| budget.allows(SHORT)));
    }
}
