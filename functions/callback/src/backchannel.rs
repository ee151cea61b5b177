//! `POST /backchannel-logout`: the provider has ended a session, or all sessions of a user.

use std::time::{Duration, SystemTime};

use auth::{LogoutClaims, TokenError, VerifyError};
use axum::{
    Json,
    body::{Body, to_bytes},
    extract::State as Shared,
    response::{IntoResponse, Response},
};
use http::{
    HeaderMap, HeaderValue, StatusCode,
    header::{CACHE_CONTROL, RETRY_AFTER},
};
use serde_json::json;
use session::{BlockedSignIns, ProviderSessionKey, UserKey};
use url::form_urlencoded;

use crate::{State, state::Parts};

/// In bytes. A logout token has 16 KiB at most.
const MAX_BODY: usize = 32 * 1024;

/// Ends the sessions that the token names (OpenID Connect Back-Channel Logout, section 2.8): 200
/// when done, now or before, 400 for an invalid request, 503 when it can't be verified or done now, so that the
/// provider retries. Ignores cookies: the provider has none of ours.
pub(crate) async fn logout(
    Shared(State(parts)): Shared<State>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let mut response = match end(&parts, &headers, body).await {
        Ok(Some(ended)) => {
            tracing::info!(code = "backchannel_logout", ended, "the provider ended sessions");
            StatusCode::OK.into_response()
        }
        // The provider may not have received the first answer.
        Ok(None) => {
            tracing::info!(code = "logout_token_repeated", "a logout was done before");
            StatusCode::OK.into_response()
        }
        Err(error) => {
            error.log();
            error.into_response()
        }
    };
    // Section 2.8 requires it.
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// How many sessions ended; `None` if the token's work was done before, and is not done again.
///
/// # What breaks if the order changes
/// If the token were stored first, a token whose work failed halfway could not be sent again, and
/// the remaining sessions would not end.
async fn end(parts: &Parts, headers: &HeaderMap, body: Body) -> Result<Option<usize>, LogoutError> {
    let token = logout_token(headers, body).await?;
    let claims = parts.logout_tokens.verify(&token).await?.into_inner();
    let (issuer, id) = (claims.issuer().as_str(), claims.token_id());
    if parts.client.sessions.logout_token_seen(issuer, id).await? {
        return Ok(None);
    }
    let ended = end_sessions(parts, &claims).await?;
    let until = claims.expires() + parts.client.leeway + Duration::from_secs(1);
    parts.client.sessions.remember_logout_token(issuer, id, until).await?;
    Ok(Some(ended))
}

/// Ends the sessions of the `sid` and the user's sessions without one; without a `sid`, all
/// sessions of the user.
async fn end_sessions(parts: &Parts, claims: &LogoutClaims) -> Result<usize, session::StoreError> {
    let issuer = claims.issuer().as_str();
    let now = parts.client.clock.now();
    match (claims.session_id(), claims.subject()) {
        // A later session at the provider has another `sid`, so the time doesn't matter.
        (Some(sid), _) => {
            let session = ProviderSessionKey::new(issuer, sid);
            let mut ended =
                parts.client.sessions.end_provider_session(&session, BlockedSignIns::All).await?;
            if let Some(subject) = claims.subject() {
                let before = latest_start(claims.issued_at(), now, parts.client.leeway);
                let user = UserKey::new(issuer, subject);
                ended += parts.client.sessions.end_unattributed(&user, before).await?;
            }
            Ok(ended)
        }
        (None, Some(subject)) => {
            let before = latest_start(claims.issued_at(), now, parts.client.leeway);
            parts.client.sessions.end_user(&UserKey::new(issuer, subject), before).await
        }
        (None, None) => Ok(0),
    }
}

/// The token doesn't end sessions that began after this time. The provider's clock may be behind
/// ours by the leeway, and no session may escape because of that; our own clock is the limit.
fn latest_start(issued_at: SystemTime, now: SystemTime, leeway: Duration) -> SystemTime {
    now.min(issued_at + leeway)
}

/// The one `logout_token` of a form (section 2.5).
async fn logout_token(headers: &HeaderMap, body: Body) -> Result<String, LogoutError> {
    if !serve::is_form(headers) {
        return Err(LogoutError::Malformed(
            "The request must be application/x-www-form-urlencoded.",
        ));
    }
    let body = to_bytes(body, MAX_BODY).await;
    let body = body.map_err(|_| LogoutError::Malformed("The request must be at most 32 KiB."))?;
    let mut tokens = form_urlencoded::parse(&body)
        .filter(|(name, _)| name == "logout_token")
        .map(|(_, token)| token.into_owned());
    match (tokens.next(), tokens.next()) {
        (Some(token), None) if !token.is_empty() => Ok(token),
        _ => Err(LogoutError::Malformed("The request must have one logout_token.")),
    }
}

/// Why a logout failed. No variant contains the token.
#[derive(Debug, thiserror::Error)]
enum LogoutError {
    #[error("{0}")]
    Malformed(&'static str),
    #[error("the logout token was refused: {0}")]
    TokenRefused(TokenError),
    #[error("the provider is unavailable: {0}")]
    ProviderUnavailable(auth::UnavailableError),
    #[error("{0}")]
    StoreUnavailable(#[from] session::StoreError),
}

impl LogoutError {
    fn code(&self) -> &'static str {
        match self {
            Self::Malformed(_) => "logout_malformed",
            Self::TokenRefused(_) => "logout_token_refused",
            Self::ProviderUnavailable(_) => "provider_unavailable",
            Self::StoreUnavailable(_) => "store_unavailable",
        }
    }

    fn log(&self) {
        let code = self.code();
        match self {
            // Anyone can send these.
            Self::Malformed(_) | Self::TokenRefused(_) => {
                tracing::info!(code, cause = %self, "a logout was refused");
            }
            Self::ProviderUnavailable(_) | Self::StoreUnavailable(_) => {
                tracing::error!(code, cause = %self, "a logout could not be done");
            }
        }
    }

    /// Seconds after which the provider may retry, for temporary errors.
    fn retry_after(&self) -> Option<u64> {
        match self {
            Self::ProviderUnavailable(error) => Some(error.retry_after.as_secs().max(1)),
            Self::StoreUnavailable(_) => Some(2),
            Self::Malformed(_) | Self::TokenRefused(_) => None,
        }
    }
}

impl From<VerifyError> for LogoutError {
    fn from(error: VerifyError) -> Self {
        match error {
            VerifyError::Refused(error) => Self::TokenRefused(error),
            VerifyError::Unavailable(error) => Self::ProviderUnavailable(error),
        }
    }
}

impl IntoResponse for LogoutError {
    fn into_response(self) -> Response {
        let sentence = match &self {
            Self::Malformed(sentence) => sentence,
            Self::TokenRefused(error) => error.detail(),
            Self::ProviderUnavailable(_) | Self::StoreUnavailable(_) => {
                "This does not work right now. Try again in a moment."
            }
        };
        let (status, error) = match self.retry_after() {
            None => (StatusCode::BAD_REQUEST, "invalid_request"),
            Some(_) => (StatusCode::SERVICE_UNAVAILABLE, "temporarily_unavailable"),
        };
        let body = json!({ "error": error, "error_description": sentence });
        let mut response = (status, Json(body)).into_response();
        if let Some(seconds) = self.retry_after() {
            response.headers_mut().insert(RETRY_AFTER, seconds.into());
        }
        response
    }
}
