//! Exchanges a refresh token at the provider.

use std::time::SystemTime;

use auth::{AcrClaim, ExpectedNonce, IdTokenExpectations, VerifyError};
use relying_party::{TokenEndpointError, Tokens};
use serde_json::{Map, Value};
use session::{SessionContents, Token};

use crate::State;

/// Why there is no new access token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ExchangeError {
    /// The provider gave no refresh token at sign-in.
    NoRefreshToken,
    /// The provider says that the user must sign in again, or its response failed verification.
    Rejected,
    /// The provider is unavailable or refuses our client, which says nothing about the session.
    Unavailable,
}

/// Redeems the refresh token and verifies the response. Logs failures.
pub(crate) async fn exchange(
    state: &State,
    before: &SessionContents,
) -> Result<SessionContents, ExchangeError> {
    let refresh_token = before.refresh_token.as_ref().ok_or(ExchangeError::NoRefreshToken)?;
    // The keys first: a provider that replaces refresh tokens would otherwise have used up this
    // one for an answer that we cannot judge.
    if let Err(error) = state.client.provider.warm().await {
        tracing::warn!(code = "keys_not_loaded", %error, "a session cannot be refreshed now");
        return Err(ExchangeError::Unavailable);
    }
    let endpoints = state.endpoints().await.ok_or(ExchangeError::Unavailable)?;
    let asked_at = state.client.clock.now();
    let scopes = before.scopes.as_deref().unwrap_or(state.client.scopes.as_str());
    let scopes = state.refresh.names_scopes.then_some(scopes);
    let token_endpoint = &state.client.token_endpoint;
    let tokens = token_endpoint.refresh(&endpoints, refresh_token.as_str(), scopes).await;
    let tokens = tokens.map_err(|error| classify(state, &error))?;
    verify_tokens(state, before, tokens, asked_at).await
}

fn classify(state: &State, error: &TokenEndpointError) -> ExchangeError {
    if state.refresh.means_sign_in_again(error) {
        tracing::info!(code = "grant_over", %error, "the provider refused a refresh token");
        return ExchangeError::Rejected;
    }
    if error.is_transient() {
        tracing::warn!(code = "refresh_failed", %error, "a session cannot be refreshed now");
    } else {
        // Our settings, or the provider's. No user should lose a session by them.
        tracing::error!(code = "refresh_refused", %error, "sessions cannot be refreshed");
    }
    ExchangeError::Unavailable
}

/// A refreshed ID token is judged like any other, and must be about the same user (`OpenID`
/// Connect Core, section 12.2). There may be none.
async fn verify_tokens(
    state: &State,
    before: &SessionContents,
    tokens: Tokens,
    asked_at: SystemTime,
) -> Result<SessionContents, ExchangeError> {
    let mut after = SessionContents {
        access_token: Token::from(tokens.access_token.as_str()),
        // From when it was asked for: it is never thought to last longer than it does.
        access_expires_at: tokens.expires_in.map(|duration| asked_at + duration),
        obtained_at: state.client.clock.now(),
        ..before.clone()
    };
    if let Some(refresh_token) = &tokens.refresh_token {
        after.refresh_token = Some(Token::from(refresh_token.as_str()));
    }
    let Some(id_token) = &tokens.id_token else { return Ok(after) };
    let expected = IdTokenExpectations {
        nonce: ExpectedNonce::Refresh(before.claim("nonce")),
        max_age: None,
        acr_values: None,
        acr_claim: AcrClaim::default(),
        access_token: Some(tokens.access_token.as_str()),
    };
    let claims = match state.client.id_tokens.verify(id_token.as_str(), &expected).await {
        Ok(claims) => claims.into_inner().into_document(),
        Err(VerifyError::Unavailable(error)) => {
            tracing::warn!(code = "keys_not_loaded", %error, "a session cannot be refreshed now");
            return Err(ExchangeError::Unavailable);
        }
        Err(VerifyError::Refused(error)) => {
            tracing::error!(code = "refreshed_id_token_refused", %error, "a session is ended");
            state.client.revoke(&after).await;
            return Err(ExchangeError::Rejected);
        }
    };
    let same = |name: &str| claims.get(name) == before.claims.get(name);
    if !(same("iss") && same("sub")) {
        tracing::error!(code = "refreshed_id_token_of_another", "a session is ended");
        state.client.revoke(&after).await;
        return Err(ExchangeError::Rejected);
    }
    after.id_token = Token::from(id_token.as_str());
    after.claims = claims;
    keep_authentication(&mut after.claims, &before.claims);
    Ok(after)
}

/// What the first ID token says about how and when the user signed in stays as it is. A refreshed
/// one need not repeat it, and cannot better it: nobody signed in meanwhile (`OpenID` Connect
/// Core, section 12.2).
fn keep_authentication(after: &mut Map<String, Value>, before: &Map<String, Value>) {
    for name in ["auth_time", "acr", "acrs", "amr", "sid", "nonce"] {
        match before.get(name) {
            Some(value) => after.insert(name.to_owned(), value.clone()),
            None => after.remove(name),
        };
    }
}
