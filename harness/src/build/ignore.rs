//! What `.dockerignore` keeps out of a build's context: patterns as Go's `filepath.Match` has them, with `**` for any number of
//! folders; what lies below something that is left out is left out too; the last line that fits decides, and `!` takes back in.

use std::path::{Component, Path, PathBuf};

/// The lines of a `.dockerignore`.
#[derive(Clone, Debug, Default)]
pub struct Ignore {
    lines: Vec<Line>,
}

#[derive(Clone, Debug)]
struct Line {
    /// Takes back in.
    back: bool,
    parts: Vec<String>,
}

impl Ignore {
    /// Reads the text of one.
    pub fn parse(text: &str) -> Self {
        Self { lines: text.trim_start_matches('\u{feff}').lines().filter_map(Line::parse).collect() }
    }

    /// Whether something in the context, named from its root, is left out.
    pub fn leaves_out(&self, path: &Path) -> bool {
        let names: Vec<_> = path.iter().map(|name| name.to_string_lossy()).collect();
        let names: Vec<&str> = names.iter().map(|name| &**name).collect();
        // It, or a folder above it.
        let fits = |line: &Line| (1..=names.len()).any(|end| parts(&line.parts, &names[..end]));
        self.lines.iter().rev().find(|line| fits(line)).is_some_and(|line| !line.back)
    }

    /// Whether a line takes something back in that lies below a folder which is left out: one that begins with its name, as the
    /// engine's own command has it.
    pub fn takes_back(&self, folder: &Path) -> bool {
        self.lines.iter().any(|line| line.back && line.parts.iter().collect::<PathBuf>().starts_with(folder))
    }
}

impl Line {
    fn parse(text: &str) -> Option<Self> {
        // A comment begins in the first column only, before blanks are taken away.
        let text = if text.starts_with('#') { "" } else { text.trim() };
        let (back, pattern) = text.strip_prefix('!').map_or((false, text), |rest| (true, rest.trim()));
        let mut parts: Vec<String> = Vec::new();
        for component in Path::new(pattern).components() {
            match component {
                Component::ParentDir => drop(parts.pop()),
                Component::Normal(name) => parts.push(name.to_string_lossy().into_owned()),
                _ => {}
            }
        }
        (!parts.is_empty()).then_some(Self { back, parts })
    }
}

/// Whether names of folders and a file fit a pattern, one by one.
fn parts(pattern: &[String], names: &[&str]) -> bool {
    match pattern.split_first() {
        None => names.is_empty(),
        Some((first, rest)) if first == "**" => {
            // At its end it stands for what is below, and so for one name at least.
            let least = usize::from(rest.is_empty());
            (least..=names.len()).any(|skipped| parts(rest, &names[skipped..]))
        }
        Some((first, rest)) => names.split_first().is_some_and(|(name, left)| {
            let (first, name): (Vec<char>, Vec<char>) = (first.chars().collect(), name.chars().collect());
            word(&first, &name) && parts(rest, left)
        }),
    }
}

/// Whether one name fits one part of a pattern.
fn word(pattern: &[char], name: &[char]) -> bool {
    match (pattern, name) {
        ([], _) => name.is_empty(),
        (['*', rest @ ..], _) => (0..=name.len()).any(|skipped| word(rest, &name[skipped..])),
        (['?', rest @ ..], [_, left @ ..]) => word(rest, left),
        (['[', rest @ ..], [first, left @ ..]) => class(rest, *first).is_some_and(|rest| word(rest, left)),
        (['\\', one, rest @ ..] | [one, rest @ ..], [first, left @ ..]) => one == first && word(rest, left),
        _ => false,
    }
}

/// What follows a class of characters that holds this one.
fn class(pattern: &[char], found: char) -> Option<&[char]> {
    let (no, mut rest) = match pattern {
        ['^', rest @ ..] => (true, rest),
        _ => (false, pattern),
    };
    let mut holds = false;
    loop {
        rest = match rest {
            [']', rest @ ..] => return (holds != no).then_some(rest),
            [low, '-', high, rest @ ..] if *high != ']' => {
                holds |= (*low..=*high).contains(&found);
                rest
            }
            ['\\', one, rest @ ..] | [one, rest @ ..] => {
                holds |= *one == found;
                rest
            }
            [] => return None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_read_as_the_engine_reads_them() {
        for (lines, path, out) in [
            ("*.log", "a.log", true),
            ("*.log", "deep/a.log", false),
            ("**/*.log", "deep/er/a.log", true),
            ("**/*.log", "a.log", true),
            ("node_modules", "node_modules/x/y", true),
            ("/node_modules/", "node_modules/x", true),
            ("a/**", "a", false),
            ("a/**", "a/b/c", true),
            ("a/**/z", "a/z", true),
            ("a?c", "abc", true),
            ("a[0-9]c", "a5c", true),
            ("a[^0-9]c", "a5c", false),
            ("a[", "a[", false),
            ("a\\*", "a*", true),
            ("a\\*", "ab", false),
            ("# a", "# a", false),
            ("*\n!keep", "keep", false),
            ("*\n!keep", "other", true),
            ("!keep\n*", "keep", true),
            ("a\n!a/b", "a/b/c", false),
            ("a\n!a/b\na/b/c", "a/b/c", true),
            ("./x/../y", "y", true),
            ("", "a", false),
        ] {
            assert_eq!(Ignore::parse(lines).leaves_out(Path::new(path)), out, "{lines:?} and {path}");
        }
        let ignore = Ignore::parse("*\n!a/b");
        assert!(ignore.takes_back(Path::new("a")) && !ignore.takes_back(Path::new("b")));
    }
}
