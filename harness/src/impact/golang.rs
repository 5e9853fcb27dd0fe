//! Whether Go compiled a program: its linker leaves a block of build information, which begins with a magic number at a multiple of
//! 16 bytes and holds the compiler's version (Go source, debug/buildinfo). Where a build leaves it out, the table of functions is
//! still there.

use memchr::memmem;

const MAGIC: &[u8] = b"\xff Go buildinf:";
/// Where the version stands, as a length and bytes, from Go 1.18 on.
const INLINE: usize = 32;
/// The version where the file does not say it.
pub const UNKNOWN: &str = "unknown";
/// The section of the table of functions, in programs that are loaded to one place, and to any.
const TABLES: [&[u8]; 2] = [b".gopclntab\0", b".data.rel.ro.gopclntab\0"];

/// Whether the name of a section, with which these bytes begin, is that of the table of functions that Go's linker writes.
pub fn is_table(name: &[u8]) -> bool {
    TABLES.iter().any(|table| name.starts_with(table))
}

/// The version of the Go that compiled a file: `go1.22.1`; `unknown` for one before 1.18, which keeps it elsewhere. `None` where
/// none did.
pub fn version(data: &[u8]) -> Option<String> {
    let at = memmem::find_iter(data, MAGIC).find(|at| at % 16 == 0)?;
    let block = &data[at..];
    let flags = *block.get(MAGIC.len() + 1)?;
    if flags & 2 == 0 {
        return Some(UNKNOWN.into());
    }
    let length = usize::from(*block.get(INLINE)?);
    let version = String::from_utf8_lossy(block.get(INLINE + 1..INLINE + 1 + length)?).into_owned();
    version.starts_with("go").then_some(version)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block(before: usize, flags: u8, version: &[u8]) -> Vec<u8> {
        let mut data = vec![0; before];
        data.extend(MAGIC);
        data.extend([8, flags]);
        data.resize(before + INLINE, 0);
        data.push(version.len() as u8);
        data.extend(version);
        data
    }

    #[test]
    fn the_version_stands_in_the_block() {
        assert_eq!(version(&block(32, 2, b"go1.22.1")).as_deref(), Some("go1.22.1"));
        assert_eq!(version(&block(32, 0, b"")).as_deref(), Some("unknown"));
        assert_eq!(version(&block(33, 2, b"go1.22.1")), None, "a text that only looks like one");
        assert_eq!(version(&block(32, 2, b"go1.22.1")[..50]), None, "cut off");
        assert_eq!(version(b"no program"), None);
    }
}
