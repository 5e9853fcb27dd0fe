//! What `docker save` and its like write: a `manifest.json` beside configurations and layers, in two forms.

use serde::Deserialize;

use super::{
    blobs::Carrier,
    digest::Digest,
    error::ImageError,
    limits::Limits,
    manifest::{Parts, check, choose, parse},
};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Saved {
    config: String,
    #[serde(default)]
    repo_tags: Option<Vec<String>>,
    #[serde(default)]
    layers: Option<Vec<String>>,
}

/// The image in a Docker archive that `select` names. Both forms have a `manifest.json`: in the older one layers are
/// `ID/layer.tar` and the configuration `DIGEST.json`, in the newer one both are blobs of an OCI layout.
pub(crate) fn read(carrier: &Carrier, select: Option<&str>, limits: &Limits) -> Result<Parts, ImageError> {
    if carrier.find("manifest.json")?.is_none() {
        let other = if carrier.find("index.json")?.is_some() {
            "use oci-archive: for it"
        } else {
            "save it with Docker 1.10 or later"
        };
        return Err(carrier.problem(format!("no Docker archive (manifest.json is missing); {other}")));
    }
    let bytes = carrier.document("manifest.json", limits)?;
    let images: Vec<Saved> = parse(carrier, "manifest.json", &bytes)?;
    let mut names: Vec<(usize, Option<String>)> = Vec::new();
    for (at, image) in images.iter().enumerate() {
        match image.repo_tags.as_deref().unwrap_or_default() {
            [] => names.push((at, None)),
            tags => names.extend(tags.iter().map(|tag| (at, Some(tag.clone())))),
        }
    }
    let chosen = choose(carrier, &names, select, false)?;
    let image = &images[chosen[0]];
    let config = carrier.document(&image.config, limits)?;
    if let Some(expected) = digest_in_name(&image.config) {
        check(carrier, "its configuration", expected, &config)?;
    }
    let layers = image.layers.iter().flatten().map(|part| {
        carrier.open(part)?;
        // Only blobs are named by their own digest; `ID/layer.tar` and `DIGEST.tar` are named by what is in them, or by chance.
        let stored = part.strip_prefix("blobs/sha256/").and_then(Digest::from_hex);
        Ok((part.clone(), stored))
    });
    let layers = layers.collect::<Result<_, ImageError>>()?;
    Parts::new(carrier, &config, layers, limits)
}

fn digest_in_name(name: &str) -> Option<Digest> {
    let file = name.rsplit('/').next().unwrap_or(name);
    let file = file.strip_prefix("sha256:").unwrap_or(file);
    Digest::from_hex(file.strip_suffix(".json").unwrap_or(file))
}
