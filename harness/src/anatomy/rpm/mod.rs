//! rpm's database, in the three forms that distributions have: SQLite (`rpmdb.sqlite`), ndb (`Packages.db`) and Berkeley DB's hash
//! (`Packages`). Each keeps one blob for each package, its header as it was in the package file.
//!
//! The files are read as they lie there: neither rpm nor a database library is asked, since the first would have to run and the
//! others are C, trust their files, and weigh more than this whole folder. What does not hold together ends the reading, with the
//! reason; nothing here waits, loops or takes memory beyond what the file itself has.

use std::io;

use super::packages::Package;
use crate::image::View;

mod hash;
mod header;
mod ndb;
mod source;
mod sqlite;
mod wal;

/// Why a database was not read.
#[derive(Debug, thiserror::Error)]
pub enum Problem {
    /// The system refused.
    #[error("{0}")]
    Reading(#[from] io::Error),
    /// A file beyond what databases have.
    #[error("its {0} bytes are more than a database of packages has")]
    TooLarge(u64),
    /// Not what rpm writes.
    #[error("{0}")]
    Damaged(&'static str),
}

/// More than any system has.
const MOST_PACKAGES: usize = 200_000;

/// Where rpm keeps it: today, for long, and on systems whose `/var` is the machine's own (rpm-ostree).
const FOLDERS: [&str; 3] = ["/usr/lib/sysimage/rpm", "/var/lib/rpm", "/usr/share/rpm"];

/// Forms by their file, in the order in which rpm itself looks for them.
const FORMS: [(&str, Read); 3] =
    [("rpmdb.sqlite", sqlite::blobs), ("Packages.db", ndb::blobs), ("Packages", hash::blobs)];

/// How a form is read: every blob goes to the function.
type Read = fn(Files, &mut Each<'_>) -> Result<(), Problem>;
/// What takes a blob.
type Each<'a> = dyn FnMut(&[u8]) -> Result<(), Problem> + 'a;

/// The database, and its write-ahead log where there is one.
struct Files {
    main: source::Source,
    log: Option<source::Source>,
}

/// The packages of the first database that there is; `None` where there is none.
pub fn installed(view: &View) -> Option<Result<Vec<Package>, String>> {
    let places = FOLDERS.iter().flat_map(|folder| FORMS.iter().map(move |form| (folder, form)));
    places.into_iter().find_map(|(folder, (name, read))| {
        let path = format!("{folder}/{name}");
        let file = view.file(&path)?.file;
        let log = view.file(format!("{path}-wal")).map(|found| found.file);
        Some(packages(file, log, *read).map_err(|problem| format!("{path}: {problem}")))
    })
}

fn packages(file: std::fs::File, log: Option<std::fs::File>, read: Read) -> Result<Vec<Package>, Problem> {
    let files = Files { main: source::Source::new(file)?, log: log.map(source::Source::new).transpose()? };
    let mut packages = Vec::new();
    read(files, &mut |blob| {
        if packages.len() == MOST_PACKAGES {
            return Err(Problem::Damaged("more packages than any system has"));
        }
        packages.push(header::package(blob)?);
        Ok(())
    })?;
    Ok(packages)
}

#[cfg(test)]
mod tests {
    use std::io::{Seek, SeekFrom, Write};
    use std::path::PathBuf;

    use super::*;

    fn fixture(name: &str) -> Vec<u8> {
        let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/rpm").join(name);
        let file = std::fs::File::open(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        let mut bytes = Vec::new();
        io::copy(&mut crate::image::stream::decode(Box::new(file)).expect("readable").1, &mut bytes).expect("whole");
        bytes
    }

    fn read_from(bytes: &[u8], read: Read) -> Result<Vec<Package>, Problem> {
        let mut file = tempfile::tempfile().expect("a file");
        file.write_all(bytes).and_then(|()| file.seek(SeekFrom::Start(0))).expect("written");
        packages(file, None, read)
    }

    /// Debian 12's rpm wrote the first, Debian 13's the second, Debian 11's the third; all were asked for what is installed.
    #[test]
    fn each_form_holds_what_rpm_says() {
        let said = String::from_utf8(fixture("installed.txt")).expect("text");
        for (name, read) in FORMS {
            let packages = read_from(&fixture(&format!("{name}.xz")), read).unwrap_or_else(|e| panic!("{name}: {e}"));
            let line =
                |p: &Package| format!("{} {} {} {}", p.name, p.version, p.arch.as_deref().unwrap_or("(none)"), p.bytes);
            let mut lines: Vec<_> = packages.iter().map(line).collect();
            lines.sort();
            assert_eq!(lines.join("\n") + "\n", said, "{name}");
        }
    }

    /// Every number of the first pages, and some of all others, replaced by what hurts most.
    #[test]
    fn a_hostile_database_costs_its_own_reading_alone() {
        for (name, read) in FORMS {
            let whole = fixture(&format!("{name}.xz"));
            let places = (0..400).step_by(4).chain((400..whole.len()).step_by(whole.len() / 80));
            let mut refused = 0;
            for (at, value) in places.flat_map(|at| [[0; 4], [0xff; 4], [0, 0, 0, 1]].map(|value| (at, value))) {
                let mut changed = whole.clone();
                let end = whole.len().min(at + 4);
                changed[at..end].copy_from_slice(&value[..end - at]);
                refused += usize::from(read_from(&changed, read).is_err());
            }
            assert!(refused > 5, "{name}: {refused}");
            for length in [0, 1, 20, 100, 512, 4095, 4096, whole.len() / 2] {
                assert!(read_from(&whole[..length], read).is_err(), "{name}: cut off after {length} bytes");
            }
            assert!(read_from(&vec![0x5a; 9000], read).is_err(), "{name}: anything");
        }
    }

    /// Pages that lead to themselves: one of SQLite whose every child it is, and buckets without an end.
    #[test]
    fn rings_end() {
        let mut tree = fixture("rpmdb.sqlite.xz");
        let bytes = usize::from(u16::from_be_bytes([tree[16], tree[17]]));
        let mut page = vec![5_u8, 0, 0, 0, 100, 0, 0, 0, 0, 0, 0, 1];
        for cell in 0..100_u16 {
            page.extend((500 + 5 * cell).to_be_bytes());
        }
        page.resize(400, 0);
        page.extend([0, 0, 0, 1, 0].repeat(100));
        page.resize(bytes - 100, 0);
        tree[100..bytes].copy_from_slice(&page);
        let told = |read: Result<Vec<Package>, Problem>| read.err().map(|problem| problem.to_string());
        assert_eq!(told(read_from(&tree, sqlite::blobs)).as_deref(), Some("a tree without an end"));
        let mut chain = fixture("Packages.xz");
        let page_bytes = u32::from_le_bytes([chain[20], chain[21], chain[22], chain[23]]) as usize;
        for (number, page) in (0..).zip(chain.chunks_exact_mut(page_bytes)) {
            // Every bucket leads to its own beginning again.
            if [2, 13].contains(&page[25]) {
                page[16..20].copy_from_slice(&u32::to_le_bytes(number));
            }
        }
        assert_eq!(told(read_from(&chain, hash::blobs)).as_deref(), Some("it leads in circles"));
    }
}
