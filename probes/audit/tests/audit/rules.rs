//! Each rule is broken by a program of its own, and the audit must find exactly that; a right one of each flavour passes.

use crate::compile::{Folder, GNU, GNU_FLAGS, MUSL_FLAGS, PLAIN, STATIC_FLAGS};
use libcdiff_probe_audit::Rule::{self, *};
use object::read::elf::ElfFile64;
use object::{LittleEndian, Object, ObjectSection, ObjectSymbol, elf};

/// A program that breaks rules by how it is compiled.
struct Broken {
    name: &'static str,
    file: &'static str,
    command: &'static [&'static str],
    more: &'static [&'static str],
    source: &'static str,
    rules: &'static [Rule],
}

const OWN_STRLEN: &str = r#"
#include <unistd.h>
__attribute__((noinline, noclone)) unsigned long strlen(const char *s) {
    unsigned long n = 0;
    while (((const volatile char *)s)[n]) n++;
    return n;
}
void _start(void) { _exit(strlen("abc") + 0 * write(1, "", 0)); }
"#;

const OWN_MEMCPY: &str = r#"
#include <stdio.h>
__attribute__((noinline, noclone)) void *memcpy(void *to, const void *from, unsigned long n) {
    for (unsigned long i = 0; i < n; i++) ((volatile char *)to)[i] = ((const volatile char *)from)[i];
    return to;
}
int main(int argc, char **argv) { char copy[64]; memcpy(copy, argv[0], argc); return puts(copy) < 0; }
"#;

const NEWER: &str = r#"
#include <sys/random.h>
#include <unistd.h>
void _start(void) { char byte; _exit(getrandom(&byte, 1, 0) == 1 ? 0 : 1); }
"#;

#[rustfmt::skip]
const BROKEN: &[Broken] = &[
    Broken { name: "a glibc program posing as a musl one", file: "musl/probe", command: GNU_FLAGS, more: &[], source: GNU,
             rules: &[Interpreter, Needed, Floor] },
    Broken { name: "a musl program posing as a glibc one", file: "gnu/probe", command: MUSL_FLAGS, more: &[], source: PLAIN,
             rules: &[Interpreter, Needed] },
    Broken { name: "a stack size of 16 MiB", file: "musl/probe", command: MUSL_FLAGS, more: &["-Wl,-z,stack-size=16777216"], source: PLAIN,
             rules: &[Stack] },
    Broken { name: "an executable stack", file: "gnu/probe", command: GNU_FLAGS, more: &["-Wl,-z,execstack"], source: GNU,
             rules: &[Stack] },
    Broken { name: "gcc's shared runtime", file: "gnu/probe", command: GNU_FLAGS, more: &["-Wl,--no-as-needed", "-lgcc_s"], source: GNU,
             rules: &[Needed] },
    Broken { name: "a symbol newer than the floor", file: "gnu/probe", command: GNU_FLAGS, more: &[], source: NEWER,
             rules: &[Floor] },
    Broken { name: "a dynamic program posing as a static one", file: "musl-static/probe", command: MUSL_FLAGS, more: &[], source: PLAIN,
             rules: &[Interpreter, Kind, Version] },
    Broken { name: "-static-pie, of which musl-gcc makes a dynamic one", file: "musl-static/probe", command: MUSL_FLAGS, more: &["-static-pie"], source: PLAIN,
             rules: &[Interpreter, Kind, Version] },
    Broken { name: "an agent that is dynamic", file: "agent", command: MUSL_FLAGS, more: &[], source: PLAIN,
             rules: &[Interpreter, Kind] },
    Broken { name: "a gnu probe with a strlen of its own", file: "gnu/probe", command: GNU_FLAGS, more: &["-fno-builtin"], source: OWN_STRLEN,
             rules: &[LinkedIn] },
    Broken { name: "a musl probe with a memcpy of its own", file: "musl/probe", command: MUSL_FLAGS, more: &["-fno-builtin"], source: OWN_MEMCPY,
             rules: &[LinkedIn] },
    Broken { name: "a static probe with a memcpy of its own", file: "musl-static/probe", command: STATIC_FLAGS, more: &["-fno-builtin"], source: OWN_MEMCPY,
             rules: &[OwnCode] },
    Broken { name: "RUNPATH", file: "musl/probe", command: MUSL_FLAGS, more: &["-Wl,-rpath,/opt/lib"], source: PLAIN,
             rules: &[RunPath] },
    Broken { name: "RPATH", file: "gnu/probe", command: GNU_FLAGS, more: &["-Wl,-rpath,/opt/lib,--disable-new-dtags"], source: GNU,
             rules: &[RunPath] },
    Broken { name: "a fixed dynamic program", file: "musl/probe", command: MUSL_FLAGS, more: &["-fno-pie", "-no-pie"], source: PLAIN,
             rules: &[Kind] },
    Broken { name: "no symbol table", file: "gnu/probe", command: GNU_FLAGS, more: &["-s"], source: GNU,
             rules: &[Symbols] },
    Broken { name: "a static probe that hides its version", file: "musl-static/probe", command: &["musl-gcc", "-no-pie", "-static"], more: &[], source: PLAIN,
             rules: &[Version] },
    Broken { name: "a static glibc program posing as a musl one", file: "musl-static/probe", command: &["gcc", "-no-pie", "-static"], more: &[], source: PLAIN,
             rules: &[Kind, Foreign, OwnCode, Version] },
];

