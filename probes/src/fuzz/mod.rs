//! Questions that nobody has listed: inputs made from a grammar, or every element of a small domain, a million in one
//! process.
//!
//! A [`Target`] is a family of functions with a way to make inputs and a way to ask. An input is a few strings of bytes
//! ([`Input`]), whatever the functions take: so that inputs can be kept, sent, and made smaller by somebody who does not know
//! what they mean. Inputs are made inside the image, from a seed and a number, by code that asks no C library: the worker in
//! every image makes the same ones, and only a hash of each answer has to travel.
//!
//! An answer is lines of `name: value`, the most telling first: findings are grouped by the first line that differs.

use heap::ffi::CString;
use heap::string::String;
use heap::vec::Vec;

mod found;
mod lookups;
pub mod mutate;
pub mod put;
pub mod random;
pub mod record;
pub mod targets;
pub mod worker;

pub use found::ask as found;
pub use put::{Put, PutText, decimal, field};
pub use random::Random;

use crate::json;
use crate::outcome::Value;

/// Most bytes of a field of an input.
pub const FIELD_BYTES: usize = 512;

/// What a target is asked: one string of bytes for each of its fields.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Input(pub Vec<Vec<u8>>);

impl Input {
    /// A field; empty where there is none of this number.
    pub fn field(&self, n: usize) -> &[u8] {
        self.0.get(n).map(Vec::as_slice).unwrap_or_default()
    }

    /// A field as a C string: up to its first NUL.
    pub fn c(&self, n: usize) -> CString {
        let field = self.field(n);
        let end = field.iter().position(|byte| *byte == 0).unwrap_or(field.len());
        let mut bytes = Vec::with_capacity(end + 1);
        bytes.put(&field[..end]);
        CString::new(bytes).unwrap_or_default()
    }

    /// A field as a number in decimal, with a sign or without; 0 where it is none. Digits beyond what fits wrap around.
    pub fn number(&self, n: usize) -> i64 {
        let (minus, digits) = match self.field(n).split_first() {
            Some((b'-', rest)) => (true, rest),
            _ => (false, self.field(n)),
        };
        let digits = digits.iter().take_while(|b| b.is_ascii_digit());
        let number = digits.fold(0i64, |all, digit| all.wrapping_mul(10).wrapping_add(i64::from(digit - b'0')));
        if minus { number.wrapping_neg() } else { number }
    }

    /// Whether a field of letters holds this one.
    pub fn has(&self, n: usize, letter: u8) -> bool {
        self.field(n).contains(&letter)
    }
}

/// What came back, as lines of text.
pub struct Answer(Vec<u8>);

impl Default for Answer {
    /// No lines, and room for those of most answers.
    fn default() -> Self {
        Self(Vec::with_capacity(1024))
    }
}

/// The name of a line, without a colon: in one piece, or in two.
pub trait Name {
    /// Puts it behind what is there.
    fn put_to(&self, lines: &mut Vec<u8>);
}

impl<T: AsRef<str> + ?Sized> Name for &T {
    fn put_to(&self, lines: &mut Vec<u8>) {
        lines.put(self.as_ref().as_bytes());
    }
}

impl Name for (&str, &str) {
    fn put_to(&self, lines: &mut Vec<u8>) {
        lines.put(self.0.as_bytes());
        lines.put(self.1.as_bytes());
    }
}

impl Answer {
    fn name(&mut self, name: impl Name) {
        name.put_to(&mut self.0);
        self.0.push(b':');
        self.0.push(b' ');
    }

    /// A line: a name, and a value in one line. The most telling comes first.
    pub fn line(&mut self, name: impl Name, value: impl AsRef<[u8]>) {
        self.name(name);
        self.0.put(value.as_ref());
        self.0.push(b'\n');
    }

    /// A line whose value is a number.
    pub fn number(&mut self, name: impl Name, value: i64) {
        self.name(name);
        self.0.put_number(value);
        self.0.push(b'\n');
    }

    /// A line whose value is bytes that the C library wrote, escaped where they are no text of one line.
    pub fn bytes(&mut self, name: impl Name, value: &[u8]) {
        self.name(name);
        self.0.push(b'"');
        for byte in value {
            match byte {
                b'"' | b'\\' => self.0.extend_from_slice(&[b'\\', *byte]),
                0x20..=0x7e => self.0.push(*byte),
                _ => {
                    self.0.extend_from_slice(b"\\x");
                    self.0.put_hex((*byte).into(), 2);
                }
            }
        }
        self.0.extend_from_slice(b"\"\n");
    }

