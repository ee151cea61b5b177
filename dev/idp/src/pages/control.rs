//! The page of the provider's own: users, apps, keys, and the button that rotates them.

use askama::Template;
use axum::{
    Json,
    extract::State,
    http::{
        HeaderMap, StatusCode,
        header::{ACCEPT, ORIGIN},
    },
    response::{IntoResponse as _, Redirect, Response},
};
use serde_json::json;
use time::{OffsetDateTime, format_description::BorrowedFormatItem, macros::format_description};

use crate::{
    pages::{Policy, error::ErrorPage, show},
    provider::Idp,
    routes,
    state::User,
};

#[derive(Template)]
#[template(path = "control.html")]
struct ControlPage<'a> {
    issuer: &'a str,
    metadata_url: &'a str,
    rotate_keys: &'static str,
    users: Vec<User>,
    apps: Vec<&'a crate::apps::App>,
    keys: Vec<KeyRow>,
}

struct KeyRow {
    kid: String,
    created: String,
}

/// `GET /dev`.
pub(crate) async fn get(State(idp): State<Idp>) -> Response {
    let keys = idp.keys().published();
    let page = ControlPage {
        issuer: idp.issuer(),
        metadata_url: idp.metadata_url(),
        rotate_keys: routes::ROTATE_KEYS,
        users: idp.store().read(|data| data.users.iter().cloned().collect()),
        apps: idp.apps().iter().collect(),
        keys: keys
            .iter()
            .map(|key| KeyRow { kid: key.kid.clone(), created: date(key.created_at) })
            .collect(),
    };
    show(StatusCode::OK, &page, &Policy::default())
}

/// `POST /dev/rotate-keys`: for the button, and for tests (`curl -X POST`).
pub(crate) async fn rotate_keys(
    State(idp): State<Idp>,
    headers: HeaderMap,
) -> Result<Response, ErrorPage> {
    if !from_here(&idp, &headers) {
        return Err(ErrorPage::foreign_form(&idp));
    }
    let kid = match idp.rotate_keys() {
        Ok(kid) => kid,
        Err(error) => {
            tracing::error!(%error, "keys not rotated");
            return Ok(StatusCode::INTERNAL_SERVER_ERROR.into_response());
        }
    };
    tracing::info!(kid, "signing with a new key");
    if is_person(&headers) {
        return Ok(Redirect::to(routes::CONTROL_PAGE).into_response());
    }
    Ok(Json(json!({ "kid": kid })).into_response())
}

/// Whether a page is wanted, not a document for scripts.
pub(super) fn is_person(headers: &HeaderMap) -> bool {
    let accepted = headers.get(ACCEPT).and_then(|it| it.to_str().ok());
    accepted.is_some_and(|accepted| accepted.contains("text/html"))
}

/// Whether a request is no other site's: browsers say where theirs come from, and what
/// is no browser says nothing.
pub(super) fn from_here(idp: &Idp, headers: &HeaderMap) -> bool {
    if let Some(site) = headers.get("sec-fetch-site") {
        return site == "same-origin" || site == "none";
    }
    headers.get(ORIGIN).is_none_or(|origin| origin == idp.tenant().origin.as_str())
}

pub(super) fn date(seconds: u64) -> String {
    written(seconds, format_description!("[year]-[month]-[day] [hour]:[minute] UTC"))
}

/// For what somebody watches.
pub(super) fn moment(seconds: u64) -> String {
    written(seconds, format_description!("[hour]:[minute]:[second] UTC"))
}

fn written(seconds: u64, format: &[BorrowedFormatItem<'_>]) -> String {
    let date =
        i64::try_from(seconds).ok().and_then(|s| OffsetDateTime::from_unix_timestamp(s).ok());
    date.and_then(|date| date.format(format).ok()).unwrap_or_default()
}
