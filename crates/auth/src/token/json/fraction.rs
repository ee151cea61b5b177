//! Numbers with a fraction, which arrive in one of two ways.

use std::{fmt, sync::LazyLock};

use serde::{
    Deserialize, Deserializer,
    de::{Error, MapAccess, Visitor},
};

use crate::token::json::{Json, Member, Object};

/// The digits of the number that this object is, where some other crate of the program
/// has switched on `serde_json/arbitrary_precision`: then fractions arrive as objects.
pub(super) fn digits<'o>(object: &'o Object<'_>) -> Option<&'o str> {
    const NAME: &str = "$serde_json::private::Number";
    let [Member { name, value: Json::Text(digits), .. }] = &object.members[..] else { return None };
    (name == NAME && *FRACTIONS_ARE_OBJECTS).then_some(digits)
}

static FRACTIONS_ARE_OBJECTS: LazyLock<bool> = LazyLock::new(|| {
    struct Probe(bool);

    impl<'de> Deserialize<'de> for Probe {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            deserializer.deserialize_any(ProbeVisitor)
        }
    }

    struct ProbeVisitor;

    impl<'de> Visitor<'de> for ProbeVisitor {
        type Value = Probe;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a number")
        }

        fn visit_f64<E: Error>(self, _: f64) -> Result<Probe, E> {
            Ok(Probe(false))
        }

        fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Probe, A::Error> {
            while entries.next_entry::<String, String>()?.is_some() {}
            Ok(Probe(true))
        }
    }

    serde_json::from_str("0.5").is_ok_and(|Probe(is_object)| is_object)
});
