//! `libcdiff`: maps what a verb says to an exit code, and prints an error once.

use std::process::ExitCode;

use clap::Parser;
use libcdiff::cli::{Cli, Colour, Verb};
use libcdiff::exit::{Exit, Failure};
use libcdiff::report::visible::visible;
use libcdiff::verb;

fn main() -> ExitCode {
    let cli = Cli::parse();
    match cli.color {
        Colour::Auto => {}
        Colour::Always => anstream::ColorChoice::Always.write_global(),
        Colour::Never => anstream::ColorChoice::Never.write_global(),
    }
    match run(&cli) {
        Ok(()) => Exit::Done.into(),
        Err(failure) => {
            // A message quotes what images, registries and pods say.
            eprintln!("libcdiff: {}", visible(&failure.message));
            failure.exit.into()
        }
    }
}

fn run(cli: &Cli) -> Result<(), Failure> {
    match &cli.verb {
        Verb::Run(run) => verb::run::run(cli, run),
        Verb::Check(check) => verb::check::run(cli, check),
        Verb::Baseline(baseline) => verb::baseline::run(cli, baseline),
        Verb::Demo(demo) => verb::demo::run(cli, demo),
        Verb::Bench(bench) => verb::bench::run(cli, bench),
        Verb::Report(report) => verb::report::run(cli, report),
        Verb::Book(book) => verb::book::run(book),
        Verb::Explain(explain) => verb::explain::run(explain),
        Verb::List(list) => verb::list::run(list),
        Verb::Image(image) => verb::image::run(cli, image),
        Verb::Fuzz(fuzz) => verb::fuzz::run(cli, fuzz),
        Verb::Impact(impact) => verb::impact::run(cli, impact),
        Verb::Build(build) => verb::build::run(cli, build),
        Verb::Wheels(wheels) => verb::wheels::run(cli, wheels),
        Verb::Collect(collect) => verb::kubernetes::collect(cli, collect),
        Verb::Kubernetes(kubernetes) => verb::kubernetes::run(kubernetes),
        Verb::Alloc(alloc) => verb::alloc::run(cli, alloc),
        Verb::Doctor => verb::doctor::run(),
        Verb::Schema(schema) => verb::schema(schema),
        Verb::Completions { shell } => verb::manual::completions(*shell),
        Verb::Man { folder } => verb::manual::pages(folder.as_deref()),
    }
}
