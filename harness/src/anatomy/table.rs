//! Images taken apart, side by side: a row for each thing, a column for each image.

use std::collections::{BTreeMap, BTreeSet};

use super::{Anatomy, Kind};
use crate::image::Arch;
use crate::runfile::Libc;

/// A thing, and what each image has of it.
pub struct Row {
    /// What it is called.
    pub name: String,
    /// What each image has.
    pub cells: Vec<String>,
}

/// Rows under one heading.
pub struct Section {
    /// The heading.
    pub name: &'static str,
    /// The rows.
    pub rows: Vec<Row>,
}

/// Packages that are told of, of the largest ones.
const PACKAGES: usize = 10;
/// Of one image, however many there are.
const FEWEST: usize = 3;

/// Everything that is told.
pub fn sections(images: &[Anatomy]) -> Vec<Section> {
    let all = [
        Section { name: "Size", rows: sizes(images) },
        Section { name: "Files", rows: kinds(images) },
        Section { name: "Packages", rows: packages(images) },
        Section { name: "What programs take for granted", rows: furniture(images) },
    ];
    all.into_iter().filter(|section| !section.rows.is_empty()).collect()
}

/// Bytes as people read them: engines, too, count in powers of ten.
pub fn bytes(bytes: u64) -> String {
    match bytes {
        0..1_000 => format!("{bytes} B"),
        1_000..1_000_000 => format!("{:.1} kB", bytes as f64 / 1e3),
        1_000_000..1_000_000_000 => format!("{:.1} MB", bytes as f64 / 1e6),
        _ => format!("{:.2} GB", bytes as f64 / 1e9),
    }
}

fn row(name: impl Into<String>, images: &[Anatomy], cell: impl Fn(&Anatomy) -> String) -> Row {
    Row { name: name.into(), cells: images.iter().map(cell).collect() }
}

fn some(value: Option<String>) -> String {
    value.unwrap_or_else(|| "none".into())
}

fn libc(libc: &Libc) -> String {
    format!("{} {}", libc.family, libc.version.as_deref().unwrap_or("of unknown version"))
}

fn sizes(images: &[Anatomy]) -> Vec<Row> {
    let mut rows = vec![
        row("C library", images, |i| some(i.image.libc.as_ref().map(libc))),
        row("system", images, |i| {
            let os = [i.image.os.id.as_deref(), i.image.os.version.as_deref()].map(Option::unwrap_or_default);
            os.join(" ").trim().to_owned()
        }),
        row("compressed", images, |i| i.image.size.compressed_bytes.map_or("unknown".into(), bytes)),
        row("unpacked", images, |i| bytes(i.files.bytes)),
        row("docker image ls", images, |i| i.engine_bytes.map_or(String::new(), bytes)),
        row("on disk (du)", images, |i| bytes(i.files.disk_bytes)),
        row("files", images, |i| i.files.files.to_string()),
        row("layers", images, |i| if i.layers.is_empty() { String::new() } else { i.layers.len().to_string() }),
    ];
    // This machine's is no news.
    if images.iter().any(|i| i.image.arch != Arch::native().name) {
        rows.insert(2, row("architecture", images, |i| i.image.arch.clone()));
    }
    let most = images.iter().map(|image| image.layers.len()).max().unwrap_or(0);
    let layer = |at: usize| {
        row(format!("layer {}", at + 1), images, |i| {
            i.layers.get(at).map_or(String::new(), |layer| {
                let stored = layer.compressed_bytes.map_or(String::new(), |stored| format!("{} as ", bytes(stored)));
                let here = layer.engine_bytes().unwrap_or(layer.bytes);
                format!("{} ({stored}{})", bytes(here), layer.digest.get(..19).unwrap_or(&layer.digest))
            })
        })
    };
    if most > 1 {
        rows.extend((0..most).map(layer));
    }
    rows.retain(|row| row.cells.iter().any(|cell| !cell.is_empty()));
    rows
}

/// The kinds, largest first in whichever image has most of it.
fn kinds(images: &[Anatomy]) -> Vec<Row> {
    let mut kinds: BTreeMap<Kind, u64> = BTreeMap::new();
    for (kind, amount) in images.iter().flat_map(|image| &image.files.kinds) {
        let most = kinds.entry(*kind).or_default();
        *most = (*most).max(amount.bytes);
    }
    let mut kinds: Vec<_> = kinds.into_iter().filter(|(_, bytes)| *bytes > 0).collect();
    kinds.sort_by_key(|(kind, bytes)| (std::cmp::Reverse(*bytes), *kind));
    let cell = |image: &Anatomy, kind| {
        let amount = image.files.kinds.get(&kind).copied().unwrap_or_default();
        if amount.files == 0 { String::new() } else { format!("{} in {}", bytes(amount.bytes), amount.files) }
    };
    kinds.into_iter().map(|(kind, _)| row(kind.words(), images, |image| cell(image, kind))).collect()
}

