//! A case: one question to a C library, as an entry of an area's table. Tables are data; [`sys::entry`](crate::sys::entry)
//! runs them and `--list` prints them, which is how the harness learns what can be asked.

use heap::string::String;

use crate::json;
use crate::outcome::{Outcome, Value};

/// One question, with a stable dotted id that is never renamed or reused.
#[derive(Clone, Copy)]
pub struct Case {
    /// `area.subject.detail`; the area is the name of the probe program.
    pub id: &'static str,
    /// A few words for a table.
    pub title: &'static str,
    /// The question in one sentence, ending in a question mark.
    pub question: &'static str,
    /// Where the question comes from: a POSIX clause, a manual page, a commit, a bug.
    pub source: &'static str,
    /// What must be arranged before the program starts.
    pub needs: Needs,
    /// Asks, and describes the answer.
    pub run: fn(&mut Outcome),
}

/// Whether a case brings its inputs along or looks at what the image has (fidelity rule 4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Inputs {
    /// Every file and variable that may matter comes with the case.
    Hermetic,
    /// The image's own files are part of the question.
    AsShipped {
        /// The hermetic case that asks the same with inputs of its own, if there is one.
        twin: Option<&'static str>,
    },
}

/// The stack limit in force when the program starts; C libraries read it once, before `main`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StackLimit {
    /// Soft limit in bytes.
    Bytes(u64),
    /// RLIM_INFINITY.
    Unlimited,
}

/// A file that the case brings along.
#[derive(Clone, Copy, Debug)]
pub struct File {
    /// Absolute path inside the image.
    pub path: &'static str,
    /// Its content, byte for byte.
    pub content: &'static [u8],
}

/// What the agent arranges for one case before it starts the program.
#[derive(Clone, Copy, Debug)]
pub struct Needs {
    /// Hermetic or as shipped.
    pub inputs: Inputs,
    /// Environment variables; the environment is otherwise `PATH` and `HOME` alone.
    pub env: &'static [(&'static str, &'static str)],
    /// Files laid over the image for this case alone.
    pub files: &'static [File],
    /// Stack limit at start; 8 MiB where nothing is said, the default of every common distribution.
    pub stack_limit: Option<StackLimit>,
    /// A program other than the area's own, where how it was linked is the question.
    pub program: Option<&'static str>,
}

impl Needs {
    /// Nothing but the program: the common case.
    pub const NOTHING: Self = Self { inputs: Inputs::Hermetic, env: &[], files: &[], stack_limit: None, program: None };

    /// Looks at the image's own files; `twin` asks the same hermetically.
    pub const fn as_shipped(twin: Option<&'static str>) -> Self {
        Self { inputs: Inputs::AsShipped { twin }, ..Self::NOTHING }
    }
    /// With these environment variables.
    pub const fn env(self, env: &'static [(&'static str, &'static str)]) -> Self {
        Self { env, ..self }
    }
    /// With these files.
    pub const fn files(self, files: &'static [File]) -> Self {
        Self { files, ..self }
    }
    /// Under this stack limit.
    pub const fn stack_limit(self, limit: StackLimit) -> Self {
        Self { stack_limit: Some(limit), ..self }
    }
    /// Run by this program.
    pub const fn program(self, program: &'static str) -> Self {
        Self { program: Some(program), ..self }
    }
}

impl Case {
    /// The area: the id up to its first dot.
    pub fn area(&self) -> &'static str {
        self.id.split('.').next().unwrap_or(self.id)
    }

    /// One line of `--list`: everything about the case but its code.
    pub fn describe(&self) -> String {
        let text = |s: &str| Value::Text(s.into());
        let mut needs = heap::vec::Vec::new();
        if let Inputs::AsShipped { twin } = self.needs.inputs {
            needs.push(("as_shipped".into(), Value::Bool(true)));
            needs.extend(twin.map(|t| ("twin".into(), text(t))));
        }
        if !self.needs.env.is_empty() {
            let vars = self.needs.env.iter().map(|(k, v)| ((*k).into(), text(v))).collect();
            needs.push(("env".into(), Value::Map(vars)));
        }
        if !self.needs.files.is_empty() {
            let files =
                self.needs.files.iter().map(|f| (f.path.into(), Value::Text(json::base64(f.content)))).collect();
            needs.push(("files".into(), Value::Map(files)));
        }
        match self.needs.stack_limit {
            Some(StackLimit::Bytes(n)) => needs.push(("stack_limit".into(), Value::UInt(n))),
            Some(StackLimit::Unlimited) => needs.push(("stack_limit".into(), text("unlimited"))),
            None => {}
        }
        needs.extend(self.needs.program.map(|p| ("program".into(), text(p))));
        json::line(&Value::Map(heap::vec![
            ("id".into(), text(self.id)),
            ("title".into(), text(self.title)),
            ("question".into(), text(self.question)),
            ("source".into(), text(self.source)),
            ("needs".into(), Value::Map(needs)),
        ]))
    }
}

