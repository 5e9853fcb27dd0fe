//! What an ELF file asks of a loader and of a C library, and what it offers: read from the tables that loaders read, so that a file
//! without section headers is read as well. Nothing of it is run, and no size in it is believed.

use std::collections::{BTreeSet, HashMap};

use memchr::memmem;
use object::elf::{self, FileHeader32, FileHeader64};
use object::read::elf::{
    Dyn, FileHeader, GnuHashTable, HashTable, ProgramHeader, Rel, Rela, SectionHeader, SectionTable, Sym,
};
use object::{Endianness, SectionIndex, pod};

use super::golang;
use super::machine::{Effect, effect};
use super::strings::Strings;
use super::versions::{self, Versions};
use crate::image::Arch;

/// An ELF file, as far as loaders and this question go.
#[derive(Clone, Debug, Default)]
pub struct Object {
    /// What it runs on; `None` for an architecture that the table does not know.
    pub arch: Option<&'static Arch>,
    /// Whether it is executed, rather than loaded by something that is.
    pub program: bool,
    /// `PT_INTERP`.
    pub interpreter: Option<String>,
    /// `DT_SONAME`.
    pub soname: Option<String>,
    /// `DT_NEEDED`, in order.
    pub needed: Vec<String>,
    /// `DT_RPATH`.
    pub rpath: Option<String>,
    /// `DT_RUNPATH`.
    pub runpath: Option<String>,
    /// What it asks other files for.
    pub imports: Vec<Import>,
    /// What it offers, by name.
    pub exports: HashMap<String, Vec<Export>>,
    /// Versions that it asks libraries for.
    pub versions: Vec<VersionNeed>,
    /// Versions that it defines; `None` where it defines none at all.
    pub defines: Option<BTreeSet<String>>,
    /// Bytes of `PT_GNU_STACK`: what musl makes the stacks of threads of; 0 where it says nothing.
    pub stack_bytes: u64,
    /// How it reaches thread-local storage, of its own and of others.
    pub tls: BTreeSet<TlsModel>,
    /// Whether thread-local storage of its own has to be in the block that is laid out at start (`DF_STATIC_TLS`, or a relocation).
    pub tls_at_start: bool,
    /// Relocations are packed (`DT_RELR`).
    pub relr: bool,
    /// A function of it is chosen when it is loaded (`STT_GNU_IFUNC`, `R_*_IRELATIVE`).
    pub ifunc: bool,
    /// Whether it is a dynamic object at all.
    pub dynamic: bool,
    /// Functions that are called before and after the rest: `DT_INIT_ARRAY` and its kin.
    pub constructors: bool,
    /// `DT_PREINIT_ARRAY`.
    pub preinit: bool,
    /// Whether it asks for a stack that code can run on.
    pub executable_stack: bool,
    /// The version of Go that compiled it.
    pub go: Option<String>,
    /// Allocators whose functions it holds, by their own names.
    pub allocators: BTreeSet<&'static str>,
}

/// What a file asks others for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Import {
    /// The symbol.
    pub name: String,
    /// The version it asks for.
    pub version: Option<String>,
    /// The library that has to have it, where there is a version.
    pub library: Option<String>,
    /// Whether the file starts without it.
    pub weak: bool,
    /// Whether a relocation asks for it: loaders look at no other.
    pub relocated: bool,
    /// Whether the file defines it itself, as a function that is chosen at load time.
    pub own_ifunc: bool,
    /// Whether the file keeps a copy of a library's variable under this name.
    pub copied: bool,
}

/// What a file offers under a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Export {
    /// Its version.
    pub version: Option<String>,
    /// Whether only who asks for that version gets it.
    pub hidden: bool,
    /// Whether it is chosen when it is loaded.
    pub ifunc: bool,
}

/// A version that a library must define.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VersionNeed {
    /// The library.
    pub library: String,
    /// The version.
    pub version: String,
    /// Whether the file starts without it.
    pub weak: bool,
}

/// How thread-local storage is reached.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Deserialize, serde::Serialize, schemars::JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum TlsModel {
    /// By a place that is fixed when the file is linked; programs only.
    LocalExec,
    /// By a place that is fixed at start.
    InitialExec,
    /// By a call.
    GeneralDynamic,
    /// By a descriptor.
    Descriptor,
}

impl std::fmt::Display for TlsModel {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(match self {
            Self::LocalExec => "local-exec",
            Self::InitialExec => "initial-exec",
            Self::GeneralDynamic => "general-dynamic",
            Self::Descriptor => "descriptors",
        })
    }
}

