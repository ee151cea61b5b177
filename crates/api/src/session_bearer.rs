//! Lets the page call the API: its session takes the place of a bearer token.

use auth::RequestHead;
use axum::{
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use http::{
    HeaderValue, StatusCode,
    header::{AUTHORIZATION, WWW_AUTHENTICATE},
    request::Parts,
};
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
    let (contents, scopes, now) = (session.contents(), state.session_scopes(), state.clock().now());
    let token = match api {
        None if !scopes.is_empty() => None,
        None => Some(contents.access_token.clone()),
        Some(api) => {
            let token = session.api_token(&secret, api).filter(|token| token.is_valid(now));
            Some(token.ok_or_else(|| api_token_missing(api))?.access_token)
        }
    };
    if let Some(token) = token {
        // The provider may have issued a token that no header can carry.
        let bearer = bearer(&token).ok_or_else(|| {
            unauthorized("invalid_token", "No header can carry the session's token.", None)
        })?;
        request.headers.insert(AUTHORIZATION, bearer);
    } else if contents.access_token_is_valid(now) {
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

/// 401: a refresh for this API gets the token.
fn api_token_missing(api: &str) -> Response {
    unauthorized(
        "api_token_missing",
        "The session has no valid token for this API. Refresh it for the API first.",
        Some(api),
    )
}

fn unauthorized(code: &'static str, detail: &str, api: Option<&str>) -> Response {
    let problem = Problem::new(StatusCode::UNAUTHORIZED).code(code).detail(detail);
    let problem = api.into_iter().fold(problem, |problem, api| problem.member("api", api));
    ([(WWW_AUTHENTICATE, "Bearer")], problem).into_response()
}
