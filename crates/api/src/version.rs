use http::HeaderValue;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Counts the writes, from 1. It is the entity tag too: `"1"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[schema(value_type = i64, minimum = 1, examples(1))]
pub struct Version(u64);

impl Version {
    /// Of a new resource.
    pub const FIRST: Self = Self(1);

    /// Reads the text between the quotes of an entity tag. `None` if it isn't a version.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let number: u64 = text.parse().ok()?;
        (number >= 1 && number.to_string() == text).then_some(Self(number))
    }

    /// The version as a number.
    pub fn number(self) -> u64 {
        self.0
    }

    /// The value of `ETag`.
    pub fn entity_tag(self) -> HeaderValue {
        HeaderValue::try_from(format!("\"{}\"", self.0)).expect("digits in quotes are ASCII")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_has_one_form_only() {
        assert_eq!(Version::parse("1"), Some(Version::FIRST));
        for text in ["", "0", "01", "+1", "-1", "1.0", "x", "18446744073709551616"] {
            assert_eq!(Version::parse(text), None, "{text}");
        }
        assert_eq!(Version(12).entity_tag(), "\"12\"");
    }
}
