//! What a session holds, all of it sealed in the table.

use std::{fmt, time::SystemTime};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use zeroize::Zeroizing;

/// A token that the provider gave us. Wiped from memory when it is dropped, and never shown.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Token(Zeroizing<String>);

impl Token {
    /// Its text, which must not be logged.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<String> for Token {
    fn from(text: String) -> Self {
        Self(Zeroizing::new(text))
    }
}

impl From<&str> for Token {
    fn from(text: &str) -> Self {
        Self::from(text.to_owned())
    }
}

/// Nothing of the value.
impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(..)")
    }
}

/// What the provider said about a user who signed in, and the tokens it gave.
///
/// It is sealed as JSON. A field may be added with `#[serde(default)]`; any other change must
/// raise the format version of the sealing, which ends the sessions of before.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionContents {
    /// For the API, whose scopes were asked for at sign-in.
    pub access_token: Token,
    /// When the access token expires. `None` when the provider did not say (RFC 6749, 5.1).
    pub access_expires_at: Option<SystemTime>,
    /// When the provider gave the access token.
    pub obtained_at: SystemTime,
    /// Buys the next access token, if the provider gave one.
    pub refresh_token: Option<Token>,
    /// For `id_token_hint` at sign-out.
    pub id_token: Token,
    /// The verified claims of the ID token.
    pub claims: Map<String, Value>,
    /// What the provider's userinfo endpoint said about the same user, if it was asked. Apart from
    /// `claims`, because nobody signed it.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub userinfo: Map<String, Value>,
}

impl SessionContents {
    /// Whether the access token is still good, as far as we were told.
    pub fn access_is_good(&self, now: SystemTime) -> bool {
        self.access_expires_at.is_none_or(|expiry| now < expiry)
    }

    /// A claim of the ID token that is a string.
    pub fn claim(&self, name: &str) -> Option<&str> {
        self.claims.get(name)?.as_str()
    }

    /// How the user is called: a claim of the ID token, or else of the userinfo, that is a string
    /// with something in it. For people to read, not to decide by.
    pub fn called(&self, name: &str) -> Option<&str> {
        let mut said = [&self.claims, &self.userinfo].into_iter().filter_map(|it| it.get(name));
        said.find_map(|value| value.as_str().filter(|text| !text.is_empty()))
    }
}

/// Times only: the rest is secret or personal.
impl fmt::Debug for SessionContents {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionContents")
            .field("access_expires_at", &self.access_expires_at)
            .field("obtained_at", &self.obtained_at)
            .finish_non_exhaustive()
    }
}
