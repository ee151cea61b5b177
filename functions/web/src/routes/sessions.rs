//! The user's own sessions.

use std::time::SystemTime;

use axum::{
    Json,
    extract::{self, Path},
    response::{IntoResponse, Response},
};
use http::StatusCode;
use serde::Serialize;
use session::{SessionId, SessionSummary};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use crate::{
    State,
    current_session::{SignedIn, require_step_up},
    error::{WebError, forget_session},
};

/// `GET /sessions`: where the user is signed in, the newest sign-in first.
pub(crate) async fn list(
    extract::State(state): extract::State<State>,
    signed_in: SignedIn,
) -> Result<Json<Answer>, WebError> {
    let listed = state.client.sessions.list(&signed_in.user).await?;
    let own = signed_in.session.id();
    Ok(Json(Answer { sessions: listed.into_iter().map(|it| Entry::of(it, own)).collect() }))
}

/// `DELETE /sessions/{id}`: ends one of them. 404 for anybody else's; 401 `sign_in_again` when it
/// is not the one that asks and the sign-in is not fresh or strong enough.
pub(crate) async fn end(
    extract::State(state): extract::State<State>,
    signed_in: SignedIn,
    id: Result<Path<String>, extract::rejection::PathRejection>,
) -> Result<Response, WebError> {
    let id = id.ok().and_then(|Path(id)| SessionId::parse(&id)).ok_or(WebError::NotFound)?;
    let SignedIn { secret, session, user } = signed_in;
    if id == *session.id() {
        // With its secret here, its tokens can be given back, too.
        if let Some(contents) = state.client.sessions.end(&secret).await? {
            state.client.revoke(&contents).await;
        }
        return Ok(forget_session(StatusCode::NO_CONTENT));
    }
    // An unlocked computer alone must not be enough to put its owner out everywhere else.
    require_step_up(&state, &session)?;
    if state.client.sessions.end_listed(&user, &id).await? {
        tracing::info!(code = "session_ended", "a session was ended from another one");
        Ok(StatusCode::NO_CONTENT.into_response())
    } else {
        Err(WebError::NotFound)
    }
}

#[derive(Serialize)]
pub(crate) struct Answer {
    sessions: Vec<Entry>,
}

#[derive(Serialize)]
struct Entry {
    id: String,
    device: Device,
    /// Where it was opened from.
    address: Option<String>,
    created_at: Option<String>,
    /// Minutes behind.
    last_seen_at: Option<String>,
    /// Whether the request was made in it.
    current: bool,
}

/// Words of ours, or nothing.
#[derive(Serialize)]
struct Device {
    browser: Option<String>,
    system: Option<String>,
}

impl Entry {
    fn of(listed: SessionSummary, own: &SessionId) -> Self {
        let SessionSummary { id, device, created_at, last_seen_at, .. } = listed;
        Self {
            current: id == *own,
            id: id.to_string(),
            address: device.address().map(|address| address.to_string()),
            device: Device {
                browser: device.browser().map(str::to_owned),
                system: device.system().map(str::to_owned),
            },
            created_at: written(created_at),
            last_seen_at: written(last_seen_at),
        }
    }
}

/// RFC 3339 in UTC.
fn written(time: SystemTime) -> Option<String> {
    OffsetDateTime::from(time).format(&Rfc3339).ok()
}
