//! `POST /backchannel-logout`: the provider says that a session, or a user, is over there.

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
use session::{ProviderSessionKey, UserKey};
use url::form_urlencoded;

use crate::{State, state::Parts};

/// A logout token is a kilobyte or two, and 16 KiB at most. Anybody can send us more.
const LARGEST: usize = 32 * 1024;

/// Ends what the token names (OpenID Connect Back-Channel Logout, section 2.8): 200 when that is
/// done, 400 for a request that is not a good one, 503 when it cannot be judged or done now, so
/// that the provider tries again. No cookie is looked at: the provider has none of ours.
pub(crate) async fn logout(
    Shared(State(parts)): Shared<State>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let mut response = match end(&parts, &headers, body).await {
        Ok(ended) => {
            tracing::info!(code = "backchannel_logout", ended, "the provider ended sessions");
            StatusCode::OK.into_response()
        }
        Err(refusal) => {
            refusal.log();
            refusal.into_response()
        }
    };
    // Section 2.8 asks for it.
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// # What breaks if the order changes
/// Remembered before the sessions have ended, a token whose work failed half-way could not be sent
/// again, and the sessions that were left would live on.
async fn end(parts: &Parts, headers: &HeaderMap, body: Body) -> Result<usize, Refusal> {
    let token = logout_token(headers, body).await?;
    let claims = parts.logout_tokens.verify(&token).await?.into_inner();
    let (issuer, id) = (claims.issuer().as_str(), claims.token_id());
    if parts.sessions.logout_token_seen(issuer, id).await? {
        return Err(Refusal::Repeated);
    }
    let ended = end_sessions(parts, &claims).await?;
    let until = claims.expires() + parts.leeway + Duration::from_secs(1);
    parts.sessions.remember_logout_token(issuer, id, until).await?;
    Ok(ended)
}

/// By `sid` if there is one, and then those of the user that came without any, too; else every
/// session of the user.
async fn end_sessions(parts: &Parts, claims: &LogoutClaims) -> Result<usize, session::Unavailable> {
    let issuer = claims.issuer().as_str();
    let now = parts.clock.now();
    match (claims.session_id(), claims.subject()) {
        // The user's next session at the provider has another `sid`: nothing of this one is later.
        (Some(sid), _) => {
            let session = ProviderSessionKey::new(issuer, sid);
            let mut ended = parts.sessions.end_provider_session(&session, now).await?;
            if let Some(subject) = claims.subject() {
                let before = meant_until(claims.issued_at(), now, parts.leeway);
                let user = UserKey::new(issuer, subject);
                ended += parts.sessions.end_unattributed(&user, before).await?;
            }
            Ok(ended)
        }
        (None, Some(subject)) => {
            let before = meant_until(claims.issued_at(), now, parts.leeway);
            parts.sessions.end_user(&UserKey::new(issuer, subject), before).await
        }
        (None, None) => Ok(0),
    }
}

/// Sessions that began later are not meant by a token of that time. The provider's clock may be
/// behind ours by the leeway, and no session may slip past because of that; a token that comes at
/// once is judged by our own clock alone.
fn meant_until(issued_at: SystemTime, now: SystemTime, leeway: Duration) -> SystemTime {
    now.min(issued_at + leeway)
}

/// The one `logout_token` of a form (section 2.5).
async fn logout_token(headers: &HeaderMap, body: Body) -> Result<String, Refusal> {
    if !serve::is_form(headers) {
        return Err(Refusal::Malformed("The request must be application/x-www-form-urlencoded."));
    }
    let body = to_bytes(body, LARGEST).await;
    let body = body.map_err(|_| Refusal::Malformed("The request must be at most 32 KiB."))?;
    let mut tokens = form_urlencoded::parse(&body)
        .filter(|(name, _)| name == "logout_token")
        .map(|(_, token)| token.into_owned());
    match (tokens.next(), tokens.next()) {
        (Some(token), None) if !token.is_empty() => Ok(token),
        _ => Err(Refusal::Malformed("The request must have one logout_token.")),
    }
}

/// Why nothing, or not everything, was ended. None holds the token.
#[derive(Debug, thiserror::Error)]
enum Refusal {
    #[error("{0}")]
    Malformed(&'static str),
    #[error("the logout token was refused: {0}")]
    TokenRefused(TokenError),
    #[error("the logout token came before")]
    Repeated,
    #[error("the provider cannot be asked: {0}")]
    ProviderUnavailable(auth::UnavailableError),
    #[error("{0}")]
    StoreUnavailable(#[from] session::Unavailable),
}

impl Refusal {
    fn code(&self) -> &'static str {
        match self {
            Self::Malformed(_) => "logout_malformed",
            Self::TokenRefused(_) => "logout_token_refused",
            Self::Repeated => "logout_token_repeated",
            Self::ProviderUnavailable(_) => "provider_unavailable",
            Self::StoreUnavailable(_) => "store_unavailable",
        }
    }

    fn log(&self) {
        let code = self.code();
        match self {
            // Anybody can send these.
            Self::Malformed(_) | Self::Repeated => {
                tracing::info!(code, cause = %self, "a logout was refused");
            }
            Self::TokenRefused(_) => tracing::warn!(code, cause = %self, "a logout was refused"),
            Self::ProviderUnavailable(_) | Self::StoreUnavailable(_) => {
                tracing::error!(code, cause = %self, "a logout could not be done");
            }
        }
    }

    /// Seconds after which the provider may try again; none when that is of no use.
    fn retry_after(&self) -> Option<u64> {
        match self {
            Self::ProviderUnavailable(error) => Some(error.retry_after.as_secs().max(1)),
            Self::StoreUnavailable(_) => Some(2),
            Self::Malformed(_) | Self::TokenRefused(_) | Self::Repeated => None,
        }
    }
}

impl From<VerifyError> for Refusal {
    fn from(error: VerifyError) -> Self {
        match error {
            VerifyError::Refused(error) => Self::TokenRefused(error),
            VerifyError::Unavailable(error) => Self::ProviderUnavailable(error),
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let sentence = match &self {
            Self::Malformed(sentence) => sentence,
            Self::TokenRefused(error) => error.detail(),
            Self::Repeated => "The token was used before.",
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
