//! The other half of the article, told step by step: how large two images are and what fills them, which packages have wheels,
//! how long builds take. Sizes are looked at here; wheels and builds come from files, since measuring them takes an index and an
//! engine.

use serde::Serialize;

use super::page::{WIDTH, screens};
use super::steps::Step;
use super::telling::SCHEMA;
use crate::cost::{Bar, Chart, Cost, article};
use crate::image::{Catalog, Origin};
use crate::report::style::{BOLD, CYAN, DIM, line, wrap};
use crate::wheels::answer::Answer;

/// What this story is called where pitfalls have their ids; no pitfall and no case has an id without a dot.
pub const NAME: &str = "size";
/// Letters that parts of a bar are drawn with, so that they are told apart without colours.
const LETTERS: [char; 6] = ['█', '▓', '▒', '░', '▚', '·'];

/// All steps, in order.
pub fn steps(cost: &Cost, catalog: &Catalog) -> Vec<Step> {
    let (sizes, wheels) = (Cost { sizes: cost.sizes.clone(), ..Cost::default() }, &cost.wheels);
    let of = |wheels: &[Answer]| Cost { wheels: wheels.to_vec(), ..Cost::default() }.charts(&[]);
    let builds = Cost { builds: cost.builds.clone(), ..Cost::default() }.charts(&[]);
    let parts = [
        ("The article", the_article()),
        ("How large, and what fills it", how_large(&sizes.charts(&[]), cost, catalog)),
        ("Wheels", charts_or(&of(wheels), &wheels_hint(cost))),
        ("Build time", charts_or(&builds, &builds_hint(cost))),
        ("What has changed since", since(cost)),
    ];
    let paged = parts.into_iter().flat_map(|(title, body)| {
        let screens = screens(&body);
        let all = screens.len();
        let named = move |n: usize| if all > 1 { format!("{title} ({} of {all})", n + 1) } else { title.to_owned() };
        screens.into_iter().enumerate().map(move |(n, body)| Step { title: named(n), body })
    });
    paged.collect()
}

fn the_article() -> String {
    let mut out = String::new();
    wrap(&mut out, &article::then(), "", WIDTH);
    let most = article::MEASURED.iter().map(|m| m.seconds).max().unwrap_or(1);
    let largest = article::MEASURED.iter().map(|m| m.megabytes).max().unwrap_or(1);
    for (title, figure, most, unit) in [
        ("Time of the build", (|m| m.seconds) as fn(&article::Measured) -> u32, most, "s"),
        ("The image that was built", |m| m.megabytes, largest, "MB"),
    ] {
        line(&mut out, format_args!("\n{BOLD}{title}{BOLD:#}"));
        for measured in &article::MEASURED {
            let width = (figure(measured) as usize * WIDTH / most as usize).max(1);
            line(&mut out, format_args!("{}  {} {unit}", measured.name, figure(measured)));
            line(&mut out, format_args!("{CYAN}{}{CYAN:#}", LETTERS[0].to_string().repeat(width)));
        }
    }
    out
}

fn how_large(charts: &[Chart], cost: &Cost, catalog: &Catalog) -> String {
    let mut out = drawn(charts);
    let built = cost.sizes.iter().filter_map(|anatomy| catalog.get(&anatomy.image.id));
    for image in built.filter(|image| matches!(image.origin, Origin::Built(_))) {
        out.push('\n');
        let text = format!(
            "{} is made of Debian's packages, for tests: {} No distribution's own image.",
            image.name, image.about
        );
        wrap(&mut out, &text, "", WIDTH);
    }
    let names: Vec<&str> = cost.sizes.iter().map(|anatomy| anatomy.image.reference.as_str()).collect();
    line(&mut out, format_args!("\nAll of it:\n    {CYAN}libcdiff image compare {}{CYAN:#}", names.join(" ")));
    out
}

/// The charts, or what to do to have some.
fn charts_or(charts: &[Chart], hint: &str) -> String {
    match charts {
        [] => hint.to_owned(),
        some => drawn(some),
    }
}

fn wheels_hint(cost: &Cost) -> String {
    let mut out = String::new();
    let text = "A package without a wheel for an image is compiled there, with a compiler, headers and minutes. Which of yours these \
                are, this asks the index, without running anything in the images:";
    wrap(&mut out, text, "", WIDTH);
    let images = images(cost);
    line(&mut out, format_args!("    {CYAN}libcdiff wheels matplotlib pandas {images} --json >wheels.json{CYAN:#}"));
    line(&mut out, format_args!("    {CYAN}libcdiff demo {NAME} --wheels wheels.json{CYAN:#}"));
    wrap(&mut out, "The article's own day: add --at 2020-01-15 --python 3.8.", "", WIDTH);
    out
}

fn builds_hint(cost: &Cost) -> String {
    let mut out = String::new();
    let text = "How long the same Dockerfile takes on each image, cold and warm, is measured with an engine:";
    wrap(&mut out, text, "", WIDTH);
    let images = images(cost);
    line(&mut out, format_args!("    {CYAN}libcdiff build Dockerfile {images} --output build.json{CYAN:#}"));
    line(&mut out, format_args!("    {CYAN}libcdiff demo {NAME} --build build.json{CYAN:#}"));
    out
}

