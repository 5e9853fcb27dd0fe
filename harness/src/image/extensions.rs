//! What the headers before a member say of it: long names, and the records of pax.
//!
//! A record is `LENGTH KEY=VALUE` and a line break, and its length decides where it ends: a value may hold line breaks, and text
//! in a value that looks like a record is none. A value that is empty takes back what was said before.

use std::io;

use rustix::fs::Timespec;

use super::holes::Sparse;

/// All of it, for one member.
#[derive(Default)]
pub(crate) struct Extensions {
    long_name: Option<Vec<u8>>,
    long_link: Option<Vec<u8>>,
    path: Option<Vec<u8>>,
    link_path: Option<Vec<u8>>,
    has_records: bool,
    /// Bytes that are stored.
    pub size: Option<u64>,
    /// When it was changed.
    pub modified: Option<Timespec>,
    /// The number of its user, if one is said; `None` inside where it is none, which matters only to those who want it.
    pub user: Option<Option<u64>>,
    /// The same of its group.
    pub group: Option<Option<u64>>,
    /// Whether there are extended attributes.
    pub attributes: bool,
    /// What is said of holes.
    pub sparse: Option<Sparse>,
    /// What is wrong with it.
    pub flaw: Option<&'static str>,
}

const MALFORMED: &str = "has a malformed extended header";

impl Extensions {
    /// Whether nothing has been said.
    pub fn is_empty(&self) -> bool {
        self.long_name.is_none() && self.long_link.is_none() && !self.has_records
    }

    /// GNU's long name.
    pub fn long_name(&mut self, bytes: Vec<u8>) -> io::Result<()> {
        once(self.long_name.replace(until_zero(bytes)).is_some())
    }

    /// GNU's long target of a link.
    pub fn long_link(&mut self, bytes: Vec<u8>) -> io::Result<()> {
        once(self.long_link.replace(until_zero(bytes)).is_some())
    }

    /// The member's name, if it was said here.
    pub fn name(&self) -> Option<&[u8]> {
        let sparse = self.sparse.as_ref().filter(|sparse| sparse.form().is_some());
        let sparse = sparse.and_then(|sparse| sparse.name.as_deref());
        self.long_name.as_deref().or(sparse).or(self.path.as_deref())
    }

    /// What the member links to, if it was said here.
    pub fn link(&self) -> Option<&[u8]> {
        self.long_link.as_deref().or(self.link_path.as_deref())
    }

    /// The records of one pax header.
    pub fn records(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        once(std::mem::replace(&mut self.has_records, true))?;
        while !bytes.is_empty() {
            let Some((key, value, rest)) = record(bytes) else {
                self.flaw = Some(MALFORMED);
                break;
            };
            if self.apply(key, value).is_none() {
                self.flaw = Some(MALFORMED);
            }
            bytes = rest;
        }
        Ok(())
    }

    /// Takes one record; `None` if its value cannot be right.
    fn apply(&mut self, key: &[u8], value: &[u8]) -> Option<()> {
        let said = !value.is_empty();
        match key {
            b"path" => self.path = said.then(|| value.to_vec()),
            b"linkpath" => self.link_path = said.then(|| value.to_vec()),
            b"size" if said => self.size = Some(number(value)?),
            b"size" => self.size = None,
            b"mtime" if said => self.modified = Some(time(value)?),
            b"mtime" => self.modified = None,
            b"uid" => self.user = said.then(|| number(value)),
            b"gid" => self.group = said.then(|| number(value)),
            _ => match key.strip_prefix(b"GNU.sparse.") {
                Some(what) => self.sparse.get_or_insert_default().apply(what, value)?,
                None => {
                    self.attributes |= key.starts_with(b"SCHILY.xattr.") || key.starts_with(b"LIBARCHIVE.xattr.");
                }
            },
        }
        Some(())
    }
}

/// Two extensions of one kind contradict each other, and readers differ in which they take.
fn once(again: bool) -> io::Result<()> {
    match again {
        true => Err(io::Error::new(io::ErrorKind::InvalidData, "two extended headers of one kind for one entry")),
        false => Ok(()),
    }
}

