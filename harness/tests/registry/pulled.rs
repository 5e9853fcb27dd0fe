//! What is pulled from a real registry is what the archive of the same image gives, by every way of naming it.

use std::{fs, path::PathBuf};

use libcdiff::image::{Digest, Mirror, Pull};

use crate::{
    pack::{Saved, Tar, gzip, small_root},
    place::Place,
    server::Registry,
};

/// A real root file system where there is one, else a made one; of two layers, with a whiteout.
fn image() -> Saved {
    let alpine =
        std::env::var_os("LIBCDIFF_TEST_IMAGES").map(|folder| PathBuf::from(folder).join("alpine-3.20.tar.gz"));
    let lower = match alpine.and_then(|path| fs::File::open(path).ok()) {
        Some(file) => {
            let mut tar = Vec::new();
            std::io::copy(&mut flate2::read::MultiGzDecoder::new(file), &mut tar).expect("decompresses");
            tar
        }
        None => {
            eprintln!("unsupported: LIBCDIFF_TEST_IMAGES names no folder of real images; a made one stands in");
            small_root().end()
        }
    };
    Saved::new(vec![lower, Tar::new().file("etc/.wh.hostname", "").file("new", "x").end()], gzip)
}

fn list(root: &std::path::Path) -> String {
    let output = std::process::Command::new("find")
        .args([".", "-printf", "%P %y %m %s %l\\n"])
        .current_dir(root)
        .output()
        .expect("find starts");
    let mut lines: Vec<_> = String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect();
    lines.sort();
    lines.join("\n")
}

#[test]
fn a_pulled_image_is_what_its_archive_is() {
    let Some(registry) = Registry::open() else { return };
    let (place, other) = (Place::new(), Place::new());
    let archive = place.put("image.tar", &image().docker_old("null"));
    let by_archive = other.resolve(&archive).expect("resolves");
    for (tag, options) in [
        ("docker", &["--format=v2s2"][..]),
        ("oci", &["--format=oci"]),
        ("zstd", &["--format=oci", "--dest-compress-format=zstd"]),
    ] {
        registry.push(&format!("docker-archive:{archive}"), &format!("some/image:{tag}"), options);
        let place = Place::new();
        let name = format!("{}/some/image:{tag}", registry.host);
        for reference in [name.clone(), format!("registry:{name}"), format!("docker://{name}")] {
            let pulled = place.resolve(&reference).expect(&reference);
            assert_eq!(list(&pulled.root), list(&by_archive.root), "{reference}");
            assert_eq!((&pulled.libcs, &pulled.os, &pulled.env), (&by_archive.libcs, &by_archive.os, &by_archive.env));
            assert!(pulled.size.compressed_bytes.is_some() && pulled.size.unpacked_bytes.is_some());
            assert_eq!(pulled.reference, reference);
        }
    }
}

#[test]
fn a_pin_means_one_image_and_is_kept_to() {
    let Some(registry) = Registry::open() else { return };
    let place = Place::new().pulling(Pull::Always);
    let push = |n: &str| {
        let archive =
            place.put("image.tar", &Saved::new(vec![small_root().file("n", n).end()], gzip).docker_old("null"));
        registry.push(&format!("docker-archive:{archive}"), "image:latest", &[]);
    };
    push("1");
    let name = format!("{}/image", registry.host);
    let first = place.resolve(&name).expect("resolves");
    let pinned = first.pinned.expect("comes from a registry");
    push("2");
    let second = place.resolve(&name).expect("resolves");
    assert_ne!(first.digest, second.digest, "the tag has moved");
    assert_eq!(place.resolve(&pinned).expect("resolves").digest, first.digest);
    let wrong = format!("{name}@{}", Digest::of(b"nothing"));
    let error = place.resolve(&wrong).expect_err("there is none");
    assert!(error.is_request() && error.to_string().contains("has no manifest sha256:"), "{error}");
}

