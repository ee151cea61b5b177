//! JSON as a verifier must read it: borrowed from the bytes, and aware of
//! repeated names.
//!
//! Parsers differ in which of two members of the same name they take, so that
//! a token which repeats one says different things to different readers
//! (RFC 8725, section 2.4). Most keep the last and say nothing. This one notes
//! it and leaves the judgment to the caller.

mod fraction;
mod parse;

use std::borrow::Cow;

use serde_json::{Map, Number, Value};

/// A value of a JSON document.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Json<'a> {
    Null,
    Bool(bool),
    Number(Number),
    Text(Cow<'a, str>),
    // Boxed, so that a value takes 24 bytes and an object of a usual token one
    // small allocation.
    List(Box<[Json<'a>]>),
    Object(Box<Object<'a>>),
}

/// A JSON object: its members, and whether it or anything in it repeats a name.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Object<'a> {
    members: Vec<Member<'a>>,
    /// The bits of all members' marks: most names that are not there have another.
    bits: u64,
    repeats: bool,
}

#[derive(Clone, Debug, PartialEq)]
struct Member<'a> {
    mark: usize,
    name: Cow<'a, str>,
    value: Json<'a>,
}

impl<'a> Json<'a> {
    /// Parses a whole document.
    pub(crate) fn parse(bytes: &'a [u8]) -> Option<Self> {
        // Whether it is UTF-8 is cheaper to tell of the whole than of each string.
        serde_json::from_str(str::from_utf8(bytes).ok()?).ok()
    }

    pub(crate) fn object(&self) -> Option<&Object<'a>> {
        match self {
            Self::Object(object) => Some(object),
            _ => None,
        }
    }

    pub(crate) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    pub(crate) fn list(&self) -> Option<&[Self]> {
        match self {
            Self::List(items) => Some(items),
            _ => None,
        }
    }

    /// The strings of a list of nothing but strings.
    pub(crate) fn texts(&self) -> Option<Vec<&str>> {
        self.list()?.iter().map(Json::text).collect()
    }

    fn to_value(&self) -> Value {
        match self {
            Self::Null => Value::Null,
            Self::Bool(value) => Value::Bool(*value),
            Self::Number(number) => Value::Number(number.clone()),
            Self::Text(text) => Value::String(text.clone().into_owned()),
            Self::List(items) => items.iter().map(Self::to_value).collect(),
            Self::Object(object) => Value::Object(object.to_map()),
        }
    }

    fn repeats(&self) -> bool {
        match self {
            Self::Object(object) => object.repeats,
            Self::List(items) => items.iter().any(Self::repeats),
            _ => false,
        }
    }
}

impl<'a> Object<'a> {
    /// Parses a whole document that is an object.
    pub(crate) fn parse(bytes: &'a [u8]) -> Option<Self> {
        serde_json::from_str(str::from_utf8(bytes).ok()?).ok()
    }

    pub(crate) fn get(&self, name: &str) -> Option<&Json<'a>> {
        // Registered names are short and alike in length: the marks tell nearly all
        // of them apart without a call to compare them.
        let mark = mark(name);
        if self.bits & bit(mark) == 0 {
            return None;
        }
        self.members.iter().find(|member| member.is(mark, name)).map(|member| &member.value)
    }

    pub(crate) fn len(&self) -> usize {
        self.members.len()
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// The same for callers. Not parsed anew by `serde_json`, which takes some
    /// objects for something else: callers see what was checked.
    pub(crate) fn to_map(&self) -> Map<String, Value> {
        self.members
            .iter()
            .map(|member| (member.name.to_string(), member.value.to_value()))
            .collect()
    }

    /// Whether a name is repeated, here or further in.
    pub(crate) fn repeats(&self) -> bool {
        self.repeats
    }

    fn new(members: Vec<Member<'a>>) -> Self {
        // Nearly all tokens have so few that comparing is cheaper than sorting, and most
        // names need no comparing: no earlier one has the same bit.
        let are_few = members.len() <= 32;
        let (mut bits, mut repeats) = (0, false);
        for (at, member) in members.iter().enumerate() {
            let bit = bit(member.mark);
            let is_earlier =
                || members[..at].iter().any(|other| other.is(member.mark, &member.name));
            repeats |= member.value.repeats() || are_few && bits & bit != 0 && is_earlier();
            bits |= bit;
        }
        let repeats = repeats || !are_few && repeats_a_name(&members);
        Self { members, bits, repeats }
    }
}

