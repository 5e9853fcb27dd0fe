//! The policy: which changes a project accepts, with a reason and an owner, and what it depends on. A TOML file, by default
//! `libcdiff.toml`.
//!
//! A policy that is not meant as it stands is worse than none, so everything that could be a slip is an error that points at
//! its place: unknown keys, ids and areas that there are not, an entry without a reason, an entry whose time has run out.

use std::fmt;
use std::path::Path;

use chrono::NaiveDate;
use libcdiff_protocol::CaseInfo;
use schemars::JsonSchema;
use serde::Deserialize;
use toml::Spanned;
use toml::value::Datetime;

use crate::pitfalls::{Pitfall, Severity, glob};

/// The policy that is read without being named, where it is there.
pub const FILE: &str = "libcdiff.toml";

/// What a policy file may hold.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(title = "libcdiff.toml", extend("$id" = "libcdiff.policy/1"))]
struct Text {
    /// Cases and pitfalls that the project depends on, by id: such a case must run and answer as before, whatever else is
    /// accepted; such a pitfall must not hit the image.
    #[schemars(with = "Vec<String>")]
    requires: Vec<Spanned<String>>,
    /// Changes that are accepted.
    #[schemars(with = "Vec<Entry>")]
    accept: Vec<Spanned<Entry>>,
    /// Figures of `libcdiff bench` that are held.
    #[schemars(with = "Vec<Bound>")]
    bench: Vec<Spanned<Bound>>,
}

/// One entry of accepted changes. Of `id`, `area` and `severity` at least one is there, and all that are there must fit.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Entry {
    /// A case or a pitfall; `*` stands for any characters, `?` for one.
    #[schemars(with = "Option<String>")]
    id: Option<Spanned<String>>,
    /// An area.
    #[schemars(with = "Option<String>")]
    area: Option<Spanned<String>>,
    /// The severity of the pitfall that explains the change, and anything milder.
    severity: Option<Severity>,
    /// The last day on which the entry counts, as 2027-03-31.
    #[schemars(with = "Option<String>", extend("format" = "date"))]
    until: Option<Spanned<Datetime>>,
    /// Why.
    #[schemars(with = "String", length(min = 1))]
    reason: Spanned<String>,
    /// Whom to ask.
    #[schemars(with = "String", length(min = 1))]
    owner: Spanned<String>,
}

/// How many times the baseline's time a workload may take.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Bound {
    /// The workload.
    pub workload: String,
    /// With so many threads; else with each number that was measured.
    pub threads: Option<u32>,
    /// The ratio to the baseline that is still accepted.
    pub at_most: f64,
}

/// A policy that holds together.
#[derive(Debug, Default)]
pub struct Policy {
    /// What the project depends on.
    pub requires: Vec<Required>,
    /// Accepted changes.
    pub accepts: Vec<Accept>,
    /// Bounds of figures, with their lines.
    pub bounds: Vec<(Bound, usize)>,
}

/// A case or a pitfall that the project depends on.
#[derive(Debug)]
pub struct Required {
    /// Its id.
    pub id: String,
    /// The line in the policy.
    pub line: usize,
}

/// An entry of accepted changes.
#[derive(Debug)]
pub struct Accept {
    id: Option<String>,
    area: Option<String>,
    severity: Option<Severity>,
    /// The last day on which it counts.
    pub until: Option<NaiveDate>,
    /// Why.
    pub reason: String,
    /// Whom to ask.
    pub owner: String,
    /// The line in the policy.
    pub line: usize,
}

impl Accept {
    /// Whether it is meant for a change of this case, which this pitfall explains.
    pub fn fits(&self, case: &str, pitfall: Option<&Pitfall>) -> bool {
        let area = case.split('.').next().unwrap_or_default();
        let named = |pattern: &String| glob(pattern, case) || pitfall.is_some_and(|p| glob(pattern, &p.id));
        self.id.as_ref().is_none_or(named)
            && self.area.as_ref().is_none_or(|wanted| wanted == area)
            && self.severity.is_none_or(|worst| pitfall.is_some_and(|p| p.severity >= worst))
    }
}

/// What there is that a policy can name, and the day it is read on.
pub struct Known<'a> {
    /// Every case.
    pub cases: &'a [CaseInfo],
    /// Every pitfall.
    pub pitfalls: &'a [Pitfall],
    /// Today.
    pub today: NaiveDate,
}

impl Known<'_> {
    fn names(&self) -> impl Iterator<Item = &str> {
        self.cases.iter().map(|case| case.id.as_str()).chain(self.pitfalls.iter().map(|pitfall| pitfall.id.as_str()))
    }

    fn areas(&self) -> Vec<&str> {
        let mut areas: Vec<&str> = self.cases.iter().map(CaseInfo::area).collect();
        areas.dedup();
        areas
    }
}

