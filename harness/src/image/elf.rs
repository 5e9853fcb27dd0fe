//! What a program's ELF headers say about where it can run: its architecture and the interpreter it asks for.
//!
//! Reads headers alone, a few KiB of a file of any size, and believes no size written in them. Symbols and sections are
//! none of its business.

use std::io::{Read, Seek};

use object::{
    Endianness, elf,
    read::{
        ReadCache,
        elf::{FileHeader, ProgramHeader},
    },
};

use super::arch::Arch;

/// The headers of a program or library.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Elf {
    /// What it runs on; `None` for an architecture that the table does not know.
    pub arch: Option<&'static Arch>,
    /// `PT_INTERP`: the loader that it asks for; `None` for static programs and most libraries.
    pub interpreter: Option<String>,
    /// Whether it is a program (or a library: position-independent programs look the same) rather than an object or core file.
    pub loadable: bool,
}

/// The longest interpreter that is believed; the kernel's own limit is `PATH_MAX`.
const INTERPRETER_BYTES: u64 = 4096;
/// More program headers than any linker writes.
const HEADERS: u16 = 1024;

impl Elf {
    /// Reads the headers of `file`; `None` for anything that is not ELF, or not well-formed.
    pub fn read(file: impl Read + Seek) -> Option<Self> {
        let data = ReadCache::new(file);
        match object::read::ReadRef::read_bytes_at(&data, 0, 5).ok()? {
            [0x7f, b'E', b'L', b'F', 1] => Self::of(elf::FileHeader32::<Endianness>::parse(&data).ok()?, &data),
            [0x7f, b'E', b'L', b'F', 2] => Self::of(elf::FileHeader64::<Endianness>::parse(&data).ok()?, &data),
            _ => None,
        }
    }

    fn of<H, F>(header: &H, data: &ReadCache<F>) -> Option<Self>
    where
        H: FileHeader<Endian = Endianness>,
        F: Read + Seek,
    {
        let endian = header.endian().ok()?;
        let arch = Arch::by_elf(header.e_machine(endian), header.is_class_64(), header.is_little_endian());
        let loadable = matches!(header.e_type(endian), elf::ET_EXEC | elf::ET_DYN);
        if header.e_phnum(endian) > HEADERS {
            return None;
        }
        let interpreter = header
            .program_headers(endian, data)
            .ok()?
            .iter()
            .filter(|h| h.p_type(endian) == elf::PT_INTERP && h.p_filesz(endian).into() <= INTERPRETER_BYTES)
            .find_map(|h| h.interpreter(endian, data).ok().flatten())
            .map(|path| String::from_utf8_lossy(path).into_owned());
        Some(Self { arch, interpreter, loadable })
    }
}

#[cfg(test)]
mod tests {
    use std::{fs::File, io::Cursor};

    use super::*;

    #[test]
    fn this_very_test_is_a_program_of_this_machine() {
        let elf = Elf::read(File::open("/proc/self/exe").expect("opens itself")).expect("is ELF");
        assert_eq!(elf.arch, Some(Arch::native()));
        assert!(elf.loadable);
        assert!(elf.interpreter.is_some_and(|i| i.starts_with("/lib")));
    }

    #[test]
    fn text_and_half_a_header_are_not() {
        assert_eq!(Elf::read(Cursor::new(b"#!/bin/sh\n")), None);
        assert_eq!(Elf::read(Cursor::new(b"\x7fELF\x02\x01\x01")), None);
        assert_eq!(Elf::read(Cursor::new(b"")), None);
    }

    #[test]
    fn sizes_in_the_headers_are_not_believed() {
        let mut bytes = std::fs::read("/proc/self/exe").expect("reads itself");
        bytes.truncate(4096);
        // The interpreter is said to be 1 EiB long.
        let headers = 64 + 56 * usize::from(u16::from_le_bytes([bytes[56], bytes[57]]));
        let interp = (64..headers).step_by(56).find(|at| bytes[*at..*at + 4] == [3, 0, 0, 0]).expect("PT_INTERP");
        bytes[interp + 32..interp + 40].copy_from_slice(&(1u64 << 60).to_le_bytes());
        assert_eq!(Elf::read(Cursor::new(&bytes)).expect("is still ELF").interpreter, None);
        // More program headers than the file has room for.
        bytes[56..58].copy_from_slice(&1000u16.to_le_bytes());
        assert_eq!(Elf::read(Cursor::new(&bytes)), None);
    }
}
