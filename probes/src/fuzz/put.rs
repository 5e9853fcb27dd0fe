//! Short pieces put behind each other, with no call of a function: a copy of a few bytes takes longer in some C library's
//! `memcpy` than most of what is asked here, and inputs and answers consist of such pieces.

use heap::string::String;
use heap::vec::Vec;

/// Puts bytes behind bytes.
pub trait Put {
    /// Bytes as they are.
    fn put(&mut self, piece: &[u8]);

    /// A number in decimal.
    fn put_number(&mut self, number: i64);

    /// A number in hexadecimal, with zeros in front up to a width.
    fn put_hex(&mut self, number: u64, width: usize);
}

impl Put for Vec<u8> {
    fn put(&mut self, piece: &[u8]) {
        self.reserve(piece.len());
        // Pieces of a length that the compiler knows are moved in registers.
        let (sixteens, rest) = piece.as_chunks::<16>();
        sixteens.iter().for_each(|bytes| self.extend_from_slice(bytes));
        let (fours, rest) = rest.as_chunks::<4>();
        fours.iter().for_each(|bytes| self.extend_from_slice(bytes));
        rest.iter().for_each(|byte| self.push(*byte));
    }

    fn put_number(&mut self, number: i64) {
        let mut digits = [0u8; 20];
        let (mut at, mut left) = (digits.len(), number.unsigned_abs());
        loop {
            at -= 1;
            digits[at] = b'0' + (left % 10) as u8;
            left /= 10;
            if left == 0 {
                break;
            }
        }
        if number < 0 {
            self.push(b'-');
        }
        self.put(&digits[at..]);
    }

    fn put_hex(&mut self, number: u64, width: usize) {
        let length = (u64::BITS - number.leading_zeros()).div_ceil(4) as usize;
        for place in (0..length.max(width).max(1)).rev() {
            let digit = number.checked_shr(4 * place as u32).unwrap_or(0) & 15;
            self.push(b"0123456789abcdef"[digit as usize]);
        }
    }
}

/// As [`Put`], for text.
pub trait PutText {
    /// Text as it is.
    fn put(&mut self, piece: &str);

    /// A number in decimal.
    fn put_number(&mut self, number: i64);

    /// A number in hexadecimal, with zeros in front up to a width.
    fn put_hex(&mut self, number: u64, width: usize);
}

impl PutText for String {
    fn put(&mut self, piece: &str) {
        self.reserve(piece.len());
        piece.chars().for_each(|letter| self.push(letter));
    }

    fn put_number(&mut self, number: i64) {
        let digits = decimal(number);
        digits.iter().for_each(|digit| self.push(char::from(*digit)));
    }

    fn put_hex(&mut self, number: u64, width: usize) {
        let mut digits = Vec::with_capacity(16);
        Put::put_hex(&mut digits, number, width);
        digits.iter().for_each(|digit| self.push(char::from(*digit)));
    }
}

/// A number in decimal: a field of an input.
pub fn decimal(number: i64) -> Vec<u8> {
    let mut digits = Vec::with_capacity(20);
    digits.put_number(number);
    digits
}

/// A field of an input.
pub fn field(bytes: impl AsRef<[u8]>) -> Vec<u8> {
    let (bytes, mut field) = (bytes.as_ref(), Vec::new());
    field.put(bytes);
    field
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_and_numbers_come_as_they_are() {
        for length in 0..70 {
            let piece: Vec<u8> = (0..length).collect();
            assert_eq!(field(&piece), piece);
        }
        for number in [0, 7, -7, 10, 4_294_967_296, i64::MAX, i64::MIN] {
            assert_eq!(decimal(number), std::format!("{number}").into_bytes());
        }
        let mut text = String::new();
        for (number, width) in [(0, 0), (0, 4), (255, 0), (255, 4), (u64::MAX, 2)] {
            text.put_hex(number, width);
            text.put(" ");
        }
        text.put_number(-12);
        assert_eq!(text, "0 0000 ff 00ff ffffffffffffffff -12");
    }
}