/// A table of cases whose rows are: id, title, question, source, needs, and the function that asks.
macro_rules! cases {
    ($($id:literal, $title:expr, $question:expr, $source:expr, $needs:expr, $run:expr;)*) => {
        /// The cases of this table.
        pub const CASES: &[$crate::case::Case] = &[$($crate::case::Case {
            id: $id,
            title: $title,
            question: $question,
            source: $source,
            needs: $needs,
            run: $run,
        }),*];
    };
}
pub(crate) use cases;

/// How many cases several tables hold together.
pub const fn count(tables: &[&[Case]]) -> usize {
    let (mut total, mut table) = (0, 0);
    while table < tables.len() {
        total += tables[table].len();
        table += 1;
    }
    total
}

/// Several tables of one area as one, in order. `N` is their [`count`].
pub const fn join<const N: usize>(tables: &[&[Case]]) -> [Case; N] {
    let mut all = [tables[0][0]; N];
    let (mut filled, mut table) = (0, 0);
    while table < tables.len() {
        let mut row = 0;
        while row < tables[table].len() {
            all[filled] = tables[table][row];
            filled += 1;
            row += 1;
        }
        table += 1;
    }
    assert!(filled == N);
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    /// Every table that some probe program is made of. The cases of `dns` are scenarios.
    const AREAS: [(&str, &[Case]); 14] = [
        ("accounts", crate::accounts::CASES),
        ("alloc", crate::alloc::CASES),
        ("fs", crate::fs::CASES),
        ("iconv", crate::iconv::CASES),
        ("loader", crate::loader::CASES),
        ("locale", crate::locale::CASES),
        ("math", crate::math::CASES),
        ("memory", crate::memory::CASES),
        ("process", crate::process::CASES),
        ("regex", crate::regex::CASES),
        ("stdio", crate::stdio::CASES),
        ("strings", crate::strings::CASES),
        ("threads", crate::threads::CASES),
        ("time", crate::time::CASES),
    ];

    fn all() -> impl Iterator<Item = (&'static str, &'static Case)> {
        AREAS.iter().flat_map(|(area, cases)| cases.iter().map(move |case| (*area, case)))
    }

    #[test]
    fn ids_are_unique_and_dotted_words_below_their_area() {
        let mut seen = BTreeMap::new();
        for (area, case) in all() {
            assert_eq!(seen.insert(case.id, area), None, "{} is there twice", case.id);
            assert_eq!(case.area(), area, "{}", case.id);
            let words: Vec<_> = case.id.split('.').collect();
            assert!(words.len() >= 2, "{} has no subject", case.id);
            for word in words {
                let inner = word.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
                assert!(inner && !word.is_empty() && !word.starts_with('-') && !word.ends_with('-'), "{}", case.id);
            }
        }
    }

    #[test]
    fn every_case_is_a_question_with_a_source() {
        for (_, case) in all() {
            assert!(case.question.ends_with('?'), "{} asks no question: {}", case.id, case.question);
            assert!(!case.source.trim().is_empty(), "{} cites nothing", case.id);
            assert!(!case.title.trim().is_empty() && case.title.len() <= 80, "{}: title '{}'", case.id, case.title);
        }
    }

    #[test]
    fn what_a_case_needs_can_be_arranged() {
        let by_id: BTreeMap<_, _> = all().map(|(_, case)| (case.id, case)).collect();
        for (_, case) in all() {
            for file in case.needs.files {
                assert!(file.path.starts_with('/') && !file.path.ends_with('/'), "{}: {}", case.id, file.path);
            }
            for (i, (name, value)) in case.needs.env.iter().enumerate() {
                assert!(!name.is_empty() && !name.contains('=') && !value.contains('\0'), "{}: {name}", case.id);
                assert!(case.needs.env[..i].iter().all(|(n, _)| n != name), "{} sets {name} twice", case.id);
            }
            if let Inputs::AsShipped { twin: Some(twin) } = case.needs.inputs {
                let twin = by_id.get(twin).unwrap_or_else(|| panic!("{}: no twin {twin}", case.id));
                assert_eq!(twin.needs.inputs, Inputs::Hermetic, "{} is the twin of {}", twin.id, case.id);
            }
        }
    }

    #[test]
    fn joined_tables_keep_every_row_in_order() {
        let tables = &[&crate::time::CASES[..2], &crate::time::CASES[2..3]];
        let joined = join::<3>(tables);
        assert_eq!(count(tables), 3);
        assert!(joined.iter().zip(crate::time::CASES).all(|(a, b)| a.id == b.id));
    }
}
