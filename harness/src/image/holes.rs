//! Sparse files: where the content of a file goes, as an archive says it in one of four forms.
//!
//! GNU's own header lists fragments; pax lists them in records (0.0: two records each; 0.1: one list), or in lines before the
//! content (1.0). Whatever the form, fragments must be in order, inside the file, and as long as what is stored.

use tar::GnuSparseHeader;

use super::{extensions::number, fields};

/// A piece of content: where in the file it begins, and its bytes.
pub(crate) type Fragment = (u64, u64);

/// What is wrong with a map that is not sound.
pub(crate) const FLAW: &str = "is a sparse file whose map of holes contradicts itself";

/// What pax records say of a sparse file.
#[derive(Default)]
pub(crate) struct Sparse {
    /// Its name, since the header's is a made-up one.
    pub name: Option<Vec<u8>>,
    /// Bytes of the file with its holes.
    pub size: u64,
    major: Option<u64>,
    minor: Option<u64>,
    blocks: Option<u64>,
    /// Offsets and lengths in turn, from either form of list.
    list: Vec<u64>,
}

/// Where the map of a sparse file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// In the records.
    Records,
    /// Before the content.
    Content,
    /// Nowhere that anybody knows of.
    Unknown,
}

impl Sparse {
    /// Takes the record `GNU.sparse.` and `what`; `None` if its value cannot be right.
    pub fn apply(&mut self, what: &[u8], value: &[u8]) -> Option<()> {
        match what {
            b"name" => self.name = Some(value.to_vec()),
            b"size" | b"realsize" => self.size = number(value)?,
            b"major" => self.major = Some(number(value)?),
            b"minor" => self.minor = Some(number(value)?),
            b"numblocks" => self.blocks = Some(number(value)?),
            b"map" => self.list = value.split(|byte| *byte == b',').map(number).collect::<Option<_>>()?,
            b"offset" => self.list.push(number(value).filter(|_| self.list.len().is_multiple_of(2))?),
            b"numbytes" => self.list.push(number(value).filter(|_| !self.list.len().is_multiple_of(2))?),
            _ => {}
        }
        Some(())
    }

    /// Which form this is; `None` if these records make no file sparse. The first two forms need not say so.
    pub fn form(&self) -> Option<Form> {
        match (self.major, self.minor) {
            (Some(0), Some(0 | 1)) => Some(Form::Records),
            (Some(1), Some(0)) => Some(Form::Content),
            (None, None) => (!self.list.is_empty()).then_some(Form::Records),
            _ => Some(Form::Unknown),
        }
    }

    /// The map in the records; `None` if it stops in the middle, or has another number of pieces than it says.
    pub fn map(&self) -> Option<Vec<Fragment>> {
        pairs(&self.list).filter(|map| self.blocks.is_none_or(|blocks| blocks == map.len() as u64))
    }
}

fn pairs(list: &[u64]) -> Option<Vec<Fragment>> {
    list.len().is_multiple_of(2).then(|| list.chunks_exact(2).map(|pair| (pair[0], pair[1])).collect())
}

/// The fragments in a block of GNU's own form; `None` if one is no number.
pub(crate) fn of_blocks(blocks: &[GnuSparseHeader]) -> Option<Vec<Fragment>> {
    let used = blocks.iter().take_while(|block| block.offset[0] != 0);
    used.map(|block| Some((fields::count(&block.offset)?, fields::count(&block.numbytes)?))).collect()
}

/// The map in lines, from its first blocks: `None` as long as there must be more of them, `Some(None)` if it is none.
pub(crate) fn of_lines(text: &[u8]) -> Option<Option<Vec<Fragment>>> {
    let end = text.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    let mut lines = text[..end].split(|byte| *byte == b'\n');
    if end == 0 {
        // The longest number has 20 digits.
        return (text.len() > 20).then_some(None);
    }
    let Some(count) = lines.next().and_then(number).and_then(|count| usize::try_from(count).ok()) else {
        return Some(None);
    };
    let wanted = count.saturating_mul(2);
    let found: Vec<&[u8]> = lines.filter(|line| !line.is_empty()).take(wanted).collect();
    if found.len() < wanted {
        return None;
    }
    Some(found.into_iter().map(number).collect::<Option<Vec<u64>>>().as_deref().and_then(pairs))
}

