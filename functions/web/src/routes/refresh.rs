use axum::{
    extract,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, StatusCode};
use session::SessionCookie;

use crate::{
    State,
    browser::{OwnPage, forgetting},
    fault::{Fault, session_ended},
    renewal::{self, Renewal},
};

/// `POST /session/refresh`: 204 when the session has a good access token afterwards, 401 when it
/// is over, 503 when that cannot be said now.
pub(crate) async fn refresh(
    extract::State(state): extract::State<State>,
    own_page: Result<OwnPage, Fault>,
    headers: HeaderMap,
) -> Result<Response, Fault> {
    let secret = match SessionCookie::of(&headers) {
        // Without a session there is nothing to protect: a stranger is told that there is none.
        SessionCookie::Absent => return Ok(session_ended().into_response()),
        SessionCookie::Malformed => return Ok(forgetting(session_ended())),
        SessionCookie::Present(secret) => secret,
    };
    own_page?;
    match renewal::renew(&state, &secret).await? {
        Renewal::Good => Ok(StatusCode::NO_CONTENT.into_response()),
        Renewal::Ended => Ok(forgetting(session_ended())),
        Renewal::NotNow => Err(Fault::Provider),
    }
}
