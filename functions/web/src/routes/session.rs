use axum::{
    Json, extract,
    response::{IntoResponse, Response},
};
use http::HeaderMap;
use serde::Serialize;
use serde_json::{Map, Value};
use session::{Session, SessionContents, SessionCookie, SessionSecret, StoreError};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use crate::{
    State,
    current_session::{self, OwnPage, is_usable},
    error::{WebError, forget_session, log_table},
    refresh::{self, EarlyRefresh},
};

/// `GET /session`: who is signed in, if anybody is. When our own page asks, an access token that
/// will be over soon is replaced on this occasion.
pub(crate) async fn session(
    extract::State(state): extract::State<State>,
    own_page: Result<OwnPage, WebError>,
    headers: HeaderMap,
) -> Result<Response, WebError> {
    let secret = match SessionCookie::of(&headers) {
        SessionCookie::Absent => return Ok(Json(NOBODY).into_response()),
        SessionCookie::Malformed => return Ok(forget_session(Json(NOBODY))),
        SessionCookie::Present(secret) => secret,
    };
    match used(&state, &secret, &headers, own_page.is_ok()).await? {
        Some(session) => Ok(Json(Answer::of(session)).into_response()),
        None => Ok(forget_session(Json(NOBODY))),
    }
}

/// The session, marked as in use.
async fn used(
    state: &State,
    secret: &SessionSecret,
    headers: &HeaderMap,
    by_own_page: bool,
) -> Result<Option<Session>, StoreError> {
    let session = current_session::find(state, secret).await?;
    let Some(session) = session.filter(|session| is_usable(state, session)) else {
        return Ok(None);
    };
    if by_own_page {
        match refresh::refresh_early(state, secret, &session).await {
            Ok(EarlyRefresh::Unchanged) => {}
            Ok(EarlyRefresh::Ended) => return Ok(None),
            Ok(EarlyRefresh::Reread) => return state.client.sessions.read(secret).await,
            // It was read, so it can be shown; the old token serves.
            Err(error) => log_table(&error),
        }
    }
    if is_foreign(headers) {
        return Ok(Some(session));
    }
    // It was read, so it can be shown; the next request marks it.
    if let Err(error) = state.client.sessions.touch(&session).await {
        log_table(&error);
    }
    Ok(Some(session))
}

/// Whether a page of elsewhere made the browser send this: a picture on it must not keep a session
/// from ending.
fn is_foreign(headers: &HeaderMap) -> bool {
    headers.get("sec-fetch-site").is_some_and(|site| site == "cross-site" || site == "same-site")
}

/// Claims that no script needs. A `sid` is enough for a front-channel logout, and Keycloak repeats it
/// in `session_state`; the others belong to the protocol (OpenID Connect Core, sections 3.1.3.6 and
/// 3.3.2.11; FAPI for `s_hash`).
const HIDDEN_CLAIMS: [&str; 6] = ["sid", "session_state", "nonce", "at_hash", "c_hash", "s_hash"];

#[derive(Serialize)]
struct Answer {
    user: Option<User>,
    /// The ID token's claims without [`HIDDEN_CLAIMS`].
    #[serde(skip_serializing_if = "Option::is_none")]
    claims: Option<Map<String, Value>>,
    /// When the session is over unless it is used before, RFC 3339 in UTC.
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<String>,
}

const NOBODY: Answer = Answer { user: None, claims: None, expires_at: None };

#[derive(Serialize)]
struct User {
    sub: Option<String>,
    name: Option<String>,
    username: Option<String>,
    email: Option<String>,
}

impl Answer {
    fn of(session: Session) -> Self {
        let ends_at = OffsetDateTime::from(session.ends_at());
        let mut contents = session.into_contents();
        contents.claims.retain(|name, _| !HIDDEN_CLAIMS.contains(&name.as_str()));
        Self {
            user: Some(User::of(&contents)),
            claims: Some(contents.claims),
            expires_at: ends_at.format(&Rfc3339).ok(),
        }
    }
}

impl User {
    fn of(contents: &SessionContents) -> Self {
        let called = |name| contents.display_claim(name).map(str::to_owned);
        Self {
            sub: contents.claim("sub").map(str::to_owned),
            name: called("name"),
            username: called("preferred_username"),
            email: called("email"),
        }
    }
}
