//! Cases that were found and not thought of: a row names a target and an input, and the answer is described as it came.

use super::{Answer, Input, Target};
use crate::outcome::Outcome;
use crate::text;

/// Asks a target about one input, as a case. The target itself is given and not its name: a probe holds only what it asks.
pub fn ask(o: &mut Outcome, target: &Target, fields: &[&[u8]]) {
    let (input, mut answer) = (Input(fields.iter().map(|field| field.to_vec()).collect()), Answer::default());
    (target.ask)(&input, &mut answer);
    for line in answer.text().split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
        o.line(text::bytes(line));
    }
}

#[cfg(test)]
mod tests {
    use crate::fuzz::targets::strptime;
    use crate::outcome::Outcome;

    #[test]
    fn a_found_case_describes_what_the_target_answers() {
        let mut outcome = Outcome::default();
        super::ask(&mut outcome, &strptime::TARGET, &[b"%H:%M", b"12:34x"]);
        assert!(outcome.text().starts_with("returns: 5\nsec: untouched\nmin: 34\nhour: 12\n"), "{}", outcome.text());
    }
}