impl Object {
    /// Reads a file; `None` for anything that is no ELF program or library, or that is damaged.
    pub fn read(data: &[u8]) -> Option<Self> {
        match data.get(..5)? {
            [0x7f, b'E', b'L', b'F', 1] => Reader::<FileHeader32<Endianness>>::open(data)?.object(),
            [0x7f, b'E', b'L', b'F', 2] => Reader::<FileHeader64<Endianness>>::open(data)?.object(),
            _ => None,
        }
    }

    /// Whether it brings all it needs: no loader starts it.
    pub fn is_static(&self) -> bool {
        self.program && self.interpreter.is_none() && self.needed.is_empty()
    }

    /// What of it is spoken of as a symbol is, since a loader does something about it: `elf:runpath`.
    pub fn features(&self) -> Vec<&'static str> {
        let library = !self.program;
        let all = [
            ("elf:loader", self.interpreter.is_some() || !self.needed.is_empty()),
            ("elf:constructors", self.constructors && library),
            ("elf:preinit", self.preinit),
            ("elf:executable-stack", self.executable_stack && library),
            ("elf:initial-exec-library", self.tls_at_start && library),
            ("elf:packed-relocations", self.relr),
            ("elf:ifunc", self.ifunc),
            ("elf:rpath", self.rpath.is_some() && self.runpath.is_none()),
            ("elf:runpath", self.runpath.is_some()),
            ("elf:versions", !self.versions.is_empty()),
            ("elf:own-malloc", self.exports.contains_key("malloc")),
        ];
        all.into_iter().filter(|(_, has)| *has && self.dynamic).map(|(name, _)| name).collect()
    }

    /// Whether it calls dlopen or its kin.
    pub fn opens_libraries(&self) -> bool {
        self.imports.iter().any(|import| matches!(import.name.as_str(), "dlopen" | "dlmopen"))
    }
}

/// More libraries than any file needs.
const MOST_NAMED: usize = 4096;
/// The bit of `DT_VERSYM` that keeps a symbol from those who ask for no version.
const HIDDEN: u16 = 0x8000;

struct Reader<'data, H: FileHeader> {
    data: &'data [u8],
    header: &'data H,
    endian: Endianness,
    segments: &'data [H::ProgramHeader],
    dynamic: Vec<(i64, u64)>,
}

/// The tables of a dynamic object.
struct Tables<'data, H: FileHeader> {
    strings: Strings<'data>,
    symbols: &'data [H::Sym],
    versions: Versions,
    relocations: Vec<(u32, u32)>,
}

/// Symbols that relocations ask for, and those of which copies are kept.
#[derive(Default)]
struct Asked {
    relocated: BTreeSet<u32>,
    copied: BTreeSet<u32>,
}

impl<'data, H: FileHeader<Endian = Endianness>> Reader<'data, H> {
    fn open(data: &'data [u8]) -> Option<Self> {
        let header = H::parse(data).ok()?;
        let endian = header.endian().ok()?;
        if !matches!(header.e_type(endian), elf::ET_EXEC | elf::ET_DYN) {
            return None;
        }
        let segments = header.program_headers(endian, data).ok()?;
        let entries = segments.iter().find_map(|segment| segment.dynamic(endian, data).ok().flatten());
        let entries = entries.unwrap_or_default().iter().map(|entry| (entry.tag(endian).0, entry.val(endian)));
        let dynamic = entries.take_while(|(tag, _)| *tag != elf::DT_NULL.0).collect();
        let reader = Self { data, header, endian, segments, dynamic };
        reader.is_whole().then_some(reader)
    }

    /// Whether all is there that is loaded, and the tables of symbols. Of a file that is cut off nothing may be told: that it imports
    /// nothing would be false.
    fn is_whole(&self) -> bool {
        let matters = [elf::PT_LOAD, elf::PT_DYNAMIC, elf::PT_INTERP];
        let mut parts = self.segments.iter().filter(|segment| matters.contains(&segment.p_type(self.endian)));
        let loaded = self.segments.iter().any(|segment| segment.p_type(self.endian) == elf::PT_LOAD);
        let tables = [elf::DT_STRTAB, elf::DT_SYMTAB].into_iter().filter_map(|tag| self.entry(tag));
        loaded
            && parts.all(|segment| segment.data(self.endian, self.data).is_ok())
            && tables.map(|address| self.at(address)).all(|table| table.is_some())
    }

    fn entry(&self, tag: elf::DynamicTag) -> Option<u64> {
        self.dynamic.iter().find(|(known, _)| *known == tag.0).map(|(_, value)| *value)
    }

