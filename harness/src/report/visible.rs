//! What a terminal would obey, made visible. Answers and the names that an image gives itself are its own words, and an image
//! may be hostile: it must not move the cursor, name the window or write to the clipboard of whoever reads a report. Colours,
//! which reports have themselves, can do no harm.

/// The text with every character in it that is a command, but for ends of lines, tabs and colours, in the form of a picture of
/// it: `␛`.
pub fn visible(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let colour = colour(rest);
        let (taken, left) = rest.split_at(colour.unwrap_or(first.len_utf8()));
        match first {
            _ if colour.is_some() => shown.push_str(taken),
            '\n' | '\t' => shown.push(first),
            '\0'..='\u{1f}' => shown.extend(char::from_u32(0x2400 + first as u32)),
            '\u{7f}' => shown.push('␡'),
            // The second set of commands has no pictures.
            '\u{80}'..='\u{9f}' => shown.push('\u{fffd}'),
            _ => shown.push(first),
        }
        rest = left;
    }
    shown
}

/// The length of the command for a colour that a text begins with.
fn colour(text: &str) -> Option<usize> {
    let numbers = text.strip_prefix("\u{1b}[")?;
    let end = numbers.find(|c: char| !(c.is_ascii_digit() || c == ';'))?;
    numbers[end..].starts_with('m').then_some(2 + end + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_shown_and_colours_stay() {
        for (text, shown) in [
            ("plain\n\ttext: é 漢", "plain\n\ttext: é 漢"),
            ("\u{1b}[1m\u{1b}[38;5;1mbold\u{1b}[0m\u{1b}[m", "\u{1b}[1m\u{1b}[38;5;1mbold\u{1b}[0m\u{1b}[m"),
            ("\u{1b}]0;title\u{7}\u{1b}[2J\u{1b}[31", "␛]0;title␇␛[2J␛[31"),
            ("\u{1b}\u{1b}[1mx", "␛\u{1b}[1mx"),
            ("a\rb\u{8}c\u{7f}\0", "a␍b␈c␡␀"),
            ("\u{9b}2J\u{85}", "\u{fffd}2J\u{fffd}"),
            ("\u{1b}", "␛"),
        ] {
            assert_eq!(visible(text), shown, "{text:?}");
        }
    }
}
