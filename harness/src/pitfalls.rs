//! Pitfalls: documented explanations of differences, one TOML file each under `harness/pitfalls/<area>`, joined with
//! differences by case id. They are data; nothing here knows any of them.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use libcdiff_protocol::{CaseInfo, Flavour};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::affects::Affects;
use crate::runfile::Difference;

include!(concat!(env!("OUT_DIR"), "/pitfalls.rs"));

/// A documented, sourced explanation of a difference.
#[derive(Clone, Debug, Deserialize, Serialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Pitfall {
    /// A stable id, `area.words-with-dashes`.
    pub id: String,
    /// One line.
    pub title: String,
    /// How bad it is.
    pub severity: Severity,
    /// Its place among those that people meet first, from 1; they are told before all others.
    #[serde(default)]
    pub rank: Option<u32>,
    /// The cases that show it; `*` stands for any characters. The longest pattern that fits a case wins.
    pub cases: Vec<String>,
    /// The functions that it is about, for `libcdiff impact`: names in one entry are one implementation, `*` stands for any
    /// characters. A case that speaks of some of them is about these alone; so is one that fits the pattern which an entry begins
    /// with, `locale.read.*: mbrtowc`. `@answer` are those whose lines in the answers differ;
    /// `elf:` and a word is what a file's headers say, such as `elf:runpath`.
    pub symbols: Vec<String>,
    /// Which findings of `libcdiff fuzz` it explains: `TARGET`, or `TARGET NAME=GLOB ...` where a name is a field of the input
    /// that was made small, written as in C with octal escapes for blanks, or `line` for the line that differs.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fuzz: Vec<String>,
    /// What happens, in a few sentences.
    pub what: String,
    /// Who was hit: projects and issue numbers.
    pub who: Vec<String>,
    /// Why the C libraries differ.
    pub why: String,
    /// Who is right by POSIX or an RFC; says so where the standard leaves it open.
    pub standard: String,
    /// The versions that behave so, where it changed.
    #[serde(default)]
    pub versions: Option<String>,
    /// Whom it hits, as `libcdiff list --affects` reads it: `musl`, `musl <1.2.6`, `glibc >=2.34`. Remedies are judged in
    /// the images that this names.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub affects: Vec<Affects>,
    /// The few lines of C that run into it, for `libcdiff demo`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub program: Option<String>,
    /// The case that `libcdiff demo` runs, where it is not the first that the patterns fit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub demo: Option<String>,
    /// What to do, best first.
    pub remedies: Vec<Remedy>,
    /// Where all this is from.
    pub sources: Vec<String>,
}

/// How bad a pitfall is, worst first.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, JsonSchema, PartialEq, Eq, PartialOrd, Ord, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// Programs crash or fail.
    Breaks,
    /// Programs go on with a wrong result.
    WrongResult,
    /// Programs get slow.
    Slow,
    /// Visible, and harmless to most.
    Cosmetic,
}

impl std::fmt::Display for Severity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(match self {
            Self::Breaks => "breaks",
            Self::WrongResult => "wrong result",
            Self::Slow => "slow",
            Self::Cosmetic => "cosmetic",
        })
    }
}

/// A change that removes a pitfall.
#[derive(Clone, Debug, Deserialize, Serialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Remedy {
    /// What to do.
    pub what: String,
    /// The case that runs with it and shows the pitfall gone.
    #[serde(default)]
    pub case: Option<String>,
    /// Lines that the case's text holds where the remedy works, all of them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub expect: Vec<String>,
    /// Values of the case that must be this large or larger where the remedy works.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub at_least: BTreeMap<String, f64>,
    /// Values of the case that must be this small or smaller where the remedy works.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub at_most: BTreeMap<String, f64>,
    /// The flavour that is the remedy, where it is not the image's own: `musl-static`, `reference`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub flavour: Option<Flavour>,
}

