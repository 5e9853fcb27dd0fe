//! YAML for people who read before they apply. Every scalar is written as JSON writes it, which YAML reads alike; only the
//! nesting is YAML's own. So nothing here has to know when a word is a number.

use serde::Serialize;
use serde_json::Value;

/// Documents, one after the other.
///
/// # Errors
/// An object that is none of JSON's.
pub fn documents<T: Serialize>(objects: &[T]) -> Result<String, serde_json::Error> {
    let mut text = String::new();
    for object in objects {
        text.push_str("---\n");
        block(&serde_json::to_value(object)?, 0, &mut text);
    }
    Ok(text)
}

fn block(value: &Value, indent: usize, out: &mut String) {
    let pad = " ".repeat(indent);
    match value {
        Value::Object(map) => {
            for (name, value) in map {
                out.push_str(&format!("{pad}{}:", key(name)));
                below(value, indent + 2, out);
            }
        }
        Value::Array(items) => {
            for item in items {
                let mut inner = String::new();
                block(item, indent + 2, &mut inner);
                // The first line of what is below stands behind the dash.
                out.push_str(&format!("{pad}- {}", inner.trim_start_matches(' ')));
            }
        }
        scalar => out.push_str(&format!("{pad}{scalar}\n")),
    }
}

fn below(value: &Value, indent: usize, out: &mut String) {
    let nested = match value {
        Value::Object(map) => !map.is_empty(),
        Value::Array(items) => !items.is_empty(),
        _ => false,
    };
    if nested {
        out.push('\n');
        block(value, indent, out);
    } else {
        out.push_str(&format!(" {value}\n"));
    }
}

/// A name of letters alone needs no quotes, unless YAML takes it for something else.
fn key(name: &str) -> String {
    let plain = name.chars().all(|c| c.is_ascii_alphabetic());
    let word =
        ["true", "false", "null", "yes", "no", "on", "off", "y", "n", ""].contains(&name.to_lowercase().as_str());
    if plain && !word { name.to_owned() } else { Value::from(name).to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nesting_is_by_indentation_and_scalars_are_jsons() {
        let object = serde_json::json!({
            "a": {"b/c": "no", "empty": {}, "on": 1}, "list": [{"x": true, "y": ["1", 2]}, "s: #", [null]]});
        let text = documents(&[object]).expect("JSON");
        let lines = [
            "---",
            "a:",
            "  \"b/c\": \"no\"",
            "  empty: {}",
            "  \"on\": 1",
            "list:",
            "  - x: true",
            "    \"y\":",
            "      - \"1\"",
            "      - 2",
            "  - \"s: #\"",
            "  - - null",
            "",
        ];
        assert_eq!(text, lines.join("\n"));
    }
}
