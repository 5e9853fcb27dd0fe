//! What is in a package's source that tells how it is built: the names of its members, `pyproject.toml`, `setup.py`.
//!
//! Streamed, never unpacked, and bounded: by bytes that come, bytes that they inflate to, and members. Source comes from
//! strangers; nothing of it is run.

use std::io::{self, Read};

use flate2::read::{DeflateDecoder, GzDecoder};
use thiserror::Error;

use super::languages;

/// Bytes of an archive that are read.
pub const ARCHIVE: u64 = 128 << 20;
/// Bytes that it may inflate to.
const INFLATED: u64 = 1 << 30;
/// Members that are looked at.
const MEMBERS: usize = 200_000;
/// Bytes of one text that is kept.
const TEXT: u64 = 1 << 20;

/// What was found in it.
#[derive(Clone, Debug, Default)]
pub struct Contents {
    /// Names of members, without the folder that all are in.
    pub members: Vec<String>,
    /// `pyproject.toml`.
    pub pyproject: Option<String>,
    /// `setup.py`.
    pub setup: Option<String>,
    /// The languages that its files for Meson name, with those that it brings along for others left out.
    pub meson: Vec<String>,
    /// The languages that its `CMakeLists.txt` names.
    pub cmake: Vec<String>,
}

/// Why it could not be read.
#[derive(Debug, Error)]
pub enum SdistError {
    /// A kind of archive that is not read here.
    #[error("its source {0} is neither .tar.gz nor .zip")]
    Kind(String),
    /// Broken, or not what it says.
    #[error("its source {0} cannot be read ({1})")]
    Broken(String, String),
    /// More than is read.
    #[error("its source {0} is larger than what is read")]
    Large(String),
}

/// Reads the archive of this file name.
pub fn read(file: &str, bytes: &[u8]) -> Result<Contents, SdistError> {
    let broken = |error: String| SdistError::Broken(file.into(), error);
    let contents = match file.to_ascii_lowercase() {
        name if name.ends_with(".tar.gz") || name.ends_with(".tgz") => tar(bytes).map_err(|e| broken(e.to_string()))?,
        name if name.ends_with(".zip") => zip(bytes).map_err(|e| broken(e.to_string()))?,
        _ => return Err(SdistError::Kind(file.into())),
    };
    contents.ok_or_else(|| SdistError::Large(file.into()))
}

/// `None` where a bound was reached.
fn tar(bytes: &[u8]) -> io::Result<Option<Contents>> {
    let mut contents = Contents::default();
    let mut archive = tar::Archive::new(GzDecoder::new(bytes).take(INFLATED));
    for entry in archive.entries()? {
        let entry = entry?;
        if !entry.header().entry_type().is_file() {
            continue;
        }
        let name = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
        contents.take(&name, || text(entry))?;
        if contents.members.len() > MEMBERS {
            return Ok(None);
        }
    }
    Ok((archive.into_inner().limit() > 0).then_some(contents))
}

fn zip(bytes: &[u8]) -> Result<Option<Contents>, rawzip::Error> {
    let mut contents = Contents::default();
    let archive = rawzip::ZipArchive::from_slice(bytes)?;
    let mut entries = archive.entries();
    while let Some(entry) = entries.next_entry()? {
        if entry.is_dir() {
            continue;
        }
        let path = entry.file_path();
        let name = String::from_utf8_lossy(path.as_ref()).into_owned();
        let data = archive.get_entry(entry.wayfinder());
        contents.take(&name, || match (entry.compression_method(), data) {
            (rawzip::CompressionMethod::STORE, Ok(data)) => text(data.data()),
            (rawzip::CompressionMethod::DEFLATE, Ok(data)) => text(DeflateDecoder::new(data.data())),
            (_, Ok(_)) => Err(io::Error::other("a member's compression is not known")),
            (_, Err(error)) => Err(io::Error::other(error)),
        })?;
        if contents.members.len() > MEMBERS {
            return Ok(None);
        }
    }
    Ok(Some(contents))
}

fn text(from: impl Read) -> io::Result<String> {
    let mut bytes = Vec::new();
    from.take(TEXT).read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// Folders whose files are not built into the package.
const ASIDE: [&str; 12] = [
    "test",
    "tests",
    "testing",
    "test cases",
    "docs",
    "doc",
    "example",
    "examples",
    "benchmarks",
    "manual tests",
    "vendored-meson",
    "subprojects",
];

/// Whether a member lies in a folder whose files are not built into the package.
pub fn is_aside(member: &str) -> bool {
    member.split('/').any(|folder| ASIDE.contains(&folder.to_ascii_lowercase().as_str()))
}

impl Contents {
    fn take(&mut self, path: &str, text: impl FnOnce() -> io::Result<String>) -> io::Result<()> {
        let path = path.strip_prefix("./").unwrap_or(path);
        let Some((_, name)) = path.split_once('/') else { return Ok(()) };
        match name {
            "pyproject.toml" => self.pyproject = Some(text()?),
            "setup.py" => self.setup = Some(text()?),
            "CMakeLists.txt" => self.cmake = languages::of_cmake(&text()?),
            _ if name.ends_with("meson.build") && !is_aside(name) => {
                for language in languages::of_meson(&text()?) {
                    if !self.meson.contains(&language) {
                        self.meson.push(language);
                    }
                }
            }
            _ => {}
        }
        self.members.push(name.to_owned());
        Ok(())
    }
}
