//! Details of an observation, held as the JSON that they are written as. A map of five figures takes ten times the memory of
//! its text; a run of eight images has 70,000 of them, and looks at a few.

use std::fmt;
use std::marker::PhantomData;

use libcdiff_protocol::Values;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use crate::text::{Text, Texts};

/// A `T`, as text. Files hold the `T`.
#[derive(Clone, PartialEq, Eq)]
pub struct Held<T> {
    json: Text,
    kind: PhantomData<fn() -> T>,
}

impl<T: Serialize + DeserializeOwned + Default> Held<T> {
    /// Holds this, sharing the text with whoever holds the same.
    pub fn new(held: &T, texts: &mut Texts) -> Self {
        Self { json: texts.shared(&json(held)), kind: PhantomData }
    }

    /// What is held.
    pub fn get(&self) -> T {
        // Only what was a `T` is ever held.
        serde_json::from_str(&self.json).unwrap_or_default()
    }
}

impl Held<Values> {
    /// The figure of this name.
    pub fn value(&self, name: &str) -> Option<Value> {
        // Most observations lack most figures, which a look at the text tells at a hundredth of the cost.
        if !self.json.contains(name) {
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
        Self { json: json(held).into(), kind: PhantomData }
    }
}

impl<T: Serialize + DeserializeOwned + Default> Default for Held<T> {
    fn default() -> Self {
        Self::from(&T::default())
    }
}

impl<T> fmt::Debug for Held<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.json)
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
}
