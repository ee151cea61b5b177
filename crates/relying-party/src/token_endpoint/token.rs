//! What comes back.

use std::{fmt, time::Duration};

use openidconnect::{AccessToken, RefreshToken, core::CoreRevocableToken};
use zeroize::Zeroizing;

/// A token as it came: wiped from memory when it is dropped, and never printed.
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

/// What the token endpoint gave (RFC 6749, section 5.1; `OpenID` Connect Core, section 3.1.3.3).
///
/// Nothing of it is verified: the ID token is for `auth::IdTokenVerifier` to judge, the access token for
/// the API.
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

/// A token to revoke.
#[derive(Clone, Copy)]
pub enum RevokedToken<'a> {
    /// An access token.
    Access(&'a str),
    /// A refresh token; with it go the access tokens that it was used for.
    Refresh(&'a str),
}

impl From<RevokedToken<'_>> for CoreRevocableToken {
    fn from(token: RevokedToken<'_>) -> Self {
        match token {
            RevokedToken::Access(token) => AccessToken::new(token.to_owned()).into(),
            RevokedToken::Refresh(token) => RefreshToken::new(token.to_owned()).into(),
        }
    }
}