/// Something in a policy that cannot be meant.
#[derive(Debug, PartialEq, Eq)]
pub struct Problem {
    /// The line, counted from 1.
    pub line: usize,
    /// The column, in characters, counted from 1.
    pub column: usize,
    /// What is wrong, and what would be right.
    pub message: String,
}

/// A policy that cannot be used: everything that is wrong with it.
#[derive(Debug, thiserror::Error)]
pub struct PolicyError {
    /// The file.
    pub file: String,
    /// At least one.
    pub problems: Vec<Problem>,
}

impl fmt::Display for PolicyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = |p: &Problem| format!("{}:{}:{}: {}", self.file, p.line, p.column, p.message);
        f.write_str(&self.problems.iter().map(place).collect::<Vec<_>>().join("\n"))
    }
}

impl Policy {
    /// Reads a policy; `file` is what messages call it.
    ///
    /// # Errors
    /// [`PolicyError`] with everything that is wrong and its places.
    pub fn parse(text: &str, file: &Path, known: &Known<'_>) -> Result<Self, PolicyError> {
        let mut reading = Reading { text, known, problems: Vec::new() };
        let read = match toml::from_str::<Text>(text) {
            Ok(read) => read,
            Err(error) => {
                reading.wrong(error.span().map_or(0, |span| span.start), error.message().to_owned());
                Text::default()
            }
        };
        let policy = Self {
            requires: read.requires.into_iter().filter_map(|id| reading.required(id)).collect(),
            accepts: read.accept.into_iter().filter_map(|entry| reading.accept(entry)).collect(),
            bounds: read.bench.into_iter().filter_map(|bound| reading.bound(bound)).collect(),
        };
        match reading.problems.is_empty() {
            true => Ok(policy),
            false => Err(PolicyError { file: file.display().to_string(), problems: reading.problems }),
        }
    }

    /// The JSON Schema of policy files.
    pub fn json_schema() -> Result<String, serde_json::Error> {
        serde_json::to_string_pretty(&schemars::schema_for!(Text)).map(|text| text + "\n")
    }
}

/// A policy while it is read.
struct Reading<'a> {
    text: &'a str,
    known: &'a Known<'a>,
    problems: Vec<Problem>,
}

impl Reading<'_> {
    fn wrong(&mut self, offset: usize, message: String) {
        let (line, column) = place(self.text, offset);
        self.problems.push(Problem { line, column, message });
    }

    fn required(&mut self, id: Spanned<String>) -> Option<Required> {
        let start = id.span().start;
        let id = id.into_inner();
        if !self.known.names().any(|name| name == id) {
            let near = self.near(&id);
            self.wrong(start, format!("there is no case and no pitfall `{id}`{near}"));
            return None;
        }
        Some(Required { id, line: place(self.text, start).0 })
    }

    fn accept(&mut self, entry: Spanned<Entry>) -> Option<Accept> {
        let (start, before) = (entry.span().start, self.problems.len());
        let entry = entry.into_inner();
        if entry.id.is_none() && entry.area.is_none() && entry.severity.is_none() {
            self.wrong(start, "this entry would accept everything: give it an id, an area or a severity".into());
        }
        if let Some(id) = &entry.id
            && !self.known.names().any(|name| glob(id.get_ref(), name))
        {
            let near = self.near(id.get_ref());
            self.wrong(id.span().start, format!("no case and no pitfall fits `{}`{near}", id.get_ref()));
        }
        if let Some(area) = &entry.area
            && !self.known.areas().contains(&area.get_ref().as_str())
        {
            let areas = self.known.areas().join(", ");
            self.wrong(area.span().start, format!("there is no area `{}`: there are {areas}", area.get_ref()));
        }
        for (name, text) in [("reason", &entry.reason), ("owner", &entry.owner)] {
            if text.get_ref().trim().is_empty() {
                self.wrong(text.span().start, format!("the {name} is empty"));
            }
        }
        let until = entry.until.and_then(|until| self.until(&until));
        (self.problems.len() == before).then(|| Accept {
            id: entry.id.map(Spanned::into_inner),
            area: entry.area.map(Spanned::into_inner),
            severity: entry.severity,
            until,
            reason: entry.reason.into_inner(),
            owner: entry.owner.into_inner(),
            line: place(self.text, start).0,
        })
    }

    fn until(&mut self, until: &Spanned<Datetime>) -> Option<NaiveDate> {
        let (start, text) = (until.span().start, until.get_ref().to_string());
        let Ok(day) = NaiveDate::parse_from_str(&text, "%Y-%m-%d") else {
            self.wrong(start, format!("`{text}` is no day: write it as 2027-03-31"));
            return None;
        };
        if day < self.known.today {
            self.wrong(
                start,
                format!("this entry counted until {day}: look at the change again, or give it more time"),
            );
        }
        Some(day)
    }

    fn bound(&mut self, bound: Spanned<Bound>) -> Option<(Bound, usize)> {
        let start = bound.span().start;
        let bound = bound.into_inner();
        if !(bound.at_most.is_finite() && bound.at_most > 0.0) {
            self.wrong(start, format!("at_most is a ratio above 0, not {}", bound.at_most));
            return None;
        }
        Some((bound, place(self.text, start).0))
    }

    /// Names that differ from this one by little, in words.
    fn near(&self, id: &str) -> String {
        let close = |name: &&str| strsim::normalized_damerau_levenshtein(name, id) > 0.8;
        let mut names: Vec<&str> = self.known.names().filter(close).collect();
        names.dedup();
        names.truncate(3);
        match names.is_empty() {
            true => " (`libcdiff list cases` and `list pitfalls` show what there is)".into(),
            false => format!(": is {} meant?", names.join(" or ")),
        }
    }
}

