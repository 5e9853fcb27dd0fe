//! How inputs and answers travel: numbers in little-endian order, and strings behind their lengths.
//!
//! An input: the number of its fields in a byte, and each with its length in two bytes. A record: the number of the input in
//! eight bytes, the input, how it ended in one byte (0 answered, [`EXITED`], [`HUNG`], else the signal), and the answer's text with
//! its length in two bytes.

use heap::vec::Vec;

use super::{Answer, Input};

/// How asking ended in which the process called `exit`.
pub const EXITED: u8 = 254;
/// How asking ended that came to no end.
pub const HUNG: u8 = 255;

/// Writes an input.
pub fn put_input(to: &mut Vec<u8>, input: &Input) {
    to.push(input.0.len() as u8);
    for field in &input.0 {
        put_string(to, field);
    }
}

/// Writes a record.
pub fn put(to: &mut Vec<u8>, number: u64, input: &Input, ended: u8, answer: &Answer) {
    to.extend_from_slice(&number.to_le_bytes());
    put_input(to, input);
    to.push(ended);
    put_string(to, answer.text());
}

fn put_string(to: &mut Vec<u8>, string: &[u8]) {
    let string = &string[..string.len().min(usize::from(u16::MAX))];
    to.extend_from_slice(&(string.len() as u16).to_le_bytes());
    to.extend_from_slice(string);
}

/// Takes an input off the beginning of `from`; `None` where none is there.
pub fn take_input(from: &mut &[u8]) -> Option<Input> {
    let (count, rest) = from.split_first()?;
    *from = rest;
    (0..*count).map(|_| take_string(from).map(<[u8]>::to_vec)).collect::<Option<_>>().map(Input)
}

fn take_string<'a>(from: &mut &'a [u8]) -> Option<&'a [u8]> {
    let (length, rest) = from.split_first_chunk::<2>()?;
    let (string, rest) = rest.split_at_checked(usize::from(u16::from_le_bytes(*length)))?;
    *from = rest;
    Some(string)
}

/// All inputs that are written one after the other.
pub fn take_inputs(mut from: &[u8]) -> Vec<Input> {
    core::iter::from_fn(|| take_input(&mut from)).collect()
}

/// The bytes of hexadecimal digits; `None` where some are none.
pub fn of_hex(digits: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| char::from(byte).to_digit(16).map(|digit| digit as u8);
    let (pairs, rest) = digits.as_bytes().as_chunks::<2>();
    let bytes = pairs.iter().map(|[high, low]| Some(digit(*high)? << 4 | digit(*low)?)).collect::<Option<_>>();
    bytes.filter(|_| rest.is_empty())
}

/// 32 bits of an answer: enough, since each is compared with one other.
pub fn hash(ended: u8, answer: &[u8]) -> u32 {
    let mix = |hash: u64, word: u64| (hash ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29);
    let mut words = answer.chunks_exact(8);
    let mut all = mix(answer.len() as u64, u64::from(ended));
    for word in &mut words {
        all = mix(all, word.iter().rev().fold(0, |all, byte| all << 8 | u64::from(*byte)));
    }
    all = mix(all, words.remainder().iter().fold(0, |all, byte| all << 8 | u64::from(*byte)));
    ((all ^ (all >> 32)).wrapping_mul(0xbf58_476d_1ce4_e5b9) >> 32) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inputs_come_back_as_they_went() {
        let inputs = [Input(std::vec![b"%d".to_vec(), Vec::new()]), Input(Vec::new())];
        let mut sent = Vec::new();
        inputs.iter().for_each(|input| put_input(&mut sent, input));
        assert_eq!(take_inputs(&sent), inputs);
        assert_eq!(take_inputs(&sent[..3]), []);
    }

    #[test]
    fn digits_are_bytes() {
        assert_eq!(of_hex("00fF1a"), Some(std::vec![0, 255, 26]));
        assert_eq!((of_hex("0"), of_hex("0g")), (None, None));
    }

    #[test]
    fn other_answers_have_other_hashes() {
        let texts = ["", "a", "b", "ab", "ba", "returns: 1\n", "returns: 2\n", "abcdefgh", "abcdefgi"];
        let all: std::collections::BTreeSet<u32> = texts.iter().map(|text| hash(0, text.as_bytes())).collect();
        assert_eq!((all.len(), hash(11, b"a") == hash(0, b"a")), (texts.len(), false));
    }
}
