//! OCI layouts (image-spec image-layout.md): from the index, through indexes inside it, to the manifest for this machine.
//!
//! Every size that is stated is checked against what is there. Manifests for other platforms are not read: an archive need not
//! hold them. What a registry sends is read in the same way, from whatever its name leads to.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{
    arch::{Abroad, Arch},
    blobs::{Carrier, Piece},
    digest::Digest,
    error::ImageError,
    limits::Limits,
    manifest::{Config, Parts, check, choose, digest, label, parse},
    registry::Platform,
};

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Descriptor {
    #[serde(default)]
    media_type: String,
    digest: String,
    size: u64,
    platform: Option<Stated>,
    annotations: Option<BTreeMap<String, String>>,
}

/// A platform, as an index states it.
#[derive(Clone, Debug, Deserialize)]
struct Stated {
    architecture: String,
    os: String,
    #[serde(default)]
    variant: Option<String>,
}

/// An index or a manifest: which one, its fields tell more reliably than its media type.
#[derive(Deserialize)]
struct Document {
    manifests: Option<Vec<Descriptor>>,
    config: Option<Descriptor>,
    layers: Option<Vec<Descriptor>>,
}

/// A manifest that some index leads to.
#[derive(Clone, Debug)]
struct Leaf {
    descriptor: Descriptor,
    /// What the top entry that led here is called.
    label: String,
}

/// Indexes inside one another: the layout's own, a multi-platform one, and one that an engine put around it.
const INDEXES: usize = 4;
/// Manifests of one image; the most platforms that official images have is about a dozen.
const MANIFESTS: usize = 1000;

/// The image in an OCI layout that `select` names, for `platform`.
pub(crate) fn read(
    carrier: &Carrier,
    select: Option<&str>,
    platform: &Platform,
    abroad: Abroad,
    limits: &Limits,
) -> Result<Parts, ImageError> {
    if carrier.find("index.json")?.is_none() {
        return Err(carrier.problem("no OCI layout in it (index.json is missing); use docker-archive: for it".into()));
    }
    let bytes = carrier.document("index.json", limits)?;
    let index: Document = parse(carrier, "index.json", &bytes)?;
    let top = index.manifests.ok_or_else(|| carrier.problem("its index.json lists no images".into()))?;
    let named: Vec<(Option<String>, Descriptor)> = top.into_iter().map(|d| (name_of(&d), d)).collect();
    let names: Vec<(usize, Option<String>)> = named.iter().map(|(name, _)| name.clone()).enumerate().collect();
    let chosen = choose(carrier, &names, select, true)?;
    let mut leaves = Vec::new();
    for at in chosen {
        let (name, descriptor) = &named[at];
        descend(carrier, descriptor, &label(name.as_ref(), at), INDEXES, &mut leaves, limits)?;
    }
    let leaf = for_platform(carrier, leaves, platform, abroad, limits)?;
    Ok(parts(carrier, &leaf.descriptor, limits)?.0)
}

/// An image at a registry.
#[derive(Debug)]
pub(crate) struct Sent {
    /// Digest of its manifest.
    pub manifest: Digest,
    /// What it consists of.
    pub parts: Parts,
    /// The layers as they are sent, lowest first: digest and bytes.
    pub layers: Vec<(Digest, u64)>,
    /// Bytes of the layers, if they are compressed.
    pub compressed_bytes: Option<u64>,
}

