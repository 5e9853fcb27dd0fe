//! Which distribution an image is, from its own `os-release` file (os-release(5)), and nothing else.

use serde::{Deserialize, Serialize};

use super::view::View;

/// A distribution; both unknown for an image without `os-release`, such as one of a single program.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
pub struct Os {
    /// `ID`: `alpine`, `debian`.
    pub id: Option<String>,
    /// `VERSION_ID`; for distributions that have none, `VERSION_CODENAME` or `BUILD_ID`.
    pub version: Option<String>,
}

/// More than any distribution writes.
const BYTES: u64 = 64 << 10;

impl Os {
    /// Reads it from the image.
    pub(crate) fn of(view: &View) -> Self {
        ["/etc/os-release", "/usr/lib/os-release"]
            .iter()
            .find_map(|path| view.read(path, BYTES))
            .map(|text| Self::parse(&String::from_utf8_lossy(&text)))
            .unwrap_or_default()
    }

    fn parse(text: &str) -> Self {
        let value = |key: &str| {
            text.lines()
                .filter_map(|line| line.trim().split_once('='))
                .rfind(|(k, _)| *k == key)
                .map(|(_, v)| unquoted(v))
                .filter(|v| !v.is_empty())
        };
        Self {
            id: value("ID"),
            version: value("VERSION_ID").or_else(|| value("VERSION_CODENAME")).or_else(|| value("BUILD_ID")),
        }
    }
}

/// A shell value: quotes taken off, backslash escapes undone.
fn unquoted(value: &str) -> String {
    let value = ['"', '\''].iter().find_map(|q| value.strip_prefix(*q)?.strip_suffix(*q)).unwrap_or(value);
    let mut chars = value.chars();
    std::iter::from_fn(|| match chars.next() {
        Some('\\') => chars.next(),
        other => other,
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn os(id: &str, version: &str) -> Os {
        let some = |s: &str| (!s.is_empty()).then(|| s.to_owned());
        Os { id: some(id), version: some(version) }
    }

    #[test]
    fn the_usual_spellings_are_understood() {
        for (text, want) in [
            ("NAME=\"Alpine Linux\"\nID=alpine\nVERSION_ID=3.20.3\n", os("alpine", "3.20.3")),
            ("ID=\"debian\"\nVERSION_ID=\"12\"\n", os("debian", "12")),
            ("ID=debian\nVERSION_CODENAME=sid\n", os("debian", "sid")),
            ("ID=arch\nBUILD_ID=rolling", os("arch", "rolling")),
            ("ID='o\\$s'\n# VERSION_ID=1\n", os("o$s", "")),
            ("ID=first\nID=last\n", os("last", "")),
            ("ID=\n", os("", "")),
            ("no os-release at all", os("", "")),
        ] {
            assert_eq!(Os::parse(text), want, "{text}");
        }
    }
}
