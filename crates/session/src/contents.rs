//! What a session holds, all of it sealed in the table.

use std::{
    fmt,
    time::{Duration, SystemTime},
};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use zeroize::Zeroizing;

/// How long before its end an access token is replaced at the earliest. Whoever works is seen every
/// five minutes, so a long-lived token is replaced while it still serves.
const EARLY: Duration = Duration::from_mins(5);

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
    /// The scopes that the sign-in requested. `None` in sessions of versions that didn't store them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scopes: Option<String>,
}

impl SessionContents {
    /// Whether the access token is still good, as far as we were told.
    pub fn access_token_is_valid(&self, now: SystemTime) -> bool {
        is_valid(self.access_expires_at, now)
    }

    /// Whether the access token should be replaced while it still serves: in the last fifth of its
    /// life, and not before its last five minutes. Never when we were not told when it ends.
    pub fn access_token_is_due(&self, now: SystemTime) -> bool {
        is_due(self.access_expires_at, self.obtained_at, now)
    }

    /// A claim of the ID token that is a string.
    pub fn claim(&self, name: &str) -> Option<&str> {
        self.claims.get(name)?.as_str()
    }

    /// How the user is called: a claim of the ID token, or else of the userinfo, that is a string
    /// with something in it. For people to read, not to decide by.
    pub fn display_claim(&self, name: &str) -> Option<&str> {
        let mut said = [&self.claims, &self.userinfo].into_iter().filter_map(|it| it.get(name));
        said.find_map(|value| value.as_str().filter(|text| !text.is_empty()))
    }
}

/// A session's access token for an API of `OTHER_APIS`. Sealed as JSON, by the same rules as
/// [`SessionContents`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiToken {
    /// A bearer token for that API.
    pub access_token: Token,
    /// When it expires. `None` if the provider did not say (RFC 6749, section 5.1).
    pub expires_at: Option<SystemTime>,
    /// When the provider issued it.
    pub obtained_at: SystemTime,
}

impl ApiToken {
    /// In place of a token: at this time, the provider issued none. Never valid, and never due.
    pub fn refusal(at: SystemTime) -> Self {
        Self { access_token: Token::from(""), expires_at: Some(at), obtained_at: at }
    }

    /// Whether the provider issued none.
    pub fn is_refusal(&self) -> bool {
        self.access_token.as_str().is_empty()
    }

    /// See [`SessionContents::access_token_is_valid`].
    pub fn is_valid(&self, now: SystemTime) -> bool {
        is_valid(self.expires_at, now)
    }

    /// See [`SessionContents::access_token_is_due`].
    pub fn is_due(&self, now: SystemTime) -> bool {
        !self.is_refusal() && is_due(self.expires_at, self.obtained_at, now)
    }
}

fn is_valid(expires_at: Option<SystemTime>, now: SystemTime) -> bool {
    expires_at.is_none_or(|expiry| now < expiry)
}

fn is_due(expires_at: Option<SystemTime>, obtained_at: SystemTime, now: SystemTime) -> bool {
    expires_at.is_some_and(|expiry| {
        let lifetime = expiry.duration_since(obtained_at).unwrap_or_default();
        now + EARLY.min(lifetime / 5) >= expiry
    })
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

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
    }

    fn contents(access_expires_at: Option<SystemTime>) -> SessionContents {
        SessionContents {
            access_token: Token::from("access"),
            access_expires_at,
            obtained_at: at(0),
            refresh_token: None,
            id_token: Token::from("id"),
            claims: Map::new(),
            userinfo: Map::new(),
            scopes: None,
        }
    }

    #[test]
    fn an_access_token_is_due_in_its_last_fifth_and_not_before_its_last_five_minutes() {
        for (lifetime, due) in [(3600, 3300), (1500, 1200), (600, 480), (50, 40)] {
            let contents = contents(Some(at(lifetime)));
            assert!(!contents.access_token_is_due(at(due - 1)), "{lifetime} s");
            assert!(contents.access_token_is_due(at(due)), "{lifetime} s");
            assert!(contents.access_token_is_due(at(lifetime + 1)), "{lifetime} s");
        }
    }

    #[test]
    fn a_session_of_before_has_no_scopes() {
        let before = serde_json::to_value(contents(None)).unwrap();
        assert!(before.get("scopes").is_none(), "{before}");
        let read: SessionContents = serde_json::from_value(before).unwrap();
        assert!(read.scopes.is_none());
    }

    #[test]
    fn an_access_token_without_a_known_end_is_never_due() {
        assert!(!contents(None).access_token_is_due(at(1_000_000)));
    }

    #[test]
    fn an_access_token_that_ended_before_it_was_given_is_due() {
        let contents = SessionContents { obtained_at: at(100), ..contents(Some(at(50))) };
        assert!(contents.access_token_is_due(at(100)));
    }
}
