use std::fmt;

use api::InvalidValue;
use auth::Issuer;
use deserr::Deserr;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Whose todo it is: what identifies the user in their tokens, `oid` or `sub` with most providers.
// `Deserialize` is for rows, which hold valid owners only; `Deserr` is for bodies.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Deserr, ToSchema)]
#[deserr(try_from(&String) = Self::parse -> InvalidValue)]
#[schema(value_type = String, min_length = 1, max_length = 255,
    pattern = r"^[^\u0000-\u001f\u007f-\u009f]+$", examples("9d6b0c0e-8f0c-4c5c-9a35-0a1d6c1e2b3f"))]
pub(crate) struct Owner(String);

impl Owner {
    const EMPTY: InvalidValue = InvalidValue("too_short", "It must have at least one character.");
    const TOO_LONG: InvalidValue = InvalidValue("too_long", "It must have at most 255 characters.");
    const BAD_CHARACTERS: InvalidValue = InvalidValue(
        "bad_characters",
        "It must not have control characters, or white space around it.",
    );

    /// The maximum length of a `sub` (OpenID Connect Core, section 2).
    const LIMIT: usize = 255;

    pub(crate) fn parse(text: &str) -> Result<Self, InvalidValue> {
        if text.is_empty() {
            return Err(Self::EMPTY);
        }
        if text.chars().nth(Self::LIMIT).is_some() {
            return Err(Self::TOO_LONG);
        }
        // Not trimmed: an owner is compared as it stands in tokens.
        if text.trim() != text || text.chars().any(char::is_control) {
            return Err(Self::BAD_CHARACTERS);
        }
        Ok(Self(text.to_owned()))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

/// The partition of one owner's todos: `{issuer}#{owner}`, since ids are only unique under their
/// issuer. An issuer has no `#`, so no two pairs make the same key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct OwnerKey(String);

impl OwnerKey {
    pub(crate) fn new(issuer: &Issuer, owner: &Owner) -> Self {
        Self(format!("{}{}", Self::prefix(issuer), owner.as_str()))
    }

    /// What the keys of all owners under an issuer begin with.
    pub(crate) fn prefix(issuer: &Issuer) -> String {
        format!("{issuer}#")
    }

    /// A key found in the table, when it belongs to an owner under this issuer.
    pub(crate) fn found(text: &str, issuer: &Issuer) -> Option<Self> {
        text.starts_with(&Self::prefix(issuer)).then(|| Self(text.to_owned()))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for OwnerKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_owner_is_bounded_and_has_no_control_characters() {
        let check = |text: &str, expected: Result<(), InvalidValue>| {
            assert_eq!(Owner::parse(text).map(drop), expected, "{text:?}");
        };
        check("9d6b0c0e", Ok(()));
        check("auth0|61 b", Ok(()));
        check(&"ü".repeat(255), Ok(()));
        check(&"ü".repeat(256), Err(Owner::TOO_LONG));
        check("", Err(Owner::EMPTY));
        check(" a", Err(Owner::BAD_CHARACTERS));
        check("a\n", Err(Owner::BAD_CHARACTERS));
        check("a\0b", Err(Owner::BAD_CHARACTERS));
        check("a\u{9b}b", Err(Owner::BAD_CHARACTERS));
    }

    #[test]
    fn the_key_of_another_issuer_s_owner_is_none_of_ours() {
        let issuer = Issuer::parse("https://a.example").unwrap();
        let longer = Issuer::parse("https://a.example.org").unwrap();
        let key = OwnerKey::new(&longer, &Owner::parse("x#y").unwrap());
        assert_eq!(key.as_str(), "https://a.example.org#x#y");
        assert_eq!(OwnerKey::found(key.as_str(), &longer), Some(key.clone()));
        assert_eq!(OwnerKey::found(key.as_str(), &issuer), None);
        assert_eq!(OwnerKey::found("idempotency#x", &issuer), None);
    }
}
