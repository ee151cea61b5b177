//! Verifies access tokens.

use std::{str::FromStr, sync::Arc};

use crate::{AccessClaims, ConfigError, Provider, Verified, VerifyError};

/// Which access tokens of the issuer are for us.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AccessTokenRules {
    /// Accepted `aud` values; one is enough. Must not be empty.
    pub audiences: Vec<String>,
    /// Accepted clients (`azp`, or `client_id`). Empty: any client.
    pub allowed_clients: Vec<String>,
    /// Accepted `typ`. Empty: both. A token without `typ` passes too, unless
    /// [`TokenType::AtJwt`] stands alone.
    pub token_types: Vec<TokenType>,
}

/// A `typ` that access tokens may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenType {
    /// `JWT`: what Entra sends.
    Jwt,
    /// `at+jwt` of RFC 9068.
    AtJwt,
}

impl FromStr for TokenType {
    type Err = ConfigError;

    fn from_str(name: &str) -> Result<Self, ConfigError> {
        if name.eq_ignore_ascii_case("jwt") {
            Ok(Self::Jwt)
        } else if name.eq_ignore_ascii_case("at+jwt") {
            Ok(Self::AtJwt)
        } else {
            Err(ConfigError::TokenType(name.to_owned()))
        }
    }
}

/// Verifies access tokens of one issuer for one API. Cheap to clone.
#[derive(Clone)]
pub struct AccessTokens {
    provider: Provider,
    rules: Arc<AccessTokenRules>,
}

impl AccessTokens {
    /// A verifier for tokens of this provider.
    ///
    /// # Errors
    /// When no audience is given, or an empty audience or client.
    pub fn new(provider: Provider, rules: AccessTokenRules) -> Result<Self, ConfigError> {
        if rules.audiences.is_empty() || rules.audiences.iter().any(String::is_empty) {
            return Err(ConfigError::Audience);
        }
        if rules.allowed_clients.iter().any(String::is_empty) {
            return Err(ConfigError::AllowedClient);
        }
        Ok(Self { provider, rules: Arc::new(rules) })
    }

    /// Judges a token.
    ///
    /// # Errors
    /// [`VerifyError::Refused`] with the fact that it fails, or
    /// [`VerifyError::Unavailable`] when the keys to judge it are not to be had.
    pub async fn verify(&self, token: &str) -> Result<Verified<AccessClaims>, VerifyError> {
        let _ = (token, &self.rules, &self.provider);
        todo!()
    }
}
