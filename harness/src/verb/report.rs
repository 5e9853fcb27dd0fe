//! `libcdiff report`, and the way every run is shown.

use std::io::{BufWriter, ErrorKind, IsTerminal, Read, Write};
use std::path::{Path, PathBuf};

use libcdiff_protocol::CaseInfo;

use super::print;
use crate::bench::file::BenchFile;
use crate::cli::{self, Cli, Format};
use crate::cost::{Cost, CostError};
use crate::exit::Failure;
use crate::image::stream;
use crate::report::visible::visible;
use crate::report::{Model, dockerfile, github, junit, markdown, page, sarif, table, versions};
use crate::runfile::RunFile;
use crate::{bundle, pitfalls, remedy};

/// Columns where the output is no terminal.
const WIDTH: usize = 80;
/// The widest table that still reads well.
const WIDEST: usize = 120;

/// Runs the verb.
pub fn run(cli: &Cli, request: &cli::Report) -> Result<(), Failure> {
    let text = read(&request.run)?;
    if is_bench(&text) {
        return bench(cli, request, &text);
    }
    if request.plots.is_some() {
        return Err(Failure::request("--plots draws bench files, and this is a run file"));
    }
    deliver(cli, &parse(&request.run, &text)?, &bundle::cases()?, &request.render)
}

/// Reads a bench file that is to stand beside a run.
pub fn figures(path: &Path) -> Result<BenchFile, Failure> {
    let refused = |e: String| Failure::request(format!("reading the bench file {}: {e}", path.display()));
    let text = std::fs::read_to_string(path).map_err(|e| refused(e.to_string()))?;
    BenchFile::parse(&text).map_err(|e| refused(e.to_string()))
}

/// Whether a text says of itself that it is a bench file, of whatever version.
fn is_bench(text: &str) -> bool {
    #[derive(serde::Deserialize)]
    struct Head {
        schema: String,
    }
    serde_json::from_str::<Head>(text).is_ok_and(|head| head.schema.starts_with("libcdiff.bench/"))
}

fn bench(cli: &Cli, request: &cli::Report, text: &str) -> Result<(), Failure> {
    let refused = |e| Failure::request(format!("reading {}: {e}", request.run.display()));
    let file = BenchFile::parse(text).map_err(refused)?;
    if cost(&request.render)?.is_some() || request.render.book.is_some() || request.render.dockerfile.is_some() {
        return Err(Failure::request(
            "--book, --dockerfile, --sizes, --wheels and --build are for a run, and this is a bench file",
        ));
    }
    for Wanted { format, path } in wanted(&request.render) {
        super::bench::deliver(cli, &file, format, path, None)?;
    }
    match &request.plots {
        Some(folder) => super::bench::plots(&file, folder),
        None => Ok(()),
    }
}

/// One rendering, and the file it goes to; standard output without one.
struct Wanted<'a> {
    format: Format,
    path: Option<&'a Path>,
}

/// What is to be rendered: `--format` goes to the files that name no format, or else to standard output.
fn wanted(render: &cli::Render) -> Vec<Wanted<'_>> {
    let files = render
        .output
        .iter()
        .map(|output| Wanted { format: output.format.unwrap_or(render.format), path: Some(output.path.as_path()) });
    let printed = render.output.iter().all(|output| output.format.is_some());
    files.chain(printed.then_some(Wanted { format: render.format, path: None })).collect()
}

/// Reads the run file that the user named; compressed by gzip, xz or zstd as well.
pub fn load(path: &Path) -> Result<RunFile, Failure> {
    parse(path, &read(path)?)
}

fn parse(path: &Path, text: &str) -> Result<RunFile, Failure> {
    let mut file = RunFile::parse(text).map_err(|e| Failure::request(format!("reading {}: {e}", path.display())))?;
    if file.remedies.is_empty() && file.as_deployed.is_none() {
        // An older file, or one of a run without remedies: judged by what is known now.
        file.remedies = remedy::judge(&pitfalls::all()?, &file);
    }
    Ok(file)
}

fn read(path: &Path) -> Result<String, Failure> {
    let mut text = String::new();
    let mut from = |file: Box<dyn Read + Send>| stream::decode(file)?.1.read_to_string(&mut text);
    let result = match path.to_str() {
        Some("-") => from(Box::new(std::io::stdin())),
        _ => std::fs::File::open(path).and_then(|file| from(Box::new(file))),
    };
    result.map_err(|e| Failure::request(format!("reading the run file {}: {e}", path.display())))?;
    Ok(text)
}

