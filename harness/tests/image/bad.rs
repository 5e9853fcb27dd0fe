//! Every bad input: one clear line that names it, and whose fault it is.

use std::{fs, os::unix::fs::symlink};

use libcdiff::image::ImageError;

use crate::{
    bench::Bench,
    pack::{Saved, Tar, blob_name, elf, gzip, small_root, xz, zstd},
};

/// Resolves and expects a request error of one line with these words in it.
#[track_caller]
fn refused(bench: &Bench, reference: &str, words: &str) -> ImageError {
    let error = match bench.resolve(reference) {
        Ok(image) => panic!("{reference} became {image:?}"),
        Err(error) => error,
    };
    let text = error.to_string();
    assert!(text.contains(words), "{reference}: {text}");
    assert!(!text.contains('\n') && error.is_request(), "{reference}: {text}");
    assert_eq!(bench.cached(), Vec::<String>::new(), "{reference}: something is left");
    error
}

#[test]
fn files_that_are_not_there() {
    let bench = Bench::new();
    let nowhere = bench.path("nowhere.tar");
    let nowhere = nowhere.to_str().expect("is text");
    for scheme in ["", "rootfs:", "dir:", "docker-archive:", "oci-archive:", "oci-dir:"] {
        refused(&bench, &format!("{scheme}{nowhere}"), "no such file or folder");
    }
    refused(&bench, &format!("{nowhere}/below"), "no such file");
    symlink("nothing", bench.path("dangling")).expect("linked");
    refused(&bench, &format!("rootfs:{}", bench.path("dangling").display()), "no such file");
}

#[test]
fn names_that_only_a_registry_knows() {
    let bench = Bench::new();
    // Nothing listens on the discard port.
    for name in ["127.0.0.1:9/alpine:3.20", "localhost:9/a/b"] {
        let error = bench.resolve(name).expect_err(name);
        assert!(
            error.to_string().starts_with("neither a catalog name nor an existing path, and at a registry: "),
            "{error}"
        );
        let error = bench.resolve(&format!("registry:{name}")).expect_err(name);
        assert!(error.to_string().starts_with(name) && !error.is_request(), "{error}");
    }
    for (reference, words) in [
        ("no such name", "no such file"),
        ("Upper", "`Upper` is no part of a repository"),
        ("registry:a/b:", "no image name"),
        ("ghcr.io/a/b@sha256:0", "no digest"),
    ] {
        refused(&bench, reference, words);
    }
}

#[test]
fn files_that_are_no_images() {
    let bench = Bench::new();
    let zeros = vec![0; 2000];
    for (name, bytes, words) in [
        ("empty.tar", &b""[..], "0 bytes"),
        ("text.tar", b"just words\n", "no image: text"),
        ("json.tar", b"{\"a\": 1}", "a JSON document"),
        ("program", &elf(62, None, &zeros), "an ELF program"),
        ("zip.tar", b"PK\x03\x04....", "a zip archive"),
        ("bzip2.tar", b"BZh91AY", "recompress it"),
        ("text.tar.gz", &gzip(b"just words"), "gzip data, and in it text"),
        ("nothing.tar.zst", &zstd(b""), "zstd data, and in it nothing"),
        ("random.tar", &[0xa5; 2000], "of an unknown kind"),
    ] {
        let path = bench.put(name, bytes);
        for reference in [path.clone(), format!("rootfs:{path}"), format!("docker-archive:{path}")] {
            refused(&bench, &reference, words);
        }
    }
}