impl Pitfall {
    /// The area: the id up to its first dot.
    pub fn area(&self) -> &str {
        self.id.split('.').next().unwrap_or(&self.id)
    }

    /// Whom it hits, in words.
    pub fn whom(&self) -> String {
        self.affects.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
    }

    /// How well this pitfall fits a case: the length of the longest pattern that does.
    fn fits(&self, case: &str) -> Option<usize> {
        self.cases.iter().filter(|pattern| glob(pattern, case)).map(String::len).max()
    }
}

impl Remedy {
    /// Whether what it says of its verdict can be meant.
    fn check(&self) -> Result<(), String> {
        let judged = !self.expect.is_empty() || !self.at_least.is_empty() || !self.at_most.is_empty();
        let start: String = self.what.chars().take(40).collect();
        if self.case.is_none() && (judged || self.flavour.is_some()) {
            return Err(format!("the remedy `{start}` says how it is judged, and names no case"));
        }
        match self.flavour {
            Some(own @ (Flavour::Gnu | Flavour::Musl)) => {
                Err(format!("the remedy `{start}` names the flavour {own}: an image's own is meant anyway"))
            }
            _ => Ok(()),
        }
    }

    /// How its success is judged, in words; none where the images only have to agree.
    pub fn promise(&self) -> Option<String> {
        let lines = self.expect.iter().map(|line| format!("`{}`", line.trim()));
        let least = self.at_least.iter().map(|(name, limit)| format!("{name} at least {limit}"));
        let most = self.at_most.iter().map(|(name, limit)| format!("{name} at most {limit}"));
        let all: Vec<String> = lines.chain(least).chain(most).collect();
        (!all.is_empty()).then(|| all.join(", "))
    }
}

/// Every pitfall, by area and id.
pub fn all() -> Result<Vec<Pitfall>, PitfallError> {
    let mut all = Vec::new();
    for (file, text) in PITFALLS {
        all.push(parse(file, text)?);
    }
    all.sort_by(|a, b| a.id.cmp(&b.id));
    Ok(all)
}

/// Every pitfall of a folder and those below it; there may be none.
///
/// # Errors
/// A folder or a file that cannot be read, or is no pitfall.
pub fn of_folder(folder: &Path) -> Result<Vec<Pitfall>, PitfallError> {
    let refused =
        |path: &Path, e: std::io::Error| PitfallError { file: path.display().to_string(), message: e.to_string() };
    let (mut folders, mut all) = (vec![folder.to_path_buf()], Vec::new());
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).map_err(|e| refused(&folder, e))? {
            let path = entry.map_err(|e| refused(&folder, e))?.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "toml") {
                let text = fs::read_to_string(&path).map_err(|e| refused(&path, e))?;
                all.push(parse(&path.display().to_string(), &text)?);
            }
        }
    }
    all.sort_by(|a, b| a.id.cmp(&b.id));
    Ok(all)
}

fn parse(file: &str, text: &str) -> Result<Pitfall, PitfallError> {
    let refused = |message| PitfallError { file: file.to_owned(), message };
    let pitfall: Pitfall = toml::from_str(text).map_err(|e| refused(e.to_string()))?;
    pitfall.remedies.iter().try_for_each(Remedy::check).map_err(refused)?;
    Ok(pitfall)
}

/// Pitfalls as they are told: those that people meet first, then the gravest.
pub fn in_order(pitfalls: &[Pitfall]) -> Vec<&Pitfall> {
    let mut all: Vec<&Pitfall> = pitfalls.iter().collect();
    all.sort_by_key(|p| (p.rank.unwrap_or(u32::MAX), p.severity, &p.id));
    all
}

/// A pitfall file that cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("the pitfall file {file}: {message}")]
pub struct PitfallError {
    file: String,
    message: String,
}

/// Writes into each difference the id of the pitfall that explains it.
pub fn join(pitfalls: &[Pitfall], differences: &mut [Difference]) {
    for difference in differences {
        difference.pitfall = of_case(pitfalls, &difference.case).map(|pitfall| pitfall.id.clone());
    }
}

