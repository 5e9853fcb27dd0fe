//! The fields of a tar header: numbers and names, as Go's `archive/tar` reads them.
//!
//! A number is octal, between spaces or zeros, and nothing at all is 0; or its first bit is set, and it is binary, perhaps negative.
//! Readers that take another number from the same bytes see another archive, so what does not fit is an error, and never cut short.

use tar::Header;

/// The number in a field; `None` if it is none, or has more than 63 bits.
pub(crate) fn number(field: &[u8]) -> Option<i64> {
    match field.first() {
        Some(first) if first & 0x80 != 0 => binary(field),
        _ => octal(field),
    }
}

/// A number that counts something, and so is not negative.
pub(crate) fn count(field: &[u8]) -> Option<u64> {
    number(field).and_then(|number| u64::try_from(number).ok())
}

/// Two's complement, the first bit apart.
fn binary(field: &[u8]) -> Option<i64> {
    let negative = field[0] & 0x40 != 0;
    let flip = if negative { 0xff } else { 0 };
    let mut sum: u64 = 0;
    for (at, byte) in field.iter().enumerate() {
        let byte = (byte ^ flip) & if at == 0 { 0x7f } else { 0xff };
        if sum >> 56 > 0 {
            return None;
        }
        sum = sum << 8 | u64::from(byte);
    }
    let number = i64::try_from(sum).ok()?;
    Some(if negative { !number } else { number })
}

fn octal(field: &[u8]) -> Option<i64> {
    let blank = |byte: &u8| matches!(byte, b' ' | 0);
    let Some(start) = field.iter().position(|byte| !blank(byte)) else { return Some(0) };
    let end = field.iter().rposition(|byte| !blank(byte)).map_or(start, |at| at + 1);
    text(&field[start..end]).iter().try_fold(0_i64, |sum, digit| match digit {
        b'0'..=b'7' => sum.checked_mul(8)?.checked_add(i64::from(digit - b'0')),
        _ => None,
    })
}

/// The bytes of a field before the first zero.
pub(crate) fn text(field: &[u8]) -> &[u8] {
    let end = field.iter().position(|byte| *byte == 0).unwrap_or(field.len());
    &field[..end]
}

/// The name in a header: where it is one of POSIX, with its first part apart.
pub(crate) fn name(header: &Header) -> Vec<u8> {
    let bytes = header.as_bytes();
    let (name, posix) = (text(&bytes[..100]), &bytes[257..263] == b"ustar\0");
    let before = match posix {
        // Schily's tar has two times at the end of that field.
        true if &bytes[508..] == b"tar\0" => text(&bytes[345..476]),
        true => text(&bytes[345..500]),
        false => b"",
    };
    match before {
        b"" => name.to_vec(),
        before => [before, b"/", name].concat(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn octal_numbers_stand_between_spaces_or_zeros() {
        for (field, want) in [
            (&b"0000644\0"[..], Some(0o644)),
            (b" 644 \0\0\0", Some(0o644)),
            (b"\0\x00644\0\0\0", Some(0o644)),
            (b"00000000", Some(0)),
            (b"\0\0\0\0\0\0\0\0", Some(0)),
            (b"        ", Some(0)),
            (b"77777777777", Some(0o77_777_777_777)),
            (b"64\x00004    ", Some(0o64)),
            (b"0000648\0", None),
            (b"-644\0\0\0\0", None),
            (b"+644\0\0\0\0", None),
            (b"0x1f\0\0\0\0", None),
            (b"6 4\0\0\0\0\0", None),
            (&[b'7'; 24], None),
        ] {
            assert_eq!(number(field), want, "{}", field.escape_ascii());
        }
    }

    #[test]
    fn binary_numbers_may_be_negative_and_never_lose_bits() {
        let field = |first: u8, rest: &[u8]| {
            let mut field = [0; 12];
            field[12 - rest.len()..].copy_from_slice(rest);
            field[0] |= first;
            number(&field)
        };
        assert_eq!(field(0x80, &[2, 0]), Some(512));
        assert_eq!(field(0x80, &i64::MAX.to_be_bytes()), Some(i64::MAX));
        assert_eq!(field(0x80, &[0x80, 0, 0, 0, 0, 0, 0, 0]), None, "64 bits");
        assert_eq!(field(0x80, &[1, 0, 0, 0, 0, 0, 0, 0, 1]), None, "a bit beyond the last eight bytes");
        assert_eq!(number(&[0xff; 12]), Some(-1));
        assert_eq!(number(&[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfe]), Some(-2));
        assert_eq!((count(&[0xff; 12]), count(b"10\0")), (None, Some(8)));
    }

    #[test]
    fn the_first_part_of_a_name_counts_in_headers_of_posix_alone() {
        let of = |mut header: Header| {
            header.as_mut_bytes()[..5].copy_from_slice(b"b\0bad");
            header.as_mut_bytes()[345..350].copy_from_slice(b"a\0bad");
            name(&header)
        };
        assert_eq!(of(Header::new_ustar()), b"a/b");
        assert_eq!(of(Header::new_gnu()), b"b");
        assert_eq!(of(Header::new_old()), b"b");
        let mut other = Header::new_ustar();
        other.as_mut_bytes()[263..265].copy_from_slice(b"99");
        assert_eq!(of(other), b"a/b", "whatever its version");
        let mut schily = Header::new_ustar();
        schily.as_mut_bytes()[345..500].fill(b'x');
        schily.as_mut_bytes()[508..].copy_from_slice(b"tar\0");
        assert_eq!(name(&schily).len(), 132);
    }
}
