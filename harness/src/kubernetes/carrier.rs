//! The carrier: an image of nothing but the agent and the probes, which brings them into pods. It is an OCI layout with the
//! index that `docker load` reads, in a tar; people push it to a registry that their nodes can reach.
//!
//! The same programs make the same bytes, so that its digest says what is in it.

use std::io::{self, Write};

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};
use tar::{Builder, EntryType, Header};

use crate::bundle;
use crate::image::{Arch, Digest};

/// The name that `docker load` gives it.
pub const NAME: &str = concat!("libcdiff-carrier:", env!("CARGO_PKG_VERSION"));

/// Writes the carrier for every machine that there are programs for; an index leads nodes to theirs.
///
/// # Errors
/// Of writing.
pub fn write(to: impl Write) -> io::Result<()> {
    let images = bundle::machines().map(Image::of).collect::<io::Result<Vec<_>>>()?;
    let mut blobs: Vec<&[u8]> = images.iter().flat_map(|i| [&i.layer[..], &i.config, &i.manifest]).collect();
    let index = serde_json::to_vec(&index(images.iter().map(Image::entry).collect()))?;
    let mut entry = match images.as_slice() {
        [only] => only.entry(),
        _ => {
            blobs.push(&index);
            descriptor(INDEX, &index)
        }
    };
    entry["annotations"] = json!({ "org.opencontainers.image.ref.name": NAME });
    // `docker load` takes this machine's, which comes first.
    let own = images
        .first()
        .map(|own| json!({ "Config": blob(&own.config), "RepoTags": [NAME], "Layers": [blob(&own.layer)] }));

    let mut archive = Builder::new(to);
    folder(&mut archive, "blobs/")?;
    folder(&mut archive, "blobs/sha256/")?;
    for content in blobs {
        file(&mut archive, &blob(content), content, 0o644)?;
    }
    file(&mut archive, "index.json", &serde_json::to_vec(&self::index(vec![entry]))?, 0o644)?;
    file(&mut archive, "manifest.json", &serde_json::to_vec(&json!([own]))?, 0o644)?;
    file(&mut archive, "oci-layout", br#"{"imageLayoutVersion":"1.0.0"}"#, 0o644)?;
    archive.into_inner()?.flush()
}

const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
const INDEX: &str = "application/vnd.oci.image.index.v1+json";

fn index(manifests: Vec<Value>) -> Value {
    json!({ "schemaVersion": 2, "mediaType": INDEX, "manifests": manifests })
}

/// The carrier for one machine.
struct Image {
    /// As OCI spells it.
    arch: &'static str,
    /// Compressed.
    layer: Vec<u8>,
    config: Vec<u8>,
    manifest: Vec<u8>,
}

impl Image {
    /// For a machine, as `uname -m` names it.
    fn of(machine: &'static str) -> io::Result<Self> {
        let arch = Arch::by_name(machine).map_or(machine, |arch| arch.oci);
        let content = layer(machine)?;
        let diff_id = Digest::of(&content).to_string();
        let mut packed = GzEncoder::new(Vec::new(), Compression::default());
        packed.write_all(&content)?;
        let layer = packed.finish()?;
        let config = serde_json::to_vec(&json!({
            "architecture": arch,
            "os": "linux",
            "config": { "Entrypoint": ["/agent"], "Labels": { "org.opencontainers.image.title": "libcdiff carrier" } },
            "rootfs": { "type": "layers", "diff_ids": [diff_id] },
            "history": [{ "created_by": concat!("libcdiff ", env!("CARGO_PKG_VERSION")) }],
        }))?;
        let manifest = serde_json::to_vec(&json!({
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "config": descriptor("application/vnd.oci.image.config.v1+json", &config),
            "layers": [descriptor("application/vnd.oci.image.layer.v1.tar+gzip", &layer)],
        }))?;
        Ok(Self { arch, layer, config, manifest })
    }

    fn entry(&self) -> Value {
        let mut entry = descriptor(MANIFEST, &self.manifest);
        entry["platform"] = json!({ "architecture": self.arch, "os": "linux" });
        entry
    }
}

fn descriptor(media_type: &str, content: &[u8]) -> Value {
    json!({ "mediaType": media_type, "digest": Digest::of(content).to_string(), "size": content.len() })
}

fn blob(content: &[u8]) -> String {
    format!("blobs/sha256/{}", Digest::of(content).hex())
}

/// The agent and the probes, as programs find them below `/.libcdiff`.
fn layer(machine: &str) -> io::Result<Vec<u8>> {
    let mut archive = Builder::new(Vec::new());
    let mut made = std::collections::BTreeSet::new();
    for (name, content) in bundle::asked(machine)? {
        for (at, _) in name.match_indices('/') {
            if made.insert(&name[..=at]) {
                folder(&mut archive, &name[..=at])?;
            }
        }
        file(&mut archive, name, &content, 0o755)?;
    }
    archive.into_inner()
}

fn folder<W: Write>(archive: &mut Builder<W>, path: &str) -> io::Result<()> {
    let mut header = Header::new_ustar();
    header.set_entry_type(EntryType::Directory);
    header.set_mode(0o755);
    header.set_size(0);
    archive.append_data(&mut header, path, io::empty())
}

fn file<W: Write>(archive: &mut Builder<W>, path: &str, content: &[u8], mode: u32) -> io::Result<()> {
    let mut header = Header::new_ustar();
    header.set_mode(mode);
    header.set_size(content.len() as u64);
    archive.append_data(&mut header, path, content)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_programs_make_the_same_bytes() {
        let carrier = || {
            let mut bytes = Vec::new();
            write(&mut bytes).expect("memory");
            bytes
        };
        let bytes = carrier();
        assert!(bytes == carrier(), "it differs from one time to the next");
        assert!(bytes.len() < 32 << 20, "{} bytes", bytes.len());
    }

    #[test]
    fn every_machine_is_led_to_its_own_and_this_one_is_what_engines_load() {
        let mut bytes = Vec::new();
        write(&mut bytes).expect("memory");
        let mut files = std::collections::BTreeMap::new();
        for entry in tar::Archive::new(&bytes[..]).entries().expect("a tar") {
            let mut entry = entry.expect("an entry");
            let mut content = Vec::new();
            io::Read::read_to_end(&mut entry, &mut content).expect("memory");
            files.insert(entry.path().expect("a name").display().to_string(), content);
        }
        let json = |name: &str| serde_json::from_slice::<Value>(&files[name]).expect("JSON");
        let led = |entry: &Value| {
            let name = entry["digest"].as_str().expect("a digest").replace(':', "/");
            let content = &files[&format!("blobs/{name}")];
            assert_eq!(
                (Digest::of(content).to_string(), content.len() as u64),
                (entry["digest"].as_str().expect("one").to_owned(), entry["size"].as_u64().expect("a size"))
            );
            serde_json::from_slice::<Value>(content)
        };
        let top = json("index.json")["manifests"][0].clone();
        let manifests = match top["mediaType"].as_str() {
            Some(INDEX) => led(&top).expect("JSON")["manifests"].as_array().cloned().expect("a list"),
            _ => vec![top],
        };
        let machines: Vec<&str> = bundle::machines().map(|m| Arch::by_name(m).map_or(m, |arch| arch.oci)).collect();
        assert_eq!(manifests.len(), machines.len());
        for (entry, machine) in manifests.iter().zip(machines) {
            let manifest = led(entry).expect("JSON");
            let config = led(&manifest["config"]).expect("JSON");
            assert_eq!(
                (&entry["platform"]["architecture"], &config["architecture"]),
                (&json!(machine), &json!(machine))
            );
            assert!(led(&manifest["layers"][0]).is_err(), "a layer is no JSON");
        }
        let loaded: Value =
            serde_json::from_slice(&files[json("manifest.json")[0]["Config"].as_str().expect("a name")]).expect("JSON");
        assert_eq!(loaded["architecture"], Arch::native().oci);
    }
}
