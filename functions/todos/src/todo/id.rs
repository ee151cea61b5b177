use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, SystemTime},
};

use auth::Clock;
use serde::{Deserialize, Serialize, Serializer};
use session::Random;
use utoipa::ToSchema;
use uuid::{Uuid, Variant};

/// Names a todo, and sorts by its creation: a `UUIDv7` (RFC 9562).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize, ToSchema)]
#[serde(try_from = "String")]
#[schema(value_type = String, format = "uuid",
    pattern = "^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$", examples("0199f0a4-5c1e-7b3a-9d52-6f1f4f5a1c22"))]
pub(crate) struct TodoId(Uuid);

impl TodoId {
    /// Reads an id in the one form that this API writes; `None` for a text that cannot be one.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let uuid = Uuid::try_parse(text).ok()?;
        let ours = uuid.get_version_num() == 7 && uuid.get_variant() == Variant::RFC4122;
        let id = Self(uuid);
        (ours && id.to_string() == text).then_some(id)
    }

    pub(crate) fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(Uuid::from_bytes(bytes))
    }

    /// When it was given out, to the millisecond, by the clock of whoever made it up.
    pub(crate) fn given_out_at(&self) -> SystemTime {
        let milliseconds = self.0.as_u128() >> 80;
        let milliseconds = u64::try_from(milliseconds).expect("48 bits are left of 128");
        SystemTime::UNIX_EPOCH + Duration::from_millis(milliseconds)
    }

    pub(crate) fn as_bytes(&self) -> &[u8; 16] {
        self.0.as_bytes()
    }
}

impl TryFrom<String> for TodoId {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text).ok_or("not a todo's id")
    }
}

impl fmt::Display for TodoId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.hyphenated().fmt(f)
    }
}

impl Serialize for TodoId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Gives out ids, each greater than the one before.
///
/// Two todos made by one instance sort by their creation even within a millisecond or when the
/// clock is set back; between instances the millisecond decides.
pub(crate) struct Ids {
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
    /// The 122 bits of the last id that are not version and variant.
    last: Mutex<u128>,
}

/// Below the 48 bits of milliseconds.
const RANDOM_BITS: u32 = 74;

impl Ids {
    pub(crate) fn new(clock: Arc<dyn Clock>, random: Arc<dyn Random>) -> Self {
        Self { clock, random, last: Mutex::new(0) }
    }

    pub(crate) fn next(&self) -> TodoId {
        let since = self.clock.now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let milliseconds = since.as_millis() & 0xffff_ffff_ffff;
        let random = self.random_bits();
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        *last = if milliseconds > *last >> RANDOM_BITS {
            milliseconds << RANDOM_BITS | random
        } else {
            // A step of random width: the next id cannot be told from the last one.
            *last + 1 + (random & 0xffff_ffff)
        };
        TodoId(pack(*last))
    }

    fn random_bits(&self) -> u128 {
        let mut bytes = [0; 16];
        self.random.fill(&mut bytes);
        u128::from_be_bytes(bytes) & ((1 << RANDOM_BITS) - 1)
    }
}

/// Puts the version and the variant between the bits (RFC 9562, section 5.7).
fn pack(bits: u128) -> Uuid {
    let (high, low) = (bits >> 62, bits & ((1 << 62) - 1));
    let (milliseconds, random_a) = (high >> 12, high & 0xfff);
    Uuid::from_u128(milliseconds << 80 | 7 << 76 | random_a << 64 | 0b10 << 62 | low)
}

#[cfg(test)]
mod tests {
    use super::*;

    struct At(u64);

    impl Clock for At {
        fn now(&self) -> SystemTime {
            SystemTime::UNIX_EPOCH + Duration::from_millis(self.0)
        }
    }

    struct Bits(u8);

    impl Random for Bits {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(self.0);
        }
    }

    fn ids(milliseconds: u64, bits: u8) -> Ids {
        Ids::new(Arc::new(At(milliseconds)), Arc::new(Bits(bits)))
    }

    #[test]
    fn an_id_is_a_version_7_uuid_with_the_time_in_front() {
        let id = ids(0x0123_4567_89ab, 0xff).next();
        assert_eq!(id.given_out_at(), At(0x0123_4567_89ab).now());
        let id = id.to_string();
        assert_eq!(id, "01234567-89ab-7fff-bfff-ffffffffffff");
        assert_eq!(TodoId::parse(&id).map(|id| id.to_string()), Some(id));
        let id = ids(0x0123_4567_89ab, 0).next().to_string();
        assert_eq!(id, "01234567-89ab-7000-8000-000000000000");
    }

    #[test]
    fn ids_of_one_instance_sort_by_creation_even_within_a_millisecond() {
        // All bits set: each step carries into the milliseconds.
        for bits in [0x00, 0x5a, 0xff] {
            let ids = ids(1_700_000_000_000, bits);
            let made: Vec<TodoId> = std::iter::repeat_with(|| ids.next()).take(1000).collect();
            assert!(made.is_sorted_by(|a, b| a < b && a.to_string() < b.to_string()));
            assert!(made.iter().all(|id| TodoId::parse(&id.to_string()) == Some(*id)));
        }
    }

    #[test]
    fn an_id_has_one_form_only() {
        for text in [
            "",
            "1",
            "0199F0A4-5C1E-7B3A-9D52-6F1F4F5A1C22",
            "0199f0a45c1e7b3a9d526f1f4f5a1c22",
            "{0199f0a4-5c1e-7b3a-9d52-6f1f4f5a1c22}",
            "urn:uuid:0199f0a4-5c1e-7b3a-9d52-6f1f4f5a1c22",
            "0199f0a4-5c1e-4b3a-9d52-6f1f4f5a1c22",
            "0199f0a4-5c1e-7b3a-1d52-6f1f4f5a1c22",
            "../../admin",
        ] {
            assert_eq!(TodoId::parse(text), None, "{text}");
        }
    }
}
