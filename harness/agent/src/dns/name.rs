//! Domain names as bytes: read off the wire and from scripts, written as RFC 1035, 5.1 has it. A label may hold any byte.

use std::fmt;

/// The longest label, and the longest name with its lengths and the root.
const LABEL_BYTES: usize = 63;
const NAME_BYTES: usize = 255;

/// A name, complete up to the root.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name(Vec<Vec<u8>>);

impl Name {
    /// Reads a name of a script: final dot, `\DDD` for any byte, `\.` for a dot in a label.
    ///
    /// # Errors
    /// What is wrong with it, with the name.
    pub fn parse(text: &str) -> Result<Self, String> {
        let wrong = |what: &str| format!("the name `{text}` {what}");
        if !text.ends_with('.') {
            return Err(wrong("has no final dot"));
        }
        let mut labels = Vec::new();
        let mut label = Vec::new();
        let mut rest = if text == "." { &[][..] } else { text.as_bytes() };
        while let Some((byte, behind)) = rest.split_first() {
            rest = behind;
            match (byte, behind) {
                (b'.', _) => labels.push(std::mem::take(&mut label)),
                (b'\\', digits) if digits.first().is_some_and(u8::is_ascii_digit) => {
                    let number = digits.get(..3).and_then(|d| std::str::from_utf8(d).ok()?.parse().ok());
                    label.push(number.ok_or_else(|| wrong("has no byte behind a backslash"))?);
                    rest = &digits[3..];
                }
                (b'\\', [escaped, more @ ..]) => {
                    label.push(*escaped);
                    rest = more;
                }
                (byte, _) => label.push(*byte),
            }
        }
        if labels.iter().any(|label| label.is_empty() || label.len() > LABEL_BYTES) {
            return Err(wrong("has a label that is empty or longer than 63 bytes"));
        }
        let name = Self(labels);
        if name.wire().len() > NAME_BYTES { Err(wrong("is longer than 255 bytes")) } else { Ok(name) }
    }

    /// Reads a name off the start of `bytes`, without compression, and moves behind it.
    pub fn read(bytes: &mut &[u8]) -> Option<Self> {
        let mut labels = Vec::new();
        loop {
            let (length, rest) = bytes.split_first()?;
            let length = usize::from(*length);
            if length > LABEL_BYTES {
                return None;
            }
            *bytes = rest.get(length..)?;
            if length == 0 {
                break;
            }
            labels.push(rest[..length].to_vec());
        }
        let name = Self(labels);
        (name.wire().len() <= NAME_BYTES).then_some(name)
    }

    /// The bytes on the wire, without compression.
    pub fn wire(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        for label in &self.0 {
            bytes.push(label.len() as u8);
            bytes.extend_from_slice(label);
        }
        bytes.push(0);
        bytes
    }

    /// The name and its parents, the root left out.
    pub fn suffixes(&self) -> impl Iterator<Item = Self> {
        (0..self.0.len()).map(|n| Self(self.0[n..].to_vec()))
    }

    /// The first label; none for the root.
    pub fn first_label(&self) -> Option<&[u8]> {
        self.0.first().map(Vec::as_slice)
    }

    /// With small letters.
    pub fn to_ascii_lowercase(&self) -> Self {
        Self(self.0.iter().map(|label| label.to_ascii_lowercase()).collect())
    }

    /// With capitals for small letters and the other way round.
    pub fn recased(&self) -> Self {
        let turn = |byte: &u8| if byte.is_ascii_alphabetic() { byte ^ 0x20 } else { *byte };
        Self(self.0.iter().map(|label| label.iter().map(turn).collect()).collect())
    }

    /// Whether this name lies below the other one; letter case matters.
    pub fn is_below(&self, other: &Self) -> bool {
        self.0.len() > other.0.len() && self.0.ends_with(&other.0)
    }
}

/// With the final dot: a dot or backslash in a label behind a backslash, anything but printable ASCII as `\DDD`.
impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for byte in self.0.iter().flat_map(|label| label.iter().map(Some).chain([None])) {
            match byte {
                None => f.write_str(".")?,
                Some(special @ (b'.' | b'\\')) => write!(f, "\\{}", char::from(*special))?,
                Some(plain @ 0x21..=0x7e) => write!(f, "{}", char::from(*plain))?,
                Some(other) => write!(f, "\\{other:03}")?,
            }
        }
        if self.0.is_empty() { f.write_str(".") } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_written_as_in_a_zone_file() {
        for (text, wire) in [
            ("db.#.t\\013.", b"\x02db\x01#\x02t\r\0".as_slice()),
            ("a\\.b\\\\c.\\195\\169.", b"\x05a.b\\c\x02\xc3\xa9\0"),
            (".", b"\0"),
        ] {
            let name = Name::parse(text).expect(text);
            assert_eq!((name.wire().as_slice(), name.to_string().as_str()), (wire, text));
            assert_eq!(Name::read(&mut &wire[..]), Some(name));
        }
    }

    #[test]
    fn what_is_no_name_is_refused() {
        let long = format!("{}.", "a".repeat(64));
        for text in ["a", "", "a..b.", "\\25.", "\\256.", &long, &"abcdefg.".repeat(32)] {
            assert!(Name::parse(text).is_err(), "{text}");
        }
        for wire in [b"\x02a".as_slice(), b"\xc0\x0c", b"\x01a", b""] {
            assert_eq!(Name::read(&mut &wire[..]), None);
        }
    }

    #[test]
    fn a_name_knows_what_lies_below_it() {
        let name = |text| Name::parse(text).expect(text);
        assert!(name("db.test.").is_below(&name("test.")) && name("test.").is_below(&name(".")));
        assert!(!name("test.").is_below(&name("test.")) && !name("dbtest.").is_below(&name("test.")));
        assert_eq!(name("Db-1.test.").recased(), name("dB-1.TEST."));
    }
}