#[test]
fn right_programs_pass() {
    assert_eq!(Folder::right().findings(), []);
}

#[test]
fn each_broken_program_is_found() {
    let folder = Folder::right();
    for broken in BROKEN {
        let right = std::fs::read(folder.path(broken.file)).expect("a right program is there");
        folder.compile(broken.file, &[broken.command, broken.more].concat(), broken.source);
        let expected: Vec<_> = broken.rules.iter().map(|rule| (broken.file.to_owned(), *rule)).collect();
        assert_eq!(folder.findings(), expected, "{}", broken.name);
        std::fs::write(folder.path(broken.file), right).expect("the right program can be put back");
    }
    assert_eq!(folder.findings(), []);
}

#[test]
fn a_library_of_somebody_elses_is_found() {
    let folder = Folder::right();
    folder.compile("libextra.so", &["gcc", "-shared", "-fPIC"], "int extra(void) { return 1; }");
    let source = "#include <unistd.h>\nint extra(void);\nvoid _start(void) { _exit(extra()); }";
    folder.compile("gnu/probe", &[GNU_FLAGS, &["-L.", "-lextra"]].concat(), source);
    assert_eq!(folder.findings(), [("gnu/probe".into(), Needed)]);
    let found = &folder.audit().findings[0];
    assert!(found.found.contains("libextra.so"), "{found}");
}

#[test]
fn another_architecture_is_found() {
    let folder = Folder::right();
    folder.patch("gnu/probe", |elf| elf[18..20].copy_from_slice(&elf::EM_AARCH64.0.to_le_bytes()));
    assert_eq!(folder.findings(), [("gnu/probe".into(), Elf)]);
}

#[test]
fn what_is_no_elf_program_is_found() {
    for damage in [
        |elf: &mut Vec<u8>| elf[4] = 1,          // 32 bits
        |elf: &mut Vec<u8>| elf[5] = 2,          // big endian
        |elf: &mut Vec<u8>| elf.truncate(200),   // cut short
        |elf: &mut Vec<u8>| elf.clear(),         // empty
        |elf: &mut Vec<u8>| elf[..4].fill(b'#'), // a script
    ] {
        let folder = Folder::right();
        folder.patch("musl-static/probe", damage);
        assert!(folder.findings().contains(&("musl-static/probe".into(), Elf)));
    }
}

#[test]
fn packed_relocations_are_found() {
    let folder = Folder::right();
    folder.patch("musl/probe", |data| {
        let at = dynamic_entry(data, elf::DT_DEBUG.0 as u64);
        data[at..at + 8].copy_from_slice(&(elf::DT_RELR.0 as u64).to_le_bytes());
    });
    assert_eq!(folder.findings(), [("musl/probe".into(), Floor)]);
}

fn dynamic_entry(data: &[u8], tag: u64) -> usize {
    let file = ElfFile64::<LittleEndian>::parse(data).expect("an ELF file");
    let (start, length) = file.section_by_name(".dynamic").and_then(|s| s.file_range()).expect("a dynamic section");
    let mut entries = (start as usize..(start + length) as usize).step_by(16);
    entries.find(|&at| data[at..at + 8] == tag.to_le_bytes()).expect("the entry is there")
}

