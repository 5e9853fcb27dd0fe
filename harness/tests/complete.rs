//! Adding a case or a pitfall: what is forgotten does not build. Each mistake is made here on tables in memory, and the
//! message has to name the file and what to do.

#[path = "../build/complete.rs"]
mod complete;

use complete::{Tables, mistakes};

const CASE: &str = r#"{"id":"time.x","title":"t","question":"q?","source":"POSIX time","needs":{}}"#;
const TARGETS: &str = r#"{"id":"time.strptime","fields":["format","text"]}"#;
const SCENARIO: &str = r#"
[[scenario]]
id = "dns.search.x"
title = "t"
question = "q?"
source = "resolv.conf(5)"
"#;
const PITFALL: &str = r#"
id = "time.p"
title = "t"
severity = "slow"
cases = ["time.*"]
symbols = ["strftime strftime_l", "*printf", "@answer", "elf:runpath"]
what = "w"
who = []
why = "w"
standard = "s"
demo = "time.x"
affects = ["musl"]
fuzz = ["time.strptime format=*%s* line=returns", "time.strp*"]
sources = ["POSIX time"]
[[remedies]]
what = "Do it by hand."
case = "dns.search.x"
expect = ["a: 1"]
"#;

fn tables(case: &str, scenario: &str, pitfall: &str) -> Tables {
    let file = |name: &str, text: &str| vec![(name.to_owned(), text.to_owned())];
    Tables {
        manifest: format!("{CASE}\n{case}"),
        targets: TARGETS.into(),
        scenarios: file("search.toml", scenario),
        pitfalls: file("time/p.toml", pitfall),
    }
}

/// Each mistake is the only one found, and says these words.
#[track_caller]
fn refused(tables: &Tables, words: &[&str]) {
    let found = mistakes(tables);
    assert_eq!(found.len(), 1, "{found:#?}");
    for word in words {
        assert!(found[0].contains(word), "`{word}` is not in: {}", found[0]);
    }
}

#[test]
fn whole_tables_are_accepted() {
    assert_eq!(mistakes(&tables("", SCENARIO, PITFALL)), [""; 0]);
}

#[test]
fn a_case_without_a_source_is_refused() {
    let case = CASE.replace("time.x", "time.y").replace("POSIX time", " ");
    refused(&tables(&case, SCENARIO, PITFALL), &["probes/src/time", "`time.y`", "source", "POSIX clause"]);
    let scenario = SCENARIO.replace("source = \"resolv.conf(5)\"\n", "");
    refused(&tables("", &scenario, PITFALL), &["probes/scenarios/search.toml", "`dns.search.x`", "source"]);
}

#[test]
fn a_case_without_a_question_is_refused() {
    let case = CASE.replace("time.x", "time.y").replace("q?", "");
    refused(&tables(&case, SCENARIO, PITFALL), &["`time.y`", "question"]);
}

#[test]
fn a_pitfall_without_remedy_or_sources_is_refused() {
    let (bare, _) = PITFALL.split_once("[[remedies]]").expect("two parts");
    refused(&tables("", SCENARIO, bare), &["harness/pitfalls/time/p.toml", "no remedy", "[[remedies]]"]);
    let sources = PITFALL.replace("sources = [\"POSIX time\"]", "sources = []");
    refused(&tables("", SCENARIO, &sources), &["harness/pitfalls/time/p.toml", "no sources"]);
    let nobody = PITFALL.replace("affects = [\"musl\"]", "affects = []");
    refused(&tables("", SCENARIO, &nobody), &["harness/pitfalls/time/p.toml", "`affects`"]);
    for name in ["title", "what", "why", "standard", "severity"] {
        let lines = PITFALL.lines().enumerate();
        let lacking: Vec<_> =
            lines.filter(|(n, l)| *n > 12 || !l.starts_with(&format!("{name} ="))).map(|(_, l)| l).collect();
        refused(&tables("", SCENARIO, &lacking.join("\n")), &["time/p.toml", &format!("`{name}`")]);
    }
}

#[test]
fn a_pitfall_about_no_function_or_a_misspelt_one_is_refused() {
    let symbols = "symbols = [\"strftime strftime_l\", \"*printf\", \"@answer\", \"elf:runpath\"]\n";
    refused(&tables("", SCENARIO, &PITFALL.replace(symbols, "")), &["time/p.toml", "no function", "`symbols`"]);
    for (wrong, named) in [("elf:run-path", "`elf:run-path`"), ("strftime, wcsftime", "`strftime,`"), ("* *", "`*`")] {
        let pitfall = PITFALL.replace(symbols, &format!("symbols = [\"{wrong}\"]\n"));
        refused(&tables("", SCENARIO, &pitfall), &["time/p.toml", named]);
    }
    let mixed = PITFALL.replace(symbols, "symbols = [\"@answer strftime\"]\n");
    refused(&tables("", SCENARIO, &mixed), &["time/p.toml", "@answer alone"]);
}

