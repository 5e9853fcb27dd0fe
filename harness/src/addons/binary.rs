//! Whether a binary loads in an image: by its headers, the libraries and the symbols that it asks for, and the C library there.
//!
//! musl's loader takes `libc.so.6` and its companions for itself and looks at no symbol version, so an add-on that was linked
//! with glibc does load there if musl has every symbol that it takes from glibc. A program does not: its loader is missing.

use std::collections::BTreeSet;

use object::read::elf::{Dyn, FileHeader, ProgramHeader, Sym};
use object::{Endianness, elf};

use super::platform::Platform;
use crate::image::{Arch, Family, Image, View};

/// What a binary asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Binary {
    /// The architecture, as `uname -m` says; none for one that is not known.
    pub arch: Option<&'static str>,
    /// The loader of a program.
    pub interpreter: Option<String>,
    /// The libraries that it names.
    pub needed: Vec<String>,
    /// The newest version of glibc that a symbol of it asks for.
    pub glibc: Option<(u32, u32)>,
    /// Symbols that it takes from glibc, by name; weak ones are not among them.
    pub symbols: BTreeSet<String>,
}

/// Whether it loads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Loads {
    /// It does.
    Yes,
    /// It does although it was made for another C library; why.
    Across(String),
    /// It does not; why.
    No(String),
}

/// What glibc's libraries are called that musl takes for itself, before `.so`.
const ITSELF: [&str; 7] = ["libc", "libpthread", "librt", "libm", "libdl", "libutil", "libxnet"];

/// Libraries of glibc that musl has no name for, so that its loader looks for a file, and finds none.
const OWN: [&str; 4] = ["libresolv.so.2", "libmvec.so.1", "libnsl.so.1", "libanl.so.1"];

impl Binary {
    /// Reads a file; `None` for what is not ELF, or broken.
    pub fn read(bytes: &[u8]) -> Option<Self> {
        match bytes.get(..5)? {
            [0x7f, b'E', b'L', b'F', 1] => of(elf::FileHeader32::<Endianness>::parse(bytes).ok()?, bytes),
            [0x7f, b'E', b'L', b'F', 2] => of(elf::FileHeader64::<Endianness>::parse(bytes).ok()?, bytes),
            _ => None,
        }
    }

    /// The C library that it was linked with; none for a static program.
    pub fn family(&self) -> Option<Family> {
        let named = |library: &String| library == "libc.so.6" || library.starts_with("ld-linux");
        let musl = |library: &String| library == "libc.so" || library.starts_with("libc.musl-");
        let interpreter = self.interpreter.as_deref().unwrap_or_default();
        if self.needed.iter().any(musl) || interpreter.contains("/ld-musl-") {
            return Some(Family::Musl);
        }
        let glibc = self.needed.iter().any(named) || interpreter.contains("/ld-linux") || self.glibc.is_some();
        glibc.then_some(Family::Glibc)
    }

    /// The libraries that it asks for beside those of the C library.
    pub fn libraries(&self) -> impl Iterator<Item = &str> {
        self.needed.iter().map(String::as_str).filter(|library| !is_libc(library))
    }

    /// Whether it loads in an image; `exported` is what the image's C library has.
    pub fn loads(&self, platform: &Platform, exported: &BTreeSet<String>) -> Loads {
        if self.arch != Some(platform.arch.as_str()) {
            return Loads::No(format!("it is for {}", self.arch.unwrap_or("a machine that is not known")));
        }
        match (self.family(), &platform.family) {
            (None, _) | (Some(Family::Musl), Family::Musl) => Loads::Yes,
            (Some(Family::Glibc), Family::Glibc) => match self.glibc {
                Some((major, minor)) if (major, minor) > platform.libc => {
                    Loads::No(format!("it asks for glibc {major}.{minor}"))
                }
                _ => Loads::Yes,
            },
            (Some(Family::Glibc), Family::Musl) => self.across(exported),
            (Some(family), _) => Loads::No(format!("it was linked with {family}")),
        }
    }

