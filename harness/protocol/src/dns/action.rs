//! What happens to a query: silence, the end of its connection, or replies. Written as a word, a table or a list.

use std::fmt;

use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{Error, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::Reply;

/// What a rule does to a query that fits it.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// Nothing is sent; a TCP connection stays open.
    Drop,
    /// Nothing is sent, and the TCP connection is closed.
    Close,
    /// Nothing is sent, and the TCP connection is reset.
    Reset,
    /// These messages are sent, each after its own delay.
    Reply(Vec<Reply>),
}

impl Serialize for Action {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Drop => s.serialize_str("drop"),
            Self::Close => s.serialize_str("close"),
            Self::Reset => s.serialize_str("reset"),
            Self::Reply(replies) => replies.serialize(s),
        }
    }
}

impl<'de> Deserialize<'de> for Action {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        d.deserialize_any(ActionVisitor)
    }
}

/// Tells the three forms apart by their JSON or TOML type, so that an error inside a reply keeps its own message.
struct ActionVisitor;

impl<'de> Visitor<'de> for ActionVisitor {
    type Value = Action;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("\"drop\", \"close\", \"reset\", a reply, or a list of replies")
    }

    fn visit_str<E: Error>(self, word: &str) -> Result<Action, E> {
        match word {
            "drop" => Ok(Action::Drop),
            "close" => Ok(Action::Close),
            "reset" => Ok(Action::Reset),
            _ => Err(E::invalid_value(serde::de::Unexpected::Str(word), &self)),
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Action, A::Error> {
        Ok(Action::Reply(vec![Reply::deserialize(MapAccessDeserializer::new(map))?]))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Action, A::Error> {
        Ok(Action::Reply(Vec::deserialize(SeqAccessDeserializer::new(seq))?))
    }
}
