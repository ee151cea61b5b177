//! Lets the page call the API: its session takes the place of a bearer token.

use auth::RequestHead;
use axum::{
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use http::{HeaderValue, StatusCode, header::AUTHORIZATION};
use serve::{Problem, PublicOrigin, same_origin};
use session::{SessionCookie, Token};

use crate::ApiState;

/// Seconds in `Retry-After` when the sessions cannot be read.
const RETRY_AFTER: u64 = 2;

/// Lets the session of a request without an `Authorization` header take the place of a token: puts
/// its access token into that header, so that both kinds of callers take the same path from here;
/// or, with `API_SESSION_SCOPES`, its user into the request's extensions.
///
/// The access token must not have expired then, either: only a refresh shows whether the provider
/// has blocked the user.
///
/// # What breaks if this changes
/// A browser sends the cookie with requests that other sites cause. Without requiring `X-CSRF`,
/// for GET too, such a site could act as the user who is signed in, or learn what it cannot read
/// from the time that a request takes.
pub(crate) async fn authorize_session(
    State(state): State<ApiState>,
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
    let session = match state.sessions().read(&secret).await {
        Ok(Some(session)) => session.into_contents(),
        // A session that has ended counts as none, and the response is the same.
        Ok(None) => return next.run(request).await,
        Err(error) => {
            tracing::error!(code = "sessions_unavailable", %error, "the sessions cannot be read");
            return Problem::unavailable(RETRY_AFTER).into_response();
        }
    };
    let scopes = state.session_scopes();
    if scopes.is_empty() {
        let Some(bearer) = bearer(&session.access_token) else {
            // The provider issued a token that no header can carry.
            return Problem::new(StatusCode::UNAUTHORIZED).code("invalid_token").into_response();
        };
        request.headers_mut().insert(AUTHORIZATION, bearer);
    } else if session.access_token_is_valid(state.clock().now()) {
        match state.verifier().session_user(&session.claims, scopes) {
            Ok(user) => _ = request.extensions_mut().insert(user),
            Err(error) => {
                let head = RequestHead::from(&request);
                return state.verifier().error_response(&head, error.into()).into_response();
            }
        }
    }
    next.run(request).await
}

fn bearer(token: &Token) -> Option<HeaderValue> {
    let mut value = HeaderValue::try_from(format!("Bearer {}", token.as_str())).ok()?;
    value.set_sensitive(true);
    Some(value)
}
