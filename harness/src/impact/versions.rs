//! Tables of symbol versions, as loaders walk them: chains of records, each of which says how far the next one is. Links lead
//! forwards only and are counted, so that a damaged file ends the walk.

use std::cell::Cell;
use std::collections::{BTreeSet, HashMap};

use object::Endianness;
use object::elf;
use object::pod::{Pod, from_bytes};

use super::object::VersionNeed;
use super::strings::Strings;

/// More records than any file has.
const MOST: usize = 65_536;

/// The versions that a file asks for and defines.
#[derive(Debug, Default)]
pub struct Versions {
    /// What `DT_VERSYM` of a symbol means: the version's name, and the library that has to define it.
    pub names: HashMap<u16, (String, Option<String>)>,
    /// What it asks libraries for.
    pub needs: Vec<VersionNeed>,
    /// What it defines, its own name among it; `None` where it has no such table.
    pub defines: Option<BTreeSet<String>>,
}

/// Reads the tables that `DT_VERNEED` and `DT_VERDEF` point at.
pub fn read(needs: Option<&[u8]>, defines: Option<&[u8]>, strings: &Strings<'_>, endian: Endianness) -> Versions {
    let mut found = Versions::default();
    // For all chains together: each record of one may lead to a chain of its own.
    let left = Cell::new(MOST);
    let text = |at: u32| strings.text(at).unwrap_or_default();
    if let Some(data) = needs {
        walk(
            data,
            &left,
            |need: &elf::Verneed<Endianness>| need.vn_next.get(endian),
            |start, need| {
                let library = text(need.vn_file.get(endian));
                let names = data.get(start + need.vn_aux.get(endian) as usize..).unwrap_or_default();
                walk(
                    names,
                    &left,
                    |name: &elf::Vernaux<Endianness>| name.vna_next.get(endian),
                    |_, name| {
                        let version = text(name.vna_name.get(endian));
                        strings.count(2 * library.len() + version.len());
                        let weak = name.vna_flags.get(endian).contains(elf::VER_FLG_WEAK);
                        found
                            .names
                            .insert(name.vna_other.get(endian).0 & INDEX, (version.clone(), Some(library.clone())));
                        found.needs.push(VersionNeed { library: library.clone(), version, weak });
                    },
                );
            },
        );
    }
    if let Some(data) = defines {
        let mut defined = BTreeSet::new();
        walk(
            data,
            &left,
            |define: &elf::Verdef<Endianness>| define.vd_next.get(endian),
            |start, define| {
                let name = data.get(start + define.vd_aux.get(endian) as usize..).unwrap_or_default();
                let Ok((name, _)) = from_bytes::<elf::Verdaux<Endianness>>(name) else { return };
                let version = text(name.vda_name.get(endian));
                // The first one is the file's own name, and no version of any symbol.
                if !define.vd_flags.get(endian).contains(elf::VER_FLG_BASE) {
                    found.names.insert(define.vd_ndx.get(endian).0 & INDEX, (version.clone(), None));
                }
                defined.insert(version);
            },
        );
        found.defines = Some(defined);
    }
    found
}

/// The bits of `DT_VERSYM` that are the number of a version.
const INDEX: u16 = 0x7fff;

/// Visits the records of a chain, each with where it begins, as long as any may be visited.
fn walk<T: Pod>(data: &[u8], left: &Cell<usize>, next: impl Fn(&T) -> u32, mut visit: impl FnMut(usize, &T)) {
    let mut at = 0;
    while let Some(fewer) = left.get().checked_sub(1) {
        left.set(fewer);
        let Some(Ok((record, _))) = data.get(at..).map(from_bytes::<T>) else { return };
        visit(at, record);
        match next(record) {
            0 => return,
            step => at += step as usize,
        }
    }
}
