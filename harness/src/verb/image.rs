//! `libcdiff image`: what an image is, without running anything in it.

use super::{cache, print, run::describe, run::refused};
use crate::cli;
use crate::exit::Failure;
use crate::image::{Catalog, Reference, Store};
use crate::runfile::{Image, Libc};

/// Runs the verb.
pub fn run(request: &cli::Image) -> Result<(), Failure> {
    let cli::Image::Inspect { image, json } = request;
    let store = Store::open(cache()?);
    let catalog = Catalog::embedded()?;
    let found = Reference::parse(image).and_then(|reference| store.resolve(&reference, &catalog)).map_err(refused)?;
    let root = found.root.clone();
    let image = describe(found);
    if *json {
        return print(&(serde_json::to_string_pretty(&image)? + "\n"));
    }
    print(&tell(&image, &root))
}

fn tell(image: &Image, root: &std::path::Path) -> String {
    let libc =
        |l: &Libc| format!("{} {} ({})", l.family, l.version.as_deref().unwrap_or("of unknown version"), l.interpreter);
    let none = "none: only static programs run in it".to_owned();
    let os = [image.os.id.as_deref(), image.os.version.as_deref()].map(Option::unwrap_or_default).join(" ");
    let others: Vec<_> = image.libcs.iter().skip(1).map(libc).collect();
    let bytes = |b: Option<u64>| b.map_or("unknown".into(), |b| format!("{b} bytes"));
    let rows = [
        ("reference", image.reference.clone()),
        ("digest", image.digest.clone().unwrap_or_else(|| "none".into())),
        ("system", os.trim().to_owned()),
        ("C library", image.libc.as_ref().map_or(none, libc)),
        ("also holds", others.join(", ")),
        ("compressed", bytes(image.size.compressed_bytes)),
        ("unpacked", bytes(image.size.unpacked_bytes)),
        ("root", root.display().to_string()),
    ];
    rows.iter().filter(|(_, value)| !value.is_empty()).map(|(name, value)| format!("{name:10}  {value}\n")).collect()
}