#[test]
fn one_changed_byte_of_musls_code_is_found() {
    let folder = Folder::right();
    folder.patch("musl-static/probe", |data| {
        let file = ElfFile64::<LittleEndian>::parse(data.as_slice()).expect("an ELF file");
        let symbol = file.symbol_by_name("memcpy").expect("it calls memcpy");
        let section = file.section_by_index(symbol.section_index().expect("it is defined")).expect("its section");
        let (offset, _) = section.file_range().expect("its code is in the file");
        let at = (offset + symbol.address() - section.address()) as usize;
        data[at + 1] ^= 0xff;
    });
    assert_eq!(folder.findings(), [("musl-static/probe".into(), OwnCode)]);
}

#[test]
fn the_stack_remedy_must_have_its_stack() {
    let folder = Folder::right();
    let size = "-Wl,-z,stack-size=8388608";
    folder.compile("gnu/threads-stack8m", &[GNU_FLAGS, &[size]].concat(), GNU);
    folder.compile("musl/threads-stack8m", &[MUSL_FLAGS, &[size]].concat(), PLAIN);
    folder.compile("musl-static/threads-stack8m", &[STATIC_FLAGS, &[size]].concat(), PLAIN);
    assert_eq!(folder.findings(), []);
    folder.compile("musl/threads-stack8m", MUSL_FLAGS, PLAIN);
    assert_eq!(folder.findings(), [("musl/threads-stack8m".into(), Stack)]);
}

#[test]
fn only_the_interposing_program_may_replace_malloc() {
    let source = r#"
        #include <stddef.h>
        #include <unistd.h>
        static char block[64];
        void *malloc(size_t n) { return n > sizeof block ? NULL : block; }
        void free(void *block) { (void)block; }
        int main(void) { void *volatile p = malloc(8); free(p); return p == NULL; }
    "#;
    let folder = Folder::right();
    let start = format!("{source}\nvoid _start(void) {{ _exit(main()); }}");
    folder.compile("gnu/alloc-interposed", &[GNU_FLAGS, &["-fno-builtin"]].concat(), &start);
    folder.compile("musl/alloc-interposed", &[MUSL_FLAGS, &["-fno-builtin"]].concat(), source);
    folder.compile("musl-static/alloc-interposed", &[STATIC_FLAGS, &["-fno-builtin"]].concat(), source);
    assert_eq!(folder.findings(), []);
    folder.compile("musl/probe", &[MUSL_FLAGS, &["-fno-builtin"]].concat(), source);
    assert_eq!(folder.findings(), [("musl/probe".into(), LinkedIn)]);
}

#[test]
fn the_benches_may_round_by_themselves_and_have_no_malloc_of_their_own() {
    let with = |name: &str, call: &str| {
        format!(
            "#include <unistd.h>\n{name}\nint main(void) {{ return {call}; }}\nvoid _start(void) {{ _exit(main()); }}"
        )
    };
    let rounding = with("double ceil(double x) { return (double)(long)x; }", "(int)ceil(1)");
    let flags = [GNU_FLAGS, &["-fno-builtin"]].concat();
    let folder = Folder::right();
    folder.compile("musl/bench", MUSL_FLAGS, PLAIN);
    folder.compile("musl-static/bench", STATIC_FLAGS, PLAIN);
    folder.compile("gnu/bench", &flags, &rounding);
    assert_eq!(folder.findings(), []);
    let allocating = with("void *malloc(unsigned long n) { return (void *)n; }", "malloc(0) != 0");
    folder.compile("gnu/bench", &flags, &allocating);
    assert_eq!(folder.findings(), [("gnu/bench".into(), LinkedIn)]);
    folder.compile("gnu/bench", GNU_FLAGS, GNU);
    folder.compile("gnu/probe", &flags, &rounding);
    assert_eq!(folder.findings(), [("gnu/probe".into(), LinkedIn)]);
}

#[test]
fn a_program_that_one_flavour_lacks_is_found() {
    let folder = Folder::right();
    folder.compile("musl/second", MUSL_FLAGS, PLAIN);
    assert_eq!(folder.findings(), [("gnu".into(), Complete), ("musl-static".into(), Complete)]);
}

#[test]
fn an_empty_flavour_is_found() {
    let folder = Folder::right();
    std::fs::remove_file(folder.path("reference/time")).expect("it is there");
    assert_eq!(folder.findings(), [("reference".into(), Complete)]);
}
