//! Tokens with any claim and any header.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde_json::{Map, Value, json};

use crate::SigningKey;

/// A token in the making. It starts as a good one; a test changes what it is about.
#[derive(Debug, Clone)]
pub struct TokenBuilder {
    header: Map<String, Value>,
    claims: Map<String, Value>,
}

impl TokenBuilder {
    pub(crate) fn new(kid: &str, claims: Value) -> Self {
        let header = json!({ "typ": "JWT", "alg": "RS256", "kid": kid });
        Self { header: object(header), claims: object(claims) }
    }

    /// Sets a claim.
    #[must_use]
    pub fn claim(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.claims.insert(name.to_owned(), value.into());
        self
    }

    /// Takes a claim out.
    #[must_use]
    pub fn without(mut self, name: &str) -> Self {
        self.claims.remove(name);
        self
    }

    /// The claims so far.
    pub fn claims(&self) -> &Map<String, Value> {
        &self.claims
    }

    /// Sets a header parameter.
    #[must_use]
    pub fn header(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.header.insert(name.to_owned(), value.into());
        self
    }

    /// The token signed with this key, whatever its header says.
    pub fn signed_by(self, key: &SigningKey) -> String {
        let input = self.input();
        format!("{input}.{}", key.sign(input.as_bytes()))
    }

    /// The token signed with the provider's first key.
    pub fn signed(self) -> String {
        self.signed_by(SigningKey::first())
    }

    /// The token with an empty signature.
    pub fn unsigned(self) -> String {
        format!("{}.", self.input())
    }

    fn input(&self) -> String {
        format!("{}.{}", encode(&self.header), encode(&self.claims))
    }
}

fn encode(part: &Map<String, Value>) -> String {
    let json = serde_json::to_vec(part).expect("JSON values become JSON");
    BASE64_URL_SAFE_NO_PAD.encode(json)
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}
