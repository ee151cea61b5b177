//! From the text to values, by `serde_json`.
//!
//! Values are written to where they stay. Handed up in results, each would move through
//! the stack several times, which shows in the benchmark.

use std::{borrow::Cow, fmt, mem};

use serde::{
    Deserialize, Deserializer,
    de::{DeserializeSeed, Error, MapAccess, SeqAccess, Visitor},
};
use serde_json::Number;

use crate::token::json::{Json, Member, Object, fraction, mark};

impl<'de> Deserialize<'de> for Json<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut value = Json::Null;
        ValueVisitor(&mut value).deserialize(deserializer)?;
        Ok(value)
    }
}

/// Where a value goes.
struct ValueVisitor<'p, 'de>(&'p mut Json<'de>);

impl<'de> ValueVisitor<'_, 'de> {
    #[allow(clippy::unnecessary_wraps, reason = "it is how every visit ends")]
    fn take<E>(self, value: Json<'de>) -> Result<(), E> {
        *self.0 = value;
        Ok(())
    }
}

impl<'de> DeserializeSeed<'de> for ValueVisitor<'_, 'de> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for ValueVisitor<'_, 'de> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        self.take(Json::Null)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<(), E> {
        self.take(Json::Bool(value))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<(), E> {
        self.take(Json::Number(value.into()))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<(), E> {
        self.take(Json::Number(value.into()))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<(), E> {
        let number = Number::from_f64(value).ok_or_else(|| E::custom("no finite number"))?;
        self.take(Json::Number(number))
    }

    fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<(), E> {
        self.take(Json::Text(Cow::Borrowed(text)))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<(), E> {
        self.take(Json::Text(Cow::Owned(text.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        let mut list = Vec::new();
        let mut item = Json::Null;
        while items.next_element_seed(ValueVisitor(&mut item))?.is_some() {
            list.push(mem::replace(&mut item, Json::Null));
        }
        self.take(Json::List(list.into()))
    }

    fn visit_map<A: MapAccess<'de>>(self, entries: A) -> Result<(), A::Error> {
        let object = members(entries, Vec::new())?;
        match fraction::digits(&object).map(str::parse) {
            Some(number) => self.visit_f64(number.map_err(A::Error::custom)?),
            None => self.take(Json::Object(Box::new(object))),
        }
    }
}

impl<'de> Deserialize<'de> for Object<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(ObjectBuilder)
    }
}

struct ObjectBuilder;

impl<'de> Visitor<'de> for ObjectBuilder {
    type Value = Object<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, entries: A) -> Result<Self::Value, A::Error> {
        // As many as an access token usually has, and as small allocators like it.
        members(entries, Vec::with_capacity(18))
    }
}

fn members<'de, A: MapAccess<'de>>(
    mut entries: A,
    mut members: Vec<Member<'de>>,
) -> Result<Object<'de>, A::Error> {
    while entries.next_key_seed(NewMember(&mut members))?.is_some() {
        if let Some(member) = members.last_mut() {
            entries.next_value_seed(ValueVisitor(&mut member.value))?;
        }
    }
    Ok(Object::new(members))
}

/// Begins a member with its name.
struct NewMember<'m, 'de>(&'m mut Vec<Member<'de>>);

impl<'de> NewMember<'_, 'de> {
    #[allow(clippy::unnecessary_wraps, reason = "it is how every visit ends")]
    fn begin<E>(self, name: Cow<'de, str>) -> Result<(), E> {
        self.0.push(Member { mark: mark(&name), name, value: Json::Null });
        Ok(())
    }
}

impl<'de> DeserializeSeed<'de> for NewMember<'_, 'de> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'de> Visitor<'de> for NewMember<'_, 'de> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<(), E> {
        self.begin(Cow::Borrowed(text))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<(), E> {
        self.begin(Cow::Owned(text.to_owned()))
    }
}
