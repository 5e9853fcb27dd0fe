//! Digests: what a piece of an image is called by its content, and the reader that works one out as bytes pass.
//!
//! Only SHA-256, which every image in use has; another algorithm is an error that says so, never an unchecked pass.

use std::{
    fmt::{self, Write as _},
    io::{self, Read},
    sync::{Arc, Mutex, PoisonError},
};

use sha2::{Digest as _, Sha256};

/// A SHA-256 digest, written `sha256:` and 64 hex digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Digest([u8; 32]);

impl Digest {
    /// The digest of `bytes`.
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// From what a hash function gives.
    pub(crate) fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Reads `sha256:HEX`; `None` for another algorithm, another length or other characters.
    pub fn parse(text: &str) -> Option<Self> {
        Self::from_hex(text.strip_prefix("sha256:")?)
    }

    /// Reads 64 lower-case hex digits; `None` for anything else.
    pub fn from_hex(hex: &str) -> Option<Self> {
        let hex = hex.as_bytes();
        if hex.len() != 64 || hex.iter().any(|c| !matches!(c, b'0'..=b'9' | b'a'..=b'f')) {
            return None;
        }
        let value = |c: u8| if c.is_ascii_digit() { c - b'0' } else { c - b'a' + 10 };
        Some(Self(std::array::from_fn(|i| (value(hex[2 * i]) << 4) | value(hex[2 * i + 1]))))
    }

    /// The 64 hex digits alone, as file names have them.
    pub fn hex(&self) -> String {
        self.0.iter().fold(String::with_capacity(64), |mut hex, byte| {
            let _ = write!(hex, "{byte:02x}");
            hex
        })
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "sha256:{}", self.hex())
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// What has passed a [`Hashing`] reader so far; readable after the reader itself is buried under others, or has gone to another
/// thread.
#[derive(Clone, Default)]
pub struct Tally(Arc<Mutex<Sha256>>);

impl Tally {
    /// The digest of everything so far.
    pub fn digest(&self) -> Digest {
        Digest(self.0.lock().unwrap_or_else(PoisonError::into_inner).clone().finalize().into())
    }
}

/// Passes bytes on and keeps their [`Tally`].
pub struct Hashing<R> {
    inner: R,
    tally: Tally,
}

impl<R: Read> Hashing<R> {
    /// Wraps `inner`; the tally is shared.
    pub fn new(inner: R) -> (Self, Tally) {
        let tally = Tally::default();
        (Self { inner, tally: tally.clone() }, tally)
    }
}

impl<R: Read> Read for Hashing<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(buf)?;
        self.tally.0.lock().unwrap_or_else(PoisonError::into_inner).update(&buf[..n]);
        Ok(n)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EMPTY: &str = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    #[test]
    fn the_digest_of_nothing_is_the_known_one() {
        assert_eq!(Digest::of(b"").to_string(), EMPTY);
        assert_eq!(Digest::parse(EMPTY), Some(Digest::of(b"")));
    }

    #[test]
    fn other_algorithms_lengths_and_characters_are_no_digest() {
        let hex = &EMPTY[7..];
        for bad in
            [hex.to_owned(), format!("sha512:{hex}"), EMPTY.to_uppercase(), EMPTY[..70].to_owned(), format!("{EMPTY}0")]
        {
            assert_eq!(Digest::parse(&bad), None, "{bad}");
        }
        assert_eq!(Digest::from_hex(&format!("../{}", &hex[3..])), None);
    }

    #[test]
    fn a_tally_follows_the_bytes() {
        let (mut reader, tally) = Hashing::new(&b"some bytes"[..]);
        io::copy(&mut reader, &mut io::sink()).expect("reads from memory");
        assert_eq!(tally.digest(), Digest::of(b"some bytes"));
    }
}
