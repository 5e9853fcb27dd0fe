//! `libcdiff run`: images and cases in, observations and differences out.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};
use std::thread;

use libcdiff_protocol::{self as protocol, CaseInfo, Status};

use super::{cache, report};
use crate::cli::{self, Cli, RunnerName};
use crate::deployed::Deployed;
use crate::exit::{Exit, Failure};
use crate::image::{Arch, Catalog, Image, ImageError, Reference, Store};
use crate::plan::{self, Selection};
use crate::progress::Progress;
use crate::runfile::{self, AreaSummary, AsDeployed, Dropped, Host, Observation, RunFile, SCHEMA, Summary, Tool};
use crate::runner::{self, Runner, Subject};
use crate::text::Texts;
use crate::{again, bundle, compare, machines, pitfalls, remedy};

/// The most images that run at a time: more would share the processors until waiting looks like slowness.
const SIDE_BY_SIDE: usize = 4;

/// Runs the verb.
pub fn run(cli: &Cli, request: &cli::Run) -> Result<(), Failure> {
    super::kubernetes::check(request)?;
    report::sound(&request.render)?;
    let deployed = deployed(request)?;
    let all = deployed.as_ref().map_or_else(bundle::cases, |deployed| Ok(deployed.cases()))?;
    let selection = selection(&request.which, &all)?;
    let record = deployed.as_ref().map(Deployed::record);
    if request.runner == RunnerName::Kubernetes {
        let asked = super::kubernetes::Request { run: request, selection: &selection, cases: &all, record };
        return super::kubernetes::run_there(cli, &names(request)?, &asked);
    }
    let store = super::store(cli, &request.registries)?;
    let file = perform(cli, request.runner, &store, &names(request)?, &selection, &all, record)?;
    report::deliver(cli, &file, &all, &request.render)?;
    answered(&file)
}

/// Fails where an image has answered next to no case, because they broke: that nothing differs then means nothing. Among
/// thousands some end otherwise before they break, at their deadline on a machine that is busy.
fn answered(file: &RunFile) -> Result<(), Failure> {
    let silent = file.images.iter().find_map(|image| {
        let of_image = file.observations.iter().filter(|o| o.image == image.id);
        let (broke, others): (Vec<_>, Vec<_>) = of_image.partition(|o| o.status == Status::Broke);
        let first = broke.first()?.reason.clone().unwrap_or_default();
        (others.len() * 100 <= broke.len()).then_some((image, first))
    });
    silent.map_or(Ok(()), |(image, reason)| {
        // An image's own words may hold lines of their own, and whatever reads a log may obey one that begins as a command does.
        let reason = reason.split_whitespace().collect::<Vec<_>>().join(" ");
        let message =
            format!("cases cannot be asked in {}: {reason}; `libcdiff doctor` checks what the sandbox needs", image.id);
        Err(Failure { exit: Exit::Failed, message })
    })
}

/// Runs the selected cases in the images of these names, compares and judges.
pub fn perform(
    cli: &Cli,
    runner: RunnerName,
    store: &Store,
    names: &[String],
    selection: &Selection,
    all: &[CaseInfo],
    as_deployed: Option<AsDeployed>,
) -> Result<RunFile, Failure> {
    let cache = cache()?;
    let started = now();
    let images = resolve(names, store)?;
    let runner = runner::of_name(runner, &images, &cache)?;
    let progress = Progress::new(cli.quiet);
    let mut file = observe(runner.as_ref(), &images, &selection.of(all), selection, &progress)?;
    progress.finish();
    file.as_deployed = as_deployed;
    file.started = started;
    file.finished = now();
    judge(&mut file, all)?;
    Ok(file)
}

/// The look-ups as deployed, where they are asked for.
fn deployed(run: &cli::Run) -> Result<Option<Deployed>, Failure> {
    let request = &run.deployed;
    if !request.as_deployed {
        return Ok(None);
    }
    let deployed = match (run.runner, &request.resolv_conf) {
        (RunnerName::Kubernetes, None) => Deployed::in_pods(&request.name, request.within),
        (RunnerName::Kubernetes, Some(_)) => {
            return Err(Failure::request("pods look names up by their own configuration: leave --resolv-conf out"));
        }
        (_, path) => Deployed::new(&request.name, path.as_deref(), request.within),
    };
    deployed.map(Some).map_err(|e| Failure::request(e.to_string()))
}

