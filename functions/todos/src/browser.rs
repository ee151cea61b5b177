//! Lets the page call the API: its session stands in for a token.

use axum::{
    extract::{Request, State as Shared},
    middleware::Next,
    response::{IntoResponse, Response},
};
use http::{HeaderValue, StatusCode, header::AUTHORIZATION};
use serve::{Problem, PublicOrigin, same_origin};
use session::{SessionCookie, SessionSecret};

use crate::State;

/// Seconds in `Retry-After` when the sessions cannot be read.
const RETRY_AFTER: u64 = 2;

/// Puts the session's access token into the `Authorization` header of a request that has none,
/// so that from here on every caller takes the same way.
///
/// # What breaks if this changes
/// A browser sends the cookie with requests that other sites make it send. Without the demand for
/// `X-CSRF`, on GET too, such a site could act, or time its way to what it cannot read, as
/// whoever is signed in.
pub(crate) async fn lend_session(
    Shared(state): Shared<State>,
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
    match bearer(&state, &secret).await {
        Ok(Some(bearer)) => {
            request.headers_mut().insert(AUTHORIZATION, bearer);
            next.run(request).await
        }
        // A session that has ended is as good as none, and the answer is the same.
        Ok(None) => next.run(request).await,
        Err(problem) => problem.into_response(),
    }
}

async fn bearer(state: &State, secret: &SessionSecret) -> Result<Option<HeaderValue>, Problem> {
    let token = state.sessions().access_token(secret).await.map_err(|error| {
        tracing::error!(code = "sessions_unavailable", %error, "the sessions cannot be read");
        Problem::unavailable(RETRY_AFTER)
    })?;
    let Some(token) = token else {
        return Ok(None);
    };
    let Ok(mut value) = HeaderValue::try_from(format!("Bearer {}", token.as_str())) else {
        // The provider gave a token that fits into no header, so no API could take it.
        return Err(Problem::new(StatusCode::UNAUTHORIZED).code("invalid_token"));
    };
    value.set_sensitive(true);
    Ok(Some(value))
}
