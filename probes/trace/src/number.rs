//! Numbers of any size in as few bytes as they need: LEB128, seven bits a byte, the lowest first. One number has one
//! spelling: a longer one than needed is damage.

use crate::Damage;

/// Appends a number.
pub fn put(mut value: u64, out: &mut Vec<u8>) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// Takes a number off the front.
pub fn take(bytes: &mut &[u8]) -> Result<u64, Damage> {
    let mut value = 0;
    for shift in (0..64).step_by(7) {
        let byte = byte(bytes)?;
        let bits = u64::from(byte & 0x7f);
        if bits << shift >> shift != bits || (byte == 0 && shift > 0) {
            return Err(Damage::Number);
        }
        value |= bits << shift;
        if byte < 0x80 {
            return Ok(value);
        }
    }
    Err(Damage::Number)
}

/// Takes a number that may be at most so large.
pub fn take_at_most(most: u64, what: &'static str, bytes: &mut &[u8]) -> Result<u64, Damage> {
    let value = take(bytes)?;
    if value > most { Err(Damage::TooLarge { what, value, most }) } else { Ok(value) }
}

/// Takes one byte off the front.
pub fn byte(bytes: &mut &[u8]) -> Result<u8, Damage> {
    let (first, rest) = bytes.split_first().ok_or(Damage::Short)?;
    *bytes = rest;
    Ok(*first)
}

/// Takes so many bytes off the front.
pub fn slice<'a>(length: u64, bytes: &mut &'a [u8]) -> Result<&'a [u8], Damage> {
    let length = usize::try_from(length).map_err(|_| Damage::Short)?;
    let (taken, rest) = bytes.split_at_checked(length).ok_or(Damage::Short)?;
    *bytes = rest;
    Ok(taken)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_comes_back_and_takes_what_it_needs() {
        for (value, length) in [(0, 1), (127, 1), (128, 2), (300, 2), (1 << 21, 4), (u64::MAX >> 1, 9), (u64::MAX, 10)]
        {
            let mut bytes = Vec::new();
            put(value, &mut bytes);
            assert_eq!(bytes.len(), length, "{value}");
            let mut rest = bytes.as_slice();
            assert_eq!(take(&mut rest).expect("a number"), value);
            assert!(rest.is_empty());
        }
    }

    #[test]
    fn two_spellings_of_a_number_too_much_of_it_and_half_of_it_are_damage() {
        for bytes in
            [&[0x80, 0x00][..], &[0xff; 10], &[0x80; 11], &[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2]]
        {
            assert!(matches!(take(&mut &bytes[..]), Err(Damage::Number)), "{bytes:?}");
        }
        assert!(matches!(take(&mut &[0x80][..]), Err(Damage::Short)));
        assert!(matches!(take_at_most(5, "threads", &mut &[6][..]), Err(Damage::TooLarge { value: 6, .. })));
    }
}