/// The pitfall that explains a case: the one whose pattern fits it most closely.
pub fn of_case<'a>(pitfalls: &'a [Pitfall], case: &str) -> Option<&'a Pitfall> {
    let fitting = pitfalls.iter().filter_map(|p| Some((p.fits(case)?, p)));
    fitting.max_by_key(|(fit, _)| *fit).map(|(_, pitfall)| pitfall)
}

/// What has to run to see a pitfall and its remedies: the cases that it explains with their twins, and the remedies' cases.
pub fn cases_of<'a>(pitfall: &'a Pitfall, pitfalls: &[Pitfall], cases: &'a [CaseInfo]) -> Vec<&'a str> {
    let explained = |case: &&CaseInfo| of_case(pitfalls, &case.id).is_some_and(|p| p.id == pitfall.id);
    let shown = cases.iter().filter(explained);
    let twins = shown.clone().filter_map(|case| case.needs.twin.as_deref());
    let remedies = pitfall.remedies.iter().filter_map(|remedy| remedy.case.as_deref());
    shown.clone().map(|case| case.id.as_str()).chain(twins).chain(remedies).collect()
}

/// Whether `pattern` fits `text`: `*` stands for any characters, `?` for one.
pub fn glob(pattern: &str, text: &str) -> bool {
    // Asked a million times of a run: what is plain, or begins otherwise, needs no machine.
    let Some(first) = pattern.find(['*', '?']) else { return pattern == text };
    text.starts_with(&pattern[..first]) && wildmatch::WildMatch::new(pattern).matches(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runfile::Attribution;

    #[test]
    fn globs() {
        for (pattern, text, fits) in [
            ("dns.search.*", "dns.search.servfail", true),
            ("dns.search.*", "dns.searches", false),
            ("*.servfail", "dns.search.servfail", true),
            ("dns.*.serv*", "dns.search.servfail", true),
            ("dns", "dns.x", false),
            ("dns.?", "dns.x", true),
            ("dns.?", "dns.xy", false),
            ("*", "", true),
        ] {
            assert_eq!(glob(pattern, text), fits, "{pattern} on {text}");
        }
    }

    #[test]
    fn every_file_reads() {
        assert_eq!(all().expect("pitfall files").len(), PITFALLS.len());
    }

    #[test]
    fn a_remedy_without_a_case_or_with_a_flavour_that_is_none_is_refused() {
        let remedy = |text: &str| toml::from_str::<Remedy>(text).expect(text).check();
        assert!(remedy("what = 'w'\nexpect = ['a: 1']").is_err_and(|e| e.contains("names no case")));
        assert!(remedy("what = 'w'\ncase = 'a.b'\nflavour = 'musl'").is_err_and(|e| e.contains("flavour musl")));
        assert_eq!(remedy("what = 'w'\ncase = 'a.b'\nflavour = 'musl-static'\nat_least = { n = 1 }"), Ok(()));
    }

    #[test]
    fn the_longest_pattern_wins() {
        let pitfall = |id: &str, case: &str| Pitfall {
            id: id.into(),
            title: String::new(),
            severity: Severity::Slow,
            rank: None,
            cases: vec![case.into()],
            symbols: vec!["f".into()],
            fuzz: vec![],
            what: String::new(),
            who: vec![],
            why: String::new(),
            standard: String::new(),
            versions: None,
            affects: vec![],
            program: None,
            demo: None,
            remedies: vec![],
            sources: vec![],
        };
        let mut found = [Difference {
            case: "dns.search.servfail".into(),
            groups: vec![],
            attribution: Attribution::Libc,
            evidence: String::new(),
            pitfall: None,
        }];
        join(&[pitfall("dns.wide", "dns.*"), pitfall("dns.close", "dns.search.serv*")], &mut found);
        assert_eq!(found[0].pitfall.as_deref(), Some("dns.close"));
    }
}
