//! Which differences touch a program: those whose cases ask about functions that its files import.
//!
//! A pitfall names its functions in entries; the names in one entry are one implementation (`strtol strtoll`). A case that speaks of
//! functions of some entries is about these alone; one that speaks of none is about all. An entry may begin with a pattern of cases,
//! `locale.read.*: mbrtowc`: such cases are about that entry. The entry `@answer` stands for the
//! functions whose lines in the answers differ: of cases that list which functions there are.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use libcdiff_protocol::CaseInfo;

use super::answer::{Evidence, Touched};
use super::asked::Asked;
use super::names::spoken;
use crate::compare::own_flavour;
use crate::pitfalls::{Pitfall, glob, of_case};
use crate::runfile::{Difference, Image, Observation, RunFile};

/// The entry that stands for lines of the answers.
const ANSWER: &str = "@answer";

/// What a program asks for, by every name under which it may be spoken of.
pub struct Index<'a> {
    names: HashMap<String, BTreeSet<usize>>,
    asked: &'a [Asked],
}

impl<'a> Index<'a> {
    /// Of what files ask for.
    pub fn of(asked: &'a [Asked]) -> Self {
        let mut names: HashMap<String, BTreeSet<usize>> = HashMap::new();
        for (at, one) in asked.iter().enumerate() {
            for name in spoken(&one.symbol) {
                names.entry(name).or_default().insert(at);
            }
        }
        Self { names, asked }
    }

    /// What is asked for among the names and patterns of an entry.
    fn find(&self, entry: &str) -> BTreeSet<usize> {
        let of = |pattern: &str| -> Vec<usize> {
            match pattern.contains(['*', '?']) {
                false => self.names.get(pattern).into_iter().flatten().copied().collect(),
                true => {
                    self.names.iter().filter(|(name, _)| glob(pattern, name)).flat_map(|(_, at)| at).copied().collect()
                }
            }
        };
        entry.split_whitespace().flat_map(of).collect()
    }

    /// Whether a case may tell something about the program: it is about something that is asked for, or its answer only says.
    pub fn may_touch(&self, pitfall: &Pitfall, case: &CaseInfo) -> bool {
        let listing = pitfall.symbols.iter().any(|entry| entry == ANSWER);
        listing || entries(pitfall, case).iter().any(|entry| !self.find(entry).is_empty())
    }
}

/// The words of a case: the parts of its id, also as functions write them, its title and question, its program's arguments.
fn words(case: &CaseInfo) -> BTreeSet<String> {
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let text = [case.title.as_str(), &case.question].into_iter().chain(case.needs.args.iter().map(String::as_str));
    let text = text.flat_map(|text| text.split(move |c| !is_word(c)));
    let parts = case.id.split('.').flat_map(|part| part.split('-').map(str::to_owned).chain([part.replace('-', "_")]));
    text.map(str::to_owned).chain(parts).filter(|word| !word.is_empty()).collect()
}

/// The entries of a pitfall that a case is about, without the patterns of cases that they begin with.
pub fn entries<'p>(pitfall: &'p Pitfall, case: &CaseInfo) -> Vec<&'p str> {
    let all = pitfall.symbols.iter().map(String::as_str).filter(|entry| *entry != ANSWER);
    let (bound, free): (Vec<_>, Vec<_>) = all.partition(|entry| entry.contains(": "));
    let fits =
        |entry: &'p str| entry.split_once(": ").filter(|(cases, _)| glob(cases, &case.id)).map(|(_, names)| names);
    let bound: Vec<&str> = bound.into_iter().filter_map(fits).collect();
    if !bound.is_empty() || free.len() < 2 {
        return if bound.is_empty() { free } else { bound };
    }
    let words = words(case);
    let speaks_of = |entry: &&str| {
        let mut patterns = entry.split_whitespace();
        patterns.any(|pattern| words.contains(pattern) || words.iter().any(|word| glob(pattern, word)))
    };
    let named: Vec<&str> = free.iter().copied().filter(speaks_of).collect();
    if named.is_empty() { free } else { named }
}

/// The functions whose lines differ between two answers that say of each whether it is there; empty for other answers.
fn listed(one: &str, other: &str, only_listing: bool) -> Vec<String> {
    let lines = |text: &str| -> BTreeSet<String> { text.lines().map(|line| line.trim().to_owned()).collect() };
    let (one, other) = (lines(one), lines(other));
    let differing = one.symmetric_difference(&other).filter_map(|line| line.split_once(": "));
    let is_name = |name: &str| !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    let fits = |(name, value): &(&str, &str)| is_name(name) && (only_listing || matches!(*value, "yes" | "no"));
    let names: BTreeSet<String> = differing.filter(fits).map(|(name, _)| name.to_owned()).collect();
    names.into_iter().collect()
}

/// A difference between the two images, and what each answered.
pub struct Between<'r> {
    /// The difference.
    pub difference: &'r Difference,
    answers: (String, String),
}

/// The differences of a run in which the programs of two images, each linked as the image's own are, say something else.
pub fn between<'r>(run: &'r RunFile, from: &Image, to: &Image) -> Vec<Between<'r>> {
    let own = |image: &Image, o: &Observation| o.image == image.id && o.flavour == own_flavour(image);
    let group = |difference: &'r Difference, image: &Image| {
        let holds = |places: &[usize]| places.iter().any(|at| run.observations.get(*at).is_some_and(|o| own(image, o)));
        difference.groups.iter().position(|group| holds(&group.observations))
    };
    let both = |difference: &'r Difference| {
        let (one, other) = (group(difference, from)?, group(difference, to)?);
        let answers = (difference.groups[one].text.to_string(), difference.groups[other].text.to_string());
        (one != other).then_some(Between { difference, answers })
    };
    run.differences.iter().filter_map(both).collect()
}

