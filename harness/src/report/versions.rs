//! The comparison by version: which C library behaves like which, pitfall by pitfall, and what each new version changed. It is
//! what is published of the catalog's images, and is made of their run file alone.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::Model;
use super::escape::{cell, plain, prose};
use crate::compare::own_flavour;
use crate::pitfalls::Pitfall;
use crate::runfile::{Image, RunFile};
use crate::text::Text;

/// What each image's own C library answered, by case.
struct Answers<'a> {
    images: &'a [Image],
    by_case: BTreeMap<&'a str, Vec<Option<Text>>>,
}

impl<'a> Answers<'a> {
    fn of(run: &'a RunFile) -> Self {
        let mut by_case: BTreeMap<&str, Vec<Option<Text>>> = BTreeMap::new();
        for seen in &run.observations {
            let Some(place) = run.images.iter().position(|image| image.id == seen.image) else { continue };
            if seen.flavour == own_flavour(&run.images[place]) {
                let row = by_case.entry(&seen.case).or_insert_with(|| vec![None; run.images.len()]);
                row[place] = Some(seen.answer());
            }
        }
        Self { images: &run.images, by_case }
    }

    /// How many cases both images answered, and on which of them they differ.
    fn between(&self, a: usize, b: usize) -> (usize, Vec<&'a str>) {
        let both = self.by_case.iter().filter(|(_, row)| row[a].is_some() && row[b].is_some());
        let (mut asked, mut differ) = (0, Vec::new());
        for (case, row) in both {
            asked += 1;
            if row[a] != row[b] {
                differ.push(*case);
            }
        }
        (asked, differ)
    }

    /// For each image a letter: `A` for the first, and the same for those that answer all of these cases as it does.
    fn letters(&self, cases: &[&str]) -> Vec<char> {
        let rows: Vec<_> = cases.iter().filter_map(|case| self.by_case.get(case)).collect();
        let mut known: Vec<Vec<&Option<Text>>> = Vec::new();
        let letter = |place: usize| {
            let said: Vec<_> = rows.iter().map(|row| &row[place]).collect();
            let found = known.iter().position(|other| *other == said).unwrap_or_else(|| {
                known.push(said);
                known.len() - 1
            });
            char::from(b'A' + u8::try_from(found % 26).unwrap_or(0))
        };
        (0..self.images.len()).map(letter).collect()
    }
}

/// Renders the comparison.
pub fn render(model: &Model<'_>) -> String {
    let answers = Answers::of(model.run);
    let mut out = String::from(
        "# Version by version\n\nMade from the run file by `libcdiff report --format versions`; not to be edited.\n\n",
    );
    environment(&mut out, model.run);
    distances(&mut out, &answers);
    steps(&mut out, model, &answers);
    pitfalls(&mut out, model, &answers);
    out
}

/// `glibc 2.41`; beside it the image, where another one has the same.
fn name(images: &[Image], place: usize) -> String {
    let image = &images[place];
    let who = |image: &Image| {
        let libc = image.libc.as_ref().map(|l| format!("{} {}", l.family, l.version.as_deref().unwrap_or("?")));
        libc.unwrap_or_else(|| image.id.clone())
    };
    let own = who(image);
    let alone = images.iter().filter(|other| who(other) == own).count() == 1;
    plain(&if alone { own } else { format!("{own} ({})", image.id) })
}

fn environment(out: &mut String, run: &RunFile) {
    let s = &run.summary;
    let _ = writeln!(
        out,
        "{} cases in {} images, {} observations; {} differ, {} of them unexplained. {} {}, Linux {} on {}, {} processors, \
         {}.\n",
        s.cases,
        run.images.len(),
        s.observations,
        s.differences,
        s.unexplained,
        run.tool.name,
        run.tool.version,
        run.host.kernel,
        run.host.arch,
        run.host.cpus,
        run.started.get(..10).unwrap_or(&run.started),
    );
    out.push_str("| image | C library | system | digest |\n| --- | --- | --- | --- |\n");
    for (place, image) in run.images.iter().enumerate() {
        let os = [image.os.id.as_deref(), image.os.version.as_deref()].map(Option::unwrap_or_default).join(" ");
        let digest = image.digest.as_deref().unwrap_or_default();
        let _ =
            writeln!(out, "| {} | {} | {} | `{digest}` |", cell(&image.id), name(&run.images, place), cell(os.trim()));
    }
    out.push('\n');
}

/// How many cases differ between each two images.
fn distances(out: &mut String, answers: &Answers<'_>) {
    let all = 0..answers.images.len();
    out.push_str("## How far apart\n\nCases on which two C libraries differ, of those that both were asked.\n\n|  |");
    all.clone().for_each(|place| {
        let _ = write!(out, " {} |", name(answers.images, place));
    });
    let _ = writeln!(out, "\n| --- |{}", " --: |".repeat(answers.images.len()));
    for a in all.clone() {
        let _ = write!(out, "| {} |", name(answers.images, a));
        for b in all.clone() {
            let _ = match a == b {
                true => write!(out, " |"),
                false => write!(out, " {} |", answers.between(a, b).1.len()),
            };
        }
        out.push('\n');
    }
    out.push('\n');
}

