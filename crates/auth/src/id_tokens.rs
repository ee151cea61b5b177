//! Verifies ID tokens.

use std::{sync::Arc, time::Duration};

use crate::{ConfigError, IdClaims, Provider, Verified, VerifyError};

/// Verifies ID tokens of one issuer for one client. Cheap to clone.
#[derive(Clone)]
pub struct IdTokens {
    provider: Provider,
    client_id: Arc<str>,
}

/// What the ID token of this sign-in must match.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IdTokenExpectations<'a> {
    /// The `nonce` of the sign-in attempt. `None` only for an ID token that
    /// came with a refresh, where there was no authorization request.
    pub nonce: Option<String>,
    /// The `max_age` of the authorization request, if it had one.
    pub max_age: Option<Duration>,
    /// The access token that came along. A token with `at_hash` is refused
    /// when there is none.
    pub access_token: Option<&'a str>,
}

impl IdTokens {
    /// A verifier for ID tokens of this provider that are for this client.
    ///
    /// # Errors
    /// When the client id is empty.
    pub fn new(provider: Provider, client_id: &str) -> Result<Self, ConfigError> {
        if client_id.is_empty() {
            return Err(ConfigError::ClientId);
        }
        Ok(Self { provider, client_id: client_id.into() })
    }

    /// Judges an ID token (`OpenID` Connect Core, section 3.1.3.7).
    ///
    /// # Errors
    /// [`VerifyError::Refused`] with the fact that it fails, or
    /// [`VerifyError::Unavailable`] when the keys to judge it are not to be had.
    pub async fn verify(
        &self,
        token: &str,
        expected: &IdTokenExpectations<'_>,
    ) -> Result<Verified<IdClaims>, VerifyError> {
        let _ = (token, expected, &self.provider, &self.client_id);
        todo!()
    }
}