/// The sizes of each image in a line of its own: what people look at first, however many images there are.
pub fn overview(images: &[Anatomy]) -> (Vec<&'static str>, Vec<Vec<String>>) {
    let heads = vec!["image", "C library", "compressed", "unpacked", "docker", "packages"];
    let size = |size: Option<u64>| size.map_or("-".into(), bytes);
    let packages = |i: &Anatomy| -> usize { i.packages.iter().map(|packages| packages.installed.len()).sum() };
    let row = |i: &Anatomy| {
        vec![
            i.image.id.clone(),
            some(i.image.libc.as_ref().map(libc)),
            size(i.image.size.compressed_bytes),
            bytes(i.files.bytes),
            size(i.engine_bytes),
            if i.packages.is_empty() { "-".into() } else { packages(i).to_string() },
        ]
    };
    (heads, images.iter().map(row).collect())
}

/// How many packages, and the largest of each image.
fn packages(images: &[Anatomy]) -> Vec<Row> {
    let mut rows = vec![
        row("installed", images, |i| {
            let each = i.packages.iter().map(|p| match &p.problem {
                Some(problem) => format!("{}: not known, {problem}", p.manager),
                None => format!("{} by {}", p.installed.len(), p.manager),
            });
            let all = each.collect::<Vec<_>>().join(", ");
            if all.is_empty() { "no package manager's records".into() } else { all }
        }),
        row("as they say", images, |i| {
            let read: Vec<_> = i.packages.iter().filter(|packages| packages.problem.is_none()).collect();
            let sum = read.iter().fold(0_u64, |sum, packages| sum.saturating_add(packages.installed_bytes));
            if read.is_empty() { String::new() } else { bytes(sum) }
        }),
    ];
    let of = |image: &Anatomy, name: &str| {
        let mut all = image.packages.iter().flat_map(|packages| packages.installed.clone());
        all.find(|package| package.name == name)
    };
    // Of each image as many: a small one would have no row beside a large one.
    let share = PACKAGES.div_ceil(images.len().max(1)).max(FEWEST);
    let mut largest: BTreeMap<String, u64> = BTreeMap::new();
    for image in images {
        let mut own: Vec<_> = image.packages.iter().flat_map(|packages| &packages.installed).collect();
        own.sort_by(|a, b| b.bytes.cmp(&a.bytes).then_with(|| a.name.cmp(&b.name)));
        for package in own.into_iter().take(share) {
            let most = largest.entry(package.name.clone()).or_default();
            *most = (*most).max(package.bytes);
        }
    }
    let mut largest: Vec<_> = largest.into_iter().collect();
    largest.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    rows.extend(largest.into_iter().map(|(name, _)| {
        let cell = |i: &Anatomy| of(i, &name).map_or(String::new(), |p| format!("{} ({})", bytes(p.bytes), p.version));
        row(name.clone(), images, cell)
    }));
    rows
}

fn furniture(images: &[Anatomy]) -> Vec<Row> {
    vec![
        row("shell", images, |i| {
            some(i.furniture.shell.as_ref().map(|shell| format!("{} ({})", shell.name, shell.path.display())))
        }),
        row("time zones", images, |i| {
            some(i.furniture.zones.as_ref().map(|zones| {
                let regions = if zones.regions { "" } else { ", without regions" };
                format!("{}{regions}", zones.version.as_deref().unwrap_or("of unknown version"))
            }))
        }),
        row("locales", images, |i| match i.furniture.locales.len() {
            0 => "C and POSIX".into(),
            1..=4 => i.furniture.locales.join(", "),
            many => many.to_string(),
        }),
        row("certificate authorities", images, |i| {
            some(i.furniture.authorities.as_ref().map(|a| format!("{} in {}", a.certificates, a.path)))
        }),
        row("names are looked up in", images, |i| {
            let family = i.image.libc.as_ref().map_or("", |libc| libc.family.as_str());
            match (&i.furniture.name_services, family) {
                (_, "musl") => "files, dns (musl reads no nsswitch.conf)".into(),
                (Some(services), _) => services.clone(),
                (None, "glibc") => "glibc's default (no nsswitch.conf)".into(),
                (None, _) => "unknown".into(),
            }
        }),
        row("resolv.conf", images, |i| match &i.furniture.resolv_conf {
            None => "none".into(),
            Some(lines) if lines.is_empty() => "empty".into(),
            Some(lines) => lines.join("; "),
        }),
        row("hosts", images, |i| if i.furniture.hosts { "there".into() } else { "none".into() }),
        row("services, protocols", images, |i| if i.furniture.services { "there".into() } else { "none".into() }),
    ]
}

/// What was installed in one image and not in the other, by name.
pub fn only(here: &Anatomy, there: &Anatomy) -> Vec<String> {
    let names = |image: &Anatomy| -> BTreeSet<String> {
        image
            .packages
            .iter()
            .flat_map(|packages| packages.installed.iter().map(|package| package.name.clone()))
            .collect()
    };
    names(here).difference(&names(there)).cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_told_as_engines_tell_them() {
        let told = [999, 1_000, 363_000_000, 1_500_000_000].map(bytes);
        assert_eq!(told, ["999 B", "1.0 kB", "363.0 MB", "1.50 GB"]);
    }
}