#[test]
fn tars_without_a_file_system() {
    let bench = Bench::new();
    for (tar, words) in [
        (Tar::new(), "it is empty"),
        (Tar::new().file("README", "words").file("src/main.c", "int x;"), "neither a program nor one of the folders"),
        (Tar::new().file("alpine/bin/sh", "x").file("alpine/etc/x", "x"), "`tar -C alpine -c .`"),
        (Tar::new().device("null"), "it is empty"),
    ] {
        refused(&bench, &bench.put("x.tar", &tar.end()), words);
    }
    let folder = bench.path("folder");
    fs::create_dir(&folder).expect("made");
    let folder = folder.to_str().expect("is text").to_owned();
    refused(&bench, &folder, "the folder is empty");
    refused(&bench, &format!("dir:{folder}"), "the folder is empty");
    refused(&bench, &format!("oci-dir:{folder}"), "the folder is empty");
    bench.put("folder/README", b"words");
    refused(&bench, &folder, "neither a program");
    bench.put("folder/version", b"Directory Transport Version: 1.1\n");
    bench.put("folder/manifest.json", b"{}");
    refused(&bench, &folder, "skopeo's `dir:` form");
    refused(&bench, &format!("oci-dir:{folder}"), "no OCI layout");
}

#[test]
fn one_form_under_another_s_name() {
    let bench = Bench::new();
    let saved = Saved::new(vec![small_root().end()], gzip);
    let root = bench.put("root.tar", &small_root().end());
    let docker = bench.put("docker.tar", &saved.docker_old("null"));
    let oci = bench.put("oci.tar", &saved.oci_archive());
    saved.write_layout(&bench.path("layout"));
    let layout = bench.path("layout").display().to_string();
    for (reference, words) in [
        (format!("rootfs:{docker}"), "use docker-archive:"),
        (format!("rootfs:{oci}"), "use oci-archive:"),
        (format!("docker-archive:{root}"), "use rootfs:"),
        (format!("oci-archive:{root}"), "use rootfs:"),
        (format!("docker-archive:{oci}"), "use oci-archive:"),
        (format!("oci-archive:{docker}"), "use docker-archive:"),
        (format!("dir:{layout}"), "use oci-dir:"),
        (format!("dir:{oci}"), "is a file"),
        (format!("oci-dir:{oci}"), "use oci-archive:"),
        (format!("rootfs:{layout}"), "is a folder"),
        (format!("oci-archive:{layout}"), "is a folder"),
        (format!("{docker}:other"), "no image `other`"),
        (format!("oci-dir:{layout}:other"), "no image `other`"),
    ] {
        refused(&bench, &reference, words);
    }
}

#[test]
fn truncated_archives() {
    let bench = Bench::new();
    let noise: Vec<u8> = (0..100_000u32).flat_map(|n| n.wrapping_mul(2_654_435_761).to_le_bytes()).collect();
    let tar = small_root().bytes("big", 0o644, &noise);
    let whole = tar.clone().end();
    for (name, bytes, words) in [
        ("half.tar", &whole[..whole.len() / 2], "in the middle of an entry"),
        ("header.tar", &whole[..700], "in the middle of an entry"),
        ("mark.tar", &tar.cut(), "no end mark"),
        ("half.tar.gz", &gzip(&whole)[..200_000], "the gzip data ends early"),
        ("half.tar.xz", &xz(&whole)[..200_000], "the xz data ends early"),
        ("half.tar.zst", &zstd(&whole)[..200_000], "the zstd data ends early"),
    ] {
        let error = refused(&bench, &bench.put(name, bytes), words);
        assert!(matches!(error, ImageError::Truncated { .. }), "{error}");
    }
    let saved = Saved::new(vec![whole], gzip);
    for archive in [saved.docker_old("null"), saved.docker_new("null"), saved.oci_archive()] {
        for part in [archive.len() / 2, archive.len() * 3 / 4] {
            let error = refused(&bench, &bench.put("image.tar", &archive[..part]), "");
            assert!(matches!(error, ImageError::Truncated { .. }), "{part}: {error}");
        }
    }
}

#[test]
fn corrupt_compression() {
    let bench = Bench::new();
    let noise: Vec<u8> = (0..100_000u32).flat_map(|n| n.wrapping_mul(2_654_435_761).to_le_bytes()).collect();
    let whole = small_root().bytes("big", 0o644, &noise).end();
    for (name, mut bytes) in [("a.tar.gz", gzip(&whole)), ("a.tar.xz", xz(&whole)), ("a.tar.zst", zstd(&whole))] {
        let middle = bytes.len() / 2;
        bytes[middle..middle + 64].fill(0xa5);
        let error = match bench.resolve(&bench.put(name, &bytes)) {
            Ok(_) => panic!("{name} became an image"),
            Err(error) => error,
        };
        // Damage may be noticed by the checksum, or make the data seem to end early.
        assert!(matches!(error, ImageError::Corrupt { .. } | ImageError::Truncated { .. }), "{name}: {error}");
        assert!(error.is_request());
        assert_eq!(bench.cached(), Vec::<String>::new());
    }
}

