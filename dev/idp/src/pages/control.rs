//! The control page: users, apps, keys, and the button that rotates the keys.

use askama::Template;
use axum::{
    Json,
    extract::{Path, Request, State},
    http::{
        HeaderMap, Method, StatusCode, Uri,
        header::{ACCEPT, ORIGIN},
    },
    middleware::Next,
    response::{IntoResponse as _, Redirect, Response},
};
use serde_json::{Value, json};
use time::macros::format_description;

use crate::{
    apps::App,
    behavior::{ApiNames, Machines},
    clock::utc,
    keys::SigningKey,
    pages::{Policy, error::ErrorPage, show},
    paths,
    provider::Shared,
    state::User,
    tokens,
};

#[derive(Template)]
#[template(path = "control.html")]
struct ControlPage<'a> {
    like: &'static str,
    issuer: &'a str,
    metadata_url: &'a str,
    rotate_keys: &'static str,
    users: Vec<User>,
    apps: &'a [App],
    keys: &'a [SigningKey],
}

/// `GET /dev`.
pub(crate) async fn get(State(idp): State<Shared>) -> Response {
    let page = ControlPage {
        like: idp.config.like.title,
        issuer: &idp.tenant.issuer,
        metadata_url: &idp.tenant.metadata_url,
        rotate_keys: paths::ROTATE_KEYS,
        users: idp.store.read(|data| data.users.iter().cloned().collect()),
        apps: &idp.apps,
        keys: &idp.keys.published(),
    };
    show(StatusCode::OK, &page, &Policy::default())
}

/// `POST /dev/rotate-keys`: for the button, and for tests (`curl -X POST`).
pub(crate) async fn rotate_keys(State(idp): State<Shared>, headers: HeaderMap) -> Response {
    let kid = match idp.rotate_keys() {
        Ok(kid) => kid,
        Err(error) => {
            tracing::error!(%error, "keys not rotated");
            return StatusCode::INTERNAL_SERVER_ERROR.into_response();
        }
    };
    tracing::info!(kid, "signing with a new key");
    done(&headers, paths::CONTROL_PAGE, json!({ "kid": kid }))
}

/// `POST /dev/tokens/{name}`: an access token for the API, as text, or with `?api=orders` for the
/// second one. A user's has all scopes, an application's (`daemon`, `reader`) its roles.
pub(crate) async fn token(
    State(idp): State<Shared>,
    Path(name): Path<String>,
    uri: Uri,
) -> Result<String, StatusCode> {
    let is_orders = match uri.query() {
        None => false,
        Some("api=orders") if idp.api.names == ApiNames::Registration => true,
        Some(_) => return Err(StatusCode::NOT_FOUND),
    };
    // Applications first: anyone can sign up as `daemon@example.com`.
    let app = idp.apps.iter().find(|app| app.name.eq_ignore_ascii_case(&name));
    let app = app.filter(|app| !app.roles.is_empty() && idp.behavior.machines != Machines::None);
    if let Some(app) = app {
        if is_orders {
            return Ok(tokens::app_orders_token(&idp, app));
        }
        return Ok(tokens::app_access_token(&idp, app, &app.roles));
    }
    let user = idp.user_named(&name).filter(|_| idp.api.names != ApiNames::None);
    let user = user.ok_or(StatusCode::NOT_FOUND)?;
    idp.log(&user.oid, "Access token issued on request of a script");
    Ok(tokens::user_api_token(&idp, &user, is_orders))
}

/// Answers a command: browsers go to a page, scripts get JSON.
pub(super) fn done(headers: &HeaderMap, page: &str, json: Value) -> Response {
    if wants_html(headers) {
        Redirect::to(page).into_response()
    } else {
        Json(json).into_response()
    }
}

/// Whether the client is a browser, not a script.
pub(super) fn wants_html(headers: &HeaderMap) -> bool {
    let accepted = headers.get(ACCEPT).and_then(|it| it.to_str().ok());
    accepted.is_some_and(|accepted| accepted.contains("text/html"))
}

/// Refuses requests from pages of other sites. Scripts send neither header. A link from another
/// site may lead to a page, because the page that has the link cannot read where it leads.
pub(crate) async fn only_own_site(
    State(idp): State<Shared>,
    request: Request,
    next: Next,
) -> Result<Response, ErrorPage> {
    let headers = request.headers();
    let is = |name: &str, value: &str| headers.get(name).is_some_and(|it| it == value);
    let own = match headers.get("sec-fetch-site") {
        Some(site) => site == "same-origin" || site == "none",
        None => headers.get(ORIGIN).is_none_or(|origin| origin == idp.tenant.origin.as_str()),
    };
    let link = request.method() == Method::GET
        && is("sec-fetch-mode", "navigate")
        && is("sec-fetch-dest", "document");
    if own || link { Ok(next.run(request).await) } else { Err(ErrorPage::foreign_form(&idp)) }
}

pub(super) fn date(seconds: u64) -> String {
    utc(seconds, format_description!("[year]-[month]-[day] [hour]:[minute] UTC"))
}

pub(super) fn time_of_day(seconds: u64) -> String {
    utc(seconds, format_description!("[hour]:[minute]:[second] UTC"))
}
