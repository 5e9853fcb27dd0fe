//! Every form of a reference leads to the same root file system, once, whatever the packing.

use std::{fs, os::unix::fs::MetadataExt, sync::Barrier, thread};

use libcdiff::image::{Digest, Family, ImageError};

use crate::{
    bench::{Bench, snapshot, tree},
    pack::{Saved, Tar, blob_name, gzip, small_root, xz, zstd},
};

type Pack = fn(&[u8]) -> Vec<u8>;
const PACKS: [(&str, Pack); 4] = [("", <[u8]>::to_vec), (".gz", gzip), (".xz", xz), (".zst", zstd)];

/// Two halves, each packed: many gzip members, xz streams or zstd frames.
fn twice(data: &[u8], pack: Pack) -> Vec<u8> {
    let (one, two) = data.split_at(data.len() / 2);
    [pack(one), pack(two)].concat()
}

#[test]
fn a_root_file_system_in_a_tar_of_any_packing() {
    let bench = Bench::new();
    let tar = small_root().end();
    for (ending, pack) in PACKS {
        let packed = pack(&tar);
        for (name, bytes) in [("one", packed.clone()), ("two", twice(&tar, pack))] {
            let path = bench.put(&format!("{name}.tar{ending}"), &bytes);
            for reference in [format!("rootfs:{path}"), format!("rootfs://{path}"), path] {
                let image = bench.resolve(&reference).expect(&reference);
                assert_eq!(image.digest, Some(Digest::of(&tar).to_string()), "{reference}");
                assert_eq!(image.size.compressed_bytes, (!ending.is_empty()).then_some(bytes.len() as u64));
                assert_eq!((image.id.as_str(), image.reference.as_str()), (name, reference.as_str()));
                assert_eq!(image.libc().map(|libc| &libc.family), Some(&Family::Musl));
            }
        }
    }
    assert_eq!(bench.cached().len(), 1, "one content, one image");
}

#[test]
fn an_ending_says_nothing() {
    let bench = Bench::new();
    let path = bench.put("really-gzip.iso", &gzip(&small_root().end()));
    assert_eq!(bench.resolve(&path).expect("resolves").libcs.len(), 1);
}

