//! What differs in the answers to one input, told so that the same cause says the same: which images go together, the first
//! line that is not the same, and the values there without what only depends on the input.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::input::Answer;

/// A difference, without the particulars of its input.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct Shape {
    /// For each image the number of its group, in the order in which they first come.
    pub groups: Vec<usize>,
    /// The name of the first line that differs.
    pub line: String,
    /// For each group what that line says, with `#` for numbers and `text` for strings.
    pub says: Vec<String>,
}

/// The shape of a difference; `None` where all answers are the same.
pub fn of(answers: &[&Answer]) -> Option<Shape> {
    let lines: Vec<Vec<String>> = answers.iter().map(|answer| answer.lines()).collect();
    let mut seen: Vec<&Vec<String>> = Vec::new();
    let groups: Vec<usize> = lines
        .iter()
        .map(|lines| {
            seen.iter().position(|known| *known == lines).unwrap_or_else(|| {
                seen.push(lines);
                seen.len() - 1
            })
        })
        .collect();
    if seen.len() < 2 {
        return None;
    }
    let longest = seen.iter().map(|lines| lines.len()).max().unwrap_or(0);
    let first = (0..longest).find(|n| seen.iter().any(|lines| lines.get(*n) != seen[0].get(*n)))?;
    let line = |lines: &Vec<String>| lines.get(first).map_or(("", "nothing"), |line| split(line)).0.to_owned();
    let name = seen.iter().map(|lines| line(lines)).find(|name| !name.is_empty() && name != "ended");
    let says = seen.iter().map(|lines| says(lines.get(first).map(String::as_str), name.as_deref())).collect();
    Some(Shape { groups, line: name.unwrap_or_else(|| "ended".into()), says })
}

/// Name and value of a line.
pub fn split(line: &str) -> (&str, &str) {
    line.split_once(": ").unwrap_or((line.trim_end_matches(':'), ""))
}

fn says(line: Option<&str>, name: Option<&str>) -> String {
    let Some(line) = line else { return "nothing".into() };
    match split(line) {
        (other, value) if Some(other) != name => format!("{other}: {}", general(value)),
        (_, value) => general(value),
    }
}

/// A value without what depends on the input alone.
fn general(value: &str) -> String {
    if value.starts_with('"') {
        return if value == "\"\"" { value.into() } else { "text".into() };
    }
    // A digit within a word, as in E2BIG, is no number.
    let is_number = |text: &str, at: usize| !text[..at].ends_with(|c: char| c.is_ascii_alphabetic());
    let number =
        |text: &str| text.match_indices(|c: char| c.is_ascii_digit()).map(|(at, _)| at).find(|at| is_number(text, *at));
    let mut out = String::new();
    let mut rest = value;
    while let Some(at) = number(rest) {
        out.push_str(rest[..at].trim_end_matches('-'));
        out.push('#');
        rest = rest[at..].trim_start_matches(|c: char| c.is_ascii_hexdigit() || c == 'x');
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fuzz::input::End;

    fn answer(text: &str) -> Answer {
        Answer { end: End::Answered, text: text.into() }
    }

    fn shape(texts: &[&str]) -> Option<Shape> {
        let answers: Vec<Answer> = texts.iter().map(|text| answer(text)).collect();
        of(&answers.iter().collect::<Vec<_>>())
    }

    #[test]
    fn equal_answers_have_none() {
        assert_eq!(shape(&["returns: 1\n", "returns: 1\n"]), None);
    }

    #[test]
    fn the_first_line_that_differs_counts_and_its_numbers_do_not() {
        let one = shape(&["returns: 12\nerrno: 0\n", "returns: NULL\n", "returns: 12\nerrno: 0\n"]).expect("differs");
        assert_eq!((&one.groups[..], one.line.as_str()), (&[0, 1, 0][..], "returns"));
        assert_eq!(one.says, ["#", "NULL"]);
        assert_eq!(shape(&["returns: -3\nx: 1\n", "returns: NULL\n", "returns: -3\nx: 1\n"]), Some(one));
    }

    #[test]
    fn a_crash_and_a_missing_line_are_told() {
        let crashed = Answer { end: End::Signal(11), text: String::new() };
        let shape = of(&[&answer("returns: 1\n"), &crashed]).expect("differs");
        assert_eq!((shape.line.as_str(), &shape.says[..]), ("returns", &["#".to_owned(), "ended: SIGSEGV".into()][..]));
        let shape = super::tests::shape(&["a: 1\nb: x\n", "a: 1\n"]).expect("differs");
        assert_eq!((shape.line.as_str(), &shape.says[..]), ("b", &["x".to_owned(), "nothing".into()][..]));
    }

    #[test]
    fn values_lose_what_depends_on_the_input() {
        for (value, general) in [
            ("-12", "#"),
            ("0x1f 3", "# #"),
            ("\"abc\"", "text"),
            ("\"\"", "\"\""),
            ("EINVAL", "EINVAL"),
            ("1/2 a", "#/# a"),
            ("E2BIG", "E2BIG"),
            ("1E2BIG 2", "#IG #"),
        ] {
            assert_eq!(super::general(value), general);
        }
    }
}
