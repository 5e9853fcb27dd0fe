//! A name that nameservers can be asked for: letters, digits, `-`, `_` and dots, at the lengths of RFC 1035.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

/// A name as the user gave it; a dot at its end is kept, and means that it is not searched for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name(String);

impl Name {
    /// Its text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Name {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let bare = text.strip_suffix('.').unwrap_or(text);
        if bare.is_empty() {
            return Err("it is empty");
        }
        if !text.is_ascii() {
            return Err("it has letters beyond ASCII; write it as programs send it, with xn--");
        }
        if bare.len() > 253 {
            return Err("it is longer than 253 characters");
        }
        if text.parse::<IpAddr>().is_ok() {
            return Err("it is an address, which nobody is asked for");
        }
        for label in bare.split('.') {
            match label.len() {
                0 => return Err("it has an empty label"),
                1..=63 => {}
                _ => return Err("it has a label of more than 63 characters"),
            }
            if label.starts_with('-') {
                return Err("it has a label that begins with a dash");
            }
            if !label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_') {
                return Err("only letters, digits, dashes, underscores and dots can stand in it");
            }
        }
        Ok(Self(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_keep_their_letter_case_and_their_dot() {
        for text in ["db", "DB.example.com", "_sip._udp.example.com.", "a-b.c1", &"a".repeat(63)] {
            assert_eq!(text.parse::<Name>().expect(text).as_str(), text);
        }
    }

    #[test]
    fn what_is_no_name_is_refused_with_the_reason() {
        let long = format!("{}.com", ["a"; 130].join("."));
        for (text, why) in [
            ("", "empty"),
            (".", "empty"),
            ("a..b", "empty label"),
            ("müller.de", "xn--"),
            ("10.0.0.1", "address"),
            ("::1", "address"),
            ("-v", "dash"),
            ("a b", "only letters"),
            (&"a".repeat(64), "63"),
            (&long, "253"),
        ] {
            let said = text.parse::<Name>().expect_err(text);
            assert!(said.contains(why), "{text}: {said}");
        }
    }
}
