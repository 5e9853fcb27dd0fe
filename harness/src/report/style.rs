//! Colours and the folding of text, one way for everything that is printed. The writer drops colours where they do not
//! belong.

use std::fmt::Write;

use anstyle::{AnsiColor, Style};

use crate::pitfalls::Severity;

/// Titles.
pub const BOLD: Style = Style::new().bold();
/// What can be passed over.
pub const DIM: Style = Style::new().dimmed();
/// Failures.
pub const RED: Style = AnsiColor::Red.on_default().bold();
/// Waiting and slowness.
pub const YELLOW: Style = AnsiColor::Yellow.on_default().bold();
/// What works.
pub const GREEN: Style = AnsiColor::Green.on_default();
/// Names.
pub const CYAN: Style = AnsiColor::Cyan.on_default();

/// The colour of a severity.
pub fn severity(severity: Severity) -> Style {
    match severity {
        Severity::Breaks | Severity::WrongResult => RED,
        Severity::Slow => YELLOW,
        Severity::Cosmetic => CYAN,
    }
}

/// Writes a line.
pub fn line(out: &mut String, text: std::fmt::Arguments<'_>) {
    let _ = out.write_fmt(text);
    out.push('\n');
}

/// Writes a paragraph, folded and indented.
pub fn wrap(out: &mut String, text: &str, indent: &str, width: usize) {
    // Between words alone: a path that is folded at a slash cannot be copied.
    let options = textwrap::Options::new(width).initial_indent(indent).subsequent_indent(indent);
    let options = options.word_separator(textwrap::WordSeparator::AsciiSpace);
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    for folded in textwrap::wrap(&words, options) {
        line(out, format_args!("{folded}"));
    }
}

/// Cuts a text to a number of characters, with an ellipsis in place of what is gone.
pub fn clip(text: &str, width: usize) -> String {
    if text.chars().count() <= width {
        return text.to_owned();
    }
    text.chars().take(width.saturating_sub(3)).collect::<String>() + "..."
}
