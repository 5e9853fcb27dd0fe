//! What the loader is asked to load: the same objects for both families, and nothing of a C library in them.

use std::fs;

use crate::compile::Folder;
use libcdiff_probe_audit::Rule::{Complete, LinkedIn};

const OBJECT: &[&str] = &["gcc", "-shared", "-fPIC", "-nostdlib"];

/// Right programs, and one right object for each family.
fn folder() -> Folder {
    let folder = Folder::right();
    for family in ["gnu", "musl"] {
        fs::create_dir_all(folder.path(&format!("objects/{family}/sub"))).expect("a new folder");
        folder.compile(&format!("objects/{family}/sub/a.so"), OBJECT, "int answer(void) { return 1; }");
    }
    folder
}

#[test]
fn objects_without_a_c_library_pass_and_are_recorded() {
    let folder = folder();
    assert_eq!(folder.findings(), []);
    let names: Vec<_> = folder.audit().objects.into_keys().collect();
    assert_eq!(names, ["gnu/sub/a.so", "musl/sub/a.so"]);
}

#[test]
fn an_object_that_defines_a_function_of_the_c_library_is_found() {
    let folder = folder();
    folder.compile("objects/gnu/sub/a.so", OBJECT, "int getpid(void) { return 1; }");
    assert_eq!(folder.findings(), [("objects/gnu/sub/a.so".to_owned(), LinkedIn)]);
}

#[test]
fn an_object_that_one_family_lacks_is_found() {
    let folder = folder();
    fs::remove_file(folder.path("objects/musl/sub/a.so")).expect("it is there");
    assert_eq!(folder.findings(), [("objects".to_owned(), Complete)]);
}

#[test]
fn a_file_that_is_no_elf_file_on_purpose_passes() {
    let folder = folder();
    for family in ["gnu", "musl"] {
        fs::write(folder.path(&format!("objects/{family}/text.so")), "no library").expect("it can be written");
    }
    assert_eq!(folder.findings(), []);
}