fn until_zero(mut bytes: Vec<u8>) -> Vec<u8> {
    let end = bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len());
    bytes.truncate(end);
    bytes
}

/// Key, value and what follows.
fn record(bytes: &[u8]) -> Option<(&[u8], &[u8], &[u8])> {
    let space = bytes.iter().position(|byte| *byte == b' ')?;
    let length = usize::try_from(number(&bytes[..space])?).ok()?;
    let body = bytes.get(space + 1..length)?.strip_suffix(b"\n")?;
    let equals = body.iter().position(|byte| *byte == b'=')?;
    let key = &body[..equals];
    (!key.is_empty() && !key.contains(&0)).then_some((key, &body[equals + 1..], &bytes[length..]))
}

/// A decimal number of digits alone.
pub(crate) fn number(text: &[u8]) -> Option<u64> {
    let digits = text.iter().all(u8::is_ascii_digit);
    std::str::from_utf8(text).ok().filter(|_| digits)?.parse().ok()
}

/// Seconds since 1970 with a fraction, perhaps negative; what is finer than a nanosecond is cut off.
fn time(text: &[u8]) -> Option<Timespec> {
    let (negative, text) = match text.strip_prefix(b"-") {
        Some(text) => (true, text),
        None => (false, text),
    };
    let mut parts = text.splitn(2, |byte| *byte == b'.');
    let seconds = i64::try_from(number(parts.next()?)?).ok()?;
    let fraction = parts.next().unwrap_or(b"");
    number(fraction).or(fraction.is_empty().then_some(0)).or((fraction.len() > 18).then_some(0))?;
    let digits = fraction.iter().copied().chain(std::iter::repeat(b'0')).take(9);
    let nanos = digits.fold(0, |nanos, digit| nanos * 10 + i64::from(digit.wrapping_sub(b'0') % 10));
    Some(match (negative, nanos) {
        (false, nanos) => Timespec { tv_sec: seconds, tv_nsec: nanos },
        (true, 0) => Timespec { tv_sec: -seconds, tv_nsec: 0 },
        (true, nanos) => Timespec { tv_sec: -seconds - 1, tv_nsec: 1_000_000_000 - nanos },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(bytes: &[u8]) -> Extensions {
        let mut extensions = Extensions::default();
        extensions.records(bytes).expect("the first");
        extensions
    }

    #[test]
    fn a_record_ends_where_its_length_says() {
        let hidden = of(b"34 SCHILY.xattr.user.x=\n9 path=b\n\n9 path=a\n");
        assert_eq!((hidden.flaw, hidden.name(), hidden.attributes), (None, Some(&b"a"[..]), true));
        assert_eq!(of(b"9 path=a\n9 path=b\n").name(), Some(&b"b"[..]), "the last one wins");
        assert_eq!(of(b"9 path=a\n8 path=\n").name(), None, "nothing takes it back");
        for bad in [
            &b"no record"[..],
            b"9 path=ab\n",
            b"8 path=a\n",
            b"99 path=a\n",
            b"5 =a\n",
            b"+9 path=a\n",
            b"10 size=x\n",
        ] {
            assert_eq!(of(bad).flaw, Some(MALFORMED), "{}", String::from_utf8_lossy(bad));
        }
    }

    #[test]
    fn times_have_fractions_and_may_lie_before_1970() {
        let parts = |text: &[u8]| time(text).map(|time| (time.tv_sec, time.tv_nsec));
        assert_eq!(parts(b"12"), Some((12, 0)));
        assert_eq!(parts(b"12.5"), Some((12, 500_000_000)));
        assert_eq!(parts(b"12.0000000019"), Some((12, 1)));
        assert_eq!(parts(b"-1"), Some((-1, 0)));
        assert_eq!(parts(b"-1.25"), Some((-2, 750_000_000)));
        for bad in [&b""[..], b"x", b"1.x", b"--1", b".5", b"99999999999999999999"] {
            assert_eq!(parts(bad), None, "{}", String::from_utf8_lossy(bad));
        }
    }
}
