use axum::extract::FromRequestParts;
use http::{HeaderName, request::Parts};

use crate::fault::Fault;

/// The header of draft-ietf-httpapi-idempotency-key-header.
pub(crate) const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// What a client names a request by, so that sending it again does not do it again: 1 to 255
/// visible ASCII characters, taken as they stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct IdempotencyKey(String);

impl IdempotencyKey {
    fn parse(bytes: &[u8]) -> Option<Self> {
        let visible = bytes.iter().all(u8::is_ascii_graphic);
        let text = str::from_utf8(bytes).ok().filter(|_| visible)?;
        (1..=255).contains(&text.len()).then(|| Self(text.to_owned()))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

/// The request's key, if it has one.
#[derive(Debug)]
pub(crate) struct MaybeKey(pub(crate) Option<IdempotencyKey>);

impl<S: Sync> FromRequestParts<S> for MaybeKey {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Fault> {
        let mut values = parts.headers.get_all(IDEMPOTENCY_KEY).iter();
        let key = match (values.next(), values.next()) {
            (None, _) => return Ok(Self(None)),
            (Some(value), None) => IdempotencyKey::parse(value.as_bytes()),
            (Some(_), Some(_)) => None,
        };
        key.map(|key| Self(Some(key))).ok_or(Fault::Malformed {
            code: "malformed_idempotency_key",
            detail: "Idempotency-Key must be 1 to 255 visible ASCII characters, once.",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_1_to_255_visible_ascii_characters() {
        let long = "k".repeat(255);
        for good in ["k", "\"8e03978e-40d5-43dd-bc93-6894a57f9324\"", "!~", &long] {
            assert!(IdempotencyKey::parse(good.as_bytes()).is_some(), "{good}");
        }
        for bad in ["", "a b", "a\t", "ä", "\x7f", &format!("{long}k")] {
            assert!(IdempotencyKey::parse(bad.as_bytes()).is_none(), "{bad}");
        }
    }
}