    /// The rest of the segment that is loaded to an address.
    fn at(&self, address: u64) -> Option<&'data [u8]> {
        self.segments.iter().filter(|segment| segment.p_type(self.endian) == elf::PT_LOAD).find_map(|segment| {
            let start = address.checked_sub(segment.p_vaddr(self.endian).into())?;
            segment.data(self.endian, self.data).ok()?.get(usize::try_from(start).ok()?..)
        })
    }

    fn array<T: pod::Pod>(&self, address: elf::DynamicTag, bytes: Option<u64>) -> &'data [T] {
        let all = self.entry(address).and_then(|address| self.at(address)).unwrap_or_default();
        let bytes = bytes.and_then(|bytes| usize::try_from(bytes).ok()).unwrap_or(all.len()).min(all.len());
        pod::slice_from_bytes::<T>(all, bytes / size_of::<T>()).map_or(&[], |(items, _)| items)
    }

    fn object(&self) -> Option<Object> {
        let arch =
            Arch::by_elf(self.header.e_machine(self.endian), self.header.is_class_64(), self.header.is_little_endian());
        let interpreter = self.segments.iter().find_map(|s| s.interpreter(self.endian, self.data).ok().flatten());
        let segment = |kind| self.segments.iter().find(move |s| s.p_type(self.endian) == kind);
        let mut object = Object {
            arch,
            interpreter: interpreter.map(text),
            stack_bytes: segment(elf::PT_GNU_STACK).map_or(0, |s| s.p_memsz(self.endian).into()),
            dynamic: !self.dynamic.is_empty(),
            relr: self.entry(elf::DT_RELR).is_some(),
            constructors: self.entry(elf::DT_INIT_ARRAY).is_some(),
            preinit: self.entry(elf::DT_PREINIT_ARRAYSZ).is_some_and(|bytes| bytes > 0),
            executable_stack: segment(elf::PT_GNU_STACK).is_some_and(|s| s.p_flags(self.endian).contains(elf::PF_X)),
            go: golang::version(self.data).or_else(|| self.has_go_table().then(|| golang::UNKNOWN.to_owned())),
            ..Object::default()
        };
        let pie = self.entry(elf::DT_FLAGS_1).is_some_and(|flags| flags & elf::DF_1_PIE.0 != 0);
        object.program = self.header.e_type(self.endian) == elf::ET_EXEC || object.interpreter.is_some() || pie;
        if object.dynamic {
            self.fill(&mut object)?;
        }
        if object.program && segment(elf::PT_TLS).is_some() && object.tls.is_empty() {
            object.tls.insert(TlsModel::LocalExec);
        }
        self.allocators(&mut object);
        Some(object)
    }

    /// Whether it has the table of functions that every program of Go needs to unwind its stacks, stripped or not.
    fn has_go_table(&self) -> bool {
        let Ok(sections) = self.header.sections(self.endian, self.data) else { return false };
        let Ok(index) = self.header.section_strings_index(self.endian, self.data) else { return false };
        let Some(names) = self.section(&sections, index) else { return false };
        let name = |section: &H::SectionHeader| names.get(section.sh_name(self.endian) as usize..);
        sections.iter().filter_map(name).any(golang::is_table)
    }

    fn section(&self, sections: &SectionTable<'data, H>, index: SectionIndex) -> Option<&'data [u8]> {
        sections.section(index).ok()?.data(self.endian, self.data).ok()
    }

    /// Reads what the dynamic section leads to; `None` where its names are those of no real file.
    fn fill(&self, object: &mut Object) -> Option<()> {
        let strings = self.array::<u8>(elf::DT_STRTAB, self.entry(elf::DT_STRSZ));
        let strings = Strings::new(strings, self.data.len());
        let named = |tag: elf::DynamicTag| {
            let all = self.dynamic.iter().filter(move |(known, _)| *known == tag.0).take(MOST_NAMED);
            all.filter_map(|(_, at)| strings.text(u32::try_from(*at).ok()?))
        };
        object.needed = named(elf::DT_NEEDED).collect();
        object.soname = named(elf::DT_SONAME).next();
        object.rpath = named(elf::DT_RPATH).next();
        object.runpath = named(elf::DT_RUNPATH).next();
        let relocations = self.relocations();
        let symbols = self.symbols(&relocations);
        let table = |tag| self.entry(tag).and_then(|at| self.at(at));
        let versions = versions::read(table(elf::DT_VERNEED), table(elf::DT_VERDEF), &strings, self.endian);
        object.versions.clone_from(&versions.needs);
        object.defines.clone_from(&versions.defines);
        let tables = Tables { strings, symbols, versions, relocations };
        let asked = self.relocate(&tables, object);
        self.names(&tables, &asked, object);
        let flags = self.entry(elf::DT_FLAGS).unwrap_or(0);
        object.tls_at_start |= flags & elf::DF_STATIC_TLS.0 != 0 && !object.program;
        (!tables.strings.is_used_up()).then_some(())
    }

    /// Symbol and kind of every relocation.
    fn relocations(&self) -> Vec<(u32, u32)> {
        let rela = self.array::<H::Rela>(elf::DT_RELA, Some(self.entry(elf::DT_RELASZ).unwrap_or(0)));
        let rel = self.array::<H::Rel>(elf::DT_REL, Some(self.entry(elf::DT_RELSZ).unwrap_or(0)));
        let size = Some(self.entry(elf::DT_PLTRELSZ).unwrap_or(0));
        let by_addend = self.entry(elf::DT_PLTREL) == Some(elf::DT_RELA.0 as u64);
        let (plt_rela, plt_rel): (&[H::Rela], &[H::Rel]) = match by_addend {
            true => (self.array(elf::DT_JMPREL, size), &[]),
            false => (&[], self.array(elf::DT_JMPREL, size)),
        };
        let mips = self.header.is_mips64el(self.endian);
        let with_addend = rela.iter().chain(plt_rela);
        let with_addend = with_addend.map(|r| (r.r_sym(self.endian, mips), r.r_type(self.endian, mips).0));
        let without = rel.iter().chain(plt_rel).map(|r| (r.r_sym(self.endian), r.r_type(self.endian).0));
        with_addend.chain(without).collect()
    }

    /// The symbols that others can see. No table says how many there are: the tables of hashes, the relocations and, where there are
    /// any, the section headers each know of some.
    fn symbols(&self, relocations: &[(u32, u32)]) -> &'data [H::Sym] {
        let hash = self.entry(elf::DT_HASH).and_then(|at| self.at(at));
        let hash = hash.and_then(|data| HashTable::<H>::parse(self.endian, data).ok());
        let gnu = self.entry(elf::DT_GNU_HASH).and_then(|at| self.at(at));
        let gnu = gnu.and_then(|data| GnuHashTable::<H>::parse(self.endian, data).ok());
        let sections = self.header.sections(self.endian, self.data).ok();
        let section = sections.and_then(|sections| {
            let table = sections.iter().find(|section| section.sh_type(self.endian) == elf::SHT_DYNSYM)?;
            u32::try_from(table.sh_size(self.endian).into() / size_of::<H::Sym>() as u64).ok()
        });
        let counts = [
            hash.map(|table| table.symbol_table_length()),
            gnu.as_ref().and_then(|table| table.symbol_table_length(self.endian)),
            relocations.iter().map(|(symbol, _)| symbol.saturating_add(1)).max(),
            section,
        ];
        let count = counts.into_iter().flatten().max().unwrap_or(0);
        self.array::<H::Sym>(elf::DT_SYMTAB, Some(u64::from(count) * size_of::<H::Sym>() as u64))
    }

    /// The number of each symbol's version, and whether only who asks for it gets the symbol.
    fn numbers(&self) -> impl Fn(usize) -> (u16, bool) {
        let numbers = self.array::<elf::Versym<Endianness>>(elf::DT_VERSYM, None);
        let endian = self.endian;
        move |at| {
            let number = numbers.get(at).map_or(1, |number| number.0.get(endian).0);
            (number & !HIDDEN, number & HIDDEN != 0)
        }
    }

    /// What the relocations say: which symbols are asked for, and how thread-local storage is reached.
    fn relocate(&self, tables: &Tables<'data, H>, object: &mut Object) -> Asked {
        let machine = self.header.e_machine(self.endian);
        let mut asked = Asked::default();
        for (symbol, kind) in &tables.relocations {
            if *symbol != 0 {
                asked.relocated.insert(*symbol);
            }
            let own = || {
                let found = tables.symbols.get(*symbol as usize);
                *symbol == 0 || found.is_some_and(|s| !s.is_undefined(self.endian))
            };
            match effect(machine, *kind) {
                Some(Effect::Chosen) => object.ifunc = true,
                Some(Effect::Copied) => {
                    asked.copied.insert(*symbol);
                }
                Some(Effect::Tls(model)) => {
                    object.tls.insert(model);
                    object.tls_at_start |= model == TlsModel::InitialExec && !object.program && own();
                }
                None => {}
            }
        }
        asked
    }

    fn names(&self, tables: &Tables<'data, H>, asked: &Asked, object: &mut Object) {
        let numbers = self.numbers();
        for (at, symbol) in tables.symbols.iter().enumerate().skip(1) {
            let Some(name) = tables.strings.text(symbol.st_name(self.endian)) else { continue };
            if name.is_empty() || symbol.is_local() {
                continue;
            }
            let (number, hidden) = numbers(at);
            let version = tables.versions.names.get(&number);
            tables
                .strings
                .count(version.map_or(0, |(name, library)| name.len() + library.as_ref().map_or(0, String::len)));
            let ifunc = symbol.st_type() == elf::STT_GNU_IFUNC;
            let (relocated, copied) = (asked.relocated.contains(&(at as u32)), asked.copied.contains(&(at as u32)));
            let undefined = symbol.is_undefined(self.endian);
            let own_ifunc = ifunc && relocated && !undefined;
            if undefined || own_ifunc || copied {
                object.imports.push(Import {
                    name: name.clone(),
                    version: version.map(|(name, _)| name.clone()).filter(|_| undefined || copied),
                    library: version.and_then(|(_, library)| library.clone()),
                    weak: symbol.is_weak() && (undefined || copied),
                    relocated,
                    own_ifunc,
                    copied,
                });
            }
            if !undefined {
                object.ifunc |= ifunc;
                let version = version.map(|(name, _)| name.clone());
                object.exports.entry(name).or_default().push(Export { version, hidden, ifunc });
            }
        }
    }

    /// Allocators that the file holds: by what it offers or needs, by its full symbol table, where it still has it, and by the texts that
    /// they would say, which stay in a stripped program.
    fn allocators(&self, object: &mut Object) {
        let mut found = BTreeSet::new();
        let mut look = |name: &[u8]| {
            let known = ALLOCATORS.iter().filter(|(start, _)| name.starts_with(start.as_bytes())).map(|(_, who)| *who);
            found.extend(known);
        };
        object.exports.keys().for_each(|name| look(name.as_bytes()));
        object.needed.iter().for_each(|name| look(name.as_bytes()));
        if let Ok(sections) = self.header.sections(self.endian, self.data)
            && let Ok(symbols) = sections.symbols(self.endian, self.data, elf::SHT_SYMTAB)
            && let Some(names) = self.section(&sections, symbols.string_section())
        {
            let defined = symbols.iter().filter(|symbol| !symbol.is_undefined(self.endian));
            // Where a name begins is enough: nobody says that it ends.
            defined.filter_map(|symbol| names.get(symbol.st_name(self.endian) as usize..)).for_each(look);
        }
        found.extend(by_texts(self.data));
        if object.program && object.exports.contains_key("malloc") && found.is_empty() {
            found.insert("a malloc of its own");
        }
        object.allocators = found;
    }
}

