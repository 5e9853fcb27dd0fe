//! Frames: messages on their way through a log that others keep. Logs are cut, rotated, mixed with others and given
//! prefixes; each line therefore says whose it is, its number, its length and its digest, so that what is missing is
//! known and what is damaged is not believed.
//!
//! A line is `libcdiff-log/1 STREAM NUMBER MARK LENGTH DIGEST PAYLOAD`. A message that is longer than a line of a container
//! log is cut; MARK is `+` where it goes on in the next line, and `.` where it ends.

use std::collections::BTreeMap;
use std::fmt;

use sha2::{Digest, Sha256};

/// What every line begins with.
const MAGIC: &str = "libcdiff-log/1 ";
/// Bytes of a payload. Container runtimes cut lines at 16 KiB.
const MOST: usize = 8 << 10;

/// Whose messages these are. Two attempts at the same shard have different streams.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Stream {
    /// The run.
    pub run: String,
    /// The place of the image in the run.
    pub image: u32,
    /// The shard.
    pub shard: u32,
    /// How many shards there are.
    pub shards: u32,
    /// Tells attempts apart.
    pub attempt: String,
}

impl fmt::Display for Stream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}/{}/{}", self.run, self.image, self.shard, self.shards, self.attempt)
    }
}

impl Stream {
    fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('/');
        let run = parts.next().filter(|run| !run.is_empty())?.to_owned();
        let mut number = || parts.next()?.parse().ok();
        let (image, shard, shards) = (number()?, number()?, number()?);
        let attempt = parts.next()?.to_owned();
        (parts.next().is_none() && shard < shards).then_some(Self { run, image, shard, shards, attempt })
    }
}

/// Puts messages into lines.
pub struct Writer {
    stream: String,
    number: u64,
}

impl Writer {
    /// A stream that begins.
    pub fn new(stream: &Stream) -> Self {
        Self { stream: stream.to_string(), number: 0 }
    }

    /// The lines of one message, which is a line of text itself.
    pub fn lines(&mut self, message: &str) -> String {
        let mut rest = message.trim_end_matches('\n');
        let mut lines = String::new();
        loop {
            let (part, after) = rest.split_at(boundary(rest));
            let mark = if after.is_empty() { '.' } else { '+' };
            let digest = digest(&self.stream, self.number, mark, part);
            lines.push_str(&format!("{MAGIC}{} {} {mark} {} {digest} {part}\n", self.stream, self.number, part.len()));
            self.number += 1;
            rest = after;
            if rest.is_empty() {
                return lines;
            }
        }
    }
}

