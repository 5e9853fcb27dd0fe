//! What a worker keeps from one input to the next, because it is slow to make again: compiled patterns, descriptors,
//! addresses of functions. What is kept must not change an answer.

use core::cell::{Cell, UnsafeCell};

/// A value that outlives an input. Nothing in it may come from the arena.
pub struct Kept<T> {
    value: UnsafeCell<T>,
    lent: Cell<bool>,
}

// SAFETY: the programs that keep something have one thread.
unsafe impl<T> Sync for Kept<T> {}

impl<T> Kept<T> {
    /// Keeps this until it is changed.
    pub const fn new(value: T) -> Self {
        Self { value: UnsafeCell::new(value), lent: Cell::new(false) }
    }

    /// Hands it out for a while; not twice at once.
    pub fn with<R>(&self, body: impl FnOnce(&mut T) -> R) -> R {
        assert!(!self.lent.replace(true), "a kept value is handed out twice");
        // SAFETY: there is one thread, and the value is not handed out already, as was just looked at.
        let said = body(unsafe { &mut *self.value.get() });
        self.lent.set(false);
        said
    }
}

/// Bytes of a fixed length at most: what a kept value is known by.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Name<const N: usize>([u8; N], usize);

impl<const N: usize> Name<N> {
    /// No name.
    pub const NONE: Self = Self([0; N], usize::MAX);

    /// These bytes; `None` where they are too many.
    pub fn of(bytes: &[u8]) -> Option<Self> {
        let mut name = Self([0; N], bytes.len());
        name.0.get_mut(..bytes.len())?.copy_from_slice(bytes);
        Some(name)
    }
}
