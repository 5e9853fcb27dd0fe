//! The same as an ordinary user, and what only such a one meets: files that may not be read, a disk that is full.
//!
//! As root these tests start themselves again as another user; a full disk is a small one mounted in a namespace.

use std::{
    env, fs,
    os::unix::{
        fs::{PermissionsExt, chown},
        process::CommandExt,
    },
    path::Path,
    process::Command,
};

use libcdiff::image::ImageError;
use tempfile::TempDir;

use crate::{
    bench::{Bench, mode, tree},
    differential::{real_tars, umoci, write_layout},
    pack::{Saved, Tar, gzip, small_root},
    unpacked::{differences, facts, manifold, unpack},
};

/// Set for a test that has been started again: the folder that it may use.
const AGAIN: &str = "LIBCDIFF_TEST_AGAIN";
/// Nobody, on every distribution.
const USER: u32 = 65534;

fn bench() -> Option<Bench> {
    env::var_os(AGAIN).map(|folder| Bench::within(TempDir::new_in(folder).expect("a folder of its own")))
}

/// Starts test `name` of this file again, by what `command` makes of the program. Only a test that ran and passed counts.
fn again(name: &str, folder: &Path, command: impl FnOnce(&Path) -> Command) {
    let program = folder.join("tests");
    fs::copy(env::current_exe().expect("has a path"), &program).expect("copied");
    let mut command = command(&program);
    let output = command
        .args(["--exact", &format!("user::{name}"), "--nocapture"])
        .env(AGAIN, folder)
        .env("TMPDIR", folder)
        .current_dir(folder)
        .output()
        .expect("starts");
    let text = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success() && text.contains("1 passed"), "{text}");
}

/// Runs `test` as an ordinary user.
fn as_user(name: &str, test: impl FnOnce(&Bench)) {
    as_user_with(name, &[], test);
}

/// The same, with paths in its environment.
fn as_user_with(name: &str, paths: &[(&str, &Path)], test: impl FnOnce(&Bench)) {
    if let Some(bench) = bench() {
        assert!(!rustix::process::geteuid().is_root());
        return test(&bench);
    }
    if !rustix::process::geteuid().is_root() {
        return test(&Bench::new());
    }
    let folder = tempfile::tempdir().expect("a folder");
    chown(folder.path(), Some(USER), Some(USER)).expect("given away");
    again(name, folder.path(), |program| {
        let mut command = Command::new(program);
        command.uid(USER).gid(USER).envs(paths.iter().copied());
        command
    });
}

#[test]
fn an_ordinary_user_unpacks_uses_and_removes_images() {
    as_user("an_ordinary_user_unpacks_uses_and_removes_images", |bench| {
        // Everything is root's, folders are closed to all, and some of it only root could make.
        let lower = small_root().folder("shut/", 0o000).bytes("shut/secret", 0o000, b"x").folder("ro/", 0o555);
        let lower = lower.bytes("ro/su", 0o4711, b"x").device("ro/null").folder("ro/sub/", 0o111);
        let upper = Tar::new().file("shut/more", "y").file("ro/.wh.sub", "").folder("ro/", 0o555);
        let saved = Saved::new(vec![lower.clone().end(), upper.end()], gzip);
        for (name, bytes) in [("root.tar", lower.end()), ("image.tar", saved.oci_archive())] {
            let image = bench.resolve(&bench.put(name, &bytes)).expect(name);
            assert_eq!(image.libcs.len(), 1);
            assert_eq!((image.left_out.devices, image.left_out.set_id), (1, 1));
            assert_eq!((mode(&image.root.join("shut")), mode(&image.root.join("ro"))), (0o700, 0o755));
            assert_eq!(mode(&image.root.join("ro/su")), 0o711);
            assert_eq!(mode(&image.root.join("shut/secret")), 0o000);
            fs::set_permissions(image.root.join("shut/secret"), fs::Permissions::from_mode(0o600))
                .expect("is this user's");
            assert!(!tree(&image.root).is_empty());
            fs::remove_dir_all(bench.cache()).expect("can be removed");
        }
    });
}

