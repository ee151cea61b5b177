//! The tokens of a response.

use std::{fmt, time::Duration};

use zeroize::Zeroizing;

/// A token as received: wiped from memory when dropped, and never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(Zeroizing<String>);

impl Token {
    pub(crate) fn new(text: String) -> Self {
        Self(Zeroizing::new(text))
    }

    /// The token itself.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(..)")
    }
}

/// The response of the token endpoint (RFC 6749, section 5.1; `OpenID` Connect Core, section
/// 3.1.3.3).
///
/// Nothing is verified: `auth::IdTokenVerifier` verifies the ID token, the API the access token.
#[derive(Debug, Clone)]
pub struct Tokens {
    /// A bearer token for the API.
    pub access_token: Token,
    /// Who signed in. May be missing after a refresh.
    pub id_token: Option<Token>,
    /// What gets the next access token. Missing after a refresh: the old one stays good.
    pub refresh_token: Option<Token>,
    /// How long the access token is good, if the provider says so; at most a year.
    pub expires_in: Option<Duration>,
}
