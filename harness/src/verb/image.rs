//! `libcdiff image`: what an image is, without running anything in it, what is in it, and what the cache holds.

use std::path::Path;
use std::time::Duration;

use chrono::DateTime;

use super::{access, cache, print, report, run::describe, run::refused, store};
use crate::anatomy::{self, Anatomy};
use crate::cli::{self, Cli, Reach, Registries};
use crate::exit::{Exit, Failure};
use crate::image::{self, Arch, Catalog, Held, LeftOut, Prune, Pull, Reference, Store, Unpacked, anywhere};
use crate::machines::abroad;
use crate::report::visible::visible;
use crate::runfile::{Image, Libc};

/// Runs the verb.
pub fn run(cli: &Cli, request: &cli::Image) -> Result<(), Failure> {
    match request {
        cli::Image::Inspect { image, json, registries } => inspect(&looking(cli, registries)?, image, *json),
        cli::Image::Compare { images, json, registries } => compare(&looking(cli, registries)?, images, *json),
        cli::Image::Pull { images, reach } => pull(cli, images, reach),
        cli::Image::Unpack { image, folder, keep_set_id, registries } => {
            let catalog = Catalog::embedded()?;
            let store = store(cli, registries)?;
            let unpacked =
                Reference::parse(image).and_then(|reference| store.unpack(&reference, &catalog, folder, *keep_set_id));
            tell_unpacked(cli, image, folder, &unpacked.map_err(refused)?)
        }
        cli::Image::List { json } => list(*json),
        cli::Image::Prune { all, unused_for, json } => {
            let unused_for = unused_for.map(|days| Duration::from_secs(u64::from(days) * 86_400));
            prune(Prune { all: *all, unused_for }, *json)
        }
    }
}

/// A store for looking alone: it takes images for any machine, as nothing of them is run.
fn looking(cli: &Cli, registries: &Registries) -> Result<Store, Failure> {
    Ok(store(cli, registries)?.with_abroad(anywhere))
}

fn resolve(store: &Store, name: &str) -> Result<image::Image, Failure> {
    let catalog = Catalog::embedded()?;
    Reference::parse(name).and_then(|reference| store.resolve(&reference, &catalog)).map_err(refused)
}

fn inspect(store: &Store, name: &str, json: bool) -> Result<(), Failure> {
    let found = resolve(store, name)?;
    let (root, pinned) = (found.root.clone(), found.pinned.clone());
    let anatomy = taken_apart(found)?;
    if json {
        return print(&(serde_json::to_string_pretty(&anatomy)? + "\n"));
    }
    let mut told = tell(&anatomy.image, pinned, &root);
    told.push_str(&anatomy::text::side_by_side(&[anatomy], report::width()));
    print(&visible(&told))
}

/// An image taken apart, as a run file describes it.
pub fn taken_apart(image: image::Image) -> Result<Anatomy, Failure> {
    let failed =
        |e| Failure { exit: Exit::Failed, message: format!("reading the files of {}: {e}", image.root.display()) };
    Anatomy::of(&image, describe(image.clone())).map_err(failed)
}

fn compare(store: &Store, names: &[String], json: bool) -> Result<(), Failure> {
    let images = super::run::find(names, store)?;
    let images = images.into_iter().map(taken_apart).collect::<Result<Vec<_>, _>>()?;
    if json {
        return print(&(serde_json::to_string_pretty(&serde_json::json!({ "images": images }))? + "\n"));
    }
    let mut told = anatomy::text::overview(&images, report::width());
    told.push_str(&anatomy::text::side_by_side(&images, report::width()));
    if let [one, other] = images.as_slice() {
        for (here, there) in [(one, other), (other, one)] {
            let only = anatomy::table::only(here, there).join(", ");
            if !only.is_empty() {
                let options = textwrap::Options::new(report::width()).subsequent_indent("  ");
                let text = format!("Packages in {} alone: {only}", here.image.id);
                told.push_str(&format!("\n{}\n", textwrap::fill(&text, options)));
            }
        }
    }
    print(&visible(&told))
}

/// Pulls each, and prints what it is called for good; images that are not from registries are only unpacked.
fn pull(cli: &Cli, names: &[String], reach: &Reach) -> Result<(), Failure> {
    let store = Store::open(cache()?).with_abroad(abroad).with_access(access(cli, Pull::Always, reach)?);
    for (name, image) in names.iter().zip(super::run::images(names, &store)?) {
        print(&format!("{name}  {}\n", image.pinned.or(image.digest).unwrap_or_default()))?;
    }
    Ok(())
}

