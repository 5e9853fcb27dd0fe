//! Texts in Markdown: whatever they hold, they are shown as they are and end nothing that they stand in.
//!
//! Explanations are written with code between backticks, so prose keeps those pairs; everything else that Markdown or HTML
//! would take for its own is escaped.

/// A paragraph: code between backticks stays code, all else is text. White space is folded.
pub fn prose(text: &str) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let parts: Vec<&str> = text.split('`').collect();
    let mut out = String::new();
    for (place, part) in parts.iter().enumerate() {
        let paired = place + 1 < parts.len();
        match place % 2 {
            1 if paired && !part.is_empty() => out.push_str(&code(part)),
            1 if paired => out.push_str("\\`\\`"),
            1 => out.push_str(&format!("\\`{}", plain(part))),
            _ => out.push_str(&plain(part)),
        }
    }
    first(out)
}

/// Text without any markup.
pub fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text.chars();
    while let Some(c) = rest.next() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            // Before a letter it can begin emphasis and not end it, and those that could end it are escaped.
            '_' if rest.clone().find(|c| *c != '_').is_some_and(char::is_alphanumeric) => out.push(c),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' => out.extend(['\\', c]),
            _ => out.push(c),
        }
    }
    out
}

/// A line that begins like a list is none.
fn first(text: String) -> String {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let marker = text.as_bytes().get(digits).copied();
    match marker {
        Some(b'-' | b'+' | b'=' | b'#') if digits == 0 => format!("\\{text}"),
        Some(b'.' | b')') if digits > 0 => format!("{}\\{}", &text[..digits], &text[digits..]),
        _ => text,
    }
}

/// One line of code: a fence longer than any in it.
pub fn code(text: &str) -> String {
    let text = text.replace(['\n', '\r'], " ");
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    let edge = |at: Option<char>| at == Some('`');
    let blank = text.starts_with(' ') && text.ends_with(' ');
    let space = if edge(text.chars().next()) || edge(text.chars().last()) || blank { " " } else { "" };
    format!("{fence}{space}{text}{space}{fence}")
}

/// Lines of code as one table cell, readable as they stand.
pub fn cell(text: &str) -> String {
    let line = |line: &str| code(line).replace('|', "\\|");
    text.lines().filter(|line| !line.is_empty()).map(line).collect::<Vec<_>>().join("<br>")
}

/// Lines of code as one table cell, with every space. Each character that could mean something, to Markdown, to HTML or to the table, is
/// written by its number.
pub fn exact_cell(text: &str) -> String {
    let line = |line: &str| {
        let mut out = String::from("<code>");
        for c in line.chars() {
            match c {
                _ if c.is_alphanumeric() || c == ' ' => out.push(c),
                ',' | ';' | ':' | '.' | '/' | '(' | ')' | '%' | '\'' => out.push(c),
                _ => out.push_str(&format!("&#{};", u32::from(c))),
            }
        }
        out + "</code>"
    };
    text.lines().filter(|text| !text.is_empty()).map(line).collect::<Vec<_>>().join("<br>")
}

#[cfg(test)]
mod tests {
    use pulldown_cmark::{Event, Options, Parser, Tag};

    use super::*;

    const NASTY: [&str; 15] = [
        "a | b",
        "<script>alert(1)</script> & &lt;",
        "back\\slash \\| and \\` and \\",
        "`",
        "``",
        "a ` b `` c",
        "*emphasis* _under_ __strong__ ~~gone~~",
        "src/env/__init_tls.c __res_search, MALLOC_CHECK_ (_x_) _y_.",
        "[link](http://x.test) ![image](y)",
        "# no heading",
        "- no list",
        "12. no list",
        "<br>",
        "{{#include /etc/passwd}}",
        "`code` and `more|<b>\\`",
    ];

    /// The text that a reader sees, code and all.
    fn shown(markdown: &str) -> String {
        let mut text = String::new();
        for event in Parser::new_ext(markdown, Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH) {
            match event {
                Event::Text(s) | Event::Code(s) => text.push_str(&s),
                Event::InlineHtml(s) if ["<code>", "</code>"].contains(&&*s) => {}
                Event::Start(Tag::Paragraph | Tag::Table(_) | Tag::TableHead | Tag::TableRow | Tag::TableCell) => {}
                Event::End(_) => {}
                other => panic!("{markdown:?} holds {other:?}"),
            }
        }
        text
    }

    #[test]
    fn text_is_shown_as_it_is() {
        for text in NASTY {
            assert_eq!(shown(&plain_paragraph(text)), text, "plain");
            assert_eq!(shown(&code(text)), text, "code");
        }
    }

    fn plain_paragraph(text: &str) -> String {
        first(plain(text))
    }

    #[test]
    fn prose_keeps_its_code() {
        for text in NASTY.iter().filter(|text| !text.contains('`')) {
            assert_eq!(&shown(&prose(text)), text);
        }
        assert_eq!(prose("a `b*c` d*e"), "a `b*c` d\\*e");
        assert_eq!(shown(&prose("a `b|<c>\\` d")), "a b|<c>\\ d");
        assert_eq!(shown(&prose("one ` alone")), "one ` alone");
        assert_eq!(shown(&prose("two `` together")), "two `` together");
    }

    #[test]
    fn a_cell_cannot_be_left() {
        for text in NASTY {
            for cell in [cell(text), exact_cell(text)] {
                let table = format!("| a | b |\n| --- | --- |\n| {cell} | end |\n");
                assert_eq!(shown(&table), format!("ab{text}end"));
            }
        }
        assert_eq!(exact_cell("a\n\nb"), "<code>a</code><br><code>b</code>");
        assert_eq!(cell("a | b\nc`d"), "`a \\| b`<br>``c`d``");
    }
}