/// An ordinary user may give nothing away: whose files are is recorded, as umoci records it.
#[test]
fn an_ordinary_user_has_owners_recorded_as_umoci_does() {
    if !Command::new("umoci").arg("--version").output().is_ok_and(|output| output.status.success()) {
        return println!("unsupported: umoci is not installed; `make setup` installs it");
    }
    // A real one is read by root, whose it may be. Not all of Debian's have files of others than root.
    let real = if env::var_os(AGAIN).is_some() { None } else { real_tars().find(|(name, _)| name.contains("alpine")) };
    let kept = tempfile::NamedTempFile::new().expect("a file");
    if let Some((_, tar)) = &real {
        fs::write(kept.path(), tar).expect("written");
    }
    fs::set_permissions(kept.path(), fs::Permissions::from_mode(0o644)).expect("set");
    let real = env::var_os("LIBCDIFF_TEST_REAL").map_or_else(|| kept.path().to_owned(), Into::into);
    as_user_with("an_ordinary_user_has_owners_recorded_as_umoci_does", &[("LIBCDIFF_TEST_REAL", &real)], |bench| {
        for (name, tar) in [("made", manifold()), ("real", fs::read(&real).expect("reads"))] {
            if tar.is_empty() {
                println!("unsupported: no real image is at hand");
                continue;
            }
            let at = |what: &str| format!("{what}-{name}");
            write_layout(&bench.path("layout"), vec![tar]);
            umoci(bench, &["--rootless"]).expect("umoci unpacks it");
            let layout = format!("oci-dir:{}", bench.path("layout").display());
            let unpacked = unpack(bench, &layout, &at("here"), true).expect("unpacks");
            assert!(unpacked.recorded);
            let (mut ours, mut theirs) = (facts(&bench.path(&at("here"))), facts(&bench.path("there/rootfs")));
            // What may not be written to has no record there, because umoci comes too late with it.
            if let Some(fact) = ours.remove("./mail/read-only") {
                assert!(fact.contains("[8, 7, 16, 255, 255, 255, 255, 15]"), "{fact}");
                theirs.remove("./mail/read-only");
            }
            // Folders stay open to the ordinary user whose they are now.
            let opened = |fact: String| match fact.strip_prefix("40555 ") {
                Some(rest) => format!("40755 {rest}"),
                None => fact,
            };
            let theirs = theirs.into_iter().map(|(name, fact)| (name, opened(fact))).collect();
            assert_eq!(differences(&ours, &theirs), "", "{name}");
            let recorded = ours.values().filter(|fact| !fact.contains(") [] ")).count();
            println!("{name}: {} entries are the same, {recorded} with an owner recorded", ours.len());
            assert!(recorded > 0, "{name}");
            for folder in ["layout", "there"] {
                fs::remove_dir_all(bench.path(folder)).expect("removed");
            }
        }
    });
}

#[test]
fn files_that_may_not_be_read() {
    as_user("files_that_may_not_be_read", |bench| {
        let shut = |path: &str| fs::set_permissions(path, fs::Permissions::from_mode(0o000)).expect("set");
        let file = bench.put("root.tar", &small_root().end());
        shut(&file);
        fs::create_dir(bench.path("folder")).expect("made");
        let folder = bench.path("folder").to_str().expect("is text").to_owned();
        shut(&folder);
        for reference in
            [file.clone(), format!("docker-archive:{file}"), format!("dir:{folder}"), format!("{folder}/x.tar")]
        {
            let error = bench.resolve(&reference).expect_err("may not be read");
            assert!(matches!(error, ImageError::Denied(_)) && error.is_request(), "{reference}: {error}");
        }
        // A cache that may not be written to is the machine's fault.
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o555)).expect("set");
        fs::rename(bench.path("folder"), bench.cache()).expect("moved");
        let error = bench.resolve(&bench.put("other.tar", &small_root().end())).expect_err("may not be written to");
        assert!(matches!(error, ImageError::Cache { .. }) && !error.is_request(), "{error}");
    });
}

#[test]
fn a_folder_in_use_that_may_not_be_read_in_part() {
    as_user("a_folder_in_use_that_may_not_be_read_in_part", |bench| {
        let image =
            bench.resolve(&bench.put("root.tar", &small_root().folder("root/", 0o700).end())).expect("resolves");
        let secret = image.root.join("root");
        let set = |mode| fs::set_permissions(&secret, fs::Permissions::from_mode(mode)).expect("set");
        set(0o000);
        let image = bench.resolve(&format!("dir:{}", image.root.display())).expect("what can be read is enough");
        set(0o700);
        assert_eq!(image.libcs.len(), 1);
    });
}

#[test]
fn a_full_disk() {
    if let Some(bench) = bench() {
        let noise: Vec<u8> = (0..1_000_000u32).flat_map(|n| n.wrapping_mul(2_654_435_761).to_le_bytes()).collect();
        let tar = small_root().bytes("big", 0o644, &noise).end();
        // The archives lie elsewhere; only the cache is on the small disk.
        let elsewhere =
            tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir_in("/var/tmp")).expect("another disk");
        let saved = Saved::new(vec![tar.clone()], gzip);
        for (name, bytes) in
            [("root.tar", tar), ("oci.tar", saved.oci_archive()), ("oci.tar.gz", gzip(&saved.oci_archive()))]
        {
            let path = elsewhere.path().join(name);
            fs::write(&path, bytes).expect("written");
            let error = bench.resolve(path.to_str().expect("is text")).expect_err("there is no room");
            assert!(matches!(error, ImageError::Full(_)) && !error.is_request(), "{name}: {error}");
            assert_eq!(bench.cached(), Vec::<String>::new());
        }
        return;
    }
    let works = Command::new("unshare").args(["-Urm", "true"]).status();
    if !works.is_ok_and(|status| status.success()) {
        println!("skipped: unshare(1) cannot make a user and a mount namespace here");
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let small = folder.path().join("small");
    fs::create_dir(&small).expect("made");
    again("a_full_disk", folder.path(), |program| {
        let mut command = Command::new("unshare");
        let script = "mount -t tmpfs -o size=1m none \"$0\" && export LIBCDIFF_TEST_AGAIN=\"$0\" && exec \"$@\"";
        command.args(["-Urm", "sh", "-c", script]).arg(&small).arg(program);
        command
    });
}
