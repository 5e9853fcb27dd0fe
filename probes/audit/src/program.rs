//! What one built program is, read from its ELF headers and tables; it judges nothing and runs nothing.

use std::path::{Path, PathBuf};

use object::elf::{self, FileHeader64};
use object::read::elf::{ElfFile64, FileHeader, ProgramHeader, SectionHeader};
use object::{LittleEndian, Object, ObjectSection, ObjectSymbol};
use sha2::{Digest, Sha256};

use crate::libc::{VERSION_SYMBOL, is_function};

type File<'data> = ElfFile64<'data, LittleEndian>;

/// A program, as far as the rules ask.
#[derive(Debug)]
pub struct Program {
    /// Where it was read.
    pub path: PathBuf,
    /// Its file name.
    pub name: String,
    /// The file.
    pub data: Vec<u8>,
    /// ELF's `e_machine`.
    pub machine: u16,
    /// ELF's `e_type`.
    pub kind: u16,
    /// PT_INTERP.
    pub interpreter: Option<String>,
    /// What the dynamic section says, where there is one.
    pub dynamic: Option<Dynamic>,
    /// Names of the symbol versions that it needs.
    pub versions: Vec<String>,
    /// PT_GNU_STACK, where there is one.
    pub stack: Option<Stack>,
    /// Relocations that something would have to apply at start.
    pub relocations: u64,
    /// The functions that it offers to other objects, by name.
    pub exports: Vec<String>,
    /// The functions in its symbol table; `None` where it has none.
    pub functions: Option<Vec<Function>>,
    /// The text of musl's version symbol, where it holds one.
    pub musl_version: Option<String>,
}

/// The dynamic section.
#[derive(Debug, Default)]
pub struct Dynamic {
    /// DT_NEEDED.
    pub needed: Vec<String>,
    /// DT_RPATH and DT_RUNPATH.
    pub run_paths: Vec<String>,
    /// Whether relocations are packed (DT_RELR), which loaders before glibc 2.36 and musl 1.2.4 cannot read.
    pub packed: bool,
}

/// PT_GNU_STACK.
#[derive(Debug)]
pub struct Stack {
    /// Its memory size: bytes.
    pub bytes: u64,
    /// Whether the stack is to be executable.
    pub executable: bool,
}

/// A defined function.
#[derive(Debug)]
pub struct Function {
    /// Its name.
    pub name: String,
    /// Its size as the symbol says: bytes; 0 where the author did not say.
    pub size: u64,
    /// Where its code starts in the file.
    pub start: usize,
    /// Where its section ends in the file.
    pub limit: usize,
}

impl Program {
    /// Reads a program. The error says what the file is instead of a 64-bit little-endian ELF file.
    pub fn parse(path: &Path, data: Vec<u8>) -> Result<Self, String> {
        let file = File::parse(data.as_slice()).map_err(|e| format!("no readable 64-bit ELF program ({e})"))?;
        if !file.is_little_endian() {
            return Err("not little-endian".into());
        }
        let header = file.elf_header();
        let reading = |e: object::Error| format!("damaged ELF file ({e})");
        let program = Self {
            path: path.to_owned(),
            name: path.file_name().unwrap_or_default().to_string_lossy().into_owned(),
            machine: header.e_machine(LittleEndian).0,
            kind: header.e_type(LittleEndian).0,
            interpreter: interpreter(&file).map_err(reading)?,
            dynamic: dynamic(&file).map_err(reading)?,
            versions: versions(&file).map_err(reading)?,
            stack: stack(&file),
            relocations: relocations(&file),
            exports: exports(&file).map_err(reading)?,
            functions: functions(&file).map_err(reading)?,
            musl_version: text_of(&file, VERSION_SYMBOL).map_err(reading)?,
            data: Vec::new(),
        };
        Ok(Self { data, ..program })
    }

    /// The file's digest, in hexadecimal.
    pub fn sha256(&self) -> String {
        hex(&Sha256::digest(&self.data))
    }
}