/// What the user typed, checked against what there is; at least one case.
pub fn selection(request: &cli::Which, cases: &[CaseInfo]) -> Result<Selection, Failure> {
    for area in &request.area {
        if !cases.iter().any(|case| case.area() == area) {
            let known = super::list::areas(cases).join(", ");
            return Err(Failure::request(format!("there is no area `{area}`: there are {known}")));
        }
    }
    for pattern in &request.case {
        if !cases.iter().any(|case| pitfalls::glob(pattern, &case.id)) {
            return Err(Failure::request(format!(
                "no case fits `{pattern}`: `libcdiff list cases` shows what there is"
            )));
        }
    }
    let mut wanted = request.case.clone();
    let pitfalls = pitfalls::all()?;
    for id in &request.pitfall {
        let Some(pitfall) = pitfalls.iter().find(|p| &p.id == id) else {
            return Err(Failure::request(format!(
                "there is no pitfall `{id}`: `libcdiff list pitfalls` shows what there is"
            )));
        };
        wanted.extend(pitfalls::cases_of(pitfall, &pitfalls, cases).into_iter().map(str::to_owned));
    }
    let selection = Selection { areas: request.area.clone(), cases: wanted, flavours: request.flavour.clone() };
    match selection.of(cases).is_empty() {
        true => Err(Failure::request("no case is selected: `libcdiff list cases` shows what there is")),
        false => Ok(selection),
    }
}

/// The images of the request, the one to compare with first.
fn names(request: &cli::Run) -> Result<Vec<String>, Failure> {
    let catalog = Catalog::embedded()?;
    let against = request.against.iter();
    Ok(match request.images.is_empty() {
        false => against.chain(&request.images).cloned().collect(),
        true => against
            .chain(catalog.default_images().iter().filter(|name| request.against.as_ref() != Some(name)))
            .cloned()
            .collect(),
    })
}

/// The images of these names, all of them usable.
pub fn images(names: &[String], store: &Store) -> Result<Vec<Image>, Failure> {
    let references = names.iter().map(|name| Reference::parse(name)).collect::<Result<Vec<_>, _>>().map_err(refused)?;
    let images = store.resolve_all(&references, &Catalog::embedded()?);
    images.into_iter().map(|image| image.map_err(refused)).collect()
}

/// The images of these names with their places in the run file.
pub fn resolve(names: &[String], store: &Store) -> Result<Vec<(runfile::Image, PathBuf)>, Failure> {
    Ok(find(names, store)?.into_iter().map(with_root).collect())
}

/// What the run file says of an image, and its root folder.
pub fn with_root(image: Image) -> (runfile::Image, PathBuf) {
    let root = image.root.clone();
    (describe(image), root)
}

/// The images of these names, each with an id of its own.
pub fn find(names: &[String], store: &Store) -> Result<Vec<Image>, Failure> {
    let mut images: Vec<Image> = Vec::new();
    for mut image in self::images(names, store)? {
        image.hold.clone().until_exit();
        image.id = unique(&image.id, &images);
        images.push(image);
    }
    Ok(images)
}

/// Whose fault it is that an image cannot be had.
pub fn refused(error: ImageError) -> Failure {
    let exit = if error.is_request() { Exit::Request } else { Exit::Failed };
    Failure { exit, ..Failure::from(error) }
}

/// What the run file says of an image.
pub fn describe(image: Image) -> runfile::Image {
    let libc = |libc: &crate::image::Libc| runfile::Libc {
        family: libc.family.to_string(),
        version: libc.version.clone(),
        interpreter: libc.interpreter.clone(),
    };
    runfile::Image {
        libc: image.libc().map(libc),
        libcs: image
            .libc()
            .into_iter()
            .chain(image.libcs.iter().filter(|other| Some(*other) != image.libc()))
            .map(libc)
            .collect(),
        id: image.id,
        reference: image.reference,
        digest: image.digest,
        os: runfile::Os { id: image.os.id, version: image.os.version },
        size: runfile::Size {
            compressed_bytes: image.size.compressed_bytes,
            unpacked_bytes: image.size.unpacked_bytes,
        },
        kernel: String::new(),
        confinement: None,
        emulated_by: emulated_by(&image.arch),
        arch: image.arch,
    }
}

