//! The header of a package: an index of tags, and the data that they point to (rpm's "Header Structure"). All numbers are big endian.

use super::source::{Order, part};
use super::{Package, Problem};

/// Bytes of the two numbers before the index, and of each entry of it.
const INTRO: usize = 8;
const ENTRY: usize = 16;
/// Entries that rpm takes at most.
const MOST_ENTRIES: usize = 0xffff;
/// Bytes of a name or version; real ones have some dozens.
const MOST_TEXT: usize = 4096;

/// Tags, and the types of their data.
const NAME: Field = Field { tag: 1000, kind: STRING };
const VERSION: Field = Field { tag: 1001, kind: STRING };
const RELEASE: Field = Field { tag: 1002, kind: STRING };
const EPOCH: Field = Field { tag: 1003, kind: INT32 };
const SIZE: Field = Field { tag: 1009, kind: INT32 };
const ARCH: Field = Field { tag: 1022, kind: STRING };
/// In place of SIZE, beyond 4 GiB.
const LONG_SIZE: Field = Field { tag: 5009, kind: INT64 };
const INT32: u32 = 4;
const INT64: u32 = 5;
const STRING: u32 = 6;

struct Field {
    tag: u32,
    kind: u32,
}

struct Header<'a> {
    index: &'a [u8],
    data: &'a [u8],
}

/// The package of a header.
pub fn package(blob: &[u8]) -> Result<Package, Problem> {
    let header = Header::of(blob)?;
    let name = header.text(&NAME)?.ok_or(Problem::Damaged("a package has no name"))?;
    let (version, release) = (header.text(&VERSION)?, header.text(&RELEASE)?);
    let epoch = header.number(&EPOCH)?.map_or(String::new(), |epoch| format!("{epoch}:"));
    let release = release.map_or(String::new(), |release| format!("-{release}"));
    let bytes = header.long(&LONG_SIZE)?.or(header.number(&SIZE)?.map(u64::from));
    Ok(Package {
        name,
        version: format!("{epoch}{}{release}", version.unwrap_or_default()),
        arch: header.text(&ARCH)?,
        bytes: bytes.unwrap_or(0),
    })
}

impl<'a> Header<'a> {
    fn of(blob: &'a [u8]) -> Result<Self, Problem> {
        let entries = Order::Big.u32(blob, 0)? as usize;
        let bytes = Order::Big.u32(blob, 4)? as usize;
        if entries > MOST_ENTRIES {
            return Err(Problem::Damaged("a header with more tags than rpm takes"));
        }
        let begin = INTRO + entries * ENTRY;
        let short = Problem::Damaged("a header ends too early");
        let (Some(index), Some(data)) = (blob.get(INTRO..begin), blob.get(begin..begin.saturating_add(bytes))) else {
            return Err(short);
        };
        Ok(Self { index, data })
    }

    /// Data of a field, from its beginning on.
    fn field(&self, field: &Field) -> Result<Option<&'a [u8]>, Problem> {
        for entry in self.index.chunks_exact(ENTRY) {
            let number = |at| Order::Big.u32(entry, at);
            if (number(0)?, number(4)?) == (field.tag, field.kind) && number(12)? > 0 {
                let data = self.data.get(number(8)? as usize..);
                return data.map(Some).ok_or(Problem::Damaged("a tag points out of its header"));
            }
        }
        Ok(None)
    }

    fn text(&self, field: &Field) -> Result<Option<String>, Problem> {
        let Some(data) = self.field(field)? else { return Ok(None) };
        let end = data.iter().take(MOST_TEXT).position(|byte| *byte == 0);
        let end = end.ok_or(Problem::Damaged("a text without an end"))?;
        Ok(Some(String::from_utf8_lossy(&data[..end]).into_owned()))
    }

    fn number(&self, field: &Field) -> Result<Option<u32>, Problem> {
        self.field(field)?.map(|data| Order::Big.u32(data, 0)).transpose()
    }

    fn long(&self, field: &Field) -> Result<Option<u64>, Problem> {
        self.field(field)?.map(|data| part(data, 0).map(u64::from_be_bytes)).transpose()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn blob(fields: &[(u32, u32, &[u8])]) -> Vec<u8> {
        let (mut index, mut data) = (Vec::new(), Vec::new());
        for (tag, kind, content) in fields {
            for number in [*tag, *kind, u32::try_from(data.len()).expect("small"), 1] {
                index.extend(number.to_be_bytes());
            }
            data.extend(*content);
        }
        let counts = [fields.len(), data.len()].map(|count| u32::try_from(count).expect("small").to_be_bytes());
        [counts.concat(), index, data].concat()
    }

    #[test]
    fn a_package_is_told_as_rpm_tells_it() {
        let told = |blob: &[u8]| package(blob).map(|p| (p.name, p.version, p.arch, p.bytes)).ok();
        let size = 70_000_u32.to_be_bytes();
        let plain = blob(&[
            (1000, 6, b"a\0"),
            (1001, 6, b"1.2\0"),
            (1002, 6, b"3\0"),
            (1022, 6, b"noarch\0"),
            (1009, 4, &size),
        ]);
        assert_eq!(told(&plain), Some(("a".into(), "1.2-3".into(), Some("noarch".into()), 70_000)));
        let large = (5_u64 << 30).to_be_bytes();
        let epoch = blob(&[
            (1000, 6, b"b\0"),
            (1003, 4, &[0, 0, 0, 2]),
            (1001, 6, b"1\0"),
            (1002, 6, b"1\0"),
            (5009, 5, &large),
        ]);
        assert_eq!(told(&epoch), Some(("b".into(), "2:1-1".into(), None, 5 << 30)));
    }

    #[test]
    fn what_does_not_hold_together_is_refused() {
        let whole = blob(&[(1000, 6, b"a\0"), (1001, 6, b"1\0")]);
        assert!((0..whole.len()).all(|length| package(&whole[..length]).is_err()), "cut off anywhere");
        for (at, byte) in (0..whole.len()).flat_map(|at| [0, 1, 0x7f, 0xff].map(|byte| (at, byte))) {
            let mut changed = whole.clone();
            changed[at] = byte;
            let _ = package(&changed);
        }
        assert!(package(&blob(&[(1001, 6, b"1\0")])).is_err(), "no name");
        assert!(package(&blob(&[(1000, 6, b"endless")])).is_err(), "no end");
    }
}
