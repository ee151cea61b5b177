use axum::{
    extract,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, StatusCode, Uri};
use session::SessionCookie;
use settings::OtherApi;
use url::form_urlencoded;

use crate::{
    State,
    current_session::OwnPage,
    error::{WebError, forget_session, session_ended},
    refresh::{self, RefreshOutcome},
};

/// `POST /session/refresh`: 204 when the session has a good access token afterwards, 401 when it
/// is over, 503 when that cannot be said now. With `?api=NAME`, the same for the token of that API
/// of `OTHER_APIS`, and 403 if the provider issues none.
pub(crate) async fn refresh(
    extract::State(state): extract::State<State>,
    own_page: Result<OwnPage, WebError>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, WebError> {
    let secret = match SessionCookie::of(&headers) {
        // Without a session there is nothing to protect: a stranger is told that there is none.
        SessionCookie::Absent => return Ok(session_ended().into_response()),
        SessionCookie::Malformed => return Ok(forget_session(session_ended())),
        SessionCookie::Present(secret) => secret,
    };
    own_page?;
    match refresh::refresh(&state, &secret, requested_api(&state, &uri)?).await? {
        RefreshOutcome::Valid => Ok(StatusCode::NO_CONTENT.into_response()),
        RefreshOutcome::Ended => Ok(forget_session(session_ended())),
        RefreshOutcome::NotGranted => Err(WebError::ApiNotGranted),
        RefreshOutcome::Unavailable => Err(WebError::Provider),
    }
}

/// The parameter `api`; without it, the first API.
fn requested_api<'a>(state: &'a State, uri: &Uri) -> Result<Option<&'a OtherApi>, WebError> {
    let query = form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes());
    let mut names = query.filter(|(name, _)| name == "api").map(|(_, value)| value);
    match (names.next(), names.next()) {
        (None, _) => Ok(None),
        (Some(name), None) => state.other_apis.get(&name).map(Some).ok_or(WebError::UnknownApi),
        (Some(_), Some(_)) => Err(WebError::UnknownApi),
    }
}