/// Whether fragments are in order, inside a file of `size` bytes, and `stored` bytes in all.
pub(crate) fn is_sound(map: &[Fragment], size: u64, stored: u64) -> bool {
    let mut end = 0;
    let mut sum = 0u64;
    for (offset, length) in map {
        let Some(next) = offset.checked_add(*length) else { return false };
        if *offset < end || next > size {
            return false;
        }
        end = next;
        sum += length;
    }
    sum == stored
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_of_both_forms_are_one_map() {
        let mut one = Sparse::default();
        let records: [(&[u8], &[u8]); 5] =
            [(b"size", b"100"), (b"offset", b"10"), (b"numbytes", b"5"), (b"offset", b"20"), (b"numbytes", b"1")];
        records.iter().for_each(|(key, value)| one.apply(key, value).expect("is right"));
        let mut other = Sparse::default();
        other.apply(b"map", b"10,5,20,1").expect("is right");
        assert_eq!(one.map(), Some(vec![(10, 5), (20, 1)]));
        assert_eq!(one.map(), other.map());
        assert_eq!(one.apply(b"numbytes", b"5"), None, "a length without an offset");
        assert_eq!(other.apply(b"map", b"1,,2"), None);
        other.apply(b"numblocks", b"3").expect("is right");
        assert_eq!(other.map(), None, "two pieces, and three said");
    }

    #[test]
    fn a_form_is_one_that_readers_know() {
        let form = |records: &[(&str, &str)]| {
            let mut sparse = Sparse::default();
            records.iter().for_each(|(key, value)| sparse.apply(key.as_bytes(), value.as_bytes()).expect("is right"));
            sparse.form()
        };
        assert_eq!(form(&[("name", "x"), ("size", "5")]), None, "a name alone makes no file sparse");
        assert_eq!(form(&[("map", "0,1")]), Some(Form::Records));
        assert_eq!(form(&[("major", "0"), ("minor", "1")]), Some(Form::Records));
        assert_eq!(form(&[("major", "1"), ("minor", "0")]), Some(Form::Content));
        for other in [&[("major", "1"), ("minor", "1")][..], &[("major", "2"), ("minor", "0")], &[("major", "1")]] {
            assert_eq!(form(other), Some(Form::Unknown), "{other:?}");
        }
    }

    #[test]
    fn lines_are_read_until_there_are_enough() {
        assert_eq!(of_lines(b"2\n0\n5\n10\n1\n\0\0"), Some(Some(vec![(0, 5), (10, 1)])));
        assert_eq!(of_lines(b"0\n\0\0"), Some(Some(vec![])));
        assert_eq!(of_lines(b"2\n0\n5\n1"), None, "the last line is not whole");
        assert_eq!(of_lines(b"2\n0\nx\n1\n1\n"), Some(None));
        assert_eq!(of_lines(&[0; 512]), Some(None));
        assert_eq!(of_lines(b"99999999999999999999\n"), Some(None));
    }

    #[test]
    fn a_map_must_be_in_order_inside_and_as_long_as_what_is_stored() {
        assert!(is_sound(&[(0, 5), (10, 1), (100, 0)], 100, 6));
        assert!(is_sound(&[], 1 << 40, 0));
        for (map, stored) in [(&[(0, 5), (4, 1)][..], 6), (&[(99, 2)], 2), (&[(u64::MAX, 2)], 2), (&[(0, 5)], 4)] {
            assert!(!is_sound(map, 100, stored), "{map:?}");
        }
    }
}