/// What runs an architecture's programs here; `None` where they run by themselves.
fn emulated_by(arch: &str) -> Option<String> {
    let arch = Arch::by_name(arch).filter(|arch| *arch != Arch::native())?;
    machines::emulation(arch).ok().map(|emulation| emulation.name)
}

/// A name that none of these images has.
pub fn unique(id: &str, taken: &[Image]) -> String {
    let free = |id: &str| !taken.iter().any(|image| image.id == id);
    let numbered = (2..).map(|n| format!("{id}#{n}"));
    std::iter::once(id.to_owned()).chain(numbered).find(|id| free(id)).unwrap_or_default()
}

/// Runs the plans, several images side by side, and collects what they said in the order of images.
fn observe(
    runner: &dyn Runner,
    images: &[(runfile::Image, PathBuf)],
    cases: &[&CaseInfo],
    selection: &Selection,
    progress: &Progress,
) -> Result<RunFile, Failure> {
    let mut file = empty();
    let due = images.iter().map(|(image, _)| plan::items(cases, image, selection)).sum();
    let said = Mutex::new((Texts::default(), Vec::with_capacity(due)));
    let batch = SIDE_BY_SIDE.min(images.len());
    progress.expect(due);
    for group in images.chunks(SIDE_BY_SIDE) {
        let ran: Vec<_> = thread::scope(|scope| {
            let threads: Vec<_> = group
                .iter()
                .map(|(image, root)| {
                    let (plan, dropped) = plan::plan(cases, image, selection, batch);
                    let said = &said;
                    let keep = move |seen: protocol::Observation| {
                        progress.seen(&image.id, &seen);
                        // Whoever panicked in between has left whole observations behind.
                        let (texts, all) = &mut *said.lock().unwrap_or_else(PoisonError::into_inner);
                        all.push(Observation::placed(&image.id, &seen, texts));
                    };
                    let run = move || runner.run(&Subject::of(image, root), plan, &keep);
                    (image, dropped, scope.spawn(run))
                })
                .collect();
            threads.into_iter().map(|(image, dropped, thread)| (image, dropped, thread.join())).collect()
        });
        for (image, dropped, ran) in ran {
            let ran =
                ran.map_err(|_| Failure { exit: Exit::Failed, message: format!("running {} panicked", image.id) })??;
            file.images.push(runfile::Image { kernel: ran.kernel, confinement: ran.confinement, ..image.clone() });
            file.dropped.extend(dropped.into_iter().filter(|d: &Dropped| d.cases > 0));
        }
    }
    file.observations = said.into_inner().unwrap_or_else(PoisonError::into_inner).1;
    again::ask(runner, images, cases, selection, &mut file)?;
    order(&mut file)?;
    Ok(file)
}

/// Puts observations into the order of the file, and names the flavours that they are of.
pub fn order(file: &mut RunFile) -> Result<(), Failure> {
    let place = |o: &Observation| file.images.iter().position(|image| image.id == o.image);
    // No two are of one place, so that nothing is lost by sorting where they are.
    file.observations.sort_unstable_by(|a, b| (&a.case, place(a), a.flavour).cmp(&(&b.case, place(b), b.flavour)));
    let ran = |f: &runfile::FlavourInfo| file.observations.iter().any(|o| o.flavour == f.name);
    let own = std::env::consts::ARCH;
    let arches = file.images.iter().map(|image| image.arch.as_str());
    let abroad: BTreeSet<&str> = arches.filter(|arch| !arch.is_empty() && *arch != own).collect();
    file.flavours = bundle::flavours()?.into_iter().filter(ran).collect();
    for arch in abroad {
        file.flavours.extend(bundle::flavours_for(arch)?.into_iter().filter(ran));
    }
    Ok(())
}

