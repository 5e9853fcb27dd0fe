//! What belongs to a C library, read from that library: the functions that glibc's shared objects export, and the
//! functions of musl's `libc.a` with their code. Nothing here is a list kept by hand.

use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::path::{Path, PathBuf};

use object::read::archive::ArchiveFile;
use object::read::elf::{ElfFile64, FileHeader};
use object::{LittleEndian, Object, ObjectSection, ObjectSymbol, RelocationFlags, SymbolKind, elf};

use crate::program::{Function, Program, text_of};
use crate::{Error, Machine, read};

/// Where musl keeps its version: `src/internal/version.c`. Static probes are linked with `-u` on it, so that they say
/// which musl they hold.
pub const VERSION_SYMBOL: &str = "__libc_version";

type Object64<'data> = ElfFile64<'data, LittleEndian>;

/// The machine that a library is for.
pub fn machine(path: &Path) -> Result<&'static Machine, Error> {
    let data = read(path)?;
    let object = Object64::parse(data.as_slice()).map_err(|e| not_a_library(path, &e))?;
    let number = object.elf_header().e_machine(LittleEndian).0;
    Machine::by_number(number)
        .ok_or_else(|| not_a_library(path, &format!("it is for ELF machine {number}, which no probes are built for")))
}

/// The functions that a set of shared objects exports.
#[derive(Debug)]
pub struct Exports(HashSet<String>);

impl Exports {
    /// Reads those of the named libraries that are in `folder`; the C library itself, the first, must be.
    pub fn read(folder: &Path, libraries: &[&str]) -> Result<Self, Error> {
        let mut names = HashSet::new();
        for (n, library) in libraries.iter().enumerate() {
            let path = folder.join(library);
            if n > 0 && !path.exists() {
                continue;
            }
            let data = read(&path)?;
            let object = Object64::parse(data.as_slice()).map_err(|e| not_a_library(&path, &e))?;
            names.extend(functions(object.dynamic_symbols()).map(|(name, _)| name));
        }
        Ok(Self(names))
    }

    /// Whether the function is exported.
    pub fn holds(&self, name: &str) -> bool {
        self.0.contains(name)
    }
}

/// musl's static library.
#[derive(Debug)]
pub struct Archive {
    /// Its version, as it says itself: `1.2.3`.
    pub version: String,
    functions: HashMap<String, Vec<Code>>,
}

/// The code of one function in an object file.
#[derive(Debug)]
struct Code {
    /// The symbol's size; 0 where an assembly source does not say.
    size: u64,
    /// From the function's start to its end, or to the next symbol where the size is 0.
    bytes: Vec<u8>,
    /// What the linker fills in.
    holes: Vec<Range<usize>>,
}

impl Archive {
    /// Reads every member.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let data = read(path)?;
        let archive = ArchiveFile::parse(data.as_slice()).map_err(|e| not_a_library(path, &e))?;
        let mut found = Self { version: String::new(), functions: HashMap::new() };
        for member in archive.members() {
            let object = member
                .and_then(|m| m.data(data.as_slice()))
                .and_then(Object64::parse)
                .map_err(|e| not_a_library(path, &e))?;
            found.take(&object).map_err(|e| not_a_library(path, &e))?;
        }
        if found.version.is_empty() {
            return Err(not_a_library(path, &format!("it has no {VERSION_SYMBOL}, so it is not musl's libc.a")));
        }
        Ok(found)
    }

    /// Whether the library has a function of this name.
    pub fn holds(&self, name: &str) -> bool {
        self.functions.contains_key(name)
    }

    /// Whether the function in the program is the library's own: the same size, and the same bytes wherever the linker
    /// had nothing to fill in. A name that several members define (weak ones) may be any of them.
    pub fn owns(&self, program: &Program, function: &Function) -> bool {
        let candidates = self.functions.get(&function.name).map(Vec::as_slice).unwrap_or_default();
        let linked = program.data.get(function.start..function.limit).unwrap_or_default();
        candidates.iter().any(|code| code.size == function.size && code.is_in(linked))
    }

    fn take(&mut self, object: &Object64<'_>) -> object::Result<()> {
        if let Some(version) = text_of(object, VERSION_SYMBOL)? {
            self.version = version;
        }
        for symbol in object.symbols() {
            if is_function(&symbol) && !symbol.is_local() {
                let name = String::from_utf8_lossy(symbol.name_bytes()?).into_owned();
                let code = Code::read(object, &symbol)?;
                self.functions.entry(name).or_default().push(code);
            }
        }
        Ok(())
    }
}

