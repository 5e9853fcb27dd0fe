//! The recorder: preloaded into programs of any image or machine, so it must start wherever they do, need their C library
//! alone, and take the place of exactly those functions that it is to record.

use std::collections::BTreeSet;
use std::path::Path;

use object::elf;

use crate::finding::{Finding, Rule};
use crate::objects::Digests;
use crate::program::Program;
use crate::rules::{FLOOR, GNU_LIBRARIES, newest};
use crate::{Error, Libraries, read};

/// The folder of the recorders, beside those of the flavours.
pub const FOLDER: &str = "recorder";

/// The recorders, and what each may need.
const RECORDERS: [(&str, &[&str]); 2] = [("gnu.so", GNU_LIBRARIES), ("musl.so", &["libc.so"])];

/// What it takes the place of; `pvalloc` is glibc's alone.
const RECORDED: [&str; 12] = [
    "malloc",
    "calloc",
    "realloc",
    "reallocarray",
    "free",
    "posix_memalign",
    "aligned_alloc",
    "memalign",
    "valloc",
    "pvalloc",
    "pthread_create",
    "pthread_join",
];

/// Reads both recorders, adds what is wrong with one, and returns their digests; none where there is no such folder.
pub fn audit(folder: &Path, libraries: &Libraries, findings: &mut Vec<Finding>) -> Result<Digests, Error> {
    let mut digests = Digests::new();
    let folder = folder.join(FOLDER);
    if !folder.exists() {
        return Ok(digests);
    }
    for (name, allowed) in RECORDERS {
        let path = folder.join(name);
        let mut found = |rule, found: String, remedy: &str| {
            findings.push(Finding { file: path.clone(), rule, found, remedy: remedy.into() });
        };
        match Program::parse(&path, read(&path)?) {
            Err(what) => found(Rule::Elf, what, "build the probes again"),
            Ok(recorder) => {
                judge(&recorder, allowed, libraries, &mut found);
                digests.insert(name.into(), recorder.sha256());
            }
        }
    }
    Ok(digests)
}

fn judge(recorder: &Program, allowed: &[&str], libraries: &Libraries, found: &mut dyn FnMut(Rule, String, &str)) {
    let build = "see probes/recorder/build.sh";
    if recorder.kind != elf::ET_DYN.0 || recorder.interpreter.is_some() {
        found(Rule::Kind, "it is no shared object".into(), build);
    }
    let dynamic = recorder.dynamic.as_ref();
    let needed = dynamic.map(|d| d.needed.as_slice()).unwrap_or_default();
    for library in needed.iter().filter(|library| !allowed.contains(&library.as_str())) {
        found(Rule::Needed, format!("it needs {library}, which is not part of its C library"), build);
    }
    if dynamic.is_some_and(|d| !d.run_paths.is_empty()) {
        found(Rule::RunPath, "it looks for libraries in folders of its own".into(), build);
    }
    let versioned = recorder.versions.iter().any(|version| version.starts_with("GLIBC_"));
    if dynamic.is_some_and(|d| d.packed) || newest(recorder).is_some_and(|version| version > FLOOR) {
        found(Rule::Floor, format!("it needs a glibc newer than {FLOOR}"), "link it with the old glibc of the sysroot");
    }
    if versioned && allowed != GNU_LIBRARIES {
        found(Rule::Floor, "it needs versions of glibc's symbols".into(), "link it with musl-gcc");
    }
    if recorder.stack.as_ref().is_none_or(|stack| stack.executable || stack.bytes != 0) {
        found(Rule::Stack, "its stack header asks for something".into(), "link with -z noexecstack");
    }
    let Some(functions) = &recorder.functions else {
        return found(Rule::Symbols, "no symbol table".into(), "do not strip it");
    };
    let of_libc = |name: &str| libraries.glibc.holds(name) || libraries.musl.holds(name);
    let own: BTreeSet<&str> = functions.iter().map(|f| f.name.as_str()).filter(|name| of_libc(name)).collect();
    let meant: BTreeSet<&str> =
        RECORDED.into_iter().filter(|name| *name != "pvalloc" || allowed == GNU_LIBRARIES).collect();
    let differ: Vec<&str> = own.symmetric_difference(&meant).copied().collect();
    if !differ.is_empty() {
        let what = format!("it defines too much or too little of the C library: {}", differ.join(", "));
        found(Rule::LinkedIn, what, "give functions of its own other names, and make them static");
    }
}