/// How the names of allocators' functions and libraries begin.
const ALLOCATORS: [(&str, &str); 9] = [
    ("_rjem_", "jemalloc"),
    ("je_malloc", "jemalloc"),
    ("je_mallocx", "jemalloc"),
    ("libjemalloc", "jemalloc"),
    ("mi_malloc", "mimalloc"),
    ("libmimalloc", "mimalloc"),
    ("tc_malloc", "tcmalloc"),
    ("libtcmalloc", "tcmalloc"),
    ("rpmalloc", "rpmalloc"),
];

/// What allocators say when something is wrong, and how the text ends in a program that holds one; in one that only speaks of it, as this
/// one does, another text follows.
const ALLOCATORS_SAY: [(&[u8], &[u8], &str); 2] =
    [(b"<jemalloc>: Error in munmap(): %s", b"\n\0", "jemalloc"), (b"mimalloc: warning: ", b"\0", "mimalloc")];

fn by_texts(data: &[u8]) -> impl Iterator<Item = &'static str> {
    let held =
        |text: &[u8], end: &[u8]| memmem::find_iter(data, text).any(|at| data[at + text.len()..].starts_with(end));
    ALLOCATORS_SAY.into_iter().filter(move |(text, end, _)| held(text, end)).map(|(.., who)| who)
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn allocators_are_known_by_what_they_would_say() {
        let found = |data: &[u8]| by_texts(data).collect::<Vec<_>>();
        assert_eq!(found(b"x\0mimalloc: warning: \0<jemalloc>: Error in munmap(): %s\n\0"), ["jemalloc", "mimalloc"]);
        assert_eq!(found(b"mimalloc: warning: <jemalloc>: Error in munmap(): %stcmalloc"), [""; 0]);
    }
}
