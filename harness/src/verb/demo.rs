//! `libcdiff demo`: one pitfall, narrated step by step; without a name, those that people meet first.

use std::fmt::Write;
use std::io::{BufRead, IsTerminal, Write as _};

use super::{explain, image, print, report, run};
use crate::cli::{self, Cli, ListFormat, RunnerName};
use crate::demo::{self, Demo, page, size, steps::Step, telling::Telling};
use crate::exit::Failure;
use crate::image::Catalog;
use crate::pitfalls::{self, Pitfall};
use crate::report::style::{self, BOLD, CYAN, DIM};
use crate::report::visible::visible;
use crate::{bundle, report::timeline};

/// Runs the verb.
pub fn run(cli: &Cli, request: &cli::Demo) -> Result<(), Failure> {
    if request.subject.as_deref() == Some(size::NAME) {
        return sizes(cli, request);
    }
    if !request.wheels.is_empty() || !request.build.is_empty() {
        return Err(Failure::request("--wheels and --build are for `libcdiff demo size`"));
    }
    let pitfalls = pitfalls::all()?;
    let cases = bundle::cases()?;
    let Some(id) = &request.subject else {
        return stories(request, &demo::stories(&pitfalls));
    };
    let subject = demo::subject(id, &pitfalls, &cases)
        .ok_or_else(|| Failure::request(explain::unknown(id, &pitfalls, &cases)))?;
    let store = super::store(cli, &request.registries)?;
    let run = run::perform(cli, RunnerName::Sandbox, &store, &images(request)?, &subject.selection(), &cases, None)?;
    let demo = Demo { subject, cases: &cases, run };
    match request.format {
        ListFormat::Json => print(&(serde_json::to_string_pretty(&Telling::new(&demo))? + "\n")),
        ListFormat::Text => tell(&demo::steps::steps(&demo, report::width().max(timeline::LEAST)), request.no_pause),
    }
}

/// The story of sizes, which runs nothing.
fn sizes(cli: &Cli, request: &cli::Demo) -> Result<(), Failure> {
    let store = super::store(cli, &request.registries)?;
    let mut cost = report::costs(None, &request.wheels, &request.build)?;
    let found = run::find(&images(request)?, &store)?;
    cost.sizes = found.into_iter().map(image::taken_apart).collect::<Result<_, _>>()?;
    match request.format {
        ListFormat::Json => print(&(serde_json::to_string_pretty(&size::Telling::new(&cost))? + "\n")),
        ListFormat::Text => tell(&size::steps(&cost, &Catalog::embedded()?), request.no_pause),
    }
}

/// The two images, the one to compare with first.
fn images(request: &cli::Demo) -> Result<[String; 2], Failure> {
    let catalog = Catalog::embedded()?;
    let mut usual = catalog.default_images().iter().cloned();
    let against = usual.next();
    let image = usual.next();
    let named = |given: &Option<String>, usual: Option<String>, flag: &str| {
        given
            .clone()
            .or(usual)
            .ok_or_else(|| Failure::request(format!("the catalog names no default image: give {flag}")))
    };
    Ok([named(&request.against, against, "--against")?, named(&request.image, image, "--image")?])
}

/// The list of stories.
fn stories(request: &cli::Demo, stories: &[&Pitfall]) -> Result<(), Failure> {
    if request.format == ListFormat::Json {
        return print(&(serde_json::to_string_pretty(stories)? + "\n"));
    }
    let mut out = String::from("Pitfalls that people meet first. Each is told with what two images do:\n\n");
    for p in stories {
        let colour = style::severity(p.severity);
        let _ = writeln!(out, "  {CYAN}libcdiff demo {}{CYAN:#}", p.id);
        let mut title = String::new();
        style::wrap(&mut title, &p.title, "      ", page::WIDTH - 14);
        let _ = writeln!(out, "{}  {colour}{}{colour:#}", title.trim_end(), p.severity);
    }
    let _ = writeln!(
        out,
        "\nThe other half, sizes, wheels and build times:\n\n  {CYAN}libcdiff demo {}{CYAN:#}",
        size::NAME
    );
    let _ =
        writeln!(out, "\nAny other pitfall or case can be told too: `libcdiff list pitfalls`, `libcdiff list cases`.");
    print(&out)
}

/// Prints the steps; a person at a terminal turns the pages.
fn tell(steps: &[Step], no_pause: bool) -> Result<(), Failure> {
    let pause = !no_pause && std::io::stdin().is_terminal() && std::io::stdout().is_terminal();
    for (n, step) in steps.iter().enumerate() {
        let place = format!("{}/{}", n + 1, steps.len());
        print(&format!("{BOLD}{}{BOLD:#}  {DIM}{place}{DIM:#}\n\n{}\n", step.title, visible(&step.body)))?;
        let last = n + 1 == steps.len();
        if pause && !last && !turned()? {
            break;
        }
    }
    Ok(())
}

/// Waits for Enter; whether to go on.
fn turned() -> Result<bool, Failure> {
    print(&format!("{DIM}Enter: next   q: end{DIM:#} "))?;
    std::io::stdout().flush()?;
    let mut answer = String::new();
    let read = std::io::stdin().lock().read_line(&mut answer)?;
    // The prompt goes, so that what was told reads on without it.
    print("\x1b[1A\x1b[2K")?;
    Ok(read > 0 && !answer.trim().eq_ignore_ascii_case("q"))
}
