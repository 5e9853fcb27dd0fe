//! The allocators that are preloaded into programs to be measured beside a C library's own. Each must go along with every
//! image that the programs run in, and take the place of the C library's allocator whole; both C libraries have the same.

use std::fs;
use std::path::Path;

use libcdiff_protocol::Flavour;

use crate::finding::{Finding, Rule};
use crate::program::Program;
use crate::{Error, Libraries, read, rules};

/// The folder of the allocators, beside those of the flavours.
pub const FOLDER: &str = "allocators";

/// Reads and judges every allocator below `folder`; none where there is no such folder, as where cross builds. The result
/// has them by the flavour whose programs they are preloaded into.
pub fn audit(
    folder: &Path,
    libraries: &Libraries,
    findings: &mut Vec<Finding>,
) -> Result<Vec<(Flavour, Program)>, Error> {
    let place = folder.join(FOLDER);
    let mut found = Vec::new();
    if !place.exists() {
        return Ok(found);
    }
    for flavour in Flavour::ALL {
        let Some(linkage) = rules::preloaded(flavour, libraries.machine) else { continue };
        for path in files(&place.join(flavour.name()))? {
            match Program::parse(&path, read(&path)?) {
                Ok(program) => {
                    findings.extend(rules::judge(&program, linkage, libraries));
                    found.push((flavour, program));
                }
                Err(reason) => findings.push(finding(&path, Rule::Elf, reason)),
            }
        }
        for (name, _) in rules::ALLOCATORS {
            let file = format!("{name}.so");
            if !found.iter().any(|(of, program)| *of == flavour && program.name == file) {
                findings.push(finding(&place.join(flavour.name()).join(file), Rule::Complete, "not there".into()));
            }
        }
    }
    Ok(found)
}

fn files(folder: &Path) -> Result<Vec<std::path::PathBuf>, Error> {
    let failed = |source| Error::Read { path: folder.to_owned(), source };
    let entries = fs::read_dir(folder).map_err(failed)?.collect::<Result<Vec<_>, _>>().map_err(failed)?;
    let mut paths: Vec<_> = entries.iter().map(fs::DirEntry::path).collect();
    paths.sort();
    Ok(paths)
}

fn finding(file: &Path, rule: Rule, found: String) -> Finding {
    let remedy = "build the allocators again with 'make probes'".into();
    Finding { file: file.to_owned(), rule, found, remedy }
}
