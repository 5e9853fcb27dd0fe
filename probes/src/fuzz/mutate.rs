//! Changes to inputs that know nothing of what they mean: what no grammar would write.

use heap::vec::Vec;

use super::{FIELD_BYTES, Input, Random};

/// Bytes that mean something to some parser. No NUL: it ends a C string, and nothing behind it would be asked.
const TELLING: &[u8] = b"0179aAfFxXzZ%\\[](){}*+?.^$|-:/,;=_~!@#&'\"<> \t\n\r\x01\x1b\x7f\x80\xbf\xc3\xe2\xff";

/// Changes one field at random, up to three times; `other` is where pieces are taken from.
pub fn mutate(random: &mut Random, input: &mut Input, other: &Input) {
    for _ in 0..=random.below(3) {
        if input.0.is_empty() {
            return;
        }
        let n = random.below(input.0.len());
        change(random, &mut input.0[n], other.field(n));
        input.0[n].truncate(FIELD_BYTES);
    }
}

fn change(random: &mut Random, field: &mut Vec<u8>, other: &[u8]) {
    let at = random.below(field.len() + 1);
    let span = |random: &mut Random, len: usize| 1 + random.below(len.clamp(1, 4));
    match random.below(6) {
        0 if at < field.len() => field[at] = random.byte(TELLING),
        1 if at < field.len() => field[at] ^= 1 << random.below(8),
        2 if at < field.len() => {
            let end = (at + span(random, field.len())).min(field.len());
            field.drain(at..end);
        }
        3 if at < field.len() => {
            let end = (at + span(random, field.len())).min(field.len());
            let twice = field[at..end].to_vec();
            splice(field, at, &twice);
        }
        4 if !other.is_empty() => {
            let from = random.below(other.len());
            let end = (from + span(random, other.len())).min(other.len());
            splice(field, at, &other[from..end]);
        }
        _ => field.insert(at, random.byte(TELLING)),
    }
    field.iter_mut().filter(|byte| **byte == 0).for_each(|byte| *byte = b'0');
}

fn splice(field: &mut Vec<u8>, at: usize, piece: &[u8]) {
    field.splice(at..at, piece.iter().copied());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inputs_change_and_never_hold_a_nul() {
        let mut random = Random::new(1, "x", 0);
        let start = Input(std::vec![b"%H:%M".to_vec(), b"10:20".to_vec()]);
        let changed = (0..2000).filter(|_| {
            let mut input = start.clone();
            mutate(&mut random, &mut input, &Input(std::vec![b"%Z".to_vec(), Vec::new()]));
            assert!(input.0.iter().all(|field| !field.contains(&0)));
            input != start
        });
        assert!(changed.count() > 1800);
    }
}