/// The differences that touch, by pitfall, gravest first.
pub fn touched(all: &[Between<'_>], index: &Index<'_>, pitfalls: &[Pitfall], cases: &[CaseInfo]) -> Vec<Touched> {
    let cases: HashMap<&str, &CaseInfo> = cases.iter().map(|case| (case.id.as_str(), case)).collect();
    let mut by_pitfall: BTreeMap<&str, (&Pitfall, BTreeMap<usize, BTreeSet<&str>>)> = BTreeMap::new();
    for one in all {
        let case = one.difference.case.as_str();
        let (Some(pitfall), Some(info)) = (of_case(pitfalls, case), cases.get(case)) else { continue };
        let found = asked_of(one, pitfall, info, index);
        for at in found {
            let entry = by_pitfall.entry(&pitfall.id).or_insert_with(|| (pitfall, BTreeMap::new()));
            entry.1.entry(at).or_default().insert(case);
        }
    }
    let mut told: Vec<Touched> =
        by_pitfall.into_values().map(|(pitfall, found)| tell(pitfall, &found, index)).collect();
    told.sort_by(|a, b| (a.severity, b.cases.len(), &a.pitfall).cmp(&(b.severity, a.cases.len(), &b.pitfall)));
    told
}

/// What of a program a difference is about.
fn asked_of(one: &Between<'_>, pitfall: &Pitfall, case: &CaseInfo, index: &Index<'_>) -> BTreeSet<usize> {
    let listing = pitfall.symbols.iter().any(|entry| entry == ANSWER);
    let only = pitfall.symbols.len() == 1;
    let names = if listing { listed(&one.answers.0, &one.answers.1, only) } else { Vec::new() };
    match names.is_empty() {
        // The name as it is written in the file: a program that calls printf does not need __printf_chk.
        false => names
            .iter()
            .flat_map(|name| index.find(name))
            .filter(|at| names.contains(&index.asked[*at].symbol))
            .collect(),
        true => entries(pitfall, case).iter().flat_map(|entry| index.find(entry)).collect(),
    }
}

fn tell(pitfall: &Pitfall, found: &BTreeMap<usize, BTreeSet<&str>>, index: &Index<'_>) -> Touched {
    let owned = |cases: &BTreeSet<&str>| cases.iter().map(|case| (*case).to_owned()).collect::<Vec<_>>();
    let evidence = found.iter().map(|(at, cases)| Evidence {
        file: index.asked[*at].file.clone(),
        symbol: index.asked[*at].symbol.clone(),
        cases: owned(cases),
    });
    Touched {
        pitfall: pitfall.id.clone(),
        title: pitfall.title.clone(),
        severity: pitfall.severity,
        cases: owned(&found.values().flatten().copied().collect()),
        evidence: evidence.collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{bundle, pitfalls};

    fn asked(symbols: &[&str]) -> Vec<Asked> {
        let one =
            |symbol: &&str| Asked { file: "/bin/x".into(), symbol: (*symbol).to_owned(), version: None, own: true };
        symbols.iter().map(one).collect()
    }

    fn about(pitfall: &str, case: &str) -> Vec<String> {
        let (all, cases) = (pitfalls::all().expect("pitfalls"), bundle::cases().expect("cases"));
        let pitfall = all.iter().find(|p| p.id == pitfall).expect(pitfall);
        let case = cases.iter().find(|c| c.id == case).expect(case);
        entries(pitfall, case).into_iter().map(str::to_owned).collect()
    }

    #[test]
    fn a_case_that_names_a_function_is_about_that_one_alone() {
        assert_eq!(about("math.errno", "math.errors.pow-10-400"), ["pow powf powl"]);
        assert_eq!(about("dns.name-unchecked", "dns.names.gethostbyname-dash"), ["gethostbyname*"]);
        assert_eq!(about("time.strptime-blanks", "time.strptime.e"), ["strptime strptime_l"]);
        assert!(about("accounts.last-line", "accounts.group.line.no-newline")[0].starts_with("getgrnam "));
        assert_eq!(about("locale.numbers", "locale.number.real-grouped"), ["*printf"]);
    }

    #[test]
    fn symbols_are_found_by_every_name_they_go_by() {
        let asked = asked(&["__printf_chk", "__isoc99_sscanf", "qsort"]);
        let index = Index::of(&asked);
        assert_eq!(index.find("*printf"), BTreeSet::from([0]));
        assert_eq!(index.find("scanf *scanf"), BTreeSet::from([1]));
        assert_eq!(index.find("strtol"), BTreeSet::new());
        assert_eq!(index.find("qsort qsort_r"), BTreeSet::from([2]));
    }

    #[test]
    fn lists_of_functions_name_those_that_differ() {
        let (one, other) = ("there:\n  strfry: yes\n  memmem: yes", "there:\n  strfry: no\n  memmem: yes");
        assert_eq!(listed(one, other, false), ["strfry"]);
        assert_eq!(listed("end: exit 0", "end: exit 1", false), Vec::<String>::new());
        assert_eq!(listed("statx: 0\nx y: 1", "statx: missing", true), ["statx"]);
    }
}