    /// All lines.
    pub fn text(&self) -> &[u8] {
        &self.0
    }
}

/// Where inputs come from.
#[derive(Clone, Copy)]
pub enum Inputs {
    /// A grammar: makes an input that means something, most of the time. Half of what is asked is changed at random after
    /// that.
    Grammar(fn(&mut Random) -> Input),
    /// A domain that is small enough to ask all of it: how many elements, and the one of a number.
    All(u64, fn(u64) -> Input),
}

/// A family of functions.
pub struct Target {
    /// `area.name`; the area is one of the probes'.
    pub id: &'static str,
    /// What is asked, in one sentence.
    pub what: &'static str,
    /// The functions of the C library that are called: what `libcdiff impact` looks for, and pitfalls name.
    pub functions: &'static [&'static str],
    /// The names of an input's fields, in their order.
    pub fields: &'static [&'static str],
    /// Where inputs come from.
    pub inputs: Inputs,
    /// How many inputs make a batch: about a quarter of a second of work.
    pub batch: u32,
    /// Environment variables of the worker.
    pub env: &'static [(&'static str, &'static str)],
    /// Whether the worker needs a network namespace of its own, in which port 53 may be listened on.
    pub network: bool,
    /// Whether the worker needs a folder of its own, which is its working directory and gone afterwards.
    pub place: bool,
    /// Whether the image's shell is asked along, so that an image without one has no answer.
    pub shell: bool,
    /// Whether the name of a line tells what it is about, so that inputs of one cause need not look alike. Else the first field
    /// is in a language of its own, and tells it.
    pub told: bool,
    /// What a line says that tells by itself what it is about, whatever the input looks like.
    pub telling: &'static [&'static str],
    /// The field of flags: inputs that need the same ones need not look alike.
    pub flags: Option<usize>,
    /// Asks.
    pub ask: fn(&Input, &mut Answer),
}

impl Target {
    /// What most targets are: a grammar in one process, with nothing arranged.
    pub const PLAIN: Self = Self {
        id: "",
        what: "",
        functions: &[],
        fields: &[],
        inputs: Inputs::All(0, |_| Input(Vec::new())),
        batch: 100_000,
        env: &[],
        network: false,
        place: false,
        shell: false,
        told: false,
        telling: &[],
        flags: None,
        ask: |_, _| (),
    };

    /// The target of this id.
    pub fn of(id: &str) -> Option<&'static Self> {
        targets::ALL.iter().find(|target| target.id == id)
    }

    /// The constant that this is, as a table of cases writes it, below `crate::fuzz::targets`.
    fn constant(&self) -> &'static str {
        let mut all = targets::ALL.iter().zip(targets::CONSTANTS);
        all.find(|(target, _)| target.id == self.id).map_or("", |(_, constant)| constant)
    }

    /// One line of `--list`: everything that the harness has to know.
    pub fn describe(&self) -> String {
        let text = |s: &str| Value::Text(s.into());
        let texts = |list: &[&str]| Value::List(list.iter().map(|s| text(s)).collect());
        let domain = match self.inputs {
            Inputs::Grammar(_) => Value::Null,
            Inputs::All(count, _) => Value::UInt(count),
        };
        let env = self.env.iter().map(|(k, v)| ((*k).into(), text(v))).collect();
        json::line(&Value::Map(heap::vec![
            ("id".into(), text(self.id)),
            ("constant".into(), text(self.constant())),
            ("what".into(), text(self.what)),
            ("functions".into(), texts(self.functions)),
            ("fields".into(), texts(self.fields)),
            ("domain".into(), domain),
            ("batch".into(), Value::UInt(u64::from(self.batch))),
            ("env".into(), Value::Map(env)),
            ("network".into(), Value::Bool(self.network)),
            ("shell".into(), Value::Bool(self.shell)),
            ("told".into(), Value::Bool(self.told)),
            ("telling".into(), texts(self.telling)),
            ("flags".into(), self.flags.map_or(Value::Null, |field| Value::UInt(field as u64))),
        ]))
    }
}
