//! A DNS message in canonical text: code, flags, counts, and the records that are whole in the caller's buffer.
//!
//! It is read here and not with the C library's own ns_parserr, which musl and glibc have each in their own way.

use core::fmt::Write;
use heap::string::String;

use super::record;
use crate::outcome::Outcome;
use crate::text;

/// How many records are shown; the counts say of the others.
const SHOWN: usize = 8;

/// Writes a message down, as far as it is in the buffer.
pub fn describe(message: &[u8], o: &mut Outcome) {
    let mut reader = Reader { message, at: 2 };
    let Some((flags, counts)) = reader.u16().zip(reader.counts()) else {
        return o.line("message: shorter than a header");
    };
    o.fact("rcode", rcode(flags & 0xf));
    o.fact("flags", flag_names(flags));
    let [questions, answers, authorities, additionals] = counts;
    o.line(format_args!(
        "counts: question {questions}, answer {answers}, authority {authorities}, additional {additionals}"
    ));
    for _ in 0..questions {
        match reader.name().zip(reader.u32()) {
            Some((name, kind)) => o.line(format_args!("question: {name} {}", record::type_name((kind >> 16) as u16))),
            None => return o.line("question: not whole"),
        }
    }
    let sections = [("answer", answers), ("authority", authorities), ("additional", additionals)];
    for (section, count) in sections {
        for n in 0..usize::from(count) {
            let Some(line) = record::line(&mut reader) else {
                return o.line(format_args!("{section}: {n} whole records, and then the buffer ends"));
            };
            if n < SHOWN {
                o.line(format_args!("{section}: {line}"));
            }
        }
        if usize::from(count) > SHOWN {
            o.line(format_args!("{section}: {} more", usize::from(count) - SHOWN));
        }
    }
}

/// The name of a response code.
fn rcode(code: u16) -> String {
    let names = ["NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP", "REFUSED"];
    names.get(usize::from(code)).map_or_else(|| heap::format!("rcode {code}"), |name| (*name).into())
}

/// The flags that are set, in the order of their bits.
fn flag_names(flags: u16) -> String {
    let mut out = String::new();
    for (bit, name) in [(15, "QR"), (10, "AA"), (9, "TC"), (8, "RD"), (7, "RA"), (5, "AD"), (4, "CD")] {
        if flags & (1 << bit) != 0 {
            let _ = write!(out, "{}{name}", if out.is_empty() { "" } else { " " });
        }
    }
    out
}

/// A place in a message.
#[derive(Clone)]
pub struct Reader<'a> {
    message: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    /// Two bytes.
    pub fn u16(&mut self) -> Option<u16> {
        let bytes = self.rest(2)?;
        self.skip(2);
        Some(u16::from_be_bytes(bytes.try_into().ok()?))
    }

    /// Four bytes.
    pub fn u32(&mut self) -> Option<u32> {
        let bytes = self.rest(4)?;
        self.skip(4);
        Some(u32::from_be_bytes(bytes.try_into().ok()?))
    }

    fn counts(&mut self) -> Option<[u16; 4]> {
        Some([self.u16()?, self.u16()?, self.u16()?, self.u16()?])
    }

    /// The next bytes, where there are so many.
    pub fn rest(&self, length: usize) -> Option<&'a [u8]> {
        self.message.get(self.at..)?.get(..length)
    }

    /// Goes on.
    pub fn skip(&mut self, length: usize) {
        self.at += length;
    }

    /// A name with its final dot. Each jump goes back in the message, so there is an end to them.
    pub fn name(&mut self) -> Option<String> {
        let (mut out, mut at, mut lowest) = (String::new(), self.at, self.at);
        let mut behind = None;
        loop {
            let length = *self.message.get(at)?;
            match length {
                0 => break,
                1..64 => {
                    let label = self.message.get(at + 1..)?.get(..usize::from(length))?;
                    out.push_str(&text::bytes(label));
                    out.push('.');
                    at += 1 + usize::from(length);
                }
                _ => {
                    let target = usize::from(length & 0x3f) << 8 | usize::from(*self.message.get(at + 1)?);
                    behind = behind.or(Some(at + 2));
                    if length < 0xc0 || target >= lowest {
                        return None;
                    }
                    (at, lowest) = (target, target);
                }
            }
        }
        self.at = behind.unwrap_or(at + 1);
        Some(if out.is_empty() { ".".into() } else { out })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use heap::vec::Vec;

    /// An answer to `db.test. A`: an alias, an address, and a text.
    fn answer() -> Vec<u8> {
        let mut m = heap::vec![0, 1, 0x83, 0xa0, 0, 1, 0, 2, 0, 0, 0, 1];
        m.extend(b"\x02db\x04test\x00\x00\x01\x00\x01");
        m.extend(b"\xc0\x0c\x00\x05\x00\x01\x00\x00\x00\x3c\x00\x04\x01x\xc0\x0f");
        m.extend(b"\x01x\xc0\x0f\x00\x01\x00\x01\x00\x00\x00\x3c\x00\x04\xc0\x00\x02\x01");
        m.extend(b"\x00\x00\x10\x00\x01\x00\x00\x00\x00\x00\x03\x02a\xff");
        m
    }

    fn text(message: &[u8]) -> String {
        let mut o = Outcome::default();
        describe(message, &mut o);
        o.text().into()
    }

    #[test]
    fn a_message_is_spelled_as_a_zone_file_spells_it() {
        let expected = "rcode: NOERROR\nflags: QR TC RD RA AD\ncounts: question 1, answer 2, authority 0, additional 1\n\
                        question: db.test. A\nanswer: db.test. 60 IN CNAME x.test.\nanswer: x.test. 60 IN A 192.0.2.1\n\
                        additional: . 0 IN TXT \"a\\xff\"";
        assert_eq!(text(&answer()), expected);
    }

    #[test]
    fn a_message_that_ends_early_is_described_as_far_as_it_goes() {
        assert_eq!(text(&answer()[..5]), "message: shorter than a header");
        assert!(text(&answer()[..50]).ends_with("\nanswer: 1 whole records, and then the buffer ends"));
    }

    #[test]
    fn a_pointer_that_goes_nowhere_ends_the_message() {
        let mut m = answer();
        m[25] = 0xc0;
        m[26] = 25;
        assert!(text(&m).contains("whole records"), "{}", text(&m));
    }
}