/// Bytes in hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn lossy(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn interpreter(file: &File<'_>) -> object::Result<Option<String>> {
    for segment in file.elf_program_headers() {
        if let Some(path) = segment.interpreter(LittleEndian, file.data())? {
            return Ok(Some(lossy(path)));
        }
    }
    Ok(None)
}

fn stack(file: &File<'_>) -> Option<Stack> {
    file.elf_program_headers().iter().find(|s| s.p_type(LittleEndian) == elf::PT_GNU_STACK).map(|segment| Stack {
        bytes: segment.p_memsz(LittleEndian),
        executable: segment.p_flags(LittleEndian).0 & elf::PF_X.0 != 0,
    })
}

fn dynamic(file: &File<'_>) -> object::Result<Option<Dynamic>> {
    if !file.elf_program_headers().iter().any(|s| s.p_type(LittleEndian) == elf::PT_DYNAMIC) {
        return Ok(None);
    }
    let table = file.elf_dynamic_table()?;
    let mut found = Dynamic::default();
    for entry in &table {
        match entry.tag {
            elf::DT_NEEDED => found.needed.push(lossy(table.string(entry)?)),
            elf::DT_RPATH | elf::DT_RUNPATH => found.run_paths.push(lossy(table.string(entry)?)),
            elf::DT_RELR => found.packed = true,
            _ => {}
        }
    }
    Ok(Some(found))
}

fn versions(file: &File<'_>) -> object::Result<Vec<String>> {
    let sections = file.elf_section_table();
    let mut names = Vec::new();
    let Some((mut libraries, strings)) = sections.gnu_verneed(LittleEndian, file.data())? else {
        return Ok(names);
    };
    let strings = sections.strings(LittleEndian, file.data(), strings)?;
    while let Some((_, mut versions)) = libraries.next()? {
        while let Some(version) = versions.next()? {
            names.push(lossy(version.name(LittleEndian, strings)?));
        }
    }
    Ok(names)
}

fn relocations(file: &File<'_>) -> u64 {
    let tables = file.elf_section_table().iter().filter(|section| {
        matches!(section.sh_type(LittleEndian), elf::SHT_RELA | elf::SHT_REL | elf::SHT_RELR)
            && section.sh_flags(LittleEndian).contains(elf::SHF_ALLOC)
    });
    tables.map(|s| s.sh_size(LittleEndian) / s.sh_entsize(LittleEndian).max(1)).sum()
}

fn exports(file: &File<'_>) -> object::Result<Vec<String>> {
    file.dynamic_symbols().filter(is_function).map(|symbol| symbol.name_bytes().map(lossy)).collect()
}

fn functions(file: &File<'_>) -> object::Result<Option<Vec<Function>>> {
    if file.symbol_table().is_none() {
        return Ok(None);
    }
    let mut functions = Vec::new();
    for symbol in file.symbols() {
        if !is_function(&symbol) {
            continue;
        }
        let Some(index) = symbol.section_index() else { continue };
        let section = file.section_by_index(index)?;
        let Some((offset, length)) = section.file_range() else { continue };
        let start = offset + symbol.address().saturating_sub(section.address());
        functions.push(Function {
            name: lossy(symbol.name_bytes()?),
            size: symbol.size(),
            start: start as usize,
            limit: (offset + length) as usize,
        });
    }
    Ok(Some(functions))
}

/// The zero-terminated text that a data symbol names.
pub fn text_of(file: &File<'_>, name: &str) -> object::Result<Option<String>> {
    let Some(symbol) = file.symbols().find(|s| s.is_definition() && s.name_bytes() == Ok(name.as_bytes())) else {
        return Ok(None);
    };
    let Some(index) = symbol.section_index() else { return Ok(None) };
    let section = file.section_by_index(index)?;
    let start = symbol.address().saturating_sub(section.address()) as usize;
    let rest = section.data()?.get(start..).unwrap_or_default();
    Ok(rest.iter().position(|&byte| byte == 0).map(|end| lossy(&rest[..end])))
}

/// Whether `data` starts like a 64-bit ELF file.
pub fn is_elf(data: &[u8]) -> bool {
    FileHeader64::<LittleEndian>::parse(data).is_ok()
}
