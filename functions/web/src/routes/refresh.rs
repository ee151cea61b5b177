use axum::{
    extract,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, StatusCode};
use session::SessionCookie;

use crate::{
    State,
    current_session::OwnPage,
    error::{WebError, forget_session, session_ended},
    refresh::{self, RefreshOutcome},
};

/// `POST /session/refresh`: 204 when the session has a good access token afterwards, 401 when it
/// is over, 503 when that cannot be said now.
pub(crate) async fn refresh(
    extract::State(state): extract::State<State>,
    own_page: Result<OwnPage, WebError>,
    headers: HeaderMap,
) -> Result<Response, WebError> {
    let secret = match SessionCookie::of(&headers) {
        // Without a session there is nothing to protect: a stranger is told that there is none.
        SessionCookie::Absent => return Ok(session_ended().into_response()),
        SessionCookie::Malformed => return Ok(forget_session(session_ended())),
        SessionCookie::Present(secret) => secret,
    };
    own_page?;
    match refresh::refresh(&state, &secret).await? {
        RefreshOutcome::Valid => Ok(StatusCode::NO_CONTENT.into_response()),
        RefreshOutcome::Ended => Ok(forget_session(session_ended())),
        RefreshOutcome::Unavailable => Err(WebError::Provider),
    }
}
