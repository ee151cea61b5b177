//! The control page of one user: fault injection, sessions and the event log.

use askama::Template;
use axum::{
    Json,
    body::Bytes,
    extract::{FromRequestParts, Path, State},
    http::{HeaderMap, StatusCode, request::Parts},
    response::{IntoResponse as _, Response},
};
use serde_json::{Value, json};

use crate::{
    event_log::Event,
    fault_injection::{Fault, MAX_DELAY, MAX_EXPIRED, MAX_LIFETIME, UserFaults},
    logout,
    oauth_error::OAuthError,
    pages::{
        Policy,
        control::{date, done, time_of_day, wants_html},
        error::ErrorPage,
        show,
    },
    params::Params,
    paths,
    provider::{Provider, Shared},
    state::{Account, User},
};

#[derive(Template)]
#[template(path = "user.html")]
struct UserPage<'a> {
    idp: &'a Provider,
    user: &'a User,
    set: UserFaults,
    sessions: Vec<Account>,
    events: Vec<Event>,
}

/// The user in the path, by object id or name.
pub(crate) struct PathUser(User);

impl FromRequestParts<Shared> for PathUser {
    type Rejection = ErrorPage;

    async fn from_request_parts(parts: &mut Parts, idp: &Shared) -> Result<Self, ErrorPage> {
        let path = Path::<String>::from_request_parts(parts, idp).await.ok();
        let user = path.and_then(|Path(name)| idp.user_named(&name));
        user.map(Self).ok_or_else(|| ErrorPage::not_found(idp))
    }
}

/// `GET /dev/users/{user}`: the page, or JSON.
pub(crate) async fn get(
    State(idp): State<Shared>,
    PathUser(user): PathUser,
    headers: HeaderMap,
) -> Response {
    if !wants_html(&headers) {
        return Json(json(&idp, &user)).into_response();
    }
    let page = UserPage {
        idp: &idp,
        user: &user,
        set: idp.faults.of(&user.oid),
        sessions: idp.store.read(|data| data.sessions.of_user(&user.oid, idp.now())),
        events: idp.events.of(&user.oid),
    };
    show(StatusCode::OK, &page, &Policy::default())
}

/// `POST /dev/users/{user}`: injects faults for this user.
pub(crate) async fn set_faults(
    State(idp): State<Shared>,
    PathUser(user): PathUser,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, ErrorPage> {
    let faults = UserFaults::parse(&Params::parse(&body))
        .map_err(|message| ErrorPage::of(&idp, &OAuthError::malformed(message)))?;
    idp.faults.set(&user.oid, faults);
    Ok(done(&headers, &paths::user_page(&user.oid), json(&idp, &user)))
}

/// `POST /dev/users/{user}/sign-out`: ends all of the user's sessions, here and by logout tokens.
pub(crate) async fn sign_out(
    State(idp): State<Shared>,
    PathUser(user): PathUser,
    headers: HeaderMap,
) -> Result<Response, ErrorPage> {
    idp.store.write(|data| {
        data.sessions.sign_out_everywhere(&user.oid);
        data.refresh_tokens.revoke_user(&user.oid);
    })?;
    idp.log(&user.oid, "Signed out everywhere");
    logout::notify_of_user(&idp, &user.oid).await;
    Ok(done(&headers, &paths::user_page(&user.oid), json(&idp, &user)))
}

fn json(idp: &Provider, user: &User) -> Value {
    let events = idp.events.of(&user.oid).into_iter();
    let sessions = idp.store.read(|data| data.sessions.of_user(&user.oid, idp.now()));
    json!({
        "username": user.username,
        "oid": user.oid,
        "sids": sessions.iter().map(|session| &session.sid).collect::<Vec<_>>(),
        "conduct": idp.faults.of(&user.oid).json(),
        "diary": events.map(|it| json!({ "at": it.at, "what": it.what })).collect::<Value>(),
    })
}
