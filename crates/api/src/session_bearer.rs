//! Lets the page call the API: its session takes the place of a bearer token.

use auth::RequestHead;
use axum::{
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use http::{HeaderValue, StatusCode, header::AUTHORIZATION, request::Parts};
use serve::{Problem, PublicOrigin, same_origin};
use session::{Session, SessionCookie, Token};

use crate::ApiState;

/// Seconds in `Retry-After` when the sessions cannot be read.
const RETRY_AFTER: u64 = 2;

/// [`use_session`] in front of a router's routes.
pub(crate) async fn authorize_session(
    State(state): State<ApiState>,
    origin: PublicOrigin,
    request: Request,
    next: Next,
) -> Response {
    let (mut parts, body) = request.into_parts();
    match use_session(&state, &origin, &mut parts, None).await {
        Ok(_) => next.run(Request::from_parts(parts, body)).await,
        Err(refusal) => refusal,
    }
}

/// Lets the session of a request without an `Authorization` header take the place of a token: puts
/// its access token into that header, so that both kinds of callers take the same path from here;
/// or, with `API_SESSION_SCOPES`, its user into the request's extensions. Returns the session.
/// `api` is the name of the API whose token it must be, if it isn't the first.
///
///
/// The access token must not have expired then, either: only a refresh shows whether the provider
/// has blocked the user.
///
/// # Errors
/// The response, if the request has a session and may not use it.
///
/// # What breaks if this changes
/// A browser sends the cookie with requests that other sites cause. Without requiring `X-CSRF`,
/// for GET too, such a site could act as the user who is signed in, or learn what it cannot read
/// from the time that a request takes.
pub async fn use_session(
    state: &ApiState,
    origin: &PublicOrigin,
    request: &mut Parts,
    api: Option<&str>,
) -> Result<Option<Session>, Response> {
    if request.headers.contains_key(AUTHORIZATION) {
        return Ok(None);
    }
    let SessionCookie::Present(secret) = SessionCookie::of(&request.headers) else {
        return Ok(None);
    };
    same_origin::require_csrf_header(&request.headers, origin)
        .map_err(IntoResponse::into_response)?;
    // A session that has ended counts as none, and the response is the same.
    let Some(session) = state.sessions().read(&secret).await.map_err(|error| {
        tracing::error!(code = "sessions_unavailable", %error, "the sessions cannot be read");
        Problem::unavailable(RETRY_AFTER).into_response()
    })?
    else {
        return Ok(None);
    };
    if let Some(api) = api {
        // TODO of the lead: the session's token for this API.
        let missing = Problem::new(StatusCode::UNAUTHORIZED)
            .code("api_token_missing")
            .detail("The session has no token for this API yet. Refresh it for the API.");
        return Err(missing.member("api", api).into_response());
    }
    let (contents, scopes) = (session.contents(), state.session_scopes());
    if scopes.is_empty() {
        // The provider may have issued a token that no header can carry.
        let bearer = bearer(&contents.access_token).ok_or_else(|| {
            Problem::new(StatusCode::UNAUTHORIZED).code("invalid_token").into_response()
        })?;
        request.headers.insert(AUTHORIZATION, bearer);
    } else if contents.access_token_is_valid(state.clock().now()) {
        let user = state.verifier().session_user(&contents.claims, scopes).map_err(|error| {
            let head = RequestHead::from(&*request);
            state.verifier().error_response(&head, error.into()).into_response()
        })?;
        request.extensions.insert(user);
    }
    Ok(Some(session))
}

fn bearer(token: &Token) -> Option<HeaderValue> {
    let mut value = HeaderValue::try_from(format!("Bearer {}", token.as_str())).ok()?;
    value.set_sensitive(true);
    Some(value)
}