#[test]
fn a_broken_tar() {
    let bench = Bench::new();
    let mut tar = small_root().end();
    tar[512 + 20] ^= 1;
    let error = refused(&bench, &bench.put("a.tar", &tar), "checksum");
    assert!(matches!(error, ImageError::Archive { .. }), "{error}");
}

/// Every part of a layout that a digest names, replaced by something else of the same kind.
#[test]
fn wrong_digests() {
    let bench = Bench::new();
    let saved = Saved::new(vec![small_root().end(), Tar::new().file("x", "x").end()], gzip);
    let layout = bench.path("layout");
    let reference = format!("oci-dir:{}", layout.display());
    let other = gzip(&Tar::new().file("x", "y").end());
    let stored = &saved.layers[1].0;
    let padded = { [&other[..], &gzip(b"")[..]].concat() };
    for (name, bytes, words) in [
        (
            blob_name(saved.config.as_bytes()),
            saved.config.replace("X=a", "X=b").into_bytes(),
            "wrong digest: its configuration",
        ),
        (
            blob_name(stored),
            other.clone(),
            if other.len() == stored.len() { "wrong digest: the layer" } else { "bytes instead of" },
        ),
        (blob_name(stored), padded, "bytes instead of"),
        ("index.json".into(), b"{\"manifests\": 3}".to_vec(), "`index.json` is not what it should be"),
        ("index.json".into(), b"{}".to_vec(), "lists no images"),
    ] {
        saved.write_layout(&layout);
        fs::write(layout.join(name), bytes).expect("written");
        refused(&bench, &reference, words);
    }
    saved.write_layout(&layout);
    fs::remove_file(layout.join(blob_name(stored))).expect("removed");
    refused(&bench, &reference, "is missing");
    // Content that is not what the configuration says, though everything is named rightly.
    let mut wrong = Saved::new(vec![small_root().end()], gzip);
    wrong.layers[0] = (gzip(&Tar::new().file("x", "y").end()), Vec::new());
    for archive in [wrong.oci_archive(), wrong.docker_old("null"), wrong.docker_new("null")] {
        let error = refused(&bench, &bench.put("image.tar", &archive), "wrong digest: the layer's content");
        assert!(error.to_string().contains("layer 1 of 1"), "{error}");
    }
    // A saved image whose configuration is not what its name says.
    let mut archive = saved.docker_old("null");
    let at = archive.windows(3).position(|w| w == b"X=a").expect("is there");
    archive[at + 2] = b'b';
    refused(&bench, &bench.put("image.tar", &archive), "wrong digest: its configuration");
}

#[test]
fn images_that_are_none() {
    let bench = Bench::new();
    let with = |config: &str| {
        let mut saved = Saved::new(vec![small_root().end()], <[u8]>::to_vec);
        saved.config = config.into();
        bench.put("image.tar", &saved.oci_archive())
    };
    for (config, words) in [
        (r#"{"some":"chart"}"#, "it is an artifact"),
        (r#"{"os":"windows","rootfs":{"diff_ids":[]}}"#, "for windows"),
        (r#"{"os":"linux","rootfs":{"diff_ids":[]}}"#, "0 layers, its manifest 1"),
        (r#"{"os":"linux","rootfs":{"diff_ids":["sha512:00"]}}"#, "is no sha256 digest"),
        ("[]", "configuration` is not what it should be"),
    ] {
        refused(&bench, &with(config), words);
    }
    let empty = Tar::new().file("manifest.json", "[]").end();
    refused(&bench, &bench.put("image.tar", &empty), "holds no images");
    let ancient = Tar::new().file("repositories", "{}").end();
    refused(&bench, &format!("docker-archive:{}", bench.put("image.tar", &ancient)), "no image in it");
}
