//! Real root file systems of Alpine, in the folder that `LIBCDIFF_TEST_IMAGES` names: what is unpacked is what tar(1) unpacks.

use std::{
    collections::HashMap,
    env, fs,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    process::Command,
};

use libcdiff::image::{Evidence, Family};

use crate::{
    bench::{Bench, tree},
    pack::{Saved, gzip},
};

/// Release, and musl's version in it.
const RELEASES: [(&str, &str); 3] = [("3.12", "1.1.24"), ("3.17", "1.2.3"), ("3.20", "1.2.5")];

/// The archives that are there.
fn archives() -> Vec<(&'static str, &'static str, PathBuf)> {
    let Some(folder) = env::var_os("LIBCDIFF_TEST_IMAGES").map(PathBuf::from) else {
        println!("skipped: LIBCDIFF_TEST_IMAGES names no folder of real images");
        return Vec::new();
    };
    let path = |release: &str| folder.join(format!("alpine-{release}.tar.gz"));
    let (there, absent): (Vec<_>, Vec<_>) = RELEASES.into_iter().partition(|(release, _)| path(release).is_file());
    for (release, _) in absent {
        println!("skipped: {} is not there", path(release).display());
    }
    there.into_iter().map(|(release, musl)| (release, musl, path(release))).collect()
}

#[test]
fn alpine_is_recognised_and_unpacked_as_tar_does() {
    for (release, musl, path) in archives() {
        let bench = Bench::new();
        let image = bench.resolve(path.to_str().expect("is text")).expect("resolves");
        assert_eq!(image.os.id.as_deref(), Some("alpine"));
        assert!(image.os.version.as_deref().is_some_and(|v| v.starts_with(release)), "{:?}", image.os.version);
        let libc = image.libc().expect("has one");
        assert_eq!((&libc.family, libc.version.as_deref()), (&Family::Musl, Some(musl)), "{release}");
        assert_eq!((image.libcs.len(), libc.interpreter.as_str()), (1, "/lib/ld-musl-x86_64.so.1"));
        assert!(matches!(image.evidence, Evidence::Programs { asking, of } if asking == of && of > 0));
        let by_tar = bench.path("by-tar");
        fs::create_dir(&by_tar).expect("made");
        let status = Command::new("tar").args(["--no-same-owner", "-xzf"]).arg(&path).arg("-C").arg(&by_tar).status();
        assert!(status.expect("tar starts").success());
        assert!(tree(&image.root) == tree(&by_tar), "{release}: names, types or content differ");
        let differing: Vec<_> = facts(&image.root).into_iter().zip(facts(&by_tar)).filter(|(a, b)| a != b).collect();
        assert!(differing.is_empty(), "{release}: {differing:#?}");
        make_removable(&by_tar);
    }
}

#[test]
fn alpine_as_a_layer_is_the_same() {
    // The newest is enough: what differs is the packing.
    if let Some((release, _, path)) = archives().pop() {
        let bench = Bench::new();
        let mut tar = Vec::new();
        let file = fs::File::open(&path).expect("opens");
        std::io::Read::read_to_end(&mut flate2::read::MultiGzDecoder::new(file), &mut tar).expect("decompresses");
        let saved = Saved::new(vec![tar], gzip);
        let plain = bench.resolve(path.to_str().expect("is text")).expect("resolves");
        for archive in [saved.docker_old("null"), saved.docker_new("null"), saved.oci_archive()] {
            let image = bench.resolve(&bench.put("image.tar", &archive)).expect("resolves");
            assert_eq!((image.libcs, image.os), (plain.libcs.clone(), plain.os.clone()), "{release}");
            assert!(tree(&image.root) == tree(&plain.root), "{release}");
        }
    }
}

/// Of each entry below a folder: its name, mode, time and owner, and the first name of the file that it is a name of. Modes
/// without what is never kept: set-id bits, and a folder's being closed to its owner.
fn facts(root: &Path) -> Vec<String> {
    fn add(root: &Path, folder: &Path, firsts: &mut HashMap<u64, String>, lines: &mut Vec<String>) {
        let mut paths: Vec<_> = fs::read_dir(folder).expect("lists").flatten().map(|entry| entry.path()).collect();
        paths.sort();
        for path in paths {
            let meta = fs::symlink_metadata(&path).expect("is there");
            let mode = if meta.is_dir() { meta.mode() & 0o1777 | 0o700 } else { meta.mode() & 0o777 };
            let name = path.strip_prefix(root).expect("is below").display().to_string();
            let first = firsts.entry(meta.ino()).or_insert_with(|| name.clone());
            let time = (meta.mtime(), meta.mtime_nsec());
            lines.push(format!("{name} {mode:o} {time:?} {}:{} {first}", meta.uid(), meta.gid()));
            if meta.is_dir() {
                add(root, &path, firsts, lines);
            }
        }
    }
    let mut lines = Vec::new();
    add(root, root, &mut HashMap::new(), &mut lines);
    lines
}

/// tar(1) keeps the modes of folders that are closed to their owner.
fn make_removable(folder: &Path) {
    let _ = Command::new("chmod").arg("-R").arg("u+rwX").arg(folder).status();
}