/// Line and column of a byte of a text, counted from 1.
fn place(text: &str, offset: usize) -> (usize, usize) {
    let before = text.get(..offset).unwrap_or(text);
    let line = before.rsplit('\n').next().unwrap_or_default();
    (before.matches('\n').count() + 1, line.chars().count() + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{bundle, pitfalls};

    fn parse(text: &str) -> Result<Policy, Vec<(usize, usize, String)>> {
        let (cases, pitfalls) = (bundle::cases().expect("cases"), pitfalls::all().expect("pitfalls"));
        let today = NaiveDate::from_ymd_opt(2026, 11, 29).expect("a day");
        let known = Known { cases: &cases, pitfalls: &pitfalls, today };
        Policy::parse(text, Path::new("libcdiff.toml"), &known)
            .map_err(|e| e.problems.into_iter().map(|p| (p.line, p.column, p.message)).collect())
    }

    #[test]
    fn a_policy_reads() {
        let policy = parse(
            "requires = ['threads.stack.default']\n\n[[accept]]\nid = 'time.strptime.*'\nreason = 'r'\nowner = 'o'\n\
             until = 2026-11-29\n[[accept]]\narea = 'dns'\nseverity = 'slow'\nreason = 'r'\nowner = 'o'\n\
             [[bench]]\nworkload = 'churn'\nthreads = 2\nat_most = 1.5\n",
        )
        .expect("a policy");
        assert_eq!((policy.requires[0].line, policy.accepts[0].line, policy.accepts[1].line), (1, 3, 8));
        assert_eq!(policy.accepts[0].until.map(|day| day.to_string()).as_deref(), Some("2026-11-29"));
        assert!(policy.accepts[0].fits("time.strptime.Z", None) && !policy.accepts[0].fits("time.strftime.Z", None));
        assert!(!policy.accepts[1].fits("dns.x", None), "what nothing explains has no severity");
        assert_eq!(policy.bounds[0].0.at_most, 1.5);
    }

    #[test]
    fn what_cannot_be_meant_is_shown_with_its_place() {
        let entry = "[[accept]]\nreason = 'r'\nowner = 'o'\n";
        for (text, line, column, words) in [
            ("requires = ['threads.stack.defualt']\n".to_owned(), 1, 13, "is threads.stack.default meant?"),
            (format!("{entry}id = 'nothing.*'\n"), 4, 6, "no case and no pitfall fits `nothing.*`"),
            (format!("{entry}area = 'tiem'\n"), 4, 8, "there is no area `tiem`"),
            (format!("{entry}area = 'time'\nuntil = 2026-11-28\n"), 5, 9, "counted until 2026-11-28"),
            (format!("{entry}area = 'time'\nuntil = 12:00:00\n"), 5, 9, "is no day"),
            (entry.to_owned(), 1, 1, "would accept everything"),
            ("[[accept]]\narea = 'time'\nreason = ' '\nowner = 'o'\n".to_owned(), 3, 10, "the reason is empty"),
            ("[[accept]]\narea = 'time'\nreason = 'r'\n".to_owned(), 1, 1, "owner"),
            (format!("{entry}aera = 'time'\n"), 4, 1, "aera"),
            (format!("{entry}severity = 'bad'\n"), 4, 12, "bad"),
            ("accept = 3\n".to_owned(), 1, 10, "invalid type"),
            ("[[bench]]\nworkload = 'churn'\nat_most = 0.0\n".to_owned(), 1, 1, "a ratio above 0"),
            ("a = \n".to_owned(), 1, 5, ""),
        ] {
            let problems = parse(&text).expect_err(&text);
            let (l, c, message) = &problems[0];
            assert!((*l, *c) == (line, column) && message.contains(words), "{text}: {problems:?}");
        }
    }

    #[test]
    fn everything_that_is_wrong_is_told_at_once() {
        let text = "requires = ['a', 'b']\n[[accept]]\narea = 'x'\nreason = ''\nowner = ''\n";
        assert_eq!(parse(text).expect_err("problems").len(), 5);
    }
}