/// The image for `platform` that the manifest or index of this digest and size leads to.
pub(crate) fn sent(
    carrier: &Carrier,
    top: (Digest, u64),
    platform: &Platform,
    abroad: Abroad,
    limits: &Limits,
) -> Result<Sent, ImageError> {
    let (media_type, digest, size) = (String::new(), top.0.to_string(), top.1);
    let top = Descriptor { media_type, digest, size, platform: None, annotations: None };
    let mut leaves = Vec::new();
    descend(carrier, &top, "", INDEXES, &mut leaves, limits)?;
    let leaf = for_platform(carrier, leaves, platform, abroad, limits)?;
    let (parts, layers) = parts(carrier, &leaf.descriptor, limits)?;
    let compressed = !layers.iter().any(|layer| layer.media_type.ends_with(".tar"));
    let layers: Vec<_> = layers
        .iter()
        .map(|layer| Ok((self::digest(carrier, &layer.digest)?, layer.size)))
        .collect::<Result<_, ImageError>>()?;
    let bytes = layers.iter().fold(0_u64, |sum, (_, size)| sum.saturating_add(*size));
    let compressed_bytes = (compressed && !layers.is_empty()).then_some(bytes);
    Ok(Sent { manifest: self::digest(carrier, &leaf.descriptor.digest)?, parts, layers, compressed_bytes })
}

/// The layers that the bytes of a manifest list; none if they are no manifest.
pub(crate) fn layers(manifest: &[u8]) -> Vec<Digest> {
    let document = serde_json::from_slice::<Document>(manifest).ok();
    let layers = document.and_then(|document| document.layers).unwrap_or_default();
    layers.iter().filter_map(|layer| Digest::parse(&layer.digest)).collect()
}

/// What the manifest of this descriptor names, and its layers as it lists them.
fn parts(carrier: &Carrier, descriptor: &Descriptor, limits: &Limits) -> Result<(Parts, Vec<Descriptor>), ImageError> {
    let manifest: Document = parse(carrier, "manifest", &blob(carrier, Piece::Manifest, descriptor, limits)?)?;
    let (Some(config), Some(layers)) = (manifest.config, manifest.layers) else {
        return Err(
            carrier.problem("its manifest has no configuration or no layers: it is not a container image".into())
        );
    };
    let config = blob(carrier, Piece::Config, &config, limits)?;
    let named = layers.iter().map(|layer| layer_part(carrier, layer)).collect::<Result<_, _>>()?;
    Ok((Parts::new(carrier, &config, named, limits)?, layers))
}

fn layer_part(carrier: &Carrier, layer: &Descriptor) -> Result<(String, Option<Digest>), ImageError> {
    if layer.media_type.ends_with("+encrypted") {
        return Err(carrier.problem("its layers are encrypted".into()));
    }
    let digest = digest(carrier, &layer.digest)?;
    let part = Carrier::blob_name(&digest);
    if carrier.is_supplied() {
        return Ok((part, Some(digest)));
    }
    let size = carrier.open(&part)?.size();
    if size != layer.size {
        return Err(
            carrier.problem(format!("its layer {digest} has {size} bytes instead of {}; copy it again", layer.size))
        );
    }
    Ok((part, Some(digest)))
}

fn name_of(descriptor: &Descriptor) -> Option<String> {
    // The first is what containerd and Docker write, and full; the second is often a tag alone.
    let keys = ["io.containerd.image.name", "org.opencontainers.image.ref.name"];
    let annotations = descriptor.annotations.as_ref()?;
    keys.iter().find_map(|key| annotations.get(*key)).cloned()
}

/// The bytes that a descriptor names, checked.
fn blob(carrier: &Carrier, piece: Piece, descriptor: &Descriptor, limits: &Limits) -> Result<Vec<u8>, ImageError> {
    let digest = digest(carrier, &descriptor.digest)?;
    carrier.need(piece, &digest, descriptor.size, limits)?;
    let part = match piece {
        Piece::Manifest => "its manifest",
        Piece::Config => "its configuration",
    };
    let bytes = carrier.document(&Carrier::blob_name(&digest), limits)?;
    check(carrier, part, digest, &bytes)?;
    match bytes.len() as u64 == descriptor.size {
        true => Ok(bytes),
        false => {
            Err(carrier.problem(format!("{part} has {} bytes, and its index says {}", bytes.len(), descriptor.size)))
        }
    }
}

