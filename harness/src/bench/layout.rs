//! How a bench file is laid out: indented down to the list of blocks, and each block on a line of its own. Indented to the
//! end it would be ten times as long, a line for each sample, and nobody would read more of it.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::ser::{Formatter, Serializer};

/// Brackets that are indented: the file, its workloads, one of them, its blocks.
const INDENTED: usize = 4;

/// The JSON of a value in this layout.
pub fn json(value: &impl Serialize) -> Result<String, serde_json::Error> {
    let mut text = Vec::new();
    value.serialize(&mut Serializer::with_formatter(&mut text, Layout::default()))?;
    text.push(b'\n');
    String::from_utf8(text).map_err(|e| serde_json::Error::io(io::Error::other(e)))
}

#[derive(Default)]
struct Layout {
    depth: usize,
    /// Whether something stands between the brackets that were opened last.
    filled: bool,
}

impl Layout {
    fn open<W: ?Sized + Write>(&mut self, writer: &mut W, bracket: &[u8]) -> io::Result<()> {
        self.depth += 1;
        self.filled = false;
        writer.write_all(bracket)
    }

    fn close<W: ?Sized + Write>(&mut self, writer: &mut W, bracket: &[u8]) -> io::Result<()> {
        self.depth -= 1;
        if self.filled && self.depth < INDENTED {
            self.new_line(writer)?;
        }
        self.filled = true;
        writer.write_all(bracket)
    }

    fn entry<W: ?Sized + Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        if !first {
            writer.write_all(b",")?;
        }
        if self.depth <= INDENTED { self.new_line(writer) } else { Ok(()) }
    }

    fn new_line<W: ?Sized + Write>(&self, writer: &mut W) -> io::Result<()> {
        writer.write_all(b"\n")?;
        (0..self.depth).try_for_each(|_| writer.write_all(b"  "))
    }
}

impl Formatter for Layout {
    fn begin_array<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.open(writer, b"[")
    }

    fn end_array<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.close(writer, b"]")
    }

    fn begin_array_value<W: ?Sized + Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        self.entry(writer, first)
    }

    fn end_array_value<W: ?Sized + Write>(&mut self, _: &mut W) -> io::Result<()> {
        self.filled = true;
        Ok(())
    }

    fn begin_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.open(writer, b"{")
    }

    fn end_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.close(writer, b"}")
    }

    fn begin_object_key<W: ?Sized + Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        self.entry(writer, first)
    }

    fn begin_object_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        writer.write_all(if self.depth <= INDENTED { b": " } else { b":" })
    }

    fn end_object_value<W: ?Sized + Write>(&mut self, _: &mut W) -> io::Result<()> {
        self.filled = true;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    #[test]
    fn blocks_are_lines_and_nothing_is_lost() {
        let value = json!({"a": [], "workloads": [{"blocks": [{"iters": [1, 2], "e": {}}, {"iters": []}], "n": 1}]});
        let text = super::json(&value).expect("JSON");
        assert_eq!(serde_json::from_str::<Value>(&text).expect("JSON"), value);
        assert!(
            text.contains("\n        {\"e\":{},\"iters\":[1,2]},\n        {\"iters\":[]}\n      ],\n      \"n\": 1\n"),
            "{text}"
        );
        assert!(text.starts_with("{\n  \"a\": [],\n"), "{text}");
    }
}
