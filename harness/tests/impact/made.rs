//! Programs and libraries that are made here, for what few real ones have.

use std::path::{Path, PathBuf};
use std::process::Command;

use libcdiff::impact::answer::ObstacleKind;
use libcdiff::impact::object::Object;

use crate::loaders::{glibc_says, musl_says};
use crate::{as_reported, go_program, here, image, told};

/// Compiles C; the path of what came out.
fn built(folder: &Path, compiler: &str, name: &str, source: &str, options: &[&str]) -> PathBuf {
    let (file, made) = (folder.join(format!("{name}.c")), folder.join(name));
    std::fs::write(&file, source).expect("writable");
    let mut compile = Command::new(compiler);
    compile.args(["-w", "-fno-builtin", "-o"]).args([&made, &file]).arg("-L").arg(folder).args(options);
    assert!(compile.status().is_ok_and(|status| status.success()), "{compiler} is needed: run `make setup`");
    made
}

const LIBRARY: [&str; 2] = ["-shared", "-fPIC"];

/// A copy of a variable that a library has as a weak one, as C++ has its tables of virtual functions: for lack of the library glibc does
/// without, musl does not.
#[test]
fn copies_of_what_is_gone_are_missing_where_the_loader_says_so() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = folder.path();
    let source = "extern int held, firm; int asked(void); int main(void) { return held + firm + asked(); }\n";
    for compiler in ["cc", "musl-gcc"] {
        let inner = "int held __attribute__((weak)) = 1; int firm = 1; int asked(void) { return held; }\n";
        built(at, compiler, "libheld.so", inner, &LIBRARY);
        built(at, compiler, "program", source, &["-lheld", "-no-pie", "-fno-pic"]);
        let (here, _hold) = here();
        let program = at.join("program");
        let start = told(&program.display().to_string(), Path::new("/"), &here, &here);
        let said = match compiler {
            "cc" => glibc_says(Path::new("/"), &program),
            _ => musl_says(Path::new("/"), &program),
        };
        let Some(said) = said else { return };
        assert!(said.libraries.contains("libheld.so") && said.symbols.contains("firm"), "{compiler}: {said:?}");
        assert_eq!(as_reported(&start), said, "{compiler}");
    }
}

/// What musl's loader opens while a program runs, and what it refuses for its thread-local storage.
#[test]
fn libraries_that_want_storage_at_start_are_those_that_musl_does_not_open() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = folder.path();
    let own = "static __thread int x __attribute__((tls_model(\"initial-exec\"))); int get(void) { return x++; }\n";
    built(at, "musl-gcc", "libown.so", own, &LIBRARY);
    let needs = ["-shared", "-fPIC", "-lown", "-Wl,-rpath,$ORIGIN"];
    built(at, "musl-gcc", "libneeds.so", "int get(void); int more(void) { return get(); }\n", &needs);
    built(at, "musl-gcc", "libplain.so", "static __thread int x; int plain(void) { return x++; }\n", &LIBRARY);
    let opens = "void *dlopen(const char *, int); int main(int n, char **all) { return !dlopen(all[1], 2); }\n";
    let opener = built(at, "musl-gcc", "opener", opens, &[]);
    let root = at.join("root/lib");
    std::fs::create_dir_all(&root).expect("writable");
    let loader = format!("ld-musl-{}.so.1", std::env::consts::ARCH);
    std::fs::copy(Path::new("/lib").join(&loader), root.join(&loader)).expect("musl is installed: run `make setup`");
    let (musl, _hold) = image(&format!("dir:{}", at.join("root").display())).expect("an image");
    for (name, wanted) in [("libown.so", false), ("libneeds.so", false), ("libplain.so", true)] {
        let library = at.join(name);
        let opened = Command::new(&opener).arg(&library).status().expect("it starts").success();
        assert_eq!(opened, wanted, "{name}");
        let start = told(&library.display().to_string(), Path::new("/"), &musl, &musl);
        assert_eq!(start.starts, opened, "{name}: {start:#?}");
        assert!(start.obstacles.iter().all(|o| o.kind == ObstacleKind::StaticTls && o.file.ends_with("libown.so")));
    }
}

/// A word of some bytes at a place of a file.
fn put(data: &mut [u8], at: usize, bytes: &[u8]) {
    let end = (at + bytes.len()).min(data.len());
    data[at.min(end)..end].copy_from_slice(&bytes[..end - at.min(end)]);
}

