//! Gives refresh tokens back.

use std::time::Duration;

use relying_party::{RevokedToken, TokenEndpointError};
use session::SessionContents;

use crate::State;

/// How long it may hold up whoever signs out.
const PATIENCE: Duration = Duration::from_secs(2);

/// Revokes the refresh token of a session that is over, where the provider can, and if it does so
/// soon. A failure is only logged: the session is over in any case.
pub(crate) async fn revoke(state: &State, contents: &SessionContents) {
    let Some(refresh_token) = &contents.refresh_token else { return };
    let token = RevokedToken::Refresh(refresh_token.as_str());
    let work = async {
        let Some(endpoints) = state.endpoints().await else { return };
        match state.token_endpoint().revoke(&endpoints, token).await {
            // Many providers cannot, Entra among them: the token ends by itself.
            Ok(()) | Err(TokenEndpointError::Endpoint(_)) => {}
            Err(error) => tracing::warn!(code = "not_revoked", %error, "a refresh token lives on"),
        }
    };
    if tokio::time::timeout(PATIENCE, work).await.is_err() {
        tracing::warn!(code = "not_revoked", "a refresh token lives on: no answer in time");
    }
}
