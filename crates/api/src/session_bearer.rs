//! Lets the page call the API: its session replaces the bearer token.

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use http::{HeaderValue, StatusCode, header::AUTHORIZATION};
use serve::{Problem, PublicOrigin, same_origin};
use session::{SessionCookie, SessionSecret, Sessions};

/// Seconds in `Retry-After` when the sessions cannot be read.
const RETRY_AFTER: u64 = 2;

/// Puts the session's access token into the `Authorization` header of a request that has none, so
/// that both kinds of callers take the same path from here.
///
/// # What breaks if this changes
/// A browser sends the cookie with requests that other sites cause. Without requiring `X-CSRF`,
/// for GET too, such a site could act as the user who is signed in, or learn what it cannot read
/// from the time that a request takes.
pub(crate) async fn bearer_from_session(
    State(sessions): State<Sessions>,
    origin: PublicOrigin,
    mut request: Request,
    next: Next,
) -> Response {
    if request.headers().contains_key(AUTHORIZATION) {
        return next.run(request).await;
    }
    let SessionCookie::Present(secret) = SessionCookie::of(request.headers()) else {
        return next.run(request).await;
    };
    if let Err(refusal) = same_origin::require_csrf_header(request.headers(), &origin) {
        return refusal.into_response();
    }
    match bearer(&sessions, &secret).await {
        Ok(Some(bearer)) => {
            request.headers_mut().insert(AUTHORIZATION, bearer);
            next.run(request).await
        }
        // A session that has ended counts as none, and the response is the same.
        Ok(None) => next.run(request).await,
        Err(problem) => problem.into_response(),
    }
}

async fn bearer(
    sessions: &Sessions,
    secret: &SessionSecret,
) -> Result<Option<HeaderValue>, Problem> {
    let token = sessions.access_token(secret).await.map_err(|error| {
        tracing::error!(code = "sessions_unavailable", %error, "the sessions cannot be read");
        Problem::unavailable(RETRY_AFTER)
    })?;
    let Some(token) = token else {
        return Ok(None);
    };
    let Ok(mut value) = HeaderValue::try_from(format!("Bearer {}", token.as_str())) else {
        // The provider issued a token that no header can carry.
        return Err(Problem::new(StatusCode::UNAUTHORIZED).code("invalid_token"));
    };
    value.set_sensitive(true);
    Ok(Some(value))
}
