//! What is preloaded in place of a C library's allocator: it takes its place whole, goes along with old images, and both
//! C libraries have the same.

use std::fs;

use crate::compile::Folder;
use libcdiff_probe_audit::Rule::{Complete, Exports, Interpreter, LinkedIn, Needed};
use libcdiff_probe_audit::rules::{ALLOCATION, ALLOCATORS};

const OBJECT: &[&str] = &["gcc", "-shared", "-fPIC", "-nostdlib", "-fno-builtin", "-Wl,-z,noexecstack"];

/// An allocator that defines these functions and gives nothing.
fn source<'a>(functions: impl Iterator<Item = &'a str>) -> String {
    functions.map(|name| format!("void *{name}(void) {{ return 0; }}\n")).collect()
}

fn whole(proofs: &[&'static str]) -> String {
    source(ALLOCATION.iter().chain(proofs).copied())
}

/// Right programs, and every allocator for each family.
fn folder() -> Folder {
    let folder = Folder::right();
    for family in ["gnu", "musl"] {
        fs::create_dir_all(folder.path(&format!("allocators/{family}"))).expect("a new folder");
        for (name, proofs) in ALLOCATORS {
            folder.compile(&format!("allocators/{family}/{name}.so"), OBJECT, &whole(proofs));
        }
    }
    folder
}

#[test]
fn allocators_that_take_over_whole_pass() {
    let folder = folder();
    assert_eq!(folder.findings(), []);
    assert_eq!(folder.audit().allocators.len(), 2 * ALLOCATORS.len());
}

#[test]
fn one_that_leaves_a_function_to_the_c_library_is_found() {
    let folder = folder();
    let functions = ALLOCATION.iter().copied().filter(|name| *name != "aligned_alloc").chain(["mallctl"]);
    folder.compile("allocators/gnu/jemalloc.so", OBJECT, &source(functions));
    assert_eq!(folder.findings(), [("allocators/gnu/jemalloc.so".to_owned(), Exports)]);
}

#[test]
fn one_that_cannot_prove_that_it_is_live_is_found() {
    let folder = folder();
    folder.compile("allocators/musl/mimalloc.so", OBJECT, &whole(&["mi_version"]));
    assert_eq!(folder.findings(), [("allocators/musl/mimalloc.so".to_owned(), Exports)]);
}

#[test]
fn one_that_answers_for_more_of_the_c_library_than_memory_is_found() {
    let folder = folder();
    folder.compile("allocators/gnu/jemalloc.so", OBJECT, &whole(&["mallctl", "memcpy"]));
    assert_eq!(folder.findings(), [("allocators/gnu/jemalloc.so".to_owned(), LinkedIn)]);
}

#[test]
fn one_that_needs_another_library_is_found() {
    let folder = folder();
    folder.compile("stranger.so", OBJECT, "int stranger(void) { return 1; }");
    let source = whole(&["mallctl"]) + "int stranger(void); int asks(void) { return stranger(); }";
    let command = [OBJECT, &["stranger.so"]].concat();
    folder.compile("allocators/musl/jemalloc.so", &command, &source);
    assert_eq!(folder.findings(), [("allocators/musl/jemalloc.so".to_owned(), Needed)]);
}

#[test]
fn a_program_is_no_allocator() {
    let folder = folder();
    let command =
        ["gcc", "-fPIE", "-pie", "-nostdlib", "-fno-builtin", "-rdynamic", "-Wl,-z,noexecstack", "-Wl,-e,malloc"];
    folder.compile("allocators/gnu/jemalloc.so", &command, &whole(&["mallctl"]));
    assert_eq!(folder.findings(), [("allocators/gnu/jemalloc.so".to_owned(), Interpreter)]);
}

#[test]
fn one_that_is_missing_or_unknown_is_found() {
    let folder = folder();
    fs::rename(folder.path("allocators/gnu/jemalloc.so"), folder.path("allocators/gnu/other.so")).expect("it is there");
    let findings = folder.findings();
    assert!(findings.contains(&("allocators/gnu/jemalloc.so".to_owned(), Complete)), "{findings:?}");
    assert!(findings.contains(&("allocators/gnu/other.so".to_owned(), Complete)), "{findings:?}");
}