/// Collects the manifests that `descriptor` leads to. Those of other platforms are not read: an archive need not hold them.
fn descend(
    carrier: &Carrier,
    descriptor: &Descriptor,
    label: &str,
    deeper: usize,
    leaves: &mut Vec<Leaf>,
    limits: &Limits,
) -> Result<(), ImageError> {
    if is_attestation(descriptor) {
        return Ok(());
    }
    if leaves.len() >= MANIFESTS {
        return Err(carrier.problem(format!("its indexes list more than {MANIFESTS} manifests")));
    }
    let leaf = Leaf { descriptor: descriptor.clone(), label: label.into() };
    if descriptor.platform.is_some() {
        leaves.push(leaf);
        return Ok(());
    }
    let document: Document = parse(carrier, "manifest", &blob(carrier, Piece::Manifest, descriptor, limits)?)?;
    match document.manifests {
        None => leaves.push(leaf),
        Some(_) if deeper == 0 => return Err(carrier.problem(format!("its indexes lie more than {INDEXES} deep"))),
        Some(below) => {
            for descriptor in &below {
                descend(carrier, descriptor, label, deeper - 1, leaves, limits)?;
            }
        }
    }
    Ok(())
}

/// Build records that engines store beside images, under a platform that does not exist.
fn is_attestation(descriptor: &Descriptor) -> bool {
    descriptor.annotations.as_ref().is_some_and(|a| a.contains_key("vnd.docker.reference.type"))
        || descriptor.platform.as_ref().is_some_and(|p| p.os == "unknown" && p.architecture == "unknown")
}

