//! A bench file rendered: a table for a terminal, Markdown, and plots as SVG.

use std::collections::BTreeMap;

use crate::bench::file::BenchFile;
use crate::bench::subject::Subject;

pub mod canvas;
pub mod curves;
pub mod figure;
pub mod forest;
pub mod markdown;
pub mod ratios;
pub mod scaling;
pub mod table;

use canvas::PlotError;

/// Every plot that the file has figures for, by file name.
pub fn plots(file: &BenchFile) -> Result<BTreeMap<String, String>, PlotError> {
    let mut plots = BTreeMap::new();
    if ratios::has_any(file) {
        plots.insert("ratios.svg".into(), ratios::draw(file)?);
    }
    if !file.scaling.is_empty() {
        plots.insert("scaling.svg".into(), scaling::draw(file)?);
    }
    for measured in curves::worth_drawing(file) {
        let name = format!("memory-{}-{}.svg", measured.workload.name, measured.threads);
        plots.insert(name, curves::draw(file, measured)?);
    }
    Ok(plots)
}

/// A subject with its C library: `alpine-3.20 (musl 1.2.5)`.
fn told(file: &BenchFile, subject: &Subject) -> String {
    match libc(file, subject) {
        Some(libc) => format!("{} ({libc})", subject.id),
        None => subject.id.clone(),
    }
}

/// The C library that answers in a subject.
fn libc(file: &BenchFile, subject: &Subject) -> Option<String> {
    let carried = file.flavours.iter().find(|f| f.name == subject.flavour).and_then(|f| f.libc.as_ref());
    if let Some(libc) = carried {
        return Some(format!("{} {}", libc.family, libc.version));
    }
    let family = if subject.flavour == libcdiff_protocol::Flavour::Gnu { "glibc" } else { "musl" };
    let libc = file.image(&subject.image)?.libcs.iter().find(|libc| libc.family == family)?;
    Some(format!("{} {}", libc.family, libc.version.as_deref().unwrap_or("of unknown version")))
}
