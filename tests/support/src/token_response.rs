//! What the token endpoint answers with.

use serde_json::{Value, json};

use crate::MockResponse;

/// A token response in the making (RFC 6749, section 5.1).
#[derive(Debug, Clone)]
pub struct TokenResponse(Value);

impl TokenResponse {
    pub(crate) fn new(access_token: &str, refresh_token: &str) -> Self {
        Self(json!({
            "access_token": access_token,
            "token_type": "Bearer",
            "expires_in": 3600,
            "refresh_token": refresh_token,
        }))
    }

    /// The text of a member, such as `access_token`.
    ///
    /// # Panics
    /// When it is absent or no text.
    pub fn text(&self, name: &str) -> &str {
        self.0[name].as_str().unwrap_or_else(|| panic!("no {name}"))
    }

    /// With this ID token.
    #[must_use]
    pub fn id_token(self, token: &str) -> Self {
        self.with("id_token", token)
    }

    /// With this member.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.0[name] = value.into();
        self
    }

    /// Without this member.
    #[must_use]
    pub fn without(mut self, name: &str) -> Self {
        if let Some(members) = self.0.as_object_mut() {
            members.remove(name);
        }
        self
    }

    /// As an answer.
    pub fn answer(&self) -> MockResponse {
        MockResponse::json(&self.0).header("cache-control", "no-store")
    }
}
