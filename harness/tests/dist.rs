//! The one file that `make dist` makes: static, small, and of use in root file systems that have another C library, or nothing
//! that it needs. Runs where that file is (`target/dist`, or `LIBCDIFF_DIST`), and says so where it is not: building it
//! for these tests would take as long as all others.

use std::fs;
use std::panic;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::thread;

use libcdiff::runfile::{Observation, RunFile};
use nix::mount::{MntFlags, MsFlags, mount, umount2};
use nix::sched::{CloneFlags, unshare};
use object::Endianness;
use object::elf::{FileHeader64, PT_DYNAMIC, PT_INTERP};
use object::read::elf::{FileHeader as _, ProgramHeader as _};

/// What pipelines fetch each time.
const MOST_BYTES: usize = 20_000_000;
/// Some that differ between the images and some that do not, with and without a network of their own.
const CASES: &str = "threads.stack.default,time.strptime.*,dns.truncation.*";

/// The file, where it is.
fn file() -> Option<PathBuf> {
    let name = format!("libcdiff-{}-{}-linux", env!("CARGO_PKG_VERSION"), std::env::consts::ARCH);
    let built = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/dist").join(name);
    let path = std::env::var_os("LIBCDIFF_DIST").map_or(built, PathBuf::from);
    if !path.is_file() {
        eprintln!("unsupported: {} is not there: `make dist` builds it", path.display());
        return None;
    }
    Some(path)
}

#[test]
fn it_is_static_and_small() {
    let Some(path) = file() else { return };
    let bytes = fs::read(&path).expect("readable");
    assert!(bytes.len() <= MOST_BYTES, "{} bytes", bytes.len());
    let header = FileHeader64::<Endianness>::parse(&*bytes).expect("an ELF file");
    let endian = header.endian().expect("a byte order");
    for part in header.program_headers(endian, &*bytes).expect("program headers") {
        assert!(![PT_INTERP, PT_DYNAMIC].contains(&part.p_type(endian)), "it needs a loader");
    }
}

/// Runs `inside` with `root` as the root folder, as a container is: in mounts of its own, with /proc and /dev.
fn entered<T: Send>(root: &Path, inside: impl FnOnce() -> T + Send) -> T {
    let none = None::<&str>;
    let enter = || {
        // A thread can have mounts, and a root, of its own; what it starts inherits them.
        unshare(CloneFlags::CLONE_NEWNS)?;
        mount(none, "/", none, MsFlags::MS_REC | MsFlags::MS_PRIVATE, none)?;
        mount(Some(root), root, none, MsFlags::MS_BIND, none)?;
        for name in ["proc", "dev"] {
            let at = root.join(name);
            fs::create_dir_all(&at).expect("writable");
            mount(Some(&Path::new("/").join(name)), &at, none, MsFlags::MS_BIND | MsFlags::MS_REC, none)?;
        }
        nix::unistd::chdir(root)?;
        nix::unistd::pivot_root(".", ".")?;
        umount2(".", MntFlags::MNT_DETACH)?;
        nix::unistd::chdir("/")
    };
    thread::scope(|scope| {
        let thread = scope.spawn(|| {
            enter().unwrap_or_else(|errno| panic!("entering {}: {errno}", root.display()));
            inside()
        });
        thread.join().unwrap_or_else(|failed| panic::resume_unwind(failed))
    })
}

/// The program in the root that this thread has.
fn libcdiff(arguments: &[&str]) -> Output {
    let mut command = Command::new("/libcdiff");
    command.env_clear().env("LIBCDIFF_CACHE", "/cache").env("PATH", "/nowhere").args(arguments);
    command.output().expect("libcdiff starts")
}

#[track_caller]
fn says(arguments: &[&str]) -> String {
    let output = libcdiff(arguments);
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// The answers alone.
fn answers(run: &str) -> Vec<(String, String, String)> {
    let run = RunFile::parse(run).expect("a run file");
    assert!(!run.differences.is_empty(), "nothing differs");
    let said = |o: &Observation| {
        (format!("{} {} {}", o.case, o.image, o.flavour), format!("{:?}", o.status), o.text.to_string())
    };
    run.observations.iter().map(said).collect()
}

#[test]
fn it_works_in_roots_of_musl_of_glibc_and_of_nothing() {
    let Some(path) = file() else { return };
    let Some(images) = std::env::var_os("LIBCDIFF_TEST_IMAGES").filter(|f| !f.is_empty()).map(PathBuf::from) else {
        eprintln!("unsupported: LIBCDIFF_TEST_IMAGES names no folder of Alpine images");
        return;
    };
    if !nix::unistd::geteuid().is_root() {
        eprintln!("unsupported: only root can enter another root folder");
        return;
    }
    let debian = libcdiff::verb::cache().expect("a cache").join("catalog/debian-13.tar");
    let alpine = images.join("alpine-3.20.tar.gz");
    let asked = ["run", "--format", "json", "--case", CASES, "/new.tar.gz", "--against", "/old.tar"];
    let mut all = Vec::new();
    for archive in [Some(&alpine), Some(&debian), None] {
        let root = tempfile::tempdir().expect("a folder");
        let at = |name: &str| root.path().join(name);
        if let Some(archive) = archive {
            let unpacked = Command::new("tar").arg("-C").arg(root.path()).arg("-xf").arg(archive).status();
            assert!(unpacked.is_ok_and(|status| status.success()), "unpacking {}", archive.display());
        }
        fs::create_dir_all(at("tmp")).expect("writable");
        for (from, to) in [(&path, "libcdiff"), (&alpine, "new.tar.gz"), (&debian, "old.tar")] {
            fs::copy(from, at(to)).unwrap_or_else(|e| panic!("copying {}: {e}", from.display()));
        }
        let run = entered(root.path(), || {
            let version = says(&["--version"]);
            assert!(version.contains(env!("CARGO_PKG_VERSION")) && version.contains("linux-musl"), "{version}");
            let doctor = says(&["doctor"]);
            assert!(doctor.contains("entered, found isolated, left"), "{doctor}");
            says(&asked)
        });
        all.push(answers(&run));
    }
    assert!(all[0].len() > 50, "{}", all[0].len());
    assert!(all.iter().all(|one| *one == all[0]), "the root that it runs in shows in the answers");
}