fn images(cost: &Cost) -> String {
    cost.sizes.iter().map(|anatomy| format!("--image {}", anatomy.image.reference)).collect::<Vec<_>>().join(" ")
}

fn since(cost: &Cost) -> String {
    let mut out = String::new();
    wrap(&mut out, article::SINCE, "", WIDTH);
    for sentence in article::now(&cost.wheels) {
        out.push('\n');
        wrap(&mut out, &sentence, "", WIDTH);
    }
    line(&mut out, format_args!("\nA page with all of it:"));
    let names: Vec<&str> = cost.sizes.iter().map(|anatomy| anatomy.image.reference.as_str()).collect();
    let names = names.join(" ");
    for text in [
        format!("libcdiff image compare --json {names} >sizes.json"),
        format!("libcdiff run {names} -o html=page.html \\"),
        "    --sizes sizes.json --wheels wheels.json --build build.json".into(),
    ] {
        line(&mut out, format_args!("    {CYAN}{text}{CYAN:#}"));
    }
    out
}

fn drawn(charts: &[Chart]) -> String {
    let mut out = String::new();
    for (at, chart) in charts.iter().enumerate() {
        if at > 0 {
            out.push('\n');
        }
        wrap(&mut out, &format!("{}. {}", chart.title, chart.note), "", WIDTH);
        for bar in &chart.bars {
            drawn_bar(&mut out, bar);
        }
    }
    out
}

/// A bar, its figures above it, its parts below.
fn drawn_bar(out: &mut String, bar: &Bar) {
    wrap(out, &format!("{}  {}", bar.name, bar.told), "", WIDTH);
    let mut letters = String::new();
    let mut so_far = 0;
    for part in &bar.parts {
        so_far += part.length as usize;
        // Where the part ends, so that what is rounded away does not add up.
        let end = (so_far * WIDTH).div_ceil(1000).min(WIDTH);
        letters.extend(std::iter::repeat_n(LETTERS[part.shade], end.saturating_sub(letters.chars().count())));
    }
    if !letters.is_empty() {
        line(out, format_args!("{CYAN}{letters}{CYAN:#}"));
    }
    if bar.parts.len() > 1 {
        let parts: Vec<_> = bar.parts.iter().map(|part| format!("{} {}", LETTERS[part.shade], part.told)).collect();
        let mut text = String::new();
        wrap(&mut text, &parts.join("  "), "", WIDTH);
        text.lines().for_each(|text| line(out, format_args!("{DIM}{text}{DIM:#}")));
    }
}

/// The story as JSON.
#[derive(Serialize)]
pub struct Telling<'a> {
    schema: &'static str,
    /// `size`: this one is of no pitfall and no case.
    story: &'static str,
    pitfall: Option<()>,
    case: Option<()>,
    then: String,
    since: &'static str,
    now: Vec<String>,
    images: &'a [crate::anatomy::Anatomy],
    wheels: &'a [Answer],
    charts: Vec<Chart>,
}

impl<'a> Telling<'a> {
    /// Of what is known.
    pub fn new(cost: &'a Cost) -> Self {
        Self {
            schema: SCHEMA,
            story: NAME,
            pitfall: None,
            case: None,
            then: article::then(),
            since: article::SINCE,
            now: article::now(&cost.wheels),
            images: &cost.sizes,
            wheels: &cost.wheels,
            charts: cost.charts(&[]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cost::Part;
    use crate::demo::page::BODY;

    fn plain(text: &str) -> String {
        anstream::adapter::strip_str(text).to_string()
    }

    #[test]
    fn every_step_is_one_screen_and_says_what_is_missing() {
        let steps = steps(&Cost::default(), &Catalog::embedded().expect("a catalog"));
        for step in &steps {
            let body = plain(&step.body);
            let wide = body.lines().map(|line| line.chars().count()).max();
            assert!(body.lines().count() <= BODY && wide <= Some(WIDTH), "{}:\n{body}", step.title);
        }
        let all: String = steps.iter().map(|step| plain(&step.body)).collect();
        for words in ["1,557 s", "libcdiff wheels", "libcdiff build", "PEP 656"] {
            assert!(all.contains(words), "{words}: {all}");
        }
    }

    #[test]
    fn parts_of_a_bar_differ_without_colours() {
        let part = |told: &str, length, shade| Part { told: told.into(), length, shade };
        let parts = vec![part("6 from a wheel", 600, 2), part("4 compiled", 400, 1)];
        let bar = Bar { name: "alpine".into(), told: "6 of 10".into(), parts, interval: None };
        let mut out = String::new();
        drawn_bar(&mut out, &bar);
        let expected = format!("alpine 6 of 10\n{}{}\n▒ 6 from a wheel ▓ 4 compiled\n", "▒".repeat(48), "▓".repeat(32));
        assert_eq!(plain(&out), expected);
    }
}
