use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

use crate::RequestError;

/// Parses JSON, and refuses an object with a duplicate name: two parsers of the same text could
/// each use another of the two values (RFC 8259, section 4).
///
/// Nesting deeper than `serde_json`'s 128 levels is malformed too, so no text exhausts the stack.
pub(crate) fn parse(bytes: &[u8]) -> Result<Value, RequestError> {
    match serde_json::from_slice::<Strict>(bytes) {
        Ok(Strict(value)) => Ok(value),
        Err(error) if error.is_data() => Err(RequestError::Malformed {
            code: "repeated_member",
            detail: "The body names a member twice.",
        }),
        Err(_) => {
            Err(RequestError::Malformed { code: "malformed_json", detail: "The body is not JSON." })
        }
    }
}

struct Strict(Value);

impl<'de> Deserialize<'de> for Strict {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(StrictVisitor).map(Self)
    }
}

struct StrictVisitor;

impl<'de> Visitor<'de> for StrictVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        Ok(Number::from_f64(value).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Value, E> {
        Ok(Value::String(text.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let mut items = Vec::new();
        while let Some(Strict(item)) = seq.next_element()? {
            items.push(item);
        }
        Ok(Value::Array(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut members = Map::new();
        while let Some((name, Strict(value))) = map.next_entry::<String, _>()? {
            if members.insert(name, value).is_some() {
                return Err(A::Error::custom("a member is named twice"));
            }
        }
        Ok(Value::Object(members))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn code(text: &str) -> &'static str {
        match parse(text.as_bytes()) {
            Err(RequestError::Malformed { code, .. }) => code,
            other => panic!("{text} gave {other:?}"),
        }
    }

    #[test]
    fn json_is_read_as_it_stands() {
        let text = r#" {"a": [1, -2, 2.5, "ä\n", null, true, {}], "b": {"a": 1}} "#;
        let value = json!({"a": [1, -2, 2.5, "ä\n", null, true, {}], "b": {"a": 1}});
        assert_eq!(parse(text.as_bytes()).unwrap(), value);
    }

    #[test]
    fn a_member_named_twice_is_refused_at_any_depth() {
        assert_eq!(code(r#"{"a": 1, "a": 1}"#), "repeated_member");
        assert_eq!(code(r#"{"a": 1, "\u0061": 2}"#), "repeated_member");
        assert_eq!(code(r#"[{"x": {"a": 1, "b": 2, "a": 3}}]"#), "repeated_member");
    }

    #[test]
    fn what_is_not_json_is_malformed() {
        for text in ["", "{", "{} x", "{'a': 1}", "{\"a\": 1,}", "nul", "\"\\ud800\"", "1e999"] {
            assert_eq!(code(text), "malformed_json", "{text}");
        }
        let not_utf8 = parse(b"{\"description\": \"\xff\"}");
        assert!(matches!(not_utf8, Err(RequestError::Malformed { code: "malformed_json", .. })));
    }

    #[test]
    fn deep_nesting_is_malformed_and_no_crash() {
        assert_eq!(code(&"[".repeat(200_000)), "malformed_json");
        assert_eq!(code(&"{\"a\":".repeat(40_000)), "malformed_json");
    }
}
