//! What a case says: canonical text, which the harness compares, and typed values, which people and other tools read.
//!
//! [`Outcome::fact`] puts a figure into both. [`Outcome::measured`] keeps it out of the compared text, for figures that
//! vary by themselves (fidelity rule 5). A case that cannot be asked says so with [`Outcome::unsupported`].

use core::fmt;
use heap::string::{String, ToString};
use heap::vec::Vec;

use crate::sys::call::Errno;
use crate::{json, text};

/// A typed value of an observation.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Nothing came back.
    Null,
    /// Yes or no.
    Bool(bool),
    /// A signed number.
    Int(i64),
    /// An unsigned number.
    UInt(u64),
    /// Text.
    Text(String),
    /// Several values in order.
    List(Vec<Value>),
    /// Named values in order.
    Map(Vec<(String, Value)>),
}

macro_rules! into_value {
    ($($from:ty => $variant:ident($as:ty)),* $(,)?) => {
        $(impl From<$from> for Value {
            fn from(v: $from) -> Self {
                Value::$variant(v as $as)
            }
        })*
    };
}
into_value!(i32 => Int(i64), i64 => Int(i64), u8 => UInt(u64), u32 => UInt(u64), u64 => UInt(u64), usize => UInt(u64), bool => Bool(bool));

impl From<&str> for Value {
    fn from(v: &str) -> Self {
        Value::Text(v.into())
    }
}
impl From<String> for Value {
    fn from(v: String) -> Self {
        Value::Text(v)
    }
}
impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(v: Option<T>) -> Self {
        v.map_or(Value::Null, Into::into)
    }
}
impl<T: Into<Value>> From<Vec<T>> for Value {
    fn from(v: Vec<T>) -> Self {
        Value::List(v.into_iter().map(Into::into).collect())
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Null => f.write_str("none"),
            Value::Bool(true) => f.write_str("yes"),
            Value::Bool(false) => f.write_str("no"),
            Value::Int(n) => write!(f, "{n}"),
            Value::UInt(n) => write!(f, "{n}"),
            Value::Text(s) => f.write_str(s),
            Value::List(items) => {
                for (i, item) in items.iter().enumerate() {
                    write!(f, "{}{item}", if i == 0 { "" } else { ", " })?;
                }
                Ok(())
            }
            Value::Map(items) => {
                for (i, (name, item)) in items.iter().enumerate() {
                    write!(f, "{}{name}={item}", if i == 0 { "" } else { " " })?;
                }
                Ok(())
            }
        }
    }
}

/// Whether the case got its answer. Crashes and time-outs are the agent's to see.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Status {
    /// The question was asked, and the text is what the C library did.
    Described,
    /// The question cannot be asked here (a function that does not exist, a privilege that is missing).
    Unsupported(String),
    /// The probe could not do its work; says nothing about the C library.
    Broke(String),
}

/// The answer of one case while it is made.
pub struct Outcome {
    status: Status,
    text: String,
    values: Vec<(String, Value)>,
}

impl Default for Outcome {
    fn default() -> Self {
        Self { status: Status::Described, text: String::new(), values: Vec::new() }
    }
}

impl Outcome {
    /// Adds a line to the canonical text.
    pub fn line(&mut self, line: impl fmt::Display) {
        if !self.text.is_empty() {
            self.text.push('\n');
        }
        self.text.push_str(line.to_string().as_str());
    }

    /// Records a value and says it in the text: `name: value`.
    pub fn fact(&mut self, name: &str, value: impl Into<Value>) {
        let value = value.into();
        self.line(format_args!("{name}: {value}"));
        self.values.push((name.into(), value));
    }

    /// Records several values of one kind and says each on a line of its own, under the name.
    pub fn table(&mut self, name: &str, rows: Vec<(String, Value)>) {
        self.line(format_args!("{name}:"));
        for (label, value) in &rows {
            self.line(format_args!("  {label}: {value}"));
        }
        self.values.push((name.into(), Value::Map(rows)));
    }

