//! Exchanges a refresh token at the provider.

use std::time::SystemTime;

use auth::{AcrClaim, ExpectedNonce, IdTokenExpectations, VerifyError};
use relying_party::{TokenEndpointError, Tokens};
use serde_json::{Map, Value};
use session::{ApiToken, SessionContents, Token};
use settings::OtherApi;

use crate::{State, refresh_config::means_api_not_granted};

/// The longest access token, in bytes, that is stored for an API of `OTHER_APIS`.
///
/// # What breaks if this changes
/// A row of DynamoDB has 400 KB at most. If it doesn't fit, the next refresh token is lost, and
/// the session with it.
const MAX_API_TOKEN: usize = 16 * 1024;

/// What a refresh token was exchanged for.
pub(crate) struct Exchanged {
    /// With the next refresh token.
    pub(crate) contents: SessionContents,
    /// The token, if it is for an API of `OTHER_APIS`.
    pub(crate) api_token: Option<ApiToken>,
}

/// Why there is no new access token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ExchangeError {
    /// The provider gave no refresh token at sign-in.
    NoRefreshToken,
    /// The session has no access to that API of `OTHER_APIS`.
    NotGranted,
    /// The provider says that the user must sign in again, or its response failed verification.
    Rejected,
    /// The provider is unavailable or refuses our client, which says nothing about the session.
    Unavailable,
}

/// Redeems the refresh token for an API of `OTHER_APIS` or for the first, and verifies the
/// response. Logs failures.
pub(crate) async fn exchange(
    state: &State,
    before: &SessionContents,
    api: Option<&OtherApi>,
) -> Result<Exchanged, ExchangeError> {
    let refresh_token = before.refresh_token.as_ref().ok_or(ExchangeError::NoRefreshToken)?;
    // The keys first: a provider that replaces refresh tokens would otherwise have used up this
    // one for an answer that we cannot judge.
    if let Err(error) = state.client.provider.warm().await {
        tracing::warn!(code = "keys_not_loaded", %error, "a session cannot be refreshed now");
        return Err(ExchangeError::Unavailable);
    }
    let endpoints = state.endpoints().await.ok_or(ExchangeError::Unavailable)?;
    let asked_at = state.client.clock.now();
    let of_sign_in = before.scopes.as_deref().unwrap_or(state.client.scopes.as_str());
    let scopes = match api {
        Some(api) => Some(scopes_of(api, of_sign_in)),
        None => state.refresh.names_scopes.then(|| of_sign_in.to_owned()),
    };
    let resource = api.and_then(|api| api.resource.as_deref());
    let token_endpoint = &state.client.token_endpoint;
    let tokens = token_endpoint
        .refresh(&endpoints, refresh_token.as_str(), scopes.as_deref(), resource)
        .await
        .map_err(|error| classify(state, &error, api))?;
    verify_tokens(state, before, tokens, asked_at, api).await
}

/// The scopes of one API: Entra refuses those of two in one request (AADSTS28000). With
/// `offline_access`, as some providers issue the next refresh token only with it.
fn scopes_of(api: &OtherApi, of_sign_in: &str) -> String {
    let offline = of_sign_in.split(' ').find(|scope| *scope == "offline_access");
    let scopes = offline.into_iter().chain(api.scopes.iter().map(auth::Scope::as_str));
    scopes.collect::<Vec<_>>().join(" ")
}

fn classify(state: &State, error: &TokenEndpointError, api: Option<&OtherApi>) -> ExchangeError {
    if let Some(OtherApi { name: api, .. }) = api
        && means_api_not_granted(error)
    {
        tracing::warn!(code = "api_not_granted", %error, api, "a session gets no token for an API");
        return ExchangeError::NotGranted;
    }
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

async fn verify_tokens(
    state: &State,
    before: &SessionContents,
    tokens: Tokens,
    asked_at: SystemTime,
    api: Option<&OtherApi>,
) -> Result<Exchanged, ExchangeError> {
    // From when it was asked for: it is never thought to last longer than it does.
    let expires_at = tokens.expires_in.map(|duration| asked_at + duration);
    let obtained_at = state.client.clock.now();
    let access_token = Token::from(tokens.access_token.as_str());
    let mut contents = before.clone();
    if let Some(refresh_token) = &tokens.refresh_token {
        contents.refresh_token = Some(Token::from(refresh_token.as_str()));
    }
    let claims = verify_id_token(state, &contents, &tokens).await?;
    if let Some(OtherApi { name: api, .. }) = api {
        let length = access_token.as_str().len();
        let api_token =
            (length <= MAX_API_TOKEN).then_some(ApiToken { access_token, expires_at, obtained_at });
        if api_token.is_none() {
            tracing::error!(code = "api_token_too_long", api, length, "it cannot be stored");
        }
        // The ID token is that of the first API's scopes, which can have more claims.
        return Ok(Exchanged { contents, api_token });
    }
    contents.access_token = access_token;
    contents.access_expires_at = expires_at;
    contents.obtained_at = obtained_at;
    if let Some((id_token, claims)) = tokens.id_token.zip(claims) {
        contents.id_token = Token::from(id_token.as_str());
        let first = std::mem::replace(&mut contents.claims, claims);
        keep_authentication(&mut contents.claims, &first);
    }
    Ok(Exchanged { contents, api_token: None })
}

/// A refreshed ID token is judged like any other, and must be about the same user (`OpenID`
/// Connect Core, section 12.2). There may be none. `contents` are those of before, with the next
/// refresh token.
async fn verify_id_token(
    state: &State,
    contents: &SessionContents,
    tokens: &Tokens,
) -> Result<Option<Map<String, Value>>, ExchangeError> {
    let Some(id_token) = &tokens.id_token else { return Ok(None) };
    let expected = IdTokenExpectations {
        nonce: ExpectedNonce::Refresh(contents.claim("nonce")),
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
            state.client.revoke(contents).await;
            return Err(ExchangeError::Rejected);
        }
    };
    let same = |name: &str| claims.get(name) == contents.claims.get(name);
    if !(same("iss") && same("sub")) {
        tracing::error!(code = "refreshed_id_token_of_another", "a session is ended");
        state.client.revoke(contents).await;
        return Err(ExchangeError::Rejected);
    }
    Ok(Some(claims))
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