/// A run file in which nothing has been asked yet.
pub fn empty() -> RunFile {
    let uname = nix::sys::utsname::uname();
    let field = |get: fn(&nix::sys::utsname::UtsName) -> &std::ffi::OsStr| {
        uname.as_ref().map(|u| get(u).to_string_lossy().into_owned()).unwrap_or_default()
    };
    RunFile {
        schema: SCHEMA.into(),
        tool: Tool { name: env!("CARGO_PKG_NAME").into(), version: env!("CARGO_PKG_VERSION").into() },
        host: Host {
            kernel: field(|u| u.release()),
            arch: field(|u| u.machine()),
            cpus: thread::available_parallelism().map_or(1, usize::from),
        },
        started: String::new(),
        finished: String::new(),
        images: Vec::new(),
        flavours: Vec::new(),
        observations: Vec::new(),
        differences: Vec::new(),
        remedies: Vec::new(),
        dropped: Vec::new(),
        asked_again: Vec::new(),
        as_deployed: None,
        check: None,
        impact: None,
        summary: Summary::default(),
    }
}

/// Compares, joins with pitfalls, and counts.
pub fn judge(file: &mut RunFile, cases: &[CaseInfo]) -> Result<(), Failure> {
    let carried = file.flavours.iter().find_map(|f| f.libc.as_ref()).map(|libc| libc.version.clone());
    file.differences = compare::differences(cases, &file.images, &file.observations, carried.as_deref());
    // Pitfalls explain cases; what a name does in somebody's own network is none.
    if file.as_deployed.is_none() {
        let pitfalls = pitfalls::all()?;
        pitfalls::join(&pitfalls, &mut file.differences);
        file.remedies = remedy::judge(&pitfalls, file);
    }
    file.summary = count(file);
    Ok(())
}

/// Counts anew, where differences were left out.
pub fn recount(file: &mut RunFile) {
    file.summary = count(file);
}

fn count(file: &RunFile) -> Summary {
    let mut summary = Summary::default();
    let mut last = "";
    for o in &file.observations {
        let area = summary.by_area.entry(o.area.to_string()).or_insert_with(AreaSummary::default);
        area.observations += 1;
        area.cases += usize::from(o.case != last);
        last = &o.case;
        summary.broke += usize::from(o.status == Status::Broke);
    }
    for d in &file.differences {
        let area = d.case.split('.').next().unwrap_or_default();
        let area = summary.by_area.entry(area.to_owned()).or_default();
        area.differences += 1;
        area.unexplained += usize::from(d.pitfall.is_none());
    }
    for area in summary.by_area.values() {
        summary.cases += area.cases;
        summary.observations += area.observations;
        summary.differences += area.differences;
        summary.unexplained += area.unexplained;
    }
    summary
}

/// The time now, as files keep it.
pub fn now() -> String {
    chrono::Utc::now().to_rfc3339_opts(chrono::SecondsFormat::Millis, true)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(statuses: &[&str]) -> RunFile {
        let image = serde_json::json!({
            "id": "i", "reference": "i", "digest": null, "os": {"id": null, "version": null}, "libc": null, "size": {},
        });
        let one = |status: &&str| {
            serde_json::from_value(serde_json::json!({
                "case": "time.a", "area": "time", "image": "i", "flavour": "musl-static", "status": status,
                "reason": "no folder", "text": "", "values": {}, "elapsed_ms": 0,
            }))
        };
        RunFile {
            images: vec![serde_json::from_value(image).expect("an image")],
            observations: statuses.iter().map(one).collect::<Result<_, _>>().expect("observations"),
            ..empty()
        }
    }

    #[test]
    fn an_image_in_which_everything_broke_is_a_failure() {
        let failure = answered(&run(&["broke", "broke"])).expect_err("nothing was asked");
        assert_eq!(failure.exit, Exit::Failed);
        assert!(failure.message.contains("in i: no folder"), "{}", failure.message);
        assert!(answered(&run(&["broke", "described"])).is_ok());
        assert!(answered(&run(&[])).is_ok(), "what was dropped is told elsewhere");
    }
}
