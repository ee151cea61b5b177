//! Gives back refresh tokens that nobody will use again.

use std::time::Duration;

use auth::Provider;

use super::{RevokedToken, TokenEndpoint, TokenEndpointError};
use crate::Endpoints;

/// How long it may hold up the person who signs out, or in again: asking for the metadata and
/// revoking together.
const PATIENCE: Duration = Duration::from_secs(2);

impl TokenEndpoint {
    /// Revokes a refresh token whose session is over, where this provider can, and if it does so
    /// within two seconds. A failure is logged, without the token, and is nobody's error: the
    /// session is over in any case, and the token ends by itself some day.
    ///
    /// Providers may end all that rests on the same grant with it (RFC 7009, section 2.1): it is
    /// for the caller to know that nothing of that is still wanted.
    pub async fn give_back(&self, provider: &Provider, refresh_token: Option<&str>) {
        let Some(refresh_token) = refresh_token else { return };
        // On the heap: what is awaited together with it would become large.
        let revoked = Box::pin(self.try_to_revoke(provider, refresh_token));
        let revoked = tokio::time::timeout(PATIENCE, revoked).await;
        if let Err(cause) = revoked.unwrap_or_else(|_| Err("no answer in time".to_owned())) {
            tracing::warn!(code = "not_revoked", cause, "a refresh token lives on");
        }
    }

    async fn try_to_revoke(&self, provider: &Provider, refresh_token: &str) -> Result<(), String> {
        let metadata = provider.metadata().await.map_err(|error| error.to_string())?;
        let endpoints = Endpoints::of(metadata.document());
        match self.revoke(&endpoints, RevokedToken::Refresh(refresh_token)).await {
            // Many providers cannot, Entra among them.
            Ok(()) | Err(TokenEndpointError::Endpoint(_)) => Ok(()),
            Err(error) => Err(error.to_string()),
        }
    }
}
