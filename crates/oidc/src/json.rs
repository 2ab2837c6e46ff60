//! JSON, strictly: what two parsers could read in two ways is refused (duplicate names), and so is
//! what could hurt (depth). NaN, lone surrogates and numbers out of range are errors as well.

use std::cell::RefCell;
use std::fmt;

use serde::de::{self, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::map::Entry;
use serde_json::{Map, Number, Value};

/// How deep arrays and objects may be nested.
pub const MAX_DEPTH: usize = 64;

/// Why a text is not taken as JSON.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JsonError {
    /// Nothing there.
    #[error("it is empty")]
    Empty,
    /// Starts with a byte order mark (RFC 8259 §8.1).
    #[error("it begins with a byte order mark")]
    ByteOrderMark,
    /// Not UTF-8 (RFC 8259 §8.1).
    #[error("it is not UTF-8")]
    NotUtf8,
    /// A name twice in one object (RFC 7515 §4, RFC 7519 §4).
    #[error("the name “{0}” stands twice in one object")]
    Duplicate(String),
    /// Nested deeper than [`MAX_DEPTH`].
    #[error("it is nested deeper than {MAX_DEPTH} levels")]
    TooDeep,
    /// Breaks the grammar.
    #[error("line {line}, column {column}: {message}")]
    Syntax {
        /// From 1.
        line: usize,
        /// From 1.
        column: usize,
        /// In the parser's words.
        message: String,
    },
    /// JSON, and no object.
    #[error("it is {0}, not an object")]
    NotAnObject(&'static str),
}

/// Parses one JSON text.
///
/// # Errors
/// Every deviation from RFC 8259, and the rules of this module.
pub fn parse(bytes: &[u8]) -> Result<Value, JsonError> {
    if bytes.starts_with(&[0xef, 0xbb, 0xbf])
        || bytes.starts_with(&[0xff, 0xfe])
        || bytes.starts_with(&[0xfe, 0xff])
    {
        return Err(JsonError::ByteOrderMark);
    }
    let text = std::str::from_utf8(bytes).map_err(|_| JsonError::NotUtf8)?;
    if text.trim().is_empty() {
        return Err(JsonError::Empty);
    }
    let fault = RefCell::new(None);
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let value = Strict { depth: 0, room: (text.len() / 16).min(16), fault: &fault }
        .deserialize(&mut deserializer)
        .and_then(|value| deserializer.end().map(|()| value));
    value.map_err(|error| fault.into_inner().unwrap_or_else(|| syntax(&error)))
}

/// Parses one JSON object.
///
/// # Errors
/// As [`parse`], and [`JsonError::NotAnObject`].
pub fn parse_object(bytes: &[u8]) -> Result<Map<String, Value>, JsonError> {
    match parse(bytes)? {
        Value::Object(map) => Ok(map),
        other => Err(JsonError::NotAnObject(kind(&other))),
    }
}

/// The kind of a value in words: `a string`.
#[must_use]
pub fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}

fn syntax(error: &serde_json::Error) -> JsonError {
    let text = error.to_string();
    let message = text.split(" at line ").next().unwrap_or(&text).to_owned();
    JsonError::Syntax { line: error.line(), column: error.column(), message }
}

#[derive(Clone, Copy)]
struct Strict<'a> {
    depth: usize,
    /// Members that the outermost object is likely to have, so that it does not grow in steps: a token's usual
    /// claims, or a header's few.
    room: usize,
    /// The typed reason, since a deserializer's error is only text.
    fault: &'a RefCell<Option<JsonError>>,
}

impl Strict<'_> {
    fn deeper<E: de::Error>(self) -> Result<Self, E> {
        if self.depth >= MAX_DEPTH {
            return Err(self.refuse(JsonError::TooDeep));
        }
        Ok(Self { depth: self.depth + 1, room: 0, fault: self.fault })
    }

    fn refuse<E: de::Error>(self, fault: JsonError) -> E {
        let text = fault.to_string();
        *self.fault.borrow_mut() = Some(fault);
        E::custom(text)
    }
}

impl<'de> DeserializeSeed<'de> for Strict<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<Value, E> {
        Number::from_f64(value).map(Value::Number).ok_or_else(|| E::custom("number out of range"))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let inner = self.deeper()?;
        let mut array = Vec::new();
        while let Some(item) = items.next_element_seed(inner)? {
            array.push(item);
        }
        Ok(Value::Array(array))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let inner = self.deeper()?;
        let mut object = Map::with_capacity(self.room);
        while let Some(name) = members.next_key::<String>()? {
            match object.entry(name) {
                Entry::Vacant(place) => {
                    place.insert(members.next_value_seed(inner)?);
                }
                Entry::Occupied(taken) => {
                    return Err(self.refuse(JsonError::Duplicate(crate::text::visible(taken.key()))));
                }
            }
        }
        Ok(Value::Object(object))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn h08_what_reads_in_two_ways_is_refused() {
        assert_eq!(parse(br#"{"a":1,"a":2}"#), Err(JsonError::Duplicate("a".into())));
        assert_eq!(parse(br#"{"x":{"a":1,"\u0061":2}}"#), Err(JsonError::Duplicate("a".into())));
        assert_eq!(parse(b"\xef\xbb\xbf{}"), Err(JsonError::ByteOrderMark));
        assert_eq!(parse(b"  "), Err(JsonError::Empty));
        assert_eq!(parse(b"\"\xff\""), Err(JsonError::NotUtf8));
        for bad in [
            "NaN",
            "[1e400]",
            r#"["\ud800"]"#,
            r#"["\udc00x"]"#,
            "{} {}",
            "{\"a\":1,}",
            "'a'",
            "01",
            "[Infinity]",
        ] {
            assert!(matches!(parse(bad.as_bytes()), Err(JsonError::Syntax { .. })), "{bad} was taken");
        }
    }

    #[test]
    fn h08_depth_is_bounded() {
        let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert!(parse(nested(MAX_DEPTH).as_bytes()).is_ok());
        assert_eq!(parse(nested(MAX_DEPTH + 1).as_bytes()), Err(JsonError::TooDeep));
        assert_eq!(parse(nested(100_000).as_bytes()), Err(JsonError::TooDeep));
    }

    #[test]
    fn order_and_numbers_are_kept() {
        let value = parse(br#"{"z":1,"a":-5,"m":1.5,"big":18446744073709551615}"#).unwrap();
        assert_eq!(value.to_string(), r#"{"z":1,"a":-5,"m":1.5,"big":18446744073709551615}"#);
    }

    #[test]
    fn an_object_is_asked_for_and_something_else_came() {
        assert_eq!(parse_object(b"[]"), Err(JsonError::NotAnObject("an array")));
    }
}
