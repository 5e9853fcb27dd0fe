//! What is in a package's archive: the names of its files, its `package.json`, and what its binaries ask for.
//!
//! Streamed, never unpacked, and bounded: by bytes that come, bytes that they inflate to, and members. Packages come from
//! strangers; nothing of them is run.

use std::collections::BTreeMap;
use std::io::{self, Read};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use flate2::read::GzDecoder;
use serde::Deserialize;
use sha2::{Digest, Sha512};

use super::binary::Binary;

/// Bytes of an archive that are read.
pub const ARCHIVE: u64 = 256 << 20;
/// Bytes that it may inflate to.
const INFLATED: u64 = 2 << 30;
/// Members that are looked at.
const MEMBERS: usize = 200_000;
/// Bytes of `package.json`.
const TEXT: u64 = 4 << 20;
/// Bytes of one binary.
const BINARY: u64 = 512 << 20;

/// What was found in it.
#[derive(Clone, Debug, Default)]
pub struct Contents {
    /// Names of members, without the folder that all are in.
    pub members: Vec<String>,
    /// What it says of itself.
    pub manifest: Manifest,
    /// Its binaries, by name.
    pub binaries: Vec<(String, Binary)>,
    /// Bytes of the archive.
    pub bytes: u64,
}

/// The parts of `package.json` that matter here.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Manifest {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Its scripts by name; npm runs `preinstall`, `install` and `postinstall`.
    pub scripts: BTreeMap<String, String>,
    /// Where its binaries lie: `prebuild-install` and `node-pre-gyp` read it.
    pub binary: serde_json::Value,
    /// Its repository, an address or an object with one.
    pub repository: serde_json::Value,
    /// Settings, `runtime` and `target` among them.
    pub config: serde_json::Value,
    /// `false` where a `binding.gyp` is not to be built by itself.
    pub gypfile: Option<bool>,
    /// Families of C libraries.
    pub libc: serde_json::Value,
}

impl Manifest {
    /// Families of C libraries that it is for; none for all.
    pub fn libc(&self) -> Vec<String> {
        match &self.libc {
            serde_json::Value::String(one) => vec![one.clone()],
            serde_json::Value::Array(many) => many.iter().filter_map(|one| Some(one.as_str()?.to_owned())).collect(),
            _ => Vec::new(),
        }
    }
}

impl Contents {
    /// Reads an archive; else why it cannot be read.
    pub fn read(bytes: &[u8]) -> Result<Self, String> {
        Self::of(bytes).map_err(|e| format!("its archive cannot be read: {e}"))
    }

    fn of(bytes: &[u8]) -> io::Result<Self> {
        let mut contents = Self { bytes: bytes.len() as u64, ..Self::default() };
        let mut archive = tar::Archive::new(GzDecoder::new(bytes).take(INFLATED));
        for entry in archive.entries()? {
            let mut entry = entry?;
            if !entry.header().entry_type().is_file() {
                continue;
            }
            let path = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
            let Some((_, name)) = path.strip_prefix("./").unwrap_or(&path).split_once('/') else { continue };
            contents.take(name, &mut entry)?;
            if contents.members.len() > MEMBERS {
                return Err(io::Error::other("it has more files than are looked at"));
            }
        }
        match archive.into_inner().limit() {
            0 => Err(io::Error::other("it is larger than what is read")),
            _ => Ok(contents),
        }
    }

    fn take(&mut self, name: &str, from: &mut impl Read) -> io::Result<()> {
        self.members.push(name.to_owned());
        if name == "package.json" {
            let mut text = Vec::new();
            from.take(TEXT).read_to_end(&mut text)?;
            // A mark of byte order is no JSON, and npm takes it.
            let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&text);
            self.manifest = serde_json::from_slice(text).map_err(io::Error::other)?;
            return Ok(());
        }
        let mut bytes = Vec::new();
        from.take(4).read_to_end(&mut bytes)?;
        if bytes == b"\x7fELF" {
            from.take(BINARY).read_to_end(&mut bytes)?;
            self.binaries.extend(Binary::read(&bytes).map(|binary| (name.to_owned(), binary)));
        }
        Ok(())
    }

    /// Whether it has this file.
    pub fn has(&self, name: &str) -> bool {
        self.members.iter().any(|member| member == name)
    }

    /// The binary of this name.
    pub fn binary(&self, name: &str) -> Option<&Binary> {
        self.binaries.iter().find(|(known, _)| known == name).map(|(_, binary)| binary)
    }
}

/// Whether bytes are those that a lock's `integrity` names; a lock without a SHA-512 names none.
pub fn is_whole(bytes: &[u8], integrity: Option<&str>) -> bool {
    let named: Vec<_> =
        integrity.unwrap_or_default().split_whitespace().filter_map(|d| d.strip_prefix("sha512-")).collect();
    named.is_empty() || named.contains(&STANDARD.encode(Sha512::digest(bytes)).as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn archive(members: &[(&str, &[u8])]) -> Vec<u8> {
        let packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        let mut tar = tar::Builder::new(packed);
        for (name, bytes) in members {
            let mut header = tar::Header::new_gnu();
            header.set_size(bytes.len() as u64);
            header.set_mode(0o644);
            tar.append_data(&mut header, format!("package/{name}"), *bytes).expect("a member");
        }
        tar.into_inner().and_then(flate2::write::GzEncoder::finish).expect("an archive")
    }

    #[test]
    fn names_scripts_and_binaries_are_read() {
        let this = std::fs::read("/proc/self/exe").expect("reads itself");
        let manifest = br#"{"name": "a", "version": "1.0.0", "scripts": {"install": "x"}, "libc": "musl"}"#;
        let bytes = archive(&[
            ("package.json", manifest),
            ("binding.gyp", b"{}"),
            ("prebuilds/x.node", &this),
            ("b.node", b"x"),
        ]);
        let contents = Contents::read(&bytes).expect("is read");
        assert_eq!(contents.manifest.scripts["install"], "x");
        assert_eq!(contents.manifest.libc(), ["musl"]);
        assert!(contents.has("binding.gyp") && contents.has("b.node") && !contents.has("a"));
        assert!(contents.binary("prebuilds/x.node").is_some() && contents.binary("b.node").is_none());
        for broken in [&b""[..], b"x", &bytes[..100]] {
            assert!(Contents::read(broken).is_err());
        }
    }

    #[test]
    fn bytes_are_held_to_the_lock() {
        let right = "sha512-z4PhNX7vuL3xVChQ1m2AB9Yg5AULVxXcg/SpIdNs6c5H0NE8XYXysP+DGNKHfuwvY7kxvUdBeoGlODJ6+SfaPg==";
        assert!(is_whole(b"", Some(right)) && !is_whole(b"x", Some(right)));
        assert!(is_whole(b"x", None) && is_whole(b"x", Some("sha1-x")));
    }
}
