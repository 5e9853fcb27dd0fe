//! `libcdiff report`, and the way every run is shown.

use std::io::{self, BufWriter, ErrorKind, IsTerminal, Read, Seek, Write};
use std::path::{Path, PathBuf};

use anstream::adapter::StripBytes;
use libcdiff_protocol::CaseInfo;

use crate::bench::file::BenchFile;
use crate::cli::{self, Cli, Format};
use crate::cost::{Cost, CostError};
use crate::exit::Failure;
use crate::image::stream;
use crate::report::visible::visible;
use crate::report::{Model, dockerfile, github, junit, markdown, page, sarif, table, versions};
use crate::runfile::{RunFile, RunFileError};
use crate::{bundle, pitfalls, remedy};

/// Columns where the output is no terminal.
const WIDTH: usize = 80;
/// The widest table that still reads well.
const WIDEST: usize = 120;
/// Up to this size a file is read into memory; one of a run over all cases has many times as much.
const SMALL_BYTES: usize = 1 << 20;

/// Runs the verb.
pub fn run(cli: &Cli, request: &cli::Report) -> Result<(), Failure> {
    let mut file = open(&request.run)?;
    let run = match RunFile::read(&mut file) {
        Err(RunFileError::Schema(schema)) if schema.starts_with(BENCH) => return bench(cli, request, &mut file),
        run => judged(run, &request.run),
    };
    match &request.plots {
        Some(_) => Err(Failure::request("--plots draws bench files, and this is a run file")),
        None => deliver(cli, &run?, &bundle::cases()?, &request.render),
    }
}

/// Reads a bench file that is to stand beside a run.
pub fn figures(path: &Path) -> Result<BenchFile, Failure> {
    let refused = |e: String| Failure::request(format!("reading the bench file {}: {e}", path.display()));
    let text = std::fs::read_to_string(path).map_err(|e| refused(e.to_string()))?;
    BenchFile::parse(&text).map_err(|e| refused(e.to_string()))
}

/// What the schema of a bench file begins with, whatever its version.
const BENCH: &str = "libcdiff.bench/";

