//! Text on a screen of 24 lines: two columns beside each other, and long texts cut into screens.

use anstyle::Style;

use crate::report::style::{BOLD, DIM, RED, clip, line};

/// Columns of a step.
pub const WIDTH: usize = 80;
/// Lines of a step's body; its title, a blank line above and below, and the prompt make 24.
pub const BODY: usize = 20;
/// Between two columns.
const BETWEEN: usize = 2;

/// One column: a head and lines.
pub struct Column {
    /// What stands above.
    pub head: String,
    /// The lines, and whether each of them matters.
    pub lines: Vec<(String, bool)>,
}

/// Columns beside each other, at most `rows` high; lines that matter are marked.
pub fn beside(columns: &[Column], width: usize, rows: usize) -> String {
    let count = columns.len().max(1);
    let each = (width + BETWEEN) / count - BETWEEN;
    let mut out = String::new();
    let longest = columns.iter().map(|column| column.lines.len()).max().unwrap_or(0);
    let shown = if longest + 1 > rows { rows.saturating_sub(2) } else { longest };
    row(&mut out, columns.iter().map(|column| (column.head.as_str(), BOLD)), each);
    for n in 0..shown {
        let cells = columns.iter().map(|column| match column.lines.get(n) {
            Some((text, true)) => (text.as_str(), RED),
            Some((text, false)) => (text.as_str(), Style::new()),
            None => ("", Style::new()),
        });
        row(&mut out, cells, each);
    }
    if longest > shown {
        line(&mut out, format_args!("{DIM}... and {} more lines{DIM:#}", longest - shown));
    }
    out
}

fn row<'a>(out: &mut String, cells: impl Iterator<Item = (&'a str, Style)>, each: usize) {
    let mut text = String::new();
    for (n, (cell, style)) in cells.enumerate() {
        let cell = clip(cell, each);
        let gap = if n == 0 { "" } else { "  " };
        text.push_str(&format!("{gap}{style}{cell}{style:#}{}", " ".repeat(each - cell.chars().count())));
    }
    line(out, format_args!("{}", text.trim_end()));
}

/// Cuts a body into screens, between its lines.
pub fn screens(body: &str) -> Vec<String> {
    let lines: Vec<&str> = body.trim_end().lines().collect();
    let whole = |lines: &[&str]| lines.iter().map(|line| format!("{line}\n")).collect();
    let mut screens = Vec::new();
    let mut rest = &lines[..];
    while rest.len() > BODY {
        // Rather between two paragraphs than within one.
        let blank = rest[BODY / 2..BODY].iter().rposition(|line| line.is_empty()).map(|at| BODY / 2 + at);
        let cut = blank.unwrap_or(BODY);
        screens.push(whole(&rest[..cut]));
        rest = &rest[cut..];
        rest = &rest[rest.iter().take_while(|line| line.is_empty()).count()..];
    }
    screens.push(whole(rest));
    screens
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_keep_to_their_width() {
        let column = |head: &str, n: usize| Column {
            head: head.into(),
            lines: (0..n).map(|n| (format!("line {n} {}", "x".repeat(60)), n % 2 == 0)).collect(),
        };
        let text = beside(&[column("one", 3), column("two", 30)], WIDTH, BODY);
        let plain = anstream::adapter::strip_str(&text).to_string();
        assert!(plain.lines().all(|line| line.chars().count() <= WIDTH), "{plain}");
        assert_eq!(plain.lines().count(), BODY);
        assert!(plain.ends_with("... and 12 more lines\n"), "{plain}");
    }

    #[test]
    fn a_long_text_is_cut_between_paragraphs() {
        let text: String = (1..=45).map(|n| if n % 15 == 0 { "\n".into() } else { format!("{n}\n") }).collect();
        let screens = screens(&text);
        let starts: Vec<_> = screens.iter().filter_map(|screen| screen.lines().next()).collect();
        assert_eq!(starts, ["1", "16", "31"]);
        assert!(screens.iter().all(|screen| screen.lines().count() <= BODY));
    }
}
