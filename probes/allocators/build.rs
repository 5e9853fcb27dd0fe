//! Links the allocator that a feature names into the program, whole, so that its `malloc` is there before the C library's.

use std::env;

/// Feature, as cargo spells it in variables, and the archive that `build.sh` makes of it.
const ARCHIVES: [(&str, &str); 3] =
    [("MIMALLOC", "mimalloc"), ("MIMALLOC_SECURE", "mimalloc-secure"), ("JEMALLOC", "jemalloc")];

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=LIBCDIFF_ALLOCATORS");
    let wanted: Vec<_> =
        ARCHIVES.iter().filter(|(feature, _)| env::var_os(format!("CARGO_FEATURE_{feature}")).is_some()).collect();
    let [(_, archive)] = wanted[..] else {
        if !wanted.is_empty() {
            println!(
                "cargo::error=a program has one allocator: choose one of the features mimalloc, mimalloc-secure, jemalloc"
            );
        }
        return;
    };
    let Ok(folder) = env::var("LIBCDIFF_ALLOCATORS") else {
        println!(
            "cargo::error=LIBCDIFF_ALLOCATORS does not name the folder of lib{archive}.a: build with probes/build/build.sh"
        );
        return;
    };
    println!("cargo::rerun-if-changed={folder}/lib{archive}.a");
    println!("cargo::rustc-link-search=native={folder}");
    println!("cargo::rustc-link-lib=static:+whole-archive,-bundle={archive}");
}