/// The one manifest for a platform; of several variants of that, the plainest.
///
/// Without a wish there is this machine's; an image that has one other and no more is taken where that can be used.
fn for_platform(
    carrier: &Carrier,
    leaves: Vec<Leaf>,
    wanted: &Platform,
    abroad: Abroad,
    limits: &Limits,
) -> Result<Leaf, ImageError> {
    let mut others = Vec::new();
    let mut fit: Vec<(String, Leaf)> = Vec::new();
    let mut foreign: Vec<(&'static Arch, Leaf)> = Vec::new();
    for leaf in leaves {
        let (os, arch, variant) = platform(carrier, &leaf, limits)?;
        if wanted.fits(&os, &arch, &variant) {
            fit.push((variant, leaf));
        } else {
            let known = Arch::by_oci(&arch).filter(|_| os == "linux" && variant.is_empty());
            let full = || format!("{os}/{arch}/{variant}").trim_end_matches('/').to_owned();
            others.push(known.map_or_else(full, Arch::spoken));
            foreign.extend(Arch::by_oci(&arch).filter(|_| os == "linux").map(|arch| (arch, leaf)));
        }
    }
    fit.sort_by(|a, b| a.0.cmp(&b.0));
    fit.dedup_by(|a, b| a.1.descriptor.digest == b.1.descriptor.digest || a.0 != b.0);
    match fit.len() {
        0 if others.is_empty() => Err(carrier.problem("its index lists no images".into())),
        0 => {
            let image = others.join(", ");
            if *wanted != Platform::native() {
                return Err(carrier.problem(format!("the image is for {image}, and not for {wanted}")));
            }
            match (foreign.pop(), others.len()) {
                (Some((arch, leaf)), 1) => match abroad(arch) {
                    Ok(()) => Ok(leaf),
                    Err(lacking) => Err(ImageError::foreign(&carrier.what, image, lacking)),
                },
                _ => Err(ImageError::foreign(&carrier.what, image, "name another one with --platform".into())),
            }
        }
        1 => Ok(fit.remove(0).1),
        _ => {
            let names = fit.into_iter().map(|(_, leaf)| leaf.label).collect();
            Err(ImageError::Several { what: carrier.what.clone(), names })
        }
    }
}

/// Os, architecture and variant of a manifest: from its index, or else from its configuration.
fn platform(carrier: &Carrier, leaf: &Leaf, limits: &Limits) -> Result<(String, String, String), ImageError> {
    if let Some(Stated { os, architecture, variant }) = leaf.descriptor.platform.clone() {
        return Ok((os, architecture, variant.unwrap_or_default()));
    }
    let manifest: Document = parse(carrier, "manifest", &blob(carrier, Piece::Manifest, &leaf.descriptor, limits)?)?;
    let Some(config) = manifest.config else {
        return Err(carrier.problem("its manifest has no configuration: it is not a container image".into()));
    };
    let config: Config = parse(carrier, "configuration", &blob(carrier, Piece::Config, &config, limits)?)?;
    let text = |value: Option<String>, usual: &str| value.filter(|v| !v.is_empty()).unwrap_or(usual.into());
    Ok((text(config.os, "linux"), text(config.architecture, Arch::native().oci), String::new()))
}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use super::{super::arch::nowhere, *};

    fn read(carrier: &Carrier, select: Option<&str>, limits: &Limits) -> Result<Parts, ImageError> {
        super::read(carrier, select, &Platform::native(), nowhere, limits)
    }

    fn put(root: &Path, bytes: &[u8]) -> (Digest, usize) {
        let digest = Digest::of(bytes);
        fs::create_dir_all(root.join("blobs/sha256")).expect("made");
        fs::write(root.join(Carrier::blob_name(&digest)), bytes).expect("written");
        (digest, bytes.len())
    }

    fn image(root: &Path, arch: &str) -> String {
        let (config, config_size) =
            put(root, format!(r#"{{"architecture":"{arch}","os":"linux","rootfs":{{"diff_ids":[]}}}}"#).as_bytes());
        let config = format!(r#"{{"digest":"{config}","size":{config_size}}}"#);
        let (digest, size) = put(root, format!(r#"{{"config":{config},"layers":[]}}"#).as_bytes());
        format!(r#""digest":"{digest}","size":{size}"#)
    }

    fn index(root: &Path, entries: &[String]) -> Carrier {
        fs::write(root.join("index.json"), format!(r#"{{"manifests":[{}]}}"#, entries.join(","))).expect("written");
        Carrier::folder(root, "layout")
    }

    fn named(image: &str, name: &str) -> String {
        format!(r#"{{{image},"annotations":{{"org.opencontainers.image.ref.name":"{name}"}}}}"#)
    }

    fn on(image: &str, platform: &str) -> String {
        format!(r#"{{{image},"platform":{platform}}}"#)
    }

    const ABSENT: &str =
        r#""digest":"sha256:00000000000000000000000000000000000000000000000000000000000000ff","size":3"#;

    #[test]
    fn the_manifest_for_this_machine_is_taken_from_a_nested_index() {
        let root = tempfile::tempdir().expect("a folder");
        let root = root.path();
        let native = Arch::native().oci;
        let right = image(root, native);
        let below = [
            on(ABSENT, r#"{"architecture":"s390x","os":"linux"}"#),
            on(ABSENT, r#"{"architecture":"unknown","os":"unknown"}"#),
            on(ABSENT, &format!(r#"{{"architecture":"{native}","os":"linux","variant":"v3"}}"#)),
            on(&right, &format!(r#"{{"architecture":"{native}","os":"linux"}}"#)),
        ];
        let (digest, size) = put(root, format!(r#"{{"manifests":[{}]}}"#, below.join(",")).as_bytes());
        let carrier = index(root, &[format!(r#"{{"digest":"{digest}","size":{size}}}"#)]);
        assert_eq!(read(&carrier, None, &Limits::default()).expect("found").arch.as_deref(), Some(native));
    }

    #[test]
    fn another_machine_s_manifest_is_taken_where_it_is_wished_or_the_only_one() {
        let root = tempfile::tempdir().expect("a folder");
        let root = root.path();
        let (limits, foreign) = (Limits::default(), "s390x");
        let entry = |arch: &str| on(&image(root, arch), &format!(r#"{{"architecture":"{arch}","os":"linux"}}"#));
        let arch = |carrier: &Carrier, platform: &Platform, abroad: Abroad| {
            super::read(carrier, None, platform, abroad, &limits).map(|parts| parts.arch.unwrap_or_default())
        };
        let wished: Platform = format!("linux/{foreign}").parse().expect("a platform");
        let both = index(root, &[entry(Arch::native().oci), entry(foreign)]);
        assert_eq!(arch(&both, &wished, |_| Ok(())).expect("found"), foreign);
        assert_eq!(arch(&both, &Platform::native(), |_| Ok(())).expect("found"), Arch::native().oci);
        let alone = index(root, &[entry(foreign)]);
        assert_eq!(arch(&alone, &Platform::native(), |_| Ok(())).expect("found"), foreign);
        let error = arch(&alone, &Platform::native(), |_| Err("install it".into())).expect_err("foreign").to_string();
        assert!(error.ends_with("variant, or install it"), "{error}");
        let two = index(root, &[entry(foreign), entry("riscv64")]);
        let error = arch(&two, &Platform::native(), |_| Ok(())).expect_err("which?").to_string();
        assert!(error.contains("s390x, riscv64") && error.contains("--platform"), "{error}");
    }

    #[test]
    fn one_of_several_images_must_be_named() {
        let root = tempfile::tempdir().expect("a folder");
        let root = root.path();
        let native = Arch::native().oci;
        let one = image(root, native);
        // The same image with other bytes: its architecture is only stated, here with a space after it.
        let other = image(root, native).replace("\"size\"", "\"size\" ");
        let (config, size) =
            put(root, format!(r#"{{"architecture":"{native}","os":"linux","rootfs":{{"diff_ids":[]}} }}"#).as_bytes());
        let (digest, size) =
            put(root, format!(r#"{{"config":{{"digest":"{config}","size":{size}}},"layers":[]}}"#).as_bytes());
        let two = format!(r#""digest":"{digest}","size":{size}"#);
        let limits = Limits::default();
        let same = index(root, &[named(&one, "a"), named(&other, "b")]);
        read(&same, None, &limits).expect("two names of one image are no question");
        let carrier = index(root, &[named(&one, "one"), named(&two, "docker.io/library/two:latest")]);
        let error = read(&carrier, None, &limits).expect_err("which?").to_string();
        assert_eq!(
            error,
            "layout: holds several images; name one, as in `layout:one`: one, docker.io/library/two:latest"
        );
        assert_eq!(read(&carrier, Some("two"), &limits).expect("found").id, config);
        assert_eq!(read(&carrier, Some("@1"), &limits).expect("found").id, config);
        let error = read(&carrier, Some("three"), &limits).expect_err("none").to_string();
        assert!(error.contains("no image `three`, only one, docker.io/library/two:latest"), "{error}");
    }

    #[test]
    fn other_machines_and_damage_are_told_apart() {
        let root = tempfile::tempdir().expect("a folder");
        let root = root.path();
        let limits = Limits::default();
        let foreign = index(root, &[format!("{{{}}}", image(root, "riscv64"))]);
        let error = read(&foreign, None, &limits).expect_err("foreign").to_string();
        let machine = Arch::native().spoken();
        assert!(error.contains("for riscv64") && error.contains(&machine), "{error}");
        let missing = index(root, &[format!("{{{ABSENT}}}")]);
        let error = read(&missing, None, &limits).expect_err("missing").to_string();
        assert!(error.contains("blobs/sha256/00") && error.contains("is missing"), "{error}");
        let empty = index(root, &[]);
        assert!(read(&empty, None, &limits).expect_err("empty").to_string().contains("no images"));
        let whole = image(root, Arch::native().oci);
        let carrier = index(root, &[format!("{{{whole}}}")]);
        let hex = whole.split("sha256:").nth(1).and_then(|rest| rest.get(..64)).expect("a digest");
        fs::write(root.join("blobs/sha256").join(hex), "{}").expect("damaged");
        let error = read(&carrier, None, &limits).expect_err("damaged");
        assert!(matches!(error, ImageError::WrongDigest { .. }), "{error}");
        fs::write(root.join("index.json"), "not json").expect("damaged");
        assert!(read(&carrier, None, &limits).expect_err("damaged").to_string().contains("`index.json` is not"));
    }
}