impl Member<'_> {
    /// Whether it has this name, whose mark this is.
    fn is(&self, mark: usize, name: &str) -> bool {
        self.mark == mark && self.name == name
    }
}

/// By sorting, so that thousands of names cost no more than their size.
fn repeats_a_name(members: &[Member<'_>]) -> bool {
    let mut names: Vec<&str> = members.iter().map(|member| &*member.name).collect();
    names.sort_unstable();
    names.windows(2).any(|pair| pair[0] == pair[1])
}

/// A number that is the same for the same name, and mostly another for others.
#[inline]
fn mark(name: &str) -> usize {
    let byte = |byte: Option<&u8>| byte.copied().map_or(0, usize::from);
    let bytes = name.as_bytes();
    bytes.len() * 23 + byte(bytes.first()) * 5 + byte(bytes.last())
}

/// The bit of this mark in a set of 64.
#[inline]
fn bit(mark: usize) -> u64 {
    1 << (mark % 64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn object(text: &str) -> Object<'_> {
        Object::parse(text.as_bytes()).unwrap()
    }

    #[test]
    fn a_repeated_name_is_noticed_at_every_depth() {
        for repeated in [
            r#"{"a":1,"a":1}"#,
            r#"{"a":1,"b":2,"\u0061":3}"#,
            r#"{"a":{"b":1,"b":2}}"#,
            r#"{"a":[[{"b":1,"b":2}]]}"#,
        ] {
            assert!(object(repeated).repeats(), "{repeated}");
        }
        assert!(!object(r#"{"a":{"a":1},"A":[{"a":1},{"a":1}]}"#).repeats());
    }

    #[test]
    fn names_of_one_mark_are_told_apart_among_few_and_among_many() {
        assert_eq!(mark("abz"), mark("acz"));
        for others in [0, 29, 30, 31, 99] {
            let mut members = vec![r#""abz":1"#.to_owned()];
            members.extend((0..others).map(|at| format!(r#""n{at}":{at}"#)));
            let with = |last: &str| format!("{{{},{last}}}", members.join(","));
            let alike = with(r#""acz":2"#);
            let alike = object(&alike);
            assert!(!alike.repeats(), "{others}");
            assert_ne!(alike.get("abz"), alike.get("acz"));
            assert_eq!(alike.get("adz"), None);
            assert!(object(&with(r#""abz":2"#)).repeats(), "{others}");
        }
    }

    #[test]
    fn what_is_no_json_is_refused() {
        let deep = "[".repeat(4000);
        for bad in ["", "{", "{}x", "{'a':1}", "{\"a\":01}", "{\"a\":1e999}", "\u{feff}{}", &deep] {
            assert_eq!(Json::parse(bad.as_bytes()), None, "{bad:.20}");
        }
        assert_eq!(Json::parse(b"{\"a\":\"\xff\"}"), None);
    }

    #[test]
    fn values_keep_their_types() {
        let object = object(r#"{"n":1.5,"t":"a\n","l":["x"],"z":null,"b":true}"#);
        assert_eq!(object.get("n"), Number::from_f64(1.5).map(Json::Number).as_ref());
        assert_eq!(object.get("t").and_then(Json::text), Some("a\n"));
        assert_eq!(object.get("l").and_then(Json::texts), Some(vec!["x"]));
        assert!(object.has("z") && !object.has("x"));
        assert_eq!(object.get("b").and_then(Json::text), None);
    }
}
