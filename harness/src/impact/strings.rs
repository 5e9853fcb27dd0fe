//! The texts of an ELF file. Nothing keeps a table from giving one long text to each of a million names, so that what is taken from it
//! is counted.

use std::cell::Cell;

use memchr::memchr;

/// A longer name than any compiler makes.
const LONGEST: usize = 64 << 10;
/// Texts may be in a file once, and are named several times; this many times the file is more than any needs.
const TIMES: usize = 8;

/// A table of texts, each ended by a zero byte.
pub struct Strings<'data> {
    bytes: &'data [u8],
    left: Cell<usize>,
}

impl<'data> Strings<'data> {
    /// The table in these bytes, of a file that is so long.
    pub fn new(bytes: &'data [u8], file: usize) -> Self {
        Self { bytes, left: Cell::new(file.saturating_mul(TIMES)) }
    }

    /// The text at a place.
    pub fn get(&self, at: u32) -> Option<&'data [u8]> {
        let rest = self.bytes.get(at as usize..).filter(|_| !self.is_used_up())?;
        let rest = &rest[..rest.len().min(LONGEST)];
        let end = memchr(0, rest);
        // Used up even by the one that does not fit any more, and by one without an end.
        self.count(end.unwrap_or(rest.len()) + 1);
        end.filter(|_| !self.is_used_up()).map(|end| &rest[..end])
    }

    /// The text at a place, as text.
    pub fn text(&self, at: u32) -> Option<String> {
        self.get(at).map(|bytes| String::from_utf8_lossy(bytes).into_owned())
    }

    /// Counts texts that are kept once more.
    pub fn count(&self, bytes: usize) {
        self.left.set(self.left.get().saturating_sub(bytes));
    }

    /// Whether more was taken than any file needs.
    pub fn is_used_up(&self) -> bool {
        self.left.get() == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_end_at_a_zero_and_are_counted() {
        let bytes = b"\0one\0two\0cut";
        let strings = Strings::new(bytes, bytes.len());
        assert_eq!((strings.get(1), strings.get(6)), (Some(&b"one"[..]), Some(&b"wo"[..])));
        assert_eq!((strings.get(9), strings.get(99)), (None, None));
        assert!(!strings.is_used_up());
        assert!((0..100).any(|_| strings.get(1).is_none()) && strings.is_used_up());
    }
}
