//! What one process does, call after call: `[CHANGE...] CALL... [--then [CHANGE...] CALL...]...`.
//!
//! A change is `--file PATH BASE64`, which writes a file in place, or `--remove PATH`. It comes before its call.

use heap::ffi::CString;
use heap::string::String;
use heap::vec::Vec;

use super::Call;

/// A call, and what changes before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// Files that are written or removed first.
    pub changes: Vec<Change>,
    /// The call.
    pub call: Call,
    /// The call's own words.
    pub words: String,
}

/// A change of one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Its path.
    pub path: CString,
    /// What it holds from now on; `None` for no file.
    pub content: Option<Vec<u8>>,
}

/// Reads the arguments after the case id.
///
/// # Errors
/// What is wrong with them.
pub fn parse(arguments: &[&str]) -> Result<Vec<Step>, &'static str> {
    arguments.split(|word| *word == "--then").map(step).collect()
}

fn step(mut words: &[&str]) -> Result<Step, &'static str> {
    let mut changes = Vec::new();
    loop {
        let (path, content) = match words {
            ["--file", path, content, rest @ ..] => {
                words = rest;
                (path, Some(decode(content).ok_or("the content of a file is not base 64")?))
            }
            ["--remove", path, rest @ ..] => {
                words = rest;
                (path, None)
            }
            _ => break,
        };
        changes.push(Change { path: CString::new(*path).map_err(|_| "a path holds a zero byte")?, content });
    }
    Ok(Step { changes, call: Call::parse(words)?, words: words.join(" ") })
}

/// Base 64 with its padding (RFC 4648, 4).
fn decode(text: &str) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    for chunk in text.as_bytes().chunks(4) {
        let digits = chunk.iter().rev().skip_while(|byte| **byte == b'=').count();
        if chunk.len() != 4 || digits < 2 {
            return None;
        }
        let bits = chunk[..digits].iter().try_fold(0, |bits, byte| Some(bits << 6 | digit(*byte)?))?;
        let bytes = u32::to_be_bytes(bits << (6 * (4 - digits)));
        out.extend_from_slice(&bytes[1..digits]);
    }
    Some(out)
}

fn digit(byte: u8) -> Option<u32> {
    Some(match byte {
        b'A'..=b'Z' => u32::from(byte - b'A'),
        b'a'..=b'z' => u32::from(byte - b'a') + 26,
        b'0'..=b'9' => u32::from(byte - b'0') + 52,
        b'+' => 62,
        b'/' => 63,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base_64_is_decoded_as_the_rfc_says() {
        for (text, bytes) in [("", ""), ("Zg==", "f"), ("Zm8=", "fo"), ("Zm9v", "foo"), ("Zm9vYmFy", "foobar")] {
            assert_eq!(decode(text).as_deref(), Some(bytes.as_bytes()), "{text}");
        }
        for text in ["Z", "Zg=", "Zg", "====", "Z===", "Z*==", "Zg==Zg"] {
            assert_eq!(decode(text), None, "{text}");
        }
    }

    #[test]
    fn changes_belong_to_the_call_behind_them() {
        let words =
            ["getaddrinfo", "a b", "--ordered", "--then", "--file", "/etc/hosts", "Zm8=", "--remove", "/x", "res_init"];
        let steps = parse(&words).expect("two steps");
        assert_eq!(steps.len(), 2);
        assert!(steps[0].changes.is_empty() && steps[0].words == "getaddrinfo a b --ordered");
        let changes: Vec<_> = steps[1].changes.iter().map(|c| (c.path.to_str(), c.content.as_deref())).collect();
        assert_eq!(changes, [(Ok("/etc/hosts"), Some(&b"fo"[..])), (Ok("/x"), None)]);
    }

    #[test]
    fn a_step_without_a_call_is_refused() {
        for words in [
            &[][..],
            &["--then"],
            &["res_init", "--then"],
            &["--file", "/x", "Zm8="],
            &["--file", "/x", "?", "res_init"],
        ] {
            assert!(parse(words).is_err(), "{words:?}");
        }
    }
}