#[test]
fn a_remedy_or_demo_without_its_case_is_refused() {
    let gone = PITFALL.replace("case = \"dns.search.x\"", "case = \"dns.search.y\"");
    refused(&tables("", SCENARIO, &gone), &["time/p.toml", "remedy 1", "`dns.search.y`", "does not exist"]);
    let none = PITFALL.replace("case = \"dns.search.x\"\n", "");
    refused(&tables("", SCENARIO, &none), &["time/p.toml", "remedy 1", "`expect`", "no `case`"]);
    let demo = PITFALL.replace("demo = \"time.x\"", "demo = \"time.z\"");
    refused(&tables("", SCENARIO, &demo), &["time/p.toml", "`demo`", "`time.z`"]);
}

#[test]
fn a_pattern_that_fits_nothing_is_refused() {
    let pattern = PITFALL.replace("time.*", "time.x*\", \"time.zone.*");
    refused(&tables("", SCENARIO, &pattern), &["time/p.toml", "`time.zone.*`", "no case fits"]);
}

#[test]
fn what_no_target_has_is_refused() {
    for wrong in ["time.strftime", "time.strptime pattern=x", "time.strptime line=a b=c"] {
        let pitfall = PITFALL.replace("time.strptime format=*%s* line=returns", wrong);
        refused(&tables("", SCENARIO, &pitfall), &["time/p.toml", wrong, "fuzz --list"]);
    }
}

#[test]
fn an_id_used_twice_is_refused() {
    refused(&tables(CASE, SCENARIO, PITFALL), &["probes/src/time", "`time.x`", "twice"]);
    let both = SCENARIO.replace("dns.search.x", "time.x") + SCENARIO;
    refused(&tables("", &both, PITFALL), &["search.toml", "`time.x`", "twice", "probes/src/time"]);
    let mut twice = tables("", SCENARIO, PITFALL);
    twice.pitfalls.push(("time/again.toml".into(), PITFALL.into()));
    refused(&twice, &["time/again.toml", "`time.p`", "twice", "time/p.toml"]);
}

#[test]
fn a_twin_that_is_not_there_is_refused() {
    let case = CASE.replace("time.x", "time.y").replace("{}", r#"{"as_shipped":true,"twin":"time.z"}"#);
    refused(&tables(&case, SCENARIO, PITFALL), &["`time.y`", "twin", "`time.z`"]);
}

#[test]
fn a_pitfall_in_the_wrong_folder_is_refused() {
    let mut tables = tables("", SCENARIO, PITFALL);
    tables.pitfalls[0].0 = "alloc/p.toml".into();
    refused(&tables, &["harness/pitfalls/alloc/p.toml", "`time.p`", "move the file"]);
}

#[test]
fn what_does_not_read_is_refused() {
    refused(&tables("", SCENARIO, "id = "), &["time/p.toml", "does not read"]);
}

/// The block of this language in CONTRIBUTING.md.
fn example(language: &str) -> &'static str {
    let text = include_str!("../../CONTRIBUTING.md");
    let (_, rest) = text.split_once(&format!("```{language}\n")).expect("a block");
    rest.split_once("```").expect("its end").0
}

#[test]
fn the_example_for_contributors_is_the_real_thing() {
    let cases = ["time.tzset.changed", "time.remedy.tzset"].map(|id| CASE.replace("time.x", id));
    let file = vec![("time/zone-setenv.toml".to_owned(), example("toml").to_owned())];
    let tables = Tables { manifest: cases.join("\n"), targets: TARGETS.into(), scenarios: Vec::new(), pitfalls: file };
    assert_eq!(mistakes(&tables), [""; 0]);
    let shown: libcdiff::pitfalls::Pitfall = toml::from_str(example("toml")).expect("a pitfall");
    let all = libcdiff::pitfalls::all().expect("the pitfalls");
    assert_eq!(all.iter().find(|p| p.id == shown.id), Some(&shown));
    let table = include_str!("../../probes/src/time/remedy.rs");
    assert!(table.contains(example("rust")), "the row is not in the table as CONTRIBUTING.md shows it");
}

#[test]
fn the_readme_counts_the_cases_of_every_area() {
    let readme = include_str!("../../README.md");
    let cases = libcdiff::bundle::cases().expect("the cases");
    let mut areas: Vec<&str> = cases.iter().map(|case| case.area()).collect();
    areas.sort_unstable();
    for area in areas.chunk_by(|a, b| a == b) {
        let row = format!("| `{}` | {} |", area[0], area.len());
        assert!(readme.contains(&row), "README.md lacks a row that begins with {row}");
    }
}

#[test]
fn what_is_said_to_come_near_the_unasked_is_asked() {
    let cases = libcdiff::bundle::cases().expect("the cases");
    let known = |area: &str| cases.iter().any(|case| case.area() == area);
    let words = include_str!("../../probes/NOT_ASKED.md").split('`').skip(1).step_by(2);
    let patterns: Vec<_> = words.filter(|word| word.split_once('.').is_some_and(|(area, _)| known(area))).collect();
    assert!(patterns.len() > 20, "{patterns:?}");
    for pattern in patterns {
        assert!(cases.iter().any(|case| libcdiff::pitfalls::glob(pattern, &case.id)), "no case fits {pattern}");
    }
}
