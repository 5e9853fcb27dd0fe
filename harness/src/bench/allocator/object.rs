//! A shared object of one's own, to be preloaded: whether it can be one, and how it is laid over an image. What cannot work
//! is refused here, in words; a loader would drop it and go on without.

use std::fs;
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use libcdiff_protocol::{File, Flavour};
use object::read::elf::{ElfFile64, FileHeader};
use object::{LittleEndian, Object, ObjectSymbol, elf};

use crate::image::Arch;

/// The folder inside an image.
const FOLDER: &str = "/.libcdiff/own";
/// The largest that is believed to be one: bytes.
const LARGEST: u64 = 64 << 20;

/// Refuses a path that is no shared object for this machine with a `malloc` in it.
pub fn check(path: &Path) -> Result<(), String> {
    read(path).map(drop)
}

/// The file that is laid over an image for programs of this flavour.
pub fn file(path: &Path, flavour: Flavour) -> Result<File, String> {
    let (data, needed) = read(path)?;
    let (own, other) = match flavour {
        Flavour::Gnu => ("libc.so.6", "libc.so"),
        _ => ("libc.so", "libc.so.6"),
    };
    if needed.iter().any(|name| name == other || (flavour == Flavour::Gnu && name.starts_with("libc.musl-"))) {
        return Err(format!(
            "{} needs another C library ({}) than {flavour} programs, which need {own}",
            path.display(),
            needed.join(", ")
        ));
    }
    Ok(File { path: format!("{FOLDER}/{}", name(path)), content: STANDARD.encode(data) })
}

/// A name that stands for itself in LD_PRELOAD, which takes blanks and colons for ends.
fn name(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    name.chars().map(|c| if c.is_ascii_alphanumeric() || "._-+".contains(c) { c } else { '-' }).collect()
}

/// The file, and the libraries that it needs.
fn read(path: &Path) -> Result<(Vec<u8>, Vec<String>), String> {
    let shown = path.display();
    let found = fs::metadata(path).map_err(|e| format!("the allocator {shown} cannot be read: {e}"))?;
    if !found.is_file() {
        return Err(format!("the allocator {shown} is no file: name a shared object that has malloc"));
    }
    if found.len() > LARGEST {
        return Err(format!(
            "the allocator {shown} has {} bytes, more than the {LARGEST} that one may have",
            found.len()
        ));
    }
    let data = fs::read(path).map_err(|e| format!("the allocator {shown} cannot be read: {e}"))?;
    let needed =
        needed(&data).map_err(|what| format!("the allocator {shown} is no shared object for this machine: {what}"))?;
    Ok((data, needed))
}

fn needed(data: &[u8]) -> Result<Vec<String>, String> {
    let file = ElfFile64::<LittleEndian>::parse(data).map_err(|e| e.to_string())?;
    let header = file.elf_header();
    if header.e_type(LittleEndian) != elf::ET_DYN || header.e_machine(LittleEndian) != Arch::native().machine {
        return Err(format!("it is no position-independent ELF file for {}", Arch::native().name));
    }
    let exports = |wanted: &str| file.dynamic_symbols().any(|s| s.is_definition() && s.name() == Ok(wanted));
    if !exports("malloc") || !exports("free") {
        return Err("it exports no malloc and free".into());
    }
    let table = file.elf_dynamic_table().map_err(|e| e.to_string())?;
    let mut names = Vec::new();
    for entry in &table {
        if entry.tag == elf::DT_NEEDED {
            names.push(String::from_utf8_lossy(table.string(entry).map_err(|e| e.to_string())?).into_owned());
        }
    }
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_safe_in_a_list() {
        assert_eq!(name(Path::new("/a b/lib x:y.so.2")), "lib-x-y.so.2");
        assert_eq!(name(Path::new("./libtcmalloc_minimal.so")), "libtcmalloc_minimal.so");
    }
}
