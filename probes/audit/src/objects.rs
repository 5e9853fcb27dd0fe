//! The objects that the cases of the area `loader` are about: nothing of a C library may be in them, and both families must
//! have the same ones, so that only the loader can make a difference.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use object::read::elf::ElfFile64;
use object::{LittleEndian, Object, ObjectSymbol};
use sha2::{Digest, Sha256};

use crate::finding::{Finding, Rule};
use crate::program::hex;
use crate::{Error, Libraries, read};

/// The folder of the objects, beside those of the flavours.
pub const FOLDER: &str = "objects";

/// The families that have objects.
const FAMILIES: [&str; 2] = ["gnu", "musl"];

/// The digest of each object, by its path below the folder.
pub type Digests = BTreeMap<String, String>;

/// Reads every object below `folder`, adds what is wrong with one, and returns their digests; none where there is no such
/// folder.
pub fn audit(folder: &Path, libraries: &Libraries, findings: &mut Vec<Finding>) -> Result<Digests, Error> {
    let mut digests = Digests::new();
    if !folder.join(FOLDER).exists() {
        return Ok(digests);
    }
    let mut names: Vec<Vec<PathBuf>> = Vec::new();
    for family in FAMILIES {
        let place = folder.join(FOLDER).join(family);
        let mut paths = Vec::new();
        list(&place, &mut paths)?;
        for path in &paths {
            let data = read(path)?;
            findings.extend(judge(path, &data, libraries));
            let name = path.strip_prefix(folder.join(FOLDER)).unwrap_or(path).display().to_string();
            digests.insert(name, hex(&Sha256::digest(&data)));
        }
        names.push(paths.iter().map(|path| path.strip_prefix(&place).unwrap_or(path).to_owned()).collect());
    }
    if names[0] != names[1] || names[0].is_empty() {
        findings.push(Finding {
            file: folder.join(FOLDER),
            rule: Rule::Complete,
            found: "not the same objects for both families, or none".into(),
            remedy: "build them again with 'make probes'".into(),
        });
    }
    Ok(digests)
}

/// Every file below a folder, in order.
fn list(folder: &Path, found: &mut Vec<PathBuf>) -> Result<(), Error> {
    let failed = |source| Error::Read { path: folder.to_owned(), source };
    let mut entries = fs::read_dir(folder).map_err(failed)?.collect::<Result<Vec<_>, _>>().map_err(failed)?;
    entries.sort_by_key(fs::DirEntry::path);
    for entry in entries {
        if entry.path().is_dir() { list(&entry.path(), found)? } else { found.push(entry.path()) }
    }
    Ok(())
}

/// An object defines no function of a C library; some are no ELF files on purpose.
fn judge(path: &Path, data: &[u8], libraries: &Libraries) -> Option<Finding> {
    let file = ElfFile64::<LittleEndian>::parse(data).ok()?;
    let names = file.dynamic_symbols().filter(|symbol| symbol.is_definition());
    let own: Vec<String> = names
        .filter_map(|symbol| symbol.name().ok().map(str::to_owned))
        .filter(|name| libraries.glibc.holds(name) || libraries.musl.holds(name))
        .collect();
    (!own.is_empty()).then(|| Finding {
        file: path.to_owned(),
        rule: Rule::LinkedIn,
        found: format!("it defines functions of the C library: {}", own.join(", ")),
        remedy: "give them other names in probes/build/objects".into(),
    })
}
