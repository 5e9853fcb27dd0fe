//! Inputs and answers, as they come from the worker and as people read them.

use std::fmt::Write;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// What a target was asked: the bytes of each field.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Input(pub Vec<Vec<u8>>);

/// How an input was answered.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Answer {
    /// How it ended.
    pub end: End,
    /// Lines of `name: value`.
    pub text: String,
}

/// How asking ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum End {
    /// With an answer.
    Answered,
    /// With a signal.
    Signal(u8),
    /// With the end of the process by `exit`.
    Exited,
    /// Not at all.
    Hung,
}

/// The line of an answer that came to no end.
pub const NO_END: &str = "ended: not within a quarter of a second of processor time";

/// One input with its number and its answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// The number of the input.
    pub number: u64,
    /// The input.
    pub input: Input,
    /// The answer.
    pub answer: Answer,
}

impl Input {
    /// The bytes of all fields together: how large it is.
    pub fn size(&self) -> usize {
        self.0.iter().map(Vec::len).sum()
    }

    /// This one, without those bytes of its first field that are left in another, which came of taking pieces out of it.
    pub fn without(&self, left: &Self) -> Self {
        let mut fields = self.0.clone();
        if let (Some(first), Some(left)) = (fields.first_mut(), left.0.first()) {
            match first.windows(left.len().max(1)).position(|window| window == left) {
                Some(at) => drop(first.drain(at..at + left.len())),
                None => {
                    let mut left = left.iter().peekable();
                    first.retain(|byte| left.next_if_eq(&byte).is_none());
                }
            }
        }
        Self(fields)
    }

    /// As the worker reads it.
    pub fn put(&self, to: &mut Vec<u8>) {
        to.push(self.0.len() as u8);
        for field in &self.0 {
            to.extend((field.len() as u16).to_le_bytes());
            to.extend(field);
        }
    }

    /// The fields as C writes them, with their names.
    pub fn shown(&self, names: &[String]) -> String {
        let fields = self.0.iter().zip(names).map(|(field, name)| format!("{name} {}", literal(field)));
        fields.collect::<Vec<_>>().join(", ")
    }
}

impl Answer {
    /// The lines; how it ended where it came to none.
    pub fn lines(&self) -> Vec<String> {
        match self.end {
            End::Answered => self.text.lines().map(str::to_owned).collect(),
            End::Signal(number) => vec![format!("ended: {}", signal(number))],
            End::Exited => vec!["ended: by exit".into()],
            End::Hung => vec![NO_END.into()],
        }
    }
}

fn signal(number: u8) -> String {
    let name = signal_hook::low_level::signal_name(number.into());
    name.map_or_else(|| format!("signal {number}"), str::to_owned)
}

/// Bytes as a string literal of C. A hexadecimal escape would take digits behind it along, so octal ones are written.
pub fn literal(bytes: &[u8]) -> String {
    let mut out = String::from("\"");
    for byte in bytes {
        match byte {
            b'"' | b'\\' => drop(write!(out, "\\{}", *byte as char)),
            b'\n' => out.push_str("\\n"),
            b'\t' => out.push_str("\\t"),
            0x20..=0x7e => out.push(*byte as char),
            byte => drop(write!(out, "\\{byte:03o}")),
        }
    }
    out.push('"');
    out
}

/// The records of a worker's log; `None` where it is cut.
pub fn records(log: &[u8]) -> Option<Vec<Record>> {
    let (mut rest, mut all) = (log, Vec::new());
    while !rest.is_empty() {
        all.push(record(&mut rest)?);
    }
    Some(all)
}

fn record(from: &mut &[u8]) -> Option<Record> {
    let number = u64::from_le_bytes(*take::<8>(from)?);
    let [count] = *take::<1>(from)?;
    let input = (0..count).map(|_| string(from).map(<[u8]>::to_vec)).collect::<Option<_>>().map(Input)?;
    let [end] = *take::<1>(from)?;
    let end = match end {
        0 => End::Answered,
        254 => End::Exited,
        255 => End::Hung,
        signal => End::Signal(signal),
    };
    let text = String::from_utf8_lossy(string(from)?).into_owned();
    Some(Record { number, input, answer: Answer { end, text } })
}

fn take<'a, const N: usize>(from: &mut &'a [u8]) -> Option<&'a [u8; N]> {
    let (head, rest) = from.split_first_chunk()?;
    *from = rest;
    Some(head)
}

fn string<'a>(from: &mut &'a [u8]) -> Option<&'a [u8]> {
    let length = u16::from_le_bytes(*take::<2>(from)?);
    let (string, rest) = from.split_at_checked(length.into())?;
    *from = rest;
    Some(string)
}

impl Serialize for Input {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_seq(self.0.iter().map(|field| STANDARD.encode(field)))
    }
}

impl<'de> Deserialize<'de> for Input {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let fields = Vec::<String>::deserialize(from)?;
        fields
            .iter()
            .map(|field| STANDARD.decode(field))
            .collect::<Result<_, _>>()
            .map(Self)
            .map_err(serde::de::Error::custom)
    }
}

impl JsonSchema for Input {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Input".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "description": "The bytes of each field of an input, base 64.",
            "type": "array",
            "items": { "type": "string", "contentEncoding": "base64" }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_are_read_and_cut_ones_are_not() {
        let mut log = 7u64.to_le_bytes().to_vec();
        Input(vec![b"%d".to_vec(), Vec::new()]).put(&mut log);
        log.extend([11, 3, 0]);
        log.extend(b"a: ");
        let read = records(&log).expect("whole");
        assert_eq!((read[0].number, &read[0].input.0[0][..], read[0].answer.end), (7, &b"%d"[..], End::Signal(11)));
        assert_eq!(read[0].answer.lines(), ["ended: SIGSEGV"]);
        assert_eq!(records(&log[..log.len() - 1]), None);
    }

    #[test]
    fn literals_mean_their_bytes_whatever_comes_behind() {
        assert_eq!(literal(b"a\"\\\n\x011\xff"), r#""a\"\\\n\0011\377""#);
    }

    #[test]
    fn inputs_come_back_from_json() {
        let input = Input(vec![vec![0xff, b'a'], Vec::new()]);
        let json = serde_json::to_string(&input).expect("serializable");
        assert_eq!(serde_json::from_str::<Input>(&json).expect("readable"), input);
    }

    #[test]
    fn what_is_left_is_taken_out_of_the_first_field() {
        let input = |format: &str| Input(vec![format.into(), b"2012".to_vec()]);
        assert_eq!(input("%C%y").without(&input("%y")), input("%C"));
        assert_eq!(input("a1b2c").without(&input("abc")), input("12"));
        assert_eq!(input("abc").without(&input("")), input("abc"));
    }
}