/// Renders a run and puts it where the user wants it.
pub fn deliver(cli: &Cli, file: &RunFile, cases: &[CaseInfo], render: &cli::Render) -> Result<(), Failure> {
    let wanted = wanted(render);
    let has = |formats: &[Format]| wanted.iter().any(|wanted| formats.contains(&wanted.format));
    if render.book.is_some() && !has(&[Format::Markdown]) {
        return Err(Failure::request("--book makes links in Markdown: add --format markdown"));
    }
    if render.dockerfile.is_some() && !has(&[Format::Sarif, Format::Github]) {
        return Err(Failure::request("--dockerfile is where findings point to: add --format sarif or github"));
    }
    let cost = cost(render)?;
    if cost.is_some() && !has(&[Format::Html]) {
        return Err(Failure::request("--sizes, --wheels and --build are shown by the HTML page: add -o html=FILE"));
    }
    let dockerfile = render.dockerfile.as_deref().map(|path| dockerfile::From::find(path, file)).transpose();
    let dockerfile = dockerfile.map_err(|e| Failure::request(e.to_string()))?;
    let bench = render.bench.as_deref().map(figures).transpose()?;
    let pitfalls = pitfalls::all()?;
    let model = Model::new(file, cases, &pitfalls);
    for Wanted { format, path } in wanted {
        let text = match format {
            Format::Json => {
                json(file, path)?;
                continue;
            }
            Format::Markdown => visible(&markdown::render(&model, render.book.as_deref())),
            Format::Table => visible(&table::render(&model, table::Layout { width: width(), whole: cli.verbose })),
            Format::Junit => junit::render(&model)?,
            Format::Sarif => sarif::render(&model, dockerfile.as_ref())?,
            Format::Github => github::render(&model, dockerfile.as_ref()),
            Format::Versions => visible(&versions::render(&model)),
            Format::Html => page::render(&model, bench.as_ref(), &cost.clone().unwrap_or_default())?,
            Format::Svg => return Err(Failure::request("--format svg draws bench files, and this is a run file")),
        };
        match path {
            None => print(&text)?,
            Some(path) => write(path, anstream::adapter::strip_str(&text).to_string())?,
        }
    }
    Ok(())
}

/// What the user gave of what images cost besides; `None` of nothing.
fn cost(render: &cli::Render) -> Result<Option<Cost>, Failure> {
    if render.sizes.is_none() && render.wheels.is_empty() && render.build.is_empty() {
        return Ok(None);
    }
    costs(render.sizes.as_deref(), &render.wheels, &render.build).map(Some)
}

/// Reads what verbs wrote of sizes, wheels and builds.
pub fn costs(sizes: Option<&Path>, wheels: &[PathBuf], builds: &[PathBuf]) -> Result<Cost, Failure> {
    let refused = |e: CostError| Failure::request(e.to_string());
    let cost = sizes.map_or(Ok(Cost::default()), |path| Cost::default().with_sizes(path)).map_err(refused)?;
    let cost = wheels.iter().try_fold(cost, |cost, path| cost.with_wheels(path)).map_err(refused)?;
    builds.iter().try_fold(cost, |cost, path| cost.with_builds(path)).map_err(refused)
}

/// The columns to print in.
pub fn width() -> usize {
    if !std::io::stdout().is_terminal() {
        return WIDTH;
    }
    textwrap::termwidth().min(WIDEST)
}

/// Puts the run file itself where the user wants it.
fn json(file: &RunFile, path: Option<&Path>) -> Result<(), Failure> {
    match path {
        Some(path) => write_by(path, |to| file.write_json(to)),
        None => match file.write_json(BufWriter::new(std::io::stdout().lock())) {
            Err(e) if e.kind() != ErrorKind::BrokenPipe => Err(e.into()),
            _ => Ok(()),
        },
    }
}

/// Writes a file whole or not at all: a stopped run must not leave half a result over a good one. What is no file (a device,
/// a pipe, a link such as `/dev/stdout`) is written into, and stays what it is.
pub fn write(path: &Path, content: impl AsRef<[u8]>) -> Result<(), Failure> {
    write_by(path, |to| to.write_all(content.as_ref()))
}

/// The same, by whoever makes the content.
fn write_by(path: &Path, content: impl FnOnce(&mut dyn Write) -> std::io::Result<()>) -> Result<(), Failure> {
    let failed = |e: std::io::Error| Failure {
        exit: crate::exit::Exit::Failed,
        message: format!("writing {}: {e}", path.display()),
    };
    if std::fs::symlink_metadata(path).is_ok_and(|there| !there.is_file()) {
        let mut to = BufWriter::new(std::fs::File::create(path).map_err(failed)?);
        return content(&mut to).and_then(|()| to.flush()).map_err(failed);
    }
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    std::fs::create_dir_all(folder).map_err(failed)?;
    let mut temporary = tempfile::Builder::new()
        .permissions(std::os::unix::fs::PermissionsExt::from_mode(0o644))
        .tempfile_in(folder)
        .map_err(failed)?;
    let mut to = BufWriter::new(&mut temporary);
    content(&mut to).and_then(|()| to.flush()).map_err(failed)?;
    drop(to);
    temporary.persist(path).map(drop).map_err(|e| failed(e.error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_replaced_and_what_is_no_file_stays() {
        let folder = tempfile::tempdir().expect("writable");
        let (file, link, device) =
            (folder.path().join("file"), folder.path().join("link"), folder.path().join("device"));
        std::os::unix::fs::symlink("file", &link).expect("linked");
        std::os::unix::fs::symlink("/dev/null", &device).expect("linked");
        for text in ["a longer text", "text"] {
            for path in [&file, &device] {
                write(path, text).expect("written");
            }
            assert_eq!(std::fs::read_to_string(&link).expect("readable"), text);
        }
        write(&link, "more").expect("written");
        assert_eq!(std::fs::read_to_string(&file).expect("readable"), "more");
        for path in [&link, &device] {
            assert!(path.is_symlink(), "{} was replaced", path.display());
        }
    }
}