    /// Whether musl loads what was linked with glibc.
    fn across(&self, exported: &BTreeSet<String>) -> Loads {
        if let Some(interpreter) = &self.interpreter {
            return Loads::No(format!("it is a program of glibc and asks for {interpreter}"));
        }
        if let Some(loader) =
            self.needed.iter().find(|library| library.starts_with("ld-") || OWN.contains(&library.as_str()))
        {
            return Loads::No(format!("it was linked with glibc and asks for {loader}"));
        }
        let missing: Vec<_> = self.symbols.difference(exported).map(String::as_str).collect();
        match missing.as_slice() {
            [] => Loads::Across("it was linked with glibc, and musl has every symbol that it takes from there".into()),
            [first, rest @ ..] => {
                let more = if rest.is_empty() { String::new() } else { format!(" and {} others", rest.len()) };
                Loads::No(format!("it was linked with glibc, and musl has no {first}{more}"))
            }
        }
    }
}

fn is_libc(library: &str) -> bool {
    let stem = library.split(".so").next().unwrap_or_default();
    ITSELF.contains(&stem) || library.starts_with("ld-") || library.starts_with("libc.musl-")
}

/// The symbols that an image's own C library has; none where it cannot be read.
pub fn exported(image: &Image) -> BTreeSet<String> {
    let Some(libc) = image.libc() else { return BTreeSet::new() };
    let bytes = View::open(&image.root).ok().and_then(|view| view.read(&libc.interpreter, 64 << 20));
    let bytes = bytes.unwrap_or_default();
    match bytes.get(..5) {
        Some([0x7f, b'E', b'L', b'F', 1]) => {
            elf::FileHeader32::<Endianness>::parse(&*bytes).ok().and_then(|h| defined(h, &bytes))
        }
        Some([0x7f, b'E', b'L', b'F', 2]) => {
            elf::FileHeader64::<Endianness>::parse(&*bytes).ok().and_then(|h| defined(h, &bytes))
        }
        _ => None,
    }
    .unwrap_or_default()
}

fn defined<H: FileHeader<Endian = Endianness>>(header: &H, data: &[u8]) -> Option<BTreeSet<String>> {
    let endian = header.endian().ok()?;
    let sections = header.sections(endian, data).ok()?;
    let table = sections.symbols(endian, data, elf::SHT_DYNSYM).ok()?;
    let symbols = table.iter().filter(|symbol| !symbol.is_undefined(endian));
    let names = symbols.filter_map(|symbol| table.symbol_name(endian, symbol).ok());
    Some(names.map(|name| String::from_utf8_lossy(name).into_owned()).collect())
}

fn of<H: FileHeader<Endian = Endianness>>(header: &H, data: &[u8]) -> Option<Binary> {
    let endian = header.endian().ok()?;
    let arch = Arch::by_elf(header.e_machine(endian), header.is_class_64(), header.is_little_endian());
    let segments = header.program_headers(endian, data).ok()?;
    let interpreter = segments.iter().find_map(|segment| segment.interpreter(endian, data).ok().flatten());
    let mut binary = Binary {
        arch: arch.map(|arch| arch.name),
        interpreter: interpreter.map(|path| String::from_utf8_lossy(path).into_owned()),
        ..Binary::default()
    };
    let sections = header.sections(endian, data).ok()?;
    if let Ok(Some((dynamic, strings))) = sections.dynamic(endian, data) {
        let strings = sections.strings(endian, data, strings).ok()?;
        let named = dynamic.iter().filter(|entry| entry.d_tag(endian) == elf::DT_NEEDED);
        let names = named.filter_map(|entry| entry.val32(endian).and_then(|at| strings.get(at).ok()));
        binary.needed = names.map(|name| String::from_utf8_lossy(name).into_owned()).collect();
    }
    let table = sections.symbols(endian, data, elf::SHT_DYNSYM).ok()?;
    let versions = sections.versions(endian, data).ok().flatten();
    for (at, symbol) in table.enumerate() {
        if !symbol.is_undefined(endian) {
            continue;
        }
        let version = versions
            .as_ref()
            .and_then(|versions| versions.version(versions.version_index(endian, at).index()).ok().flatten());
        let Some(version) = version.and_then(|version| glibc(version.name())) else { continue };
        binary.glibc = binary.glibc.max(Some(version));
        if let (false, Ok(name)) = (symbol.is_weak(), table.symbol_name(endian, symbol)) {
            binary.symbols.insert(String::from_utf8_lossy(name).into_owned());
        }
    }
    Some(binary)
}