#[test]
fn a_saved_image_in_every_form() {
    let bench = Bench::new();
    for (ending, pack) in PACKS {
        let layers = vec![small_root().end(), Tar::new().file("bin/.wh.sh", "").file("new", "x").end()];
        let saved = Saved::new(layers, pack);
        saved.write_layout(&bench.path("layout"));
        let layout = bench.path("layout");
        let layout = layout.to_str().expect("is text");
        let new = bench.put("new.tar", &saved.docker_new(r#"["some/name:tag"]"#));
        let mut references = vec![
            format!("docker-archive:{}", bench.put("old.tar", &saved.docker_old(r#"["a:1"]"#))),
            format!("docker-archive:{new}:some/name:tag"),
            format!("docker-archive:{new}:@0"),
            format!("oci-archive:{new}"),
            format!("oci-archive:{}", bench.put("oci.tar", &saved.oci_archive())),
            format!("oci-dir:{layout}"),
            format!("oci:{layout}"),
            layout.to_owned(),
            new,
        ];
        let bare: fn(&str) -> String = |hex| format!("{hex}.tar.gz");
        let named: fn(&str) -> String = |hex| format!("sha256:{hex}.tar.gz");
        references.push(bench.put("jib.tar", &saved.docker_named("config.json", bare)));
        references.push(bench.put("crane.tar", &saved.docker_named("sha256:DIGEST", bare)));
        references.push(bench.put("kaniko.tar", &saved.docker_named("sha256:DIGEST", named)));
        for (outer, pack) in PACKS {
            references.push(bench.put(&format!("outer-old.tar{outer}"), &pack(&saved.docker_old("[]"))));
            references.push(bench.put(&format!("outer-oci.tar{outer}"), &pack(&saved.oci_archive())));
        }
        for reference in references {
            let image = bench.resolve(&reference).expect(&reference);
            assert_eq!(image.digest, Some(saved.id()), "{reference}");
            assert_eq!(tree(&image.root).len(), 4, "{reference}");
            assert_eq!(fs::read_to_string(image.root.join("new")).expect("reads"), "x");
            assert_eq!(image.env.get("PATH").map(String::as_str), Some("/opt/bin:/bin"));
            assert_eq!(image.env.get("X").map(String::as_str), Some("a=b"));
            if !reference.contains("outer") {
                let stored: usize = saved.layers.iter().map(|(stored, _)| stored.len()).sum();
                let want = (!ending.is_empty()).then_some(stored as u64);
                assert_eq!(image.size.compressed_bytes, want, "{reference}");
            }
        }
        fs::remove_dir_all(layout).expect("removed");
    }
    assert_eq!(bench.cached().len(), 1, "one configuration, one image");
}

#[test]
fn a_layer_stored_once_for_two() {
    let bench = Bench::new();
    let saved =
        Saved::new(vec![small_root().end(), Tar::new().file("x", "").end(), small_root().end()], <[u8]>::to_vec);
    let image = bench.resolve(&bench.put("image.tar", &saved.docker_old("null"))).expect("resolves");
    assert_eq!(tree(&image.root).len(), 5);
}

#[test]
fn a_chosen_image_gives_its_name() {
    let bench = Bench::new();
    let path = bench.put("image.tar", &Saved::new(vec![small_root().end()], gzip).docker_new(r#"["alpine:3.20"]"#));
    assert_eq!(bench.resolve(&path).expect("resolves").id, "image");
    assert_eq!(bench.resolve(&format!("{path}:alpine:3.20")).expect("resolves").id, "alpine:3.20");
    assert_eq!(bench.resolve(&format!("{path}:docker.io/library/alpine:3.20")).expect("resolves").env.len(), 2);
}

#[test]
fn one_of_several_saved_images_is_chosen_by_name_or_place() {
    let bench = Bench::new();
    let saved = ["1", "2"].map(|n| Saved::new(vec![small_root().file("n", n).end()], gzip));
    let mut tar = Tar::new();
    let mut list = Vec::new();
    for (image, tags) in saved.iter().zip([r#"["a:1","b:1"]"#, "null"]) {
        let (config, layer) = (blob_name(image.config.as_bytes()), blob_name(&image.layers[0].0));
        tar = tar.file(&config, &image.config).bytes(&layer, 0o644, &image.layers[0].0);
        list.push(format!(r#"{{"Config":"{config}","RepoTags":{tags},"Layers":["{layer}"]}}"#));
    }
    let path = bench.put("images.tar", &tar.file("manifest.json", &format!("[{}]", list.join(","))).end());
    let error = bench.resolve(&path).expect_err("which?").to_string();
    assert!(error.contains("name one, as in") && error.ends_with(": a:1, b:1, @1"), "{error}");
    for (choice, want) in [("a:1", 0), ("b:1", 0), ("@0", 0), ("@1", 1)] {
        assert_eq!(
            bench.resolve(&format!("{path}:{choice}")).expect(choice).digest,
            Some(saved[want].id()),
            "{choice}"
        );
    }
}

#[test]
fn a_folder_is_used_in_place_and_not_touched() {
    let bench = Bench::new();
    let image = bench.resolve(&bench.put("root.tar", &small_root().end())).expect("resolves");
    let copy = bench.path("copy");
    fs::rename(image.root, &copy).expect("moved");
    let before = snapshot(&copy);
    for reference in [format!("dir:{}", copy.display()), format!("{}/", copy.display())] {
        let image = bench.resolve(&reference).expect(&reference);
        assert_eq!(image.root, fs::canonicalize(&copy).expect("is there"));
        assert!(image.digest.expect("has one").starts_with("listing-sha256:"));
        assert_eq!(image.size.compressed_bytes, None);
        assert!(image.size.unpacked_bytes > Some(0));
    }
    assert_eq!(snapshot(&copy), before);
}

#[test]
fn the_host_is_used_in_place() {
    let bench = Bench::new();
    let image = bench.resolve("host").expect("resolves");
    assert_eq!((image.root.to_str(), image.digest), (Some("/"), None));
    assert_eq!(image.size.unpacked_bytes, None);
    assert_eq!(image.arch, std::env::consts::ARCH);
    assert!(!bench.cache().exists(), "nothing is kept for it");
}

#[test]
fn a_built_image_is_found_by_its_name_and_a_file_of_that_name_does_not_hide_it() {
    let bench = Bench::new();
    let error = bench.resolve("built").expect_err("is not built");
    assert!(matches!(error, ImageError::NotBuilt { .. }) && error.to_string().contains("make images"), "{error}");
    bench.put("built/built.tar", &small_root().end());
    let image = bench.resolve("built").expect("resolves");
    assert_eq!((image.id.as_str(), image.reference.as_str()), ("built", "built"));
}

#[test]
fn what_is_unpacked_once_is_found_again_until_the_file_changes() {
    let bench = Bench::new();
    let path = bench.put("root.tar.gz", &gzip(&small_root().end()));
    let inode = |path: &std::path::Path| fs::metadata(path).expect("is there").ino();
    let first = bench.resolve(&path).expect("resolves");
    let second = bench.resolve(&path).expect("resolves");
    assert_eq!(inode(&first.root), inode(&second.root));
    bench.put("root.tar.gz", &gzip(&small_root().file("etc/new", "x").end()));
    let third = bench.resolve(&path).expect("resolves");
    assert_ne!(first.digest, third.digest);
    assert!(third.root.join("etc/new").exists());
}

#[test]
fn many_at_once_get_one_whole_image() {
    let bench = Bench::new();
    let tar = (0..300).fold(small_root(), |tar, at| tar.file(&format!("etc/{at}"), "x"));
    let path = bench.put("root.tar", &tar.end());
    let start = Barrier::new(8);
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                start.wait();
                let image = bench.resolve(&path).expect("resolves");
                assert_eq!(fs::read_dir(image.root.join("etc")).expect("lists").count(), 300);
            });
        }
    });
    assert_eq!(bench.cached().len(), 1);
}