    /// Takes over what several calls said: the text of each in a block under its heading, and its values in a map of its
    /// own. Where one could not be asked, or broke, so could not the whole.
    pub fn blocks<'a>(&mut self, name: &str, blocks: impl IntoIterator<Item = (&'a str, Outcome)>) {
        let mut maps = Vec::new();
        for (heading, block) in blocks {
            self.line(heading);
            for line in block.text.lines() {
                self.line(format_args!("  {line}"));
            }
            maps.push(Value::Map(block.values));
            if self.status == Status::Described {
                self.status = block.status;
            }
        }
        self.values.push((name.into(), Value::List(maps)));
    }

    /// Records a value that is not compared, because it varies by itself.
    pub fn measured(&mut self, name: &str, value: impl Into<Value>) {
        self.values.push((name.into(), value.into()));
    }

    /// The value, or nothing and a case that broke while it was `doing` this.
    pub fn need<T>(&mut self, doing: &str, result: Result<T, Errno>) -> Option<T> {
        result.map_err(|e| self.broke(format_args!("{doing}: {}", text::errno(e.0)))).ok()
    }

    /// The case cannot be asked here.
    pub fn unsupported(&mut self, reason: impl fmt::Display) {
        self.status = Status::Unsupported(reason.to_string());
    }

    /// The probe could not do its own work.
    pub fn broke(&mut self, reason: impl fmt::Display) {
        self.status = Status::Broke(reason.to_string());
    }

    /// Whether the answer stands, and if not, why.
    pub fn status(&self) -> &Status {
        &self.status
    }

    /// The canonical text so far.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// A value that was recorded.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.values.iter().find(|(n, _)| n == name).map(|(_, v)| v)
    }

    /// The JSON line that the agent reads.
    pub fn into_line(self, case: &str) -> String {
        let mut map = heap::vec![("case".to_string(), Value::from(case))];
        let status = match self.status {
            Status::Described => "described",
            Status::Unsupported(reason) => {
                map.push(("reason".into(), reason.into()));
                "unsupported"
            }
            Status::Broke(reason) => {
                map.push(("reason".into(), reason.into()));
                "broke"
            }
        };
        map.insert(1, ("status".into(), status.into()));
        map.push(("text".into(), self.text.into()));
        map.push(("values".into(), Value::Map(self.values)));
        json::line(&Value::Map(map))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fact_is_said_twice_and_a_measured_value_once() {
        let mut o = Outcome::default();
        o.fact("stack_bytes", 131072usize);
        o.measured("frames", 252usize);
        assert_eq!(o.text(), "stack_bytes: 131072");
        assert_eq!(
            o.into_line("threads.stack.default"),
            "{\"case\":\"threads.stack.default\",\"status\":\"described\",\"text\":\"stack_bytes: 131072\",\
             \"values\":{\"stack_bytes\":131072,\"frames\":252}}\n"
        );
    }

    #[test]
    fn a_table_says_a_line_for_each_row_and_keeps_one_map() {
        let mut o = Outcome::default();
        o.table("usable_bytes", heap::vec![("1".into(), 24usize.into()), ("100".into(), 104usize.into())]);
        assert_eq!(o.text(), "usable_bytes:\n  1: 24\n  100: 104");
        let Some(Value::Map(rows)) = o.get("usable_bytes") else { panic!("a map") };
        assert_eq!(rows[1], ("100".into(), Value::UInt(104)));
    }

    #[test]
    fn a_block_that_could_not_be_asked_speaks_for_the_whole() {
        let (mut first, mut second, mut o) = (Outcome::default(), Outcome::default(), Outcome::default());
        first.fact("n", 1);
        second.unsupported("no such function");
        o.blocks("calls", [("one", first), ("two", second)]);
        assert_eq!(o.text(), "one\n  n: 1\ntwo");
        assert_eq!(*o.status(), Status::Unsupported("no such function".into()));
        assert!(matches!(o.get("calls"), Some(Value::List(calls)) if calls.len() == 2));
    }

    #[test]
    fn an_unsupported_case_carries_its_reason() {
        let mut o = Outcome::default();
        o.unsupported("no mallinfo2 in this C library");
        let line = o.into_line("alloc.x");
        assert!(line.contains("\"status\":\"unsupported\",\"reason\":\"no mallinfo2"), "{line}");
    }
}