/// `GLIBC_2.34`; what is private to glibc counts as newer than all, as it is bound to one build.
fn glibc(version: &[u8]) -> Option<(u32, u32)> {
    let text = std::str::from_utf8(version).ok()?.strip_prefix("GLIBC_")?;
    let mut parts = text.split('.').map(|part| part.parse().ok());
    match (parts.next().flatten(), parts.next().flatten()) {
        (Some(major), Some(minor)) => Some((major, minor)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::platform::tests::platform;
    use super::*;

    fn binary(needed: &[&str], symbols: &[&str]) -> Binary {
        let set = |list: &[&str]| list.iter().map(|&name| name.to_owned()).collect::<Vec<_>>();
        Binary {
            arch: Some("x86_64"),
            needed: set(needed),
            symbols: set(symbols).into_iter().collect(),
            ..Binary::default()
        }
    }

    #[test]
    fn this_very_test_asks_for_the_c_library_it_was_linked_with() {
        let bytes = std::fs::read("/proc/self/exe").expect("reads itself");
        let read = Binary::read(&bytes).expect("is ELF");
        assert_eq!(read.arch, Some(Arch::native().name));
        if read.family() == Some(Family::Glibc) {
            assert!(read.glibc.is_some_and(|version| version > (2, 0)) && read.symbols.contains("memcpy"), "{read:?}");
        }
        assert_eq!(Binary::read(b"\x7fELF\x02\x01\x01"), None);
        assert_eq!(Binary::read(b"#!/bin/sh"), None);
    }

    #[test]
    fn a_binary_loads_where_its_c_library_is() {
        let (glibc, musl) = (platform(Family::Glibc, false), platform(Family::Musl, true));
        let exported = ["malloc", "memcpy"].map(str::to_owned).into();
        let of_musl = binary(&["libstdc++.so.6", "libc.musl-x86_64.so.1"], &[]);
        assert_eq!(of_musl.loads(&musl, &exported), Loads::Yes);
        assert_eq!(of_musl.loads(&glibc, &exported), Loads::No("it was linked with musl".into()));
        assert_eq!(of_musl.libraries().collect::<Vec<_>>(), ["libstdc++.so.6"]);
        let plain = binary(&["libm.so.6", "libc.so.6"], &["malloc"]);
        assert_eq!(plain.loads(&glibc, &exported), Loads::Yes);
        assert!(matches!(plain.loads(&musl, &exported), Loads::Across(_)));
        let more = binary(&["libc.so.6"], &["malloc", "__memcpy_chk", "qsort_r"]);
        let Loads::No(why) = more.loads(&musl, &exported) else { panic!("it loads") };
        assert!(why.ends_with("musl has no __memcpy_chk and 1 others"), "{why}");
        let loader = binary(&["libc.so.6", "ld-linux-x86-64.so.2"], &[]);
        assert!(matches!(loader.loads(&musl, &exported), Loads::No(_)));
        let resolving = binary(&["libc.so.6", "libresolv.so.2"], &[]);
        assert!(matches!(resolving.loads(&musl, &exported), Loads::No(_)));
        let newer = Binary { glibc: Some((2, 38)), ..plain };
        assert_eq!(newer.loads(&glibc, &exported), Loads::No("it asks for glibc 2.38".into()));
        let program = Binary { interpreter: Some("/lib64/ld-linux-x86-64.so.2".into()), ..binary(&[], &[]) };
        assert!(matches!(program.loads(&musl, &exported), Loads::No(_)));
        assert_eq!(binary(&[], &[]).loads(&musl, &exported), Loads::Yes, "a static program");
        let other = Binary { arch: Some("aarch64"), ..binary(&[], &[]) };
        assert_eq!(other.loads(&musl, &exported), Loads::No("it is for aarch64".into()));
    }

    #[test]
    fn versions_of_glibc_have_two_numbers() {
        assert_eq!(glibc(b"GLIBC_2.34"), Some((2, 34)));
        assert_eq!(glibc(b"GLIBC_2.2.5"), Some((2, 2)));
        assert_eq!(glibc(b"GLIBCXX_3.4"), None);
    }
}