impl Code {
    fn read<'data>(object: &Object64<'data>, symbol: &impl ObjectSymbol<'data>) -> object::Result<Self> {
        let Some(index) = symbol.section_index() else {
            return Ok(Self { size: symbol.size(), bytes: Vec::new(), holes: Vec::new() });
        };
        let section = object.section_by_index(index)?;
        let data = section.data()?;
        let start = symbol.address() as usize;
        let end = match symbol.size() {
            0 => next_symbol(object, index, symbol.address()).unwrap_or(data.len()),
            size => start + size as usize,
        };
        let machine = object.elf_header().e_machine(LittleEndian);
        let inside = |hole: Range<usize>| hole.start.max(start)..hole.end.min(end);
        let holes =
            section.relocations().map(|(at, relocation)| inside(hole(machine, at as usize, relocation.flags())));
        let holes = holes.filter(|hole| !hole.is_empty()).map(|hole| hole.start - start..hole.end - start).collect();
        Ok(Self { size: symbol.size(), bytes: data.get(start..end).unwrap_or_default().to_vec(), holes })
    }

    fn is_in(&self, linked: &[u8]) -> bool {
        let filled_in = |at: usize| self.holes.iter().any(|hole| hole.contains(&at));
        linked.len() >= self.bytes.len()
            && self.bytes.iter().zip(linked).enumerate().all(|(at, (own, other))| own == other || filled_in(at))
    }
}

/// The bytes that the linker may change for a relocation: the field, and the instruction before and after it that the
/// x86-64 psABI lets it relax (a load from the GOT into an address, a call of `__tls_get_addr` into nothing). On AArch64
/// every field is in one instruction of 4 bytes, which may become another one.
fn hole(machine: elf::Machine, at: usize, flags: RelocationFlags) -> Range<usize> {
    let RelocationFlags::Elf { r_type } = flags else { return at..at + 8 };
    if machine == elf::EM_AARCH64 {
        return at..at + if matches!(r_type, elf::R_AARCH64_ABS64 | elf::R_AARCH64_PREL64) { 8 } else { 4 };
    }
    match r_type {
        elf::R_X86_64_64 => at..at + 8,
        elf::R_X86_64_TLSGD | elf::R_X86_64_TLSLD => at.saturating_sub(4)..at + 12,
        elf::R_X86_64_PC32 | elf::R_X86_64_PLT32 | elf::R_X86_64_32 | elf::R_X86_64_32S => at..at + 4,
        _ => at.saturating_sub(3)..at + 4,
    }
}

fn next_symbol(object: &Object64<'_>, section: object::SectionIndex, address: u64) -> Option<usize> {
    let later = object.symbols().filter(|s| s.section_index() == Some(section) && is_function(s));
    later.map(|s| s.address()).filter(|&a| a > address).min().map(|a| a as usize)
}

/// A defined function, those included whose variant is chosen at start (STT_GNU_IFUNC), which `is_definition` leaves out.
pub fn is_function<'data>(symbol: &impl ObjectSymbol<'data>) -> bool {
    symbol.kind() == SymbolKind::Text && !symbol.is_undefined()
}

fn functions<'data, S: ObjectSymbol<'data>>(symbols: impl Iterator<Item = S>) -> impl Iterator<Item = (String, S)> {
    symbols.filter(is_function).filter_map(|s| Some((s.name().ok()?.to_owned(), s)))
}

fn not_a_library(path: &Path, reason: &dyn ToString) -> Error {
    Error::Library { path: PathBuf::from(path), reason: reason.to_string() }
}