fn bench(cli: &Cli, request: &cli::Report, from: &mut (impl Read + Seek)) -> Result<(), Failure> {
    let refused = |e: String| Failure::request(format!("reading {}: {e}", request.run.display()));
    let mut text = String::new();
    from.rewind().and_then(|()| from.read_to_string(&mut text)).map_err(|e| refused(e.to_string()))?;
    let file = BenchFile::parse(&text).map_err(|e| refused(e.to_string()))?;
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

/// What can be said of a request before anything runs: minutes of work are lost where only the end finds it wrong.
///
/// # Errors
/// An option without the format it is for, one file for two results, a Dockerfile that cannot be read.
pub fn sound(render: &cli::Render) -> Result<(), Failure> {
    let wanted = wanted(render);
    let has = |formats: &[Format]| wanted.iter().any(|wanted| formats.contains(&wanted.format));
    if render.book.is_some() && !has(&[Format::Markdown]) {
        return Err(Failure::request("--book makes links in Markdown: add --format markdown"));
    }
    if render.dockerfile.is_some() && !has(&[Format::Sarif, Format::Github]) {
        return Err(Failure::request("--dockerfile is where findings point to: add --format sarif or github"));
    }
    if cost(render)?.is_some() && !has(&[Format::Html]) {
        return Err(Failure::request("--sizes, --wheels and --build are shown by the HTML page: add -o html=FILE"));
    }
    if has(&[Format::Svg]) {
        return Err(Failure::request("--format svg draws bench files, and this is a run file"));
    }
    // A device or a pipe takes one after the other.
    let plain = |path: &&Path| path.is_file() || !path.exists();
    let mut files: Vec<&Path> = wanted.iter().filter_map(|wanted| wanted.path).filter(plain).collect();
    files.sort_unstable();
    if let Some(twice) = files.windows(2).find(|pair| pair[0] == pair[1]) {
        return Err(Failure::request(format!("{} is to hold two results: give each a file", twice[0].display())));
    }
    let dockerfile = render.dockerfile.as_deref().map(dockerfile::readable).transpose();
    dockerfile.map(|_| ()).map_err(|e| Failure::request(e.to_string()))
}

/// Reads the run file that the user named; compressed by gzip, xz or zstd as well.
pub fn load(path: &Path) -> Result<RunFile, Failure> {
    judged(RunFile::read(&mut open(path)?), path)
}

fn judged(run: Result<RunFile, RunFileError>, path: &Path) -> Result<RunFile, Failure> {
    let mut file = run.map_err(|e| Failure::request(format!("reading {}: {e}", path.display())))?;
    if file.remedies.is_empty() && file.as_deployed.is_none() {
        // An older file, or one of a run without remedies: judged by what is known now.
        file.remedies = remedy::judge(&pitfalls::all()?, &file);
    }
    Ok(file)
}

/// A file as it is without compression, to be read as often as it takes; a large one lies on disk without a name.
fn open(path: &Path) -> Result<impl Read + Seek, Failure> {
    let mut plain = tempfile::spooled_tempfile(SMALL_BYTES);
    let mut copy = |from: Box<dyn Read + Send>| io::copy(&mut stream::decode(from)?.1, &mut plain);
    let copied = match path.to_str() {
        Some("-") => copy(Box::new(io::stdin())),
        _ => std::fs::File::open(path).and_then(|file| copy(Box::new(file))),
    };
    match copied {
        Ok(_) => Ok(plain),
        Err(e) => Err(Failure::request(format!("reading the run file {}: {e}", path.display()))),
    }
}

/// Renders a run and puts it where the user wants it.
pub fn deliver(cli: &Cli, file: &RunFile, cases: &[CaseInfo], render: &cli::Render) -> Result<(), Failure> {
    sound(render)?;
    let cost = cost(render)?.unwrap_or_default();
    let dockerfile = render.dockerfile.as_deref().map(|path| dockerfile::From::find(path, file)).transpose();
    let dockerfile = dockerfile.map_err(|e| Failure::request(e.to_string()))?;
    let bench = render.bench.as_deref().map(figures).transpose()?;
    let pitfalls = pitfalls::all()?;
    let model = Model::new(file, cases, &pitfalls);
    let layout = table::Layout { width: width(), whole: cli.verbose };
    for Wanted { format, path } in wanted(render) {
        match format {
            Format::Json => json(file, path)?,
            Format::Html => put(path, |to| Ok(page::write(&model, bench.as_ref(), &cost, to)?))?,
            Format::Junit => put(path, |to| junit::write(&model, to).map_err(io::Error::other))?,
            Format::Sarif => put(path, |to| sarif::write(&model, dockerfile.as_ref(), to))?,
            Format::Markdown => put_text(path, &visible(&markdown::render(&model, render.book.as_deref())))?,
            Format::Table => put_text(path, &visible(&table::render(&model, layout)))?,
            Format::Github => put_text(path, &github::render(&model, dockerfile.as_ref()))?,
            Format::Versions => put_text(path, &visible(&versions::render(&model)))?,
            Format::Svg => return Err(Failure::request("--format svg draws bench files, and this is a run file")),
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
        None => printed(file.write_json(BufWriter::new(io::stdout().lock()))),
    }
}

/// Puts what is written as it is made where the user wants it; in files without commands for terminals, which an image may have
/// said.
pub fn put(path: Option<&Path>, content: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<(), Failure> {
    match path {
        Some(path) => write_by(path, |to| content(&mut Plain::new(to))),
        None => {
            let mut to = BufWriter::new(anstream::stdout().lock());
            printed(content(&mut to).and_then(|()| to.flush()))
        }
    }
}

fn put_text(path: Option<&Path>, text: &str) -> Result<(), Failure> {
    put(path, |to| to.write_all(text.as_bytes()))
}

/// A reader of standard output that has gone is no error.
fn printed(result: io::Result<()>) -> Result<(), Failure> {
    match result {
        Err(e) if e.kind() != ErrorKind::BrokenPipe => Err(e.into()),
        _ => Ok(()),
    }
}

/// Passes on everything but commands for terminals.
struct Plain<W> {
    to: W,
    commands: StripBytes,
}

impl<W: Write> Plain<W> {
    fn new(to: W) -> Self {
        Self { to, commands: StripBytes::new() }
    }
}

impl<W: Write> Write for Plain<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.commands.strip_next(bytes).try_for_each(|plain| self.to.write_all(plain))?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.to.flush()
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
    fn commands_for_terminals_are_left_out_wherever_they_are_cut() {
        let text = "ä\u{1b}[1mbold\u{1b}[0m \u{1b}]0;a title\u{7}plain\n".as_bytes();
        for at in 0..text.len() {
            let mut written = Vec::new();
            let mut plain = Plain::new(&mut written);
            let (first, second) = text.split_at(at);
            plain.write_all(first).and_then(|()| plain.write_all(second)).expect("written");
            assert_eq!(String::from_utf8_lossy(&written), "äbold plain\n", "cut at {at}");
        }
    }

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
