//! Which pitfall explains a class: one says of itself which inputs of which target run into it.

use super::input::Input;
use super::shape::Shape;
use super::state::Campaign;
use super::target::Target;
use crate::pitfalls::{Pitfall, glob};

/// Joins every class with the pitfall that explains it.
pub fn explain(campaign: &mut Campaign, targets: &[Target], pitfalls: &[Pitfall]) {
    for found in &mut campaign.targets {
        let Some(target) = targets.iter().find(|target| target.id == found.target) else { continue };
        for class in &mut found.classes {
            class.pitfall =
                pitfall(target, &class.class.shape, &class.class.input, pitfalls).map(|pitfall| pitfall.id.clone());
        }
    }
}

/// The pitfall whose longest pattern fits.
fn pitfall<'a>(target: &Target, shape: &Shape, input: &Input, pitfalls: &'a [Pitfall]) -> Option<&'a Pitfall> {
    let fit = |pitfall: &&Pitfall| {
        pitfall.fuzz.iter().filter(|pattern| fits(pattern, target, shape, input)).map(|pattern| pattern.len()).max()
    };
    pitfalls
        .iter()
        .filter_map(|pitfall| fit(&pitfall).map(|length| (length, pitfall)))
        .max_by_key(|(length, _)| *length)
        .map(|(_, pitfall)| pitfall)
}

/// `TARGET`, or `TARGET NAME=GLOB ...`: each name is a field of the input, `line` for the line that differs, or `says` for what
/// some image says there. Bytes that are no text, blanks among them, are written as in C: `\040`; a star and a question mark that
/// stand for themselves are `\052` and `\077`. A blank in the name of a field is a hyphen.
fn fits(pattern: &str, target: &Target, shape: &Shape, input: &Input) -> bool {
    let mut words = pattern.split_whitespace();
    words.next().is_some_and(|id| glob(id, &target.id))
        && words.all(|word| {
            let Some((name, wanted)) = word.split_once('=') else { return false };
            let field = target.fields.iter().position(|field| field.replace(' ', "-") == name);
            match (field.and_then(|n| input.0.get(n)), name) {
                (Some(bytes), _) if [STAR, QUESTION_MARK].iter().any(|literal| wanted.contains(literal)) => {
                    glob(wanted, &literally(bytes))
                }
                (Some(bytes), _) => glob(wanted, &written(bytes)),
                (None, "line") => glob(wanted, &shape.line),
                (None, "says") => shape.says.iter().any(|says| glob(wanted, &written(says.as_bytes()))),
                _ => false,
            }
        })
}

/// How a pattern writes a star that stands for itself.
const STAR: &str = "\\052";
/// How a pattern writes a question mark that stands for itself.
const QUESTION_MARK: &str = "\\077";

/// A field as a pattern writes it that means it alone.
pub fn literally(bytes: &[u8]) -> String {
    written(bytes).replace('*', STAR).replace('?', QUESTION_MARK)
}

/// A field as patterns write it.
fn written(bytes: &[u8]) -> String {
    let literal = super::input::literal(bytes);
    literal[1..literal.len() - 1].replace(' ', "\\040")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_names_a_target_and_what_its_fields_look_like() {
        let target: Target = serde_json::from_value(
            serde_json::json!({"id": "time.strptime", "constant": "", "what": "", "functions": [],
            "fields": ["format", "text", "code point"], "domain": null, "batch": 1, "env": {}, "network": false}),
        )
        .expect("a target");
        let input = Input(vec![b"%s*".to_vec(), b"0 1".to_vec(), b"65".to_vec()]);
        let shape = Shape { groups: vec![0, 1], line: "returns".into(), says: vec!["#".into(), "no room".into()] };
        for (pattern, fit) in [
            ("time.strptime", true),
            ("time.*", true),
            ("time.strptime format=*%s*", true),
            ("time.strptime format=%Z", false),
            ("time.strptime format=%s? text=0\\0401", true),
            ("time.strptime line=returns", true),
            ("time.strptime line=hour", false),
            ("time.strptime code-point=6?", true),
            ("time.strptime format=%s?", true),
            ("time.strptime format=%s\\052", true),
            ("time.strptime format=*\\052*", true),
            ("time.strptime format=%s\\077", false),
            ("time.strptime says=no*", true),
            ("time.strptime says=no\\040room says=#", true),
            ("time.strptime says=no", false),
            ("time.strptime nothing=x", false),
        ] {
            assert_eq!(fits(pattern, &target, &shape, &input), fit, "{pattern}");
        }
    }
}
