//! What an image consists of, and which of several is meant: what both kinds of carriers have in common.
//!
//! Both lead to a configuration, whose digest names the image and which names the content of each layer. Every document that
//! is named by a digest is checked against it. Layers are named here and read elsewhere.

use std::collections::BTreeMap;

use serde::{Deserialize, de::DeserializeOwned};

use super::{
    arch::{Abroad, Arch},
    blobs::Carrier,
    digest::Digest,
    error::ImageError,
    limits::{LimitHit, Limits},
};

/// An image that is about to be unpacked.
#[derive(Debug)]
pub(crate) struct Parts {
    /// The digest of its configuration: what engines call the image id. It names the unpacked content, however that is stored.
    pub id: Digest,
    /// The architecture that the configuration states, by its OCI name.
    pub arch: Option<String>,
    /// Environment of its programs.
    pub env: BTreeMap<String, String>,
    /// Lowest first.
    pub layers: Vec<Layer>,
}

/// One layer.
#[derive(Debug)]
pub(crate) struct Layer {
    /// The carrier's part.
    pub part: String,
    /// Digest of the part, where it is named by one.
    pub stored: Option<Digest>,
    /// Digest of the tar in it.
    pub content: Digest,
}

/// Reads `T` from a document.
pub(super) fn parse<T: DeserializeOwned>(carrier: &Carrier, name: &str, bytes: &[u8]) -> Result<T, ImageError> {
    serde_json::from_slice(bytes)
        .map_err(|error| carrier.problem(format!("its `{name}` is not what it should be: {error}")))
}

/// An image's configuration, as far as it matters here.
#[derive(Deserialize)]
pub(super) struct Config {
    pub architecture: Option<String>,
    pub os: Option<String>,
    #[serde(default)]
    config: Option<RunConfig>,
    rootfs: Option<RootFs>,
}

#[derive(Default, Deserialize)]
struct RunConfig {
    #[serde(rename = "Env", default)]
    env: Option<Vec<String>>,
}

#[derive(Deserialize)]
struct RootFs {
    #[serde(default)]
    diff_ids: Option<Vec<String>>,
}

impl Parts {
    /// From the bytes of a configuration, and the layers that its manifest lists as part and digest.
    pub fn new(
        carrier: &Carrier,
        config: &[u8],
        layers: Vec<(String, Option<Digest>)>,
        limits: &Limits,
    ) -> Result<Self, ImageError> {
        let id = Digest::of(config);
        let config: Config = parse(carrier, "configuration", config)?;
        if let Some(os) = config.os.filter(|os| !os.is_empty() && os != "linux") {
            return Err(carrier.problem(format!("the image is for {os}, not for linux")));
        }
        let Some(rootfs) = config.rootfs else {
            return Err(
                carrier.problem("its configuration names no layers: it is an artifact, not a container image".into())
            );
        };
        let contents = rootfs.diff_ids.unwrap_or_default();
        if contents.len() != layers.len() {
            let (told, listed) = (contents.len(), layers.len());
            return Err(carrier.problem(format!("its configuration has {told} layers, its manifest {listed}")));
        }
        if layers.len() > limits.layers {
            return Err(ImageError::Limit { what: carrier.what.clone(), hit: LimitHit::Layers(limits.layers) });
        }
        let layers = layers
            .into_iter()
            .zip(&contents)
            .map(|((part, stored), content)| Ok(Layer { part, stored, content: digest(carrier, content)? }))
            .collect::<Result<_, ImageError>>()?;
        let env = config.config.unwrap_or_default().env.unwrap_or_default();
        let env =
            env.iter().filter_map(|line| line.split_once('=')).map(|(k, v)| (k.to_owned(), v.to_owned())).collect();
        Ok(Self { id, arch: config.architecture.filter(|a| !a.is_empty()), env, layers })
    }
}

impl Parts {
    /// Refuses an image for another architecture, unless that can be used.
    pub fn runs_here(&self, carrier: &Carrier, abroad: Abroad) -> Result<(), ImageError> {
        let Some(arch) = self.arch.as_deref().filter(|arch| *arch != Arch::native().oci) else { return Ok(()) };
        match Arch::by_oci(arch) {
            None => Err(ImageError::foreign(&carrier.what, arch.into(), String::new())),
            Some(arch) => abroad(arch).map_err(|lacking| ImageError::foreign(&carrier.what, arch.spoken(), lacking)),
        }
    }
}

pub(super) fn digest(carrier: &Carrier, text: &str) -> Result<Digest, ImageError> {
    Digest::parse(text).ok_or_else(|| {
        let text: String = text.chars().take(100).collect();
        carrier.problem(format!("`{text}` is no sha256 digest, and no other kind is supported"))
    })
}

pub(super) fn check(carrier: &Carrier, part: &str, expected: Digest, bytes: &[u8]) -> Result<(), ImageError> {
    match Digest::of(bytes) {
        found if found == expected => Ok(()),
        found => Err(ImageError::WrongDigest { what: carrier.what.clone(), part: part.into(), expected, found }),
    }
}

pub(super) fn label(name: Option<&String>, at: usize) -> String {
    name.cloned().unwrap_or_else(|| format!("@{at}"))
}

/// Which images `select` means: `@N` for the Nth, or a name. `names` has each image's place with each name it has. Without a
/// choice, all of them if `all`, or the only one.
pub(super) fn choose(
    carrier: &Carrier,
    names: &[(usize, Option<String>)],
    select: Option<&str>,
    all: bool,
) -> Result<Vec<usize>, ImageError> {
    let labels = || names.iter().map(|(at, name)| label(name.as_ref(), *at)).collect();
    let what = carrier.what.clone();
    let meant = |(at, name): &(usize, Option<String>)| {
        select.is_none_or(|wanted| {
            wanted == format!("@{at}") || name.as_ref().is_some_and(|name| same_name(name, wanted))
        })
    };
    let mut found: Vec<usize> = names.iter().filter(|image| meant(image)).map(|(at, _)| *at).collect();
    found.dedup();
    match (found.len(), select) {
        _ if names.is_empty() => Err(carrier.problem("it holds no images".into())),
        (0, Some(wanted)) => Err(ImageError::NoSuchName { what, wanted: wanted.into(), names: labels() }),
        (2.., None) if !all => Err(ImageError::Several { what, names: labels() }),
        _ => Ok(found),
    }
}

/// Whether both mean the same image: `docker.io/library/` and `:latest` may be left out.
fn same_name(a: &str, b: &str) -> bool {
    let full = |name: &str| {
        let name = name.strip_prefix("docker.io/").unwrap_or(name);
        let name = name.strip_prefix("library/").unwrap_or(name);
        match name.rsplit('/').next().unwrap_or(name).contains([':', '@']) {
            true => name.to_owned(),
            false => format!("{name}:latest"),
        }
    };
    a == b || full(a) == full(b)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_mean_the_same_with_and_without_what_engines_add() {
        for (a, b) in [
            ("alpine:3.20", "docker.io/library/alpine:3.20"),
            ("alpine", "alpine:latest"),
            ("localhost:5000/x", "localhost:5000/x:latest"),
        ] {
            assert!(same_name(a, b), "{a} {b}");
        }
        assert!(!same_name("alpine:3.20", "alpine:3.2"));
        assert!(!same_name("other/alpine:3.20", "alpine:3.20"));
    }
}
