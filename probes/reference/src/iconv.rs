//! The area `iconv` without a C library: encoding_rs reads and writes the character sets of the web, by their labels.
//!
//! It stops at the first byte or character that it cannot convert, as the strict functions do. It has neither UTF-32 nor
//! UCS-2, and no suffix like //TRANSLIT; it reads UTF-16 and does not write it. Latin 1 is Windows 1252 to it, as the web
//! has it.

use encoding_rs::{DecoderResult, EncoderResult, Encoding};
use libcdiff_probes::Outcome;
use libcdiff_probes::iconv::convert::{self, Convert, shown};
use libcdiff_probes::iconv::names;

/// The answer to one case; `None` where there is none.
pub fn answer(case: &str, _arguments: &[String]) -> Option<Outcome> {
    if let Some((_, name)) = names::ROWS.iter().find(|(id, _)| *id == case) {
        return Some(known(name));
    }
    let (_, row) = convert::ROWS.iter().find(|(id, _)| *id == case)?;
    converted(row)
}

/// Whether a label is known, to read and to write.
fn known(name: &str) -> Outcome {
    let mut o = Outcome::default();
    let encoding = Encoding::for_label(name.as_bytes());
    let word = |known: bool| if known { "yes" } else { "no" };
    o.fact("from", word(encoding.is_some()));
    o.fact("to", word(encoding.is_some_and(|e| e.output_encoding() == e)));
    o
}

fn converted(row: &Convert) -> Option<Outcome> {
    let (from, to) = (Encoding::for_label(row.from.as_bytes())?, Encoding::for_label(row.to.as_bytes())?);
    if to.output_encoding() != to || row.room < 64 {
        return None;
    }
    let mut o = Outcome::default();
    match decoded(from, row.input) {
        Err(before) => {
            o.fact("returned", "malformed input");
            o.fact("output", shown(&encoded(to, &before).unwrap_or_else(|written| written)));
        }
        Ok(text) => match encoded(to, &text) {
            Ok(bytes) => {
                o.fact("returned", 0);
                o.fact("output", shown(&bytes));
            }
            Err(bytes) => {
                o.fact("returned", "unmappable character");
                o.fact("output", shown(&bytes));
            }
        },
    }
    Some(o)
}

/// The text; the error is what came before the first wrong byte.
fn decoded(from: &'static Encoding, input: &[u8]) -> Result<String, String> {
    let mut decoder = from.new_decoder_without_bom_handling();
    let mut text = String::with_capacity(256);
    match decoder.decode_to_string_without_replacement(input, &mut text, true).0 {
        DecoderResult::InputEmpty => Ok(text),
        DecoderResult::Malformed(..) | DecoderResult::OutputFull => Err(text),
    }
}

/// The bytes; the error is what was written before the first character that does not fit.
fn encoded(to: &'static Encoding, text: &str) -> Result<Vec<u8>, Vec<u8>> {
    let mut bytes = Vec::with_capacity(256);
    match to.new_encoder().encode_from_utf8_to_vec_without_replacement(text, &mut bytes, true).0 {
        EncoderResult::InputEmpty => Ok(bytes),
        EncoderResult::Unmappable(_) | EncoderResult::OutputFull => Err(bytes),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(case: &str) -> String {
        answer(case, &[]).map(|o| o.text().to_string()).unwrap_or_default()
    }

    #[test]
    fn names_are_labels_of_the_web() {
        assert_eq!(text("iconv.open.KOI8-R"), "from: yes\nto: yes");
        assert_eq!(text("iconv.open.UTF-16LE"), "from: yes\nto: no");
        assert_eq!(text("iconv.open.UTF-32"), "from: no\nto: no");
    }

    #[test]
    fn conversions_stop_at_what_they_cannot_do() {
        assert_eq!(text("iconv.set.koi8-r"), "returned: 0\noutput: d0 9f d1 80");
        assert_eq!(text("iconv.unmappable.cp1252"), "returned: unmappable character\noutput: \"a\"");
        assert_eq!(text("iconv.invalid.utf8-same"), "returned: malformed input\noutput: \"a\"");
        assert_eq!(text("iconv.mark.utf32-written"), "");
    }
}