/// What changes from an image to the next one of the same family.
fn steps(out: &mut String, model: &Model<'_>, answers: &Answers<'_>) {
    out.push_str("## What a new version changes\n\n");
    let family = |image: &Image| image.libc.as_ref().map(|libc| libc.family.clone());
    let mut last: BTreeMap<String, usize> = BTreeMap::new();
    for (place, image) in answers.images.iter().enumerate() {
        let Some(family) = family(image) else { continue };
        let Some(before) = last.insert(family, place) else { continue };
        let (asked, differ) = answers.between(before, place);
        let names = [before, place].map(|place| name(answers.images, place)).join(" to ");
        let _ = writeln!(out, "### {names}\n\n{} of {asked} cases.\n", differ.len());
        let mut by_pitfall: BTreeMap<Option<&str>, usize> = BTreeMap::new();
        for case in differ {
            *by_pitfall.entry(explained(model, case).map(|p| p.id.as_str())).or_default() += 1;
        }
        for (pitfall, cases) in by_pitfall {
            let told = pitfall.and_then(|id| model.pitfalls.get(id));
            let _ = match told {
                Some(p) => writeln!(out, "- `{}`, {cases}: {}", p.id, prose(&p.title)),
                None => writeln!(out, "- unexplained, {cases}"),
            };
        }
        out.push('\n');
    }
}

fn explained<'a>(model: &Model<'a>, case: &str) -> Option<&'a Pitfall> {
    let difference = model.run.differences.iter().find(|difference| difference.case == case)?;
    model.pitfalls.get(difference.pitfall.as_deref()?).copied()
}

/// Every pitfall in the order in which it is told elsewhere, with the images' letters.
fn pitfalls(out: &mut String, model: &Model<'_>, answers: &Answers<'_>) {
    out.push_str(
        "## Pitfall by pitfall\n\nEqual letters in a row: the same answers to all of the pitfall's cases that differ. \
         `libcdiff explain ID` tells each.\n\n| pitfall | severity | cases |",
    );
    (0..answers.images.len()).for_each(|place| {
        let _ = write!(out, " {} |", name(answers.images, place));
    });
    let _ = writeln!(out, "\n| --- | --- | --: |{}", " :-: |".repeat(answers.images.len()));
    for story in model.stories() {
        let cases: Vec<&str> = story.differences.iter().map(|difference| difference.case.as_str()).collect();
        let letters: Vec<String> = answers.letters(&cases).into_iter().map(String::from).collect();
        let (id, severity) =
            story.pitfall.map_or(("unexplained", String::new()), |p| (p.id.as_str(), p.severity.to_string()));
        let _ = writeln!(out, "| {} | {severity} | {} | {} |", cell(id), cases.len(), letters.join(" | "));
    }
}

#[cfg(test)]
mod tests {
    use libcdiff_protocol::Flavour;

    use super::*;

    fn answers<'a>(images: &'a [Image], rows: &[(&'a str, [&str; 2])]) -> Answers<'a> {
        let row = |said: &[&str; 2]| said.iter().map(|said| (!said.is_empty()).then(|| Text::from(*said))).collect();
        Answers { images, by_case: rows.iter().map(|(case, said)| (*case, row(said))).collect() }
    }

    fn image(id: &str, version: &str) -> Image {
        serde_json::from_value(serde_json::json!({
            "id": id, "reference": id, "digest": null, "os": {"id": "debian", "version": null}, "size": {},
            "libc": {"family": "glibc", "version": version, "interpreter": "/lib/ld.so"},
        }))
        .expect("an image")
    }

    #[test]
    fn only_what_both_were_asked_counts() {
        let images = [image("a", "2.31"), image("b", "2.36")];
        let answers = answers(&images, &[("t.a", ["1", "1"]), ("t.b", ["1", "2"]), ("t.c", ["1", ""])]);
        assert_eq!(answers.between(0, 1), (2, vec!["t.b"]));
        assert_eq!(answers.letters(&["t.a"]), ['A', 'A']);
        assert_eq!(answers.letters(&["t.a", "t.b"]), ['A', 'B']);
    }

    #[test]
    fn images_with_one_c_library_are_told_apart() {
        let images = [image("a", "2.31"), image("b", "2.31"), image("c", "2.36")];
        assert_eq!([0, 1, 2].map(|place| name(&images, place)), ["glibc 2.31 (a)", "glibc 2.31 (b)", "glibc 2.36"]);
        assert_eq!(own_flavour(&images[0]), Flavour::Gnu);
    }
}