#[test]
fn what_is_not_there_is_the_asker_s_fault_and_says_where_it_was_sought() {
    let Some(registry) = Registry::open() else { return };
    let place = Place::new();
    let archive = place.put("image.tar", &Saved::new(vec![small_root().end()], gzip).docker_old("null"));
    registry.push(&format!("docker-archive:{archive}"), "image:1", &[]);
    for name in ["image:2", "other:1"] {
        let (code, out, err) = place.run(&["image", "inspect", &format!("{}/{name}", registry.host)]);
        assert_eq!((code, out.as_str()), (Some(2), ""), "{err}");
        assert!(err.contains("neither a catalog name nor an existing path, and at a registry:"), "{err}");
        assert!(err.contains(&format!("{}/{name}: {} has no manifest", registry.host, registry.host)), "{err}");
    }
    let (code, _, err) = place.run(&["image", "inspect", "127.0.0.1:9/image"]);
    assert!(code == Some(3) && err.contains("cannot be reached: nothing listens there"), "{err}");
}

#[test]
fn the_cache_does_without_the_registry() {
    let Some(mut registry) = Registry::open() else { return };
    let place = Place::new();
    let archive = place.put("image.tar", &Saved::new(vec![small_root().end()], gzip).docker_old("null"));
    registry.push(&format!("docker-archive:{archive}"), "image:1", &[]);
    let name = format!("{}/image:1", registry.host);
    let pinned = place.resolve(&name).expect("resolves").pinned.expect("comes from a registry");
    registry.stop();
    let place = place.pulling(Pull::Never);
    for name in [&name, &pinned] {
        assert_eq!(place.resolve(name).expect(name).libcs.len(), 1);
    }
    // Its files can be made again from its blobs.
    fs::remove_dir_all(place.path("cache/images")).expect("removed");
    assert_eq!(place.resolve(&name).expect("is unpacked again").libcs.len(), 1);
    let error = place.resolve(&format!("{}/image:2", registry.host)).expect_err("is not held");
    assert!(error.is_request() && error.to_string().contains("--pull never"), "{error}");
    let place = place.pulling(Pull::Always);
    assert!(!place.resolve(&name).expect_err("nobody is there").is_request());
}

#[test]
fn a_mirror_is_asked_first_and_is_no_loss() {
    let Some(registry) = Registry::open() else { return };
    let mut place = Place::new();
    let archive = place.put("image.tar", &Saved::new(vec![small_root().end()], gzip).docker_old("null"));
    registry.push(&format!("docker-archive:{archive}"), "hub/library/image:1", &[]);
    place.access.mirrors = vec![
        Mirror::parse("127.0.0.1:9").expect("a mirror"),
        Mirror::parse(&format!("{}/hub", registry.host)).expect("a mirror"),
    ];
    let image = place.resolve("image:1").expect("comes from the second mirror");
    assert!(image.pinned.expect("has one").starts_with("docker.io/library/image@sha256:"));
    assert!(place.told().iter().any(|told| told.starts_with("Passed") && told.contains("127.0.0.1:9")));
}

#[test]
fn a_comparison_runs_from_the_names() {
    let Some(registry) = Registry::open() else { return };
    let place = Place::new();
    let archive = place.put("image.tar", &image().docker_old("null"));
    let source = format!("docker-archive:{archive}");
    registry.push(&source, "one:1", &[]);
    registry.push(&source, "two:1", &[]);
    let (one, two) = (format!("{}/one:1", registry.host), format!("{}/two:1", registry.host));
    let arguments = ["run", &two, "--against", &one, "--case", "threads.stack.default", "--format", "json"];
    let (code, out, err) = place.run(&arguments);
    assert_eq!(code, Some(0), "{err}");
    let run = libcdiff::runfile::RunFile::parse(&out).expect("a run file");
    assert_eq!(run.images.iter().map(|image| image.id.clone()).collect::<Vec<_>>(), [one, two]);
    assert!(run.summary.observations >= 2 && run.differences.is_empty(), "{out}");
}
