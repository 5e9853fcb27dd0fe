//! Packs the programs for one machine into one archive: xz over all of them, one after the other, so that what is alike in them
//! is there once. `harness/src/bundle/set.rs` is the other end.

use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::{env, fs};

use lzma_rust2::{FilterType, XzOptions, XzWriter};
use sha2::{Digest as _, Sha256};

/// What looks further back than this finds little more (all programs together have about 40 MB), and whoever expands the archive
/// has to hold so much.
const WINDOW_BYTES: u32 = 16 << 20;

/// Writes the archive of `files`, given by their path in it and on disk; returns its table, as rows of Rust.
///
/// # Errors
/// Of reading the programs and of writing the archive.
pub fn pack(archive: &Path, arch: &str, mut files: Vec<(PathBuf, PathBuf)>) -> io::Result<String> {
    // The agent is asked for alone, so it comes first; then the same program of each flavour beside the others.
    let order = |name: &Path| (name.components().count() > 1, name.file_name().map(ToOwned::to_owned), name.to_owned());
    files.sort_by_cached_key(|(name, _)| order(name));
    let mut packed = writer(archive, arch)?;
    let mut rows = String::new();
    for (name, path) in files {
        let content = fs::read(&path)?;
        let sha256 = Sha256::digest(&content).iter().fold(String::new(), |mut hex, byte| {
            let _ = write!(hex, "{byte:02x}");
            hex
        });
        let (name, bytes) = (name.to_string_lossy(), content.len());
        let _ = writeln!(rows, "    File {{ path: {name:?}, bytes: {bytes}, sha256: {sha256:?} }},");
        packed.write_all(&content)?;
    }
    packed.finish()?.flush()?;
    Ok(rows)
}

/// Writes one file as an archive of its own; it is no program, so it is for no machine.
///
/// # Errors
/// Of reading and of writing.
pub fn pack_text(archive: &Path, file: &Path) -> io::Result<()> {
    let mut packed = writer(archive, "")?;
    packed.write_all(&fs::read(file)?)?;
    packed.finish()?.flush()
}

fn writer(archive: &Path, arch: &str) -> io::Result<XzWriter<io::BufWriter<fs::File>>> {
    XzWriter::new(io::BufWriter::new(fs::File::create(archive)?), options(arch))
}

/// As small as it gets for what is given away; for tests, and whoever works on the harness, as fast as it gets.
fn options(arch: &str) -> XzOptions {
    let given_away = env::var("PROFILE").is_ok_and(|profile| profile == "release");
    let mut options = XzOptions::with_preset(if given_away { 9 } else { 1 });
    options.lzma_options.dict_size = WINDOW_BYTES;
    // Calls of one function from many places become alike.
    match arch {
        "x86_64" => options.prepend_pre_filter(FilterType::BcjX86, 0),
        "aarch64" => options.prepend_pre_filter(FilterType::BcjArm64, 0),
        _ => {}
    }
    options
}
