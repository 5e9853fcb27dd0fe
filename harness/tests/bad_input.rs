//! Bad input at the command line: one clear line on standard error, nothing on standard output, the right exit code.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

fn libcdiff(cache: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_libcdiff"))
        .args(arguments)
        .env("LIBCDIFF_CACHE", cache)
        .env("LIBCDIFF_IMAGES", cache.join("catalog"))
        .output()
        .expect("libcdiff starts")
}

/// Runs cases in one bad image; the message must hold every word of `words`.
#[track_caller]
fn refused(image: &str, cache: &Path, code: i32, words: &[&str]) {
    let output = libcdiff(cache, &["run", "--case", "threads.stack.default", image]);
    let error = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{image}: {error}");
    assert!(output.stdout.is_empty(), "{image}");
    assert_eq!(error.trim_end().lines().count(), 1, "{error}");
    for word in words {
        assert!(error.contains(word), "{image}: `{word}` is not in: {error}");
    }
}

#[test]
fn images_that_are_none() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name).display().to_string();
    fs::create_dir(at("empty")).expect("writable");
    fs::write(at("text.tar"), "this is no archive\n".repeat(100)).expect("writable");
    fs::write(at("nothing.tar"), "").expect("writable");
    let gzip: Vec<u8> = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3].into_iter().chain([0x55; 200]).collect();
    fs::write(at("broken.tar.gz"), gzip).expect("writable");
    let cache = folder.path().join("cache");
    refused(&at("missing.tar"), &cache, 2, &["missing.tar"]);
    refused(&at("empty"), &cache, 2, &["empty"]);
    refused(&format!("dir:{}", at("empty")), &cache, 2, &["empty"]);
    refused(&at("text.tar"), &cache, 2, &["text.tar"]);
    refused(&at("nothing.tar"), &cache, 2, &["nothing.tar"]);
    refused(&at("broken.tar.gz"), &cache, 2, &["broken.tar.gz"]);
    // Nothing listens on the discard port.
    refused("127.0.0.1:9/alpine:3.20", &cache, 3, &["127.0.0.1:9/alpine:3.20", "nothing listens there"]);
    refused("Alpine:3.20", &cache, 2, &["Alpine:3.20", "no part of a repository"]);
    refused("debian-12", &cache, 2, &["debian-12", "make images"]);
}

#[test]
fn an_image_of_another_architecture() {
    let folder = tempfile::tempdir().expect("a folder");
    let root = folder.path().join("root");
    fs::create_dir_all(root.join("lib")).expect("writable");
    // An ELF header for the other of the two architectures, as that machine's musl loader begins.
    let foreign: u8 = if cfg!(target_arch = "x86_64") { 183 } else { 62 };
    let mut elf = vec![0u8; 64];
    elf[..7].copy_from_slice(&[0x7f, b'E', b'L', b'F', 2, 1, 1]);
    elf[16] = 3;
    elf[18] = foreign;
    elf[20] = 1;
    elf[52] = 64;
    let name = if foreign == 183 { "ld-musl-aarch64.so.1" } else { "ld-musl-x86_64.so.1" };
    fs::write(root.join("lib").join(name), elf).expect("writable");
    refused(&root.display().to_string(), &folder.path().join("cache"), 2, &["aarch64", "x86_64"]);
}

#[test]
fn a_cache_that_cannot_be_written_is_the_machines_fault() {
    let output = libcdiff(Path::new("/proc/nowhere"), &["run", "--case", "threads.stack.default", "host"]);
    assert_eq!(output.status.code(), Some(3));
    assert!(String::from_utf8_lossy(&output.stderr).contains("/proc/nowhere"));
}

#[test]
fn a_scratch_image_runs_the_static_flavour_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    let root = folder.path().join("root");
    fs::create_dir_all(root.join("etc")).expect("writable");
    fs::write(root.join("etc/motd"), "no C library here\n").expect("writable");
    let image = format!("dir:{}", root.display());
    let cache = folder.path().join("cache");
    let output = libcdiff(&cache, &["run", "--case", "threads.stack.default", "--format", "json", &image]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let run = libcdiff::runfile::RunFile::parse(&String::from_utf8_lossy(&output.stdout)).expect("a run file");
    assert_eq!(run.images[0].libc, None);
    assert_eq!(run.observations.len(), 1);
    assert_eq!(run.observations[0].values.get()["stack_bytes"], 131072);
    let not_run: Vec<_> = run.dropped.iter().map(|d| d.flavour.name()).collect();
    assert_eq!(not_run, ["gnu", "musl"]);
    let table = libcdiff(&cache, &["run", "--case", "threads.stack.default", &image]);
    let table = String::from_utf8_lossy(&table.stdout).into_owned();
    assert!(table.contains("no C library") && table.contains("not run"), "{table}");
}