/// Where to cut: no character is cut in two.
fn boundary(text: &str) -> usize {
    (0..=text.len().min(MOST)).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

fn digest(stream: &str, number: u64, mark: char, payload: &str) -> String {
    let hash = Sha256::digest(format!("{stream} {number} {mark} {payload}"));
    hash.iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

/// One line, read.
struct Frame {
    stream: Stream,
    number: u64,
    ends: bool,
    payload: String,
}

impl Frame {
    /// The frame in a line, whatever stands before it; `None` where there is none, an error where it is damaged.
    fn find(line: &str) -> Option<Result<Self, ()>> {
        let (_, rest) = line.split_once(MAGIC)?;
        Some(Self::read(rest).ok_or(()))
    }

    fn read(rest: &str) -> Option<Self> {
        let mut words = rest.splitn(6, ' ');
        let mut word = || words.next();
        let (stream, number, mark, length, found) = (word()?, word()?.parse().ok()?, word()?, word()?, word()?);
        let length: usize = length.parse().ok()?;
        // What comes behind is the log's: a carriage return, a colour.
        let payload = word()?.get(..length)?;
        let mark = mark.chars().next()?;
        let right = digest(stream, number, mark, payload) == found;
        right.then_some(())?;
        Some(Self { stream: Stream::parse(stream)?, number, ends: mark == '.', payload: payload.to_owned() })
    }
}

/// What was read of one stream.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Messages {
    /// Whole messages, in order.
    pub messages: Vec<String>,
    /// Lines that are missing between the first and the last one, or before the first.
    pub missing: u64,
}

/// Finds the frames in logs.
#[derive(Default)]
pub struct Reader {
    streams: BTreeMap<Stream, BTreeMap<u64, (bool, String)>>,
    damaged: u64,
    others: Vec<String>,
}

/// How many lines that are no frames are kept, for messages.
const KEPT: usize = 5;

impl Reader {
    /// Takes a line of a log. The same line may come twice.
    pub fn take(&mut self, line: &str) {
        match Frame::find(line) {
            Some(Ok(frame)) => {
                self.streams.entry(frame.stream).or_default().insert(frame.number, (frame.ends, frame.payload));
            }
            Some(Err(())) => self.damaged += 1,
            None if line.trim().is_empty() => {}
            None => {
                self.others.push(line.trim_end().to_owned());
                if self.others.len() > KEPT {
                    self.others.remove(0);
                }
            }
        }
    }

    /// Lines that are cut or changed.
    pub fn damaged(&self) -> u64 {
        self.damaged
    }

    /// The last lines that were no frames: what a container says that could not start, or that died.
    pub fn others(&self) -> &[String] {
        &self.others
    }

    /// The streams, each with what was read of it.
    pub fn streams(&self) -> impl Iterator<Item = (&Stream, Messages)> {
        self.streams.iter().map(|(stream, lines)| (stream, assemble(lines)))
    }
}

fn assemble(lines: &BTreeMap<u64, (bool, String)>) -> Messages {
    let mut read = Messages::default();
    // What a message has so far; nothing while its beginning is missing.
    let mut open = Some(String::new());
    let mut next = 0;
    for (number, (ends, payload)) in lines {
        if *number != next {
            read.missing += number - next;
            // Whether this line begins a message cannot be known, but what is none does not read as one.
            open = Some(String::new());
        }
        next = number + 1;
        if let Some(text) = &mut open {
            text.push_str(payload);
        }
        if *ends {
            read.messages.extend(open.take());
            open = Some(String::new());
        }
    }
    read
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stream(shard: u32) -> Stream {
        Stream { run: "r1".into(), image: 0, shard, shards: 2, attempt: "a".into() }
    }

    fn read<'a>(lines: impl IntoIterator<Item = &'a str>) -> Reader {
        let mut reader = Reader::default();
        lines.into_iter().for_each(|line| reader.take(line));
        reader
    }

    fn only(reader: &Reader) -> Messages {
        let mut streams: Vec<_> = reader.streams().map(|(_, messages)| messages).collect();
        assert_eq!(streams.len(), 1);
        streams.remove(0)
    }

    #[test]
    fn messages_come_back_whatever_stands_before_and_between_them() {
        let (mut first, mut second) = (Writer::new(&stream(0)), Writer::new(&stream(1)));
        let long = "ä".repeat(MOST);
        let mut log = String::new();
        for (a, b) in [("one", "eins"), (long.as_str(), "zwei")] {
            log.push_str(&first.lines(a));
            log.push_str("noise\n");
            log.push_str(&second.lines(b));
        }
        let prefixed: Vec<String> = log.lines().map(|line| format!("[pod/x] 2026-01-01T00:00:00Z {line}\r")).collect();
        let reader = read(prefixed.iter().map(String::as_str));
        let streams: Vec<_> = reader.streams().collect();
        assert_eq!(streams[0].1, Messages { messages: vec!["one".into(), long.clone()], missing: 0 });
        assert_eq!(streams[1].1.messages, ["eins", "zwei"]);
        assert_eq!((reader.damaged(), reader.others().len()), (0, 2));
    }

    #[test]
    fn what_is_missing_is_counted_and_what_is_damaged_is_not_believed() {
        let mut writer = Writer::new(&stream(0));
        let log: String = (0..6).map(|n| writer.lines(&format!("message {n}"))).collect();
        let lines: Vec<&str> = log.lines().collect();
        // Rotated away, cut at its end, changed.
        let cut = &lines[3][..lines[3].len() - 2];
        let changed = lines[4].replace("message 4", "message 5");
        let reader = read([lines[1], lines[1], lines[2], cut, &changed, lines[5]]);
        assert_eq!(reader.damaged(), 2);
        assert_eq!(
            only(&reader),
            Messages { messages: ["message 1", "message 2", "message 5"].map(String::from).to_vec(), missing: 3 }
        );
    }

    #[test]
    fn lines_in_another_order_are_put_right() {
        let mut writer = Writer::new(&stream(0));
        let long = "x".repeat(3 * MOST + 1);
        let log = writer.lines(&long);
        let reader = read(log.lines().rev());
        assert_eq!(only(&reader).messages, [long]);
    }

    #[test]
    fn a_stream_that_makes_no_sense_is_none() {
        assert_eq!(Stream::parse(&stream(1).to_string()), Some(stream(1)));
        for text in ["", "r/0/2/2/a", "r/0/0/1", "r/x/0/1/a", "r/0/0/1/a/b"] {
            assert_eq!(Stream::parse(text), None, "{text}");
        }
    }
}
