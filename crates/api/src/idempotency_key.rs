use aws_lc_rs::digest::{Context, SHA256};
use axum::extract::OptionalFromRequestParts;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use http::{HeaderName, request::Parts};
use serde::Serialize;
use utoipa::{
    IntoParams,
    openapi::path::{Parameter, ParameterIn},
};

use crate::{RequestError, openapi::request_header};

/// The header of draft-ietf-httpapi-idempotency-key-header.
const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// A request's `Idempotency-Key`: 1 to 255 visible ASCII characters, compared as they are.
///
/// It carries the request's method and path, so that no handler can leave them out of
/// [`fingerprint`](Self::fingerprint).
#[derive(Debug, Clone)]
pub struct IdempotencyKey {
    key: String,
    method: String,
    path: String,
}

impl IdempotencyKey {
    /// A name for the key of this caller, for storage. `caller` must identify one caller.
    pub fn name(&self, caller: &str) -> String {
        hash(&[caller, &self.key])
    }

    /// Equal for two requests exactly if method, path and every field of the parsed body are equal.
    ///
    /// `body` is the struct that the body was parsed into, so spelling and defaults don't count, and
    /// a new field counts without another change.
    ///
    /// # Panics
    /// When `body` has no JSON form, such as a map with keys that aren't strings.
    pub fn fingerprint(&self, body: &impl Serialize) -> String {
        let body = serde_json::to_string(body).expect("a body that came as JSON has a JSON form");
        hash(&[&self.method, &self.path, &body])
    }
}

impl IntoParams for IdempotencyKey {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let description = "Names the request, so that sending it again has no further effect";
        request_header("Idempotency-Key", "^[!-~]{1,255}$", "7f0c", description)
    }
}

impl<S: Sync> OptionalFromRequestParts<S> for IdempotencyKey {
    type Rejection = RequestError;

    async fn from_request_parts(
        parts: &mut Parts,
        _state: &S,
    ) -> Result<Option<Self>, RequestError> {
        let mut values = parts.headers.get_all(IDEMPOTENCY_KEY).iter();
        let key = match (values.next(), values.next()) {
            (None, _) => return Ok(None),
            (Some(value), None) => parse(value.as_bytes()),
            (Some(_), Some(_)) => None,
        };
        let key = key.ok_or(RequestError::Malformed {
            code: "malformed_idempotency_key",
            detail: "Idempotency-Key must be 1 to 255 visible ASCII characters, once.",
        })?;
        let (method, path) = (parts.method.to_string(), parts.uri.path().to_owned());
        Ok(Some(Self { key, method, path }))
    }
}

fn parse(bytes: &[u8]) -> Option<String> {
    let visible = bytes.iter().all(u8::is_ascii_graphic);
    let text = str::from_utf8(bytes).ok().filter(|_| visible)?;
    (1..=255).contains(&text.len()).then(|| text.to_owned())
}

fn hash(parts: &[&str]) -> String {
    let mut context = Context::new(&SHA256);
    for part in parts {
        // The lengths keep a part from being read as a piece of another.
        context.update(&(part.len() as u64).to_be_bytes());
        context.update(part.as_bytes());
    }
    URL_SAFE_NO_PAD.encode(context.finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_1_to_255_visible_ascii_characters() {
        let long = "k".repeat(255);
        for good in ["k", "\"8e03978e-40d5-43dd-bc93-6894a57f9324\"", "!~", &long] {
            assert!(parse(good.as_bytes()).is_some(), "{good}");
        }
        for bad in ["", "a b", "a\t", "ä", "\x7f", &format!("{long}k")] {
            assert!(parse(bad.as_bytes()).is_none(), "{bad}");
        }
    }

    #[test]
    fn a_fingerprint_covers_method_path_and_every_field() {
        let key = |method: &str, path: &str| IdempotencyKey {
            key: "k".to_owned(),
            method: method.to_owned(),
            path: path.to_owned(),
        };
        let body = serde_json::json!({"description": "x", "due": null});
        let first = key("POST", "/api/todos").fingerprint(&body);
        assert_eq!(key("POST", "/api/todos").fingerprint(&body), first);
        assert_ne!(key("PUT", "/api/todos").fingerprint(&body), first);
        assert_ne!(key("POST", "/api/notes").fingerprint(&body), first);
        let later = serde_json::json!({"description": "x", "due": "2026-12-24"});
        assert_ne!(key("POST", "/api/todos").fingerprint(&later), first);
    }
}
