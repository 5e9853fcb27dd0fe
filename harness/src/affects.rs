//! Whom a pitfall hits: a family, and where it matters the versions of it, as pitfall files write it: `musl`,
//! `musl <1.2.6`, `glibc >=2.34 <2.41`. What says nothing, or nothing that can be, is refused when it is read.

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The C libraries that are meant.
#[derive(Clone, Debug, Deserialize, Serialize, PartialEq)]
#[serde(try_from = "String", into = "String")]
pub struct Affects {
    /// `glibc` or `musl`.
    family: String,
    /// All of them hold.
    bounds: Vec<Bound>,
}

/// One bound of versions.
#[derive(Clone, Debug, PartialEq)]
struct Bound {
    relation: Relation,
    version: Version,
}

/// How a version stands to a bound.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Relation {
    Below,
    UpTo,
    From,
    Above,
    Exactly,
}

/// The relations as they are written, the longer ones first, so that `<=` is not read as `<`.
const RELATIONS: [(&str, Relation); 5] = [
    ("<=", Relation::UpTo),
    (">=", Relation::From),
    ("<", Relation::Below),
    (">", Relation::Above),
    ("=", Relation::Exactly),
];

impl Relation {
    fn holds(self, order: Ordering) -> bool {
        match self {
            Self::Below => order.is_lt(),
            Self::UpTo => order.is_le(),
            Self::From => order.is_ge(),
            Self::Above => order.is_gt(),
            Self::Exactly => order.is_eq(),
        }
    }
}

/// A version of a C library. 1.2 and 1.2.0 are the same.
#[derive(Clone, Debug)]
pub struct Version(Vec<u32>);

impl Version {
    fn number(&self, place: usize) -> u32 {
        self.0.get(place).copied().unwrap_or(0)
    }
}

impl PartialEq for Version {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Version {}

impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Version {
    fn cmp(&self, other: &Self) -> Ordering {
        let places = 0..self.0.len().max(other.0.len());
        places.map(|n| self.number(n).cmp(&other.number(n))).find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
    }
}

impl FromStr for Version {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let numbers: Result<Vec<u32>, _> = text.split('.').map(str::parse).collect();
        numbers.map(Self).map_err(|_| format!("`{text}` is no version: expected numbers with dots, such as 1.2.5"))
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let numbers: Vec<String> = self.0.iter().map(u32::to_string).collect();
        f.write_str(&numbers.join("."))
    }
}

impl Affects {
    /// The family that is meant.
    pub fn family(&self) -> &str {
        &self.family
    }

    /// Whether this C library is meant. One that does not tell its version is, where the family is.
    pub fn hits(&self, family: &str, version: Option<&str>) -> bool {
        let version = version.and_then(|version| version.parse::<Version>().ok());
        family == self.family && version.is_none_or(|version| self.holds(&version))
    }

    /// Whether the two have a version in common, as a list that is asked for one C library or a range of them needs it.
    pub fn meets(&self, other: &Self) -> bool {
        let both = Self { bounds: [self.bounds.clone(), other.bounds.clone()].concat(), ..self.clone() };
        self.family == other.family && both.possible()
    }

    fn holds(&self, version: &Version) -> bool {
        self.bounds.iter().all(|bound| bound.relation.holds(version.cmp(&bound.version)))
    }

    /// Whether some version fulfils all bounds: one at a bound, or just above or below it, if any does.
    fn possible(&self) -> bool {
        let near = |bound: &Bound| {
            let above = Version([bound.version.0.as_slice(), &[0, 1]].concat());
            let mut below = bound.version.0.clone();
            if let Some(last) = below.iter_mut().rev().find(|number| **number > 0) {
                *last -= 1;
            }
            below.push(u32::MAX);
            [bound.version.clone(), above, Version(below)]
        };
        self.bounds.is_empty() || self.bounds.iter().flat_map(near).any(|version| self.holds(&version))
    }
}

impl FromStr for Affects {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut words = text.split_whitespace();
        let family = words.next().unwrap_or_default().to_owned();
        if family != "glibc" && family != "musl" {
            return Err(format!(
                "`{text}` names no C library: expected glibc or musl, and bounds such as >=2.34 <2.41"
            ));
        }
        let bounds = words.map(|word| bound(word).map_err(|why| format!("`{text}`: {why}")));
        let affects = Self { family, bounds: bounds.collect::<Result<_, _>>()? };
        if affects.possible() {
            Ok(affects)
        } else {
            Err(format!("`{text}` leaves no version: its bounds exclude each other"))
        }
    }
}

fn bound(word: &str) -> Result<Bound, String> {
    let (relation, version) = RELATIONS
        .iter()
        .find_map(|(sign, relation)| Some((*relation, word.strip_prefix(sign)?)))
        .ok_or_else(|| format!("`{word}` is no bound: expected one of < <= = >= > and a version, without a space"))?;
    Ok(Bound { relation, version: version.parse()? })
}

impl TryFrom<String> for Affects {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<Affects> for String {
    fn from(affects: Affects) -> String {
        affects.to_string()
    }
}

impl fmt::Display for Affects {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.family)?;
        for bound in &self.bounds {
            let sign = RELATIONS.iter().find(|(_, relation)| *relation == bound.relation).map_or("", |(sign, _)| sign);
            write!(f, " {sign}{}", bound.version)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Affects {
        text.parse().expect(text)
    }

    #[test]
    fn versions_are_compared_by_their_numbers() {
        for (text, version, hit) in [
            ("musl", "1.1.24", true),
            ("musl <1.2.6", "1.2.5", true),
            ("musl <1.2.6", "1.2.6", false),
            ("musl <1.2.10", "1.2.9", true),
            ("glibc >=2.34 <2.41", "2.34", true),
            ("glibc >=2.34 <2.41", "2.41", false),
            ("glibc >2.4", "2.31", true),
            ("glibc <=2.36", "2.36.0", true),
            ("glibc =2.36", "2.36.9", false),
        ] {
            let affects = read(text);
            assert_eq!(affects.hits(affects.family(), Some(version)), hit, "{text} and {version}");
            assert_eq!(affects.to_string(), text);
        }
        assert!(!read("musl").hits("glibc", Some("2.36")));
        assert!(read("musl <1.2.6").hits("musl", None), "a version that is not told may be any");
    }

    #[test]
    fn nonsense_is_refused_and_says_why() {
        for (text, words) in [
            ("", "names no C library"),
            ("mus", "names no C library"),
            ("1.2.5", "names no C library"),
            ("musl 1.2.5", "`1.2.5` is no bound"),
            ("musl < 1.2.5", "no version"),
            ("musl <1.2.x", "`1.2.x` is no version"),
            ("glibc >=2.41 <2.34", "exclude each other"),
            ("glibc >2.41 <2.41", "exclude each other"),
            ("glibc <0", "exclude each other"),
        ] {
            let error = text.parse::<Affects>().expect_err(text);
            assert!(error.contains(words), "{text}: {error}");
        }
    }

    #[test]
    fn ranges_meet_where_a_version_is_in_both() {
        for (one, other, meet) in [
            ("musl", "musl =1.2.5", true),
            ("musl <1.2.6", "musl =1.2.6", false),
            ("musl >=1.2.1", "musl <1.2.1", false),
            ("musl >=1.2.1", "musl <=1.2.1", true),
            ("musl", "glibc", false),
            ("glibc >2.31", "glibc <2.36", true),
        ] {
            assert_eq!(read(one).meets(&read(other)), meet, "{one} and {other}");
            assert_eq!(read(other).meets(&read(one)), meet, "{other} and {one}");
        }
    }
}