/// Prints what was unpacked as a pull does, and says aside what the folder is not.
fn tell_unpacked(cli: &Cli, name: &str, folder: &Path, unpacked: &Unpacked) -> Result<(), Failure> {
    let LeftOut { devices, pipes, set_id, attributes } = unpacked.left_out;
    let counts = [
        (devices, "devices"),
        (pipes, "pipes"),
        (set_id, "files' set-id bits (--keep-set-id keeps them)"),
        (attributes, "files' extended attributes"),
    ];
    let lacking: Vec<_> = counts.iter().filter(|(n, _)| *n > 0).map(|(n, what)| format!("{n} {what}")).collect();
    if !cli.quiet && !lacking.is_empty() {
        eprintln!("libcdiff: left out: {}", lacking.join(", "));
    }
    if !cli.quiet && unpacked.recorded {
        eprintln!("libcdiff: the files are yours; whose they are in the image is recorded in user.rootlesscontainers");
    }
    print(&format!("{name}  {}  {}\n", unpacked.digest, folder.display()))
}

fn list(json: bool) -> Result<(), Failure> {
    let held = Store::open(cache()?).held();
    if json {
        return print(&(serde_json::to_string_pretty(&held)? + "\n"));
    }
    let name = |held: &Held| if held.names.is_empty() { "(from an archive)".into() } else { held.names.join(", ") };
    let width = held.iter().map(|held| name(held).len()).max().unwrap_or_default();
    let row = |held: &Held| {
        let day = i64::try_from(held.used).ok().and_then(|used| DateTime::from_timestamp(used, 0));
        let day = day.map(|day| day.format("%Y-%m-%d").to_string()).unwrap_or_default();
        let mib = held.unpacked_bytes.div_ceil(1 << 20);
        format!("{:width$}  {}  {mib:6} MiB  used {day}\n", name(held), held.digest.get(..19).unwrap_or_default())
    };
    print(&held.iter().map(row).collect::<String>())
}

fn prune(what: Prune, json: bool) -> Result<(), Failure> {
    let pruned = Store::open(cache()?).prune(what).map_err(refused)?;
    if json {
        return print(&(serde_json::to_string_pretty(&pruned)? + "\n"));
    }
    let blobs = match pruned.blob_bytes {
        Some(bytes) => format!("{} MiB of blobs", bytes.div_ceil(1 << 20)),
        None => "no blobs, because another process is pulling".into(),
    };
    let stayed = match pruned.in_use.len() {
        0 => String::new(),
        n => format!("; {n} stay, being in use"),
    };
    print(&format!("removed {} images and {blobs}{stayed}\n", pruned.removed.len()))
}

fn tell(image: &Image, pinned: Option<String>, root: &std::path::Path) -> String {
    let libc =
        |l: &Libc| format!("{} {} ({})", l.family, l.version.as_deref().unwrap_or("of unknown version"), l.interpreter);
    let none = "none: only static programs run in it".to_owned();
    let os = [image.os.id.as_deref(), image.os.version.as_deref()].map(Option::unwrap_or_default).join(" ");
    let others: Vec<_> = image.libcs.iter().skip(1).map(libc).collect();
    let bytes = |b: Option<u64>| b.map_or("unknown".into(), |b| format!("{b} bytes"));
    let rows = [
        ("reference", image.reference.clone()),
        ("pinned", pinned.unwrap_or_default()),
        ("digest", image.digest.clone().unwrap_or_else(|| "none".into())),
        ("system", os.trim().to_owned()),
        ("for", if image.arch == Arch::native().name { String::new() } else { image.arch.clone() }),
        ("run by", image.emulated_by.clone().unwrap_or_default()),
        ("C library", image.libc.as_ref().map_or(none, libc)),
        ("also holds", others.join(", ")),
        ("compressed", bytes(image.size.compressed_bytes)),
        ("unpacked", bytes(image.size.unpacked_bytes)),
        ("root", root.display().to_string()),
    ];
    rows.iter().filter(|(_, value)| !value.is_empty()).map(|(name, value)| format!("{name:10}  {value}\n")).collect()
}