/// Go's programs without build information, as some are built, are known by their table of functions.
#[test]
fn a_go_program_without_build_information_is_known() {
    let mut program = go_program();
    put(&mut program, 128, &[0; 32]);
    assert_eq!(Object::read(&program).expect("a program").go, None);
    let names = program.len();
    program.extend(b"\0.gopclntab\0.shstrtab\0\0\0");
    let headers = program.len();
    for (name, kind, at, size) in [(0u32, 0u32, 0, 0), (1, 1, 64, 8), (12, 3, names as u64, 22u64)] {
        [name, kind].iter().for_each(|word| program.extend(word.to_le_bytes()));
        // Flags, address, place, size, links, alignment, size of entries.
        [0, 0, at, size, 0, 1, 0].iter().for_each(|long: &u64| program.extend(long.to_le_bytes()));
    }
    put(&mut program, 40, &(headers as u64).to_le_bytes());
    put(&mut program, 58, &[64, 0, 3, 0, 2, 0]);
    assert_eq!(Object::read(&program).expect("a program").go.as_deref(), Some("unknown"));
}

/// A library in which each of many symbols has one long name, which is there once.
fn with_long_names(symbols: u64, length: u64) -> Vec<u8> {
    let [strings, dynamic] = [64 + 2 * 56 + 128, 64 + 2 * 56];
    let table = strings + length.next_multiple_of(8);
    let (relocations, end) = (table + symbols * 24, table + symbols * 24 + 24);
    let mut elf = vec![0x7f, b'E', b'L', b'F', 2, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    [3u16, 62].iter().for_each(|short| elf.extend(short.to_le_bytes()));
    elf.extend(1u32.to_le_bytes());
    [0u64, 64, 0].iter().for_each(|long| elf.extend(long.to_le_bytes()));
    elf.extend(0u32.to_le_bytes());
    [64u16, 56, 2, 64, 0, 0].iter().for_each(|short| elf.extend(short.to_le_bytes()));
    for (kind, at, size) in [(1u32, 0, end), (2, dynamic, 128)] {
        [kind, 7].iter().for_each(|word| elf.extend(word.to_le_bytes()));
        [at, at, at, size, size, 8].iter().for_each(|long: &u64| elf.extend(long.to_le_bytes()));
    }
    let entries = [(5, strings), (10, length), (6, table), (11, 24), (7, relocations), (8, 24), (0, 0), (0, 0)];
    entries.iter().flat_map(|(tag, value): &(u64, u64)| [*tag, *value]).for_each(|long| elf.extend(long.to_le_bytes()));
    elf.resize((strings + length - 1) as usize, b'a');
    elf.resize(table as usize, 0);
    for n in 0..symbols {
        elf.extend(((n % 1000) as u32).to_le_bytes());
        elf.extend([0x12, 0, 0, 0]);
        elf.extend([0; 16]);
    }
    [0x100, ((symbols - 1) << 32) | 6, 0].iter().for_each(|long: &u64| elf.extend(long.to_le_bytes()));
    elf
}

#[test]
fn a_file_whose_names_would_fill_memory_is_refused() {
    assert!(Object::read(&with_long_names(20, 20)).is_some_and(|object| !object.imports.is_empty()));
    // 60,000 names of 60 KiB: 3.6 GB of names in a file of 1.5 MB.
    assert!(Object::read(&with_long_names(60_000, 60_000)).is_none());
}

/// Random damage, by a fixed seed: most of it where the tables are that a reader follows.
#[test]
fn no_damage_makes_the_reader_fail() {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut next = move |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state % below.max(1) as u64) as usize
    };
    let extremes: [u64; 8] = [0, 1, 0x7fff_ffff, 0xffff_ffff, u64::MAX, 1 << 63, 0x1000, u64::MAX - 7];
    let whole: Vec<Vec<u8>> =
        ["/bin/true", "/usr/bin/env"].iter().filter_map(|path| std::fs::read(path).ok()).collect();
    assert!(!whole.is_empty());
    let (mut read, mut refused) = (0, 0);
    for round in 0..1500 {
        let mut data = whole[round % whole.len()].clone();
        let length = data.len();
        let head = if round % 3 == 0 { length } else { 0x1000.min(length) };
        for _ in 0..=next(12) {
            match next(3) {
                0 => put(&mut data, next(head), &[next(256) as u8]),
                1 => put(&mut data, next(head / 8) * 8, &extremes[next(8)].to_le_bytes()),
                _ => put(&mut data, next(head / 4) * 4, &(next(length) as u32).to_le_bytes()),
            }
        }
        if round % 10 == 0 {
            data.truncate(next(length));
        }
        match Object::read(&data) {
            Some(_) => read += 1,
            None => refused += 1,
        }
    }
    assert!(read > 100 && refused > 100, "{read} {refused}");
}
