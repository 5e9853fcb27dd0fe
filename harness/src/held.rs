//! Details of an observation, held as the JSON that they are written as. A map of five figures takes ten times the memory of
//! its text; a run of eight images has 70,000 of them, and looks at a few.
//!
//! Images that say the same take other times over it: two queries with the same names come at other milliseconds. So the
//! numbers are cut out of the text and held beside it, and the text without them is one for all images.

use std::fmt;
use std::marker::PhantomData;

use libcdiff_protocol::Values;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use crate::text::{Text, Texts};

/// What stands in the shape for a number. JSON without white space has none of these, for strings escape it.
const GAP: char = '\n';

/// A `T`, as text. Files hold the `T`.
#[derive(Clone, PartialEq, Eq)]
pub struct Held<T> {
    /// The JSON, with a gap for each number.
    shape: Text,
    /// The numbers as they were written, with a blank between them.
    numbers: Text,
    kind: PhantomData<fn() -> T>,
}

impl<T> Held<T> {
    /// The same, sharing its texts with whoever holds the same.
    pub fn shared(&self, texts: &mut Texts) -> Self {
        Self { shape: texts.shared(&self.shape), numbers: texts.shared(&self.numbers), kind: PhantomData }
    }

    /// The whole JSON.
    fn json(&self) -> String {
        let mut numbers = self.numbers.split(' ');
        let mut json = String::with_capacity(self.shape.len() + self.numbers.len());
        for (place, part) in self.shape.split(GAP).enumerate() {
            if place > 0 {
                json.push_str(numbers.next().unwrap_or_default());
            }
            json.push_str(part);
        }
        json
    }
}

impl<T: Serialize + DeserializeOwned + Default> Held<T> {
    /// Holds this, sharing its texts with whoever holds the same.
    pub fn new(held: &T, texts: &mut Texts) -> Self {
        let (shape, numbers) = cut(&json(held));
        Self { shape: texts.shared(&shape), numbers: texts.shared(&numbers), kind: PhantomData }
    }

    /// What is held.
    pub fn get(&self) -> T {
        // Only what was a `T` is ever held.
        serde_json::from_str(&self.json()).unwrap_or_default()
    }
}

/// JSON without white space as its shape and its numbers.
fn cut(json: &str) -> (String, String) {
    let (mut shape, mut numbers) = (String::with_capacity(json.len()), String::new());
    let mut rest = json;
    while let Some(start) = rest.find(|c: char| matches!(c, '"' | '-') || c.is_ascii_digit()) {
        let (before, from) = rest.split_at(start);
        shape.push_str(before);
        let end = if from.starts_with('"') { end_of_string(from) } else { end_of_number(from) };
        let (token, after) = from.split_at(end);
        if from.starts_with('"') {
            shape.push_str(token);
        } else {
            let blank = if numbers.is_empty() { "" } else { " " };
            numbers.extend([blank, token]);
            shape.push(GAP);
        }
        rest = after;
    }
    shape.push_str(rest);
    (shape, numbers)
}

/// Where the string ends that `json` begins with.
fn end_of_string(json: &str) -> usize {
    let mut escaped = false;
    let closes = |(_, byte): &(usize, u8)| {
        let plain = !escaped;
        escaped = plain && *byte == b'\\';
        plain && *byte == b'"'
    };
    json.bytes().enumerate().skip(1).find(closes).map_or(json.len(), |(place, _)| place + 1)
}

/// Where the number ends that `json` begins with.
fn end_of_number(json: &str) -> usize {
    json.find([',', ']', '}']).unwrap_or(json.len())
}

impl Held<Values> {
    /// The figure of this name.
    pub fn value(&self, name: &str) -> Option<Value> {
        // Most observations lack most figures, which a look at the text tells at a hundredth of the cost.
        if !self.shape.contains(name) {
            return None;
        }
        self.get().remove(name)
    }
}

/// Numbers, texts, lists and maps with text for keys: that cannot fail.
fn json<T: Serialize>(held: &T) -> String {
    serde_json::to_string(held).unwrap_or_default()
}

impl<T: Serialize + DeserializeOwned + Default> From<&T> for Held<T> {
    fn from(held: &T) -> Self {
        let (shape, numbers) = cut(&json(held));
        Self { shape: shape.into(), numbers: numbers.into(), kind: PhantomData }
    }
}

impl<T: Serialize + DeserializeOwned + Default> Default for Held<T> {
    fn default() -> Self {
        Self::from(&T::default())
    }
}

impl<T> fmt::Debug for Held<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.json())
    }
}

impl<T: Serialize + DeserializeOwned + Default> Serialize for Held<T> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        self.get().serialize(to)
    }
}

impl<'de, T: Serialize + DeserializeOwned + Default> Deserialize<'de> for Held<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        T::deserialize(from).map(|held| Self::from(&held))
    }
}

impl<T: JsonSchema> JsonSchema for Held<T> {
    fn inline_schema() -> bool {
        T::inline_schema()
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        T::schema_name()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        T::json_schema(generator)
    }
}

#[cfg(test)]
mod tests {
    use libcdiff_protocol::Query;

    use super::*;

    #[test]
    fn what_is_held_comes_back_and_is_written_as_itself() {
        let values: Values = [("a".to_owned(), 1.into()), ("b".to_owned(), "c: \"d\"".into())].into();
        let held = Held::from(&values);
        assert_eq!(held.get(), values);
        assert_eq!((held.value("a"), held.value("c"), held.value("x")), (Some(1.into()), None, None));
        let written = serde_json::to_value(&held).expect("JSON");
        assert_eq!(written, serde_json::json!({"a": 1, "b": "c: \"d\""}));
        assert_eq!(serde_json::from_value::<Held<Values>>(written).expect("a map"), held);
        assert!(serde_json::from_str::<Held<Values>>("[1]").is_err());
    }

    #[test]
    fn what_differs_in_numbers_alone_shares_the_rest() {
        let mut texts = Texts::default();
        let mut held = |at_ms| {
            let query =
                Query { at_ms, server: "s1".into(), name: "7.test.".into(), port: Some(53), ..Query::default() };
            Held::new(&vec![query.clone(), query], &mut texts)
        };
        let (one, other) = (held(5), held(2031));
        assert!(one.shape == other.shape && one.numbers != other.numbers);
        assert_eq!((&*one.numbers, &*other.numbers), ("5 53 5 53", "2031 53 2031 53"));
        assert_eq!(other.get().iter().map(|query| query.at_ms).collect::<Vec<_>>(), [2031, 2031]);
    }

    #[test]
    fn json_comes_back_to_the_last_digit() {
        for json in [
            "null",
            "-0.0",
            "[]",
            "[1,-2,3.50,1e-7,-1.5E+300,18446744073709551615]",
            r#"{"1":[true,false,null,{"a b":-1}],"\"2\\":"3 \"4\" -5\n\\","\\":6,"ä":"7"}"#,
        ] {
            let (shape, numbers) = cut(json);
            let held = Held::<Value> { shape: shape.into(), numbers: numbers.into(), kind: PhantomData };
            assert_eq!(held.json(), json);
        }
        assert_eq!(cut(r#"{"1":[1,"2\\",-3e5]}"#), ("{\"1\":[\n,\"2\\\\\",\n]}".into(), "1 -3e5".into()));
    }
}
