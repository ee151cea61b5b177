//! Signing out (OpenID Connect RP-Initiated Logout).

use askama::Template;
use axum::{
    body::Bytes,
    extract::{RawQuery, State},
    http::StatusCode,
    response::{IntoResponse as _, Redirect, Response},
};
use url::Url;

use crate::{
    browser::Browser,
    logout,
    oauth_error::OAuthError,
    pages::{Policy, error::ErrorPage, show},
    params::{Params, as_query},
    paths,
    provider::{Provider, Shared},
    state::{Account, User},
};

#[derive(Template)]
#[template(path = "sign_out.html")]
struct SignOutPage<'a> {
    action: String,
    csrf: String,
    users: Vec<User>,
    params: &'a Params,
}

#[derive(Template)]
#[template(path = "signed_out.html")]
struct SignedOutPage {
    home: String,
}

/// Goes on when all frames are loaded, or after four seconds. Replaces this page, so that the
/// back button doesn't lead here. Without scripts there is a link.
const CONTINUE: &str = "const go = () => location.replace(document.getElementById('continue').href); \
    addEventListener('load', go); setTimeout(go, 4000);";

/// Frames the clients' logout URIs (OpenID Connect Front-Channel Logout, section 3).
#[derive(Template)]
#[template(path = "signing_out.html")]
struct SigningOutPage {
    frames: Vec<Url>,
    next: String,
    script: &'static str,
}

/// `GET …/logout`: at once with a hint at a user who is signed in, else after asking.
pub(crate) async fn get(
    State(idp): State<Shared>,
    browser: Browser,
    RawQuery(query): RawQuery,
) -> Result<Response, ErrorPage> {
    let params = Params::parse(query.unwrap_or_default().as_bytes());
    let back = post_logout_redirect(&idp, &params)?;
    let accounts = idp.accounts(browser.session());
    match whom(&idp, &params, &accounts) {
        Whom::NotSignedIn => Ok(finish(&idp, back)),
        Whom::User(oid) => sign_out(&idp, &browser, Some(&oid), back).await,
        Whom::Unknown => Ok(ask(&idp, &browser, &params, &accounts)),
    }
}

/// `POST …/logout` turns into the GET, as at the authorization endpoint.
pub(crate) async fn post(State(idp): State<Shared>, body: Bytes) -> Response {
    as_query(&idp.tenant.url(paths::LOGOUT), &body)
}

/// `POST /{tenant}/sign-out`: the form of the page that asks.
pub(crate) async fn confirm(
    State(idp): State<Shared>,
    browser: Browser,
    body: Bytes,
) -> Result<Response, ErrorPage> {
    let form = Params::parse(&body);
    if !browser.wrote(form.text("csrf")) {
        return Err(ErrorPage::foreign_form(&idp));
    }
    let back = post_logout_redirect(&idp, &form)?;
    sign_out(&idp, &browser, None, back).await
}

/// Whom a request wants signed out.
enum Whom {
    /// A user who isn't signed in here.
    NotSignedIn,
    /// The user with this object id.
    User(String),
    /// The request doesn't say; a link on any page can send it.
    Unknown,
}

fn whom(idp: &Provider, params: &Params, accounts: &[Account]) -> Whom {
    if accounts.is_empty() {
        return Whom::NotSignedIn;
    }
    let hint = params.once("id_token_hint").and_then(|hint| idp.oid_of_hint(hint));
    let oid = hint.or_else(|| Some(idp.user_by_name(params.once("logout_hint")?)?.oid));
    match oid {
        None => Whom::Unknown,
        Some(oid) if accounts.iter().any(|account| account.oid == oid) => Whom::User(oid),
        Some(_) => Whom::NotSignedIn,
    }
}

/// The URI to redirect to, with `state`; one that no client registered is refused.
fn post_logout_redirect(idp: &Provider, params: &Params) -> Result<Option<Url>, ErrorPage> {
    params.unrepeated().map_err(|error| ErrorPage::of(idp, &error))?;
    let Some(uri) = params.once("post_logout_redirect_uri") else { return Ok(None) };
    let client_id = params.once("client_id");
    let registered = idp
        .apps
        .iter()
        .filter(|app| client_id.is_none_or(|client_id| client_id == app.client_id))
        .any(|app| app.post_logout_redirect_uris.iter().any(|registered| registered == uri));
    let Some(mut url) = registered.then(|| Url::parse(uri).ok()).flatten() else {
        let message =
            format!("The post-logout redirect URI '{uri}' is not registered for the application.");
        return Err(ErrorPage::of(idp, &OAuthError::invalid_request(50011, message)));
    };
    if let Some(state) = params.once("state") {
        url.query_pairs_mut().append_pair("state", state);
    }
    Ok(Some(url))
}

/// Signs out one user of this browser, or all, and notifies their clients before anything is
/// answered: a user who is back at the application finds it signed out.
async fn sign_out(
    idp: &Shared,
    browser: &Browser,
    oid: Option<&str>,
    back: Option<Url>,
) -> Result<Response, ErrorPage> {
    let Some(cookie) = browser.session() else { return Ok(finish(idp, back)) };
    let ended = idp.store.write(|data| data.sessions.sign_out(cookie, oid))?;
    for account in &ended {
        idp.log(&account.oid, "Signed out in a browser");
    }
    logout::notify_of_sessions(idp, &ended).await;
    let frames = logout::frames(idp, &ended);
    if frames.is_empty() {
        return Ok(finish(idp, back));
    }
    let policy = Policy {
        script: Some(CONTINUE),
        frames: frames.iter().map(without_query).collect(),
        ..Policy::default()
    };
    // Without a redirect URI: this endpoint again, which then says that the user is signed out.
    let next = back.map_or_else(|| idp.tenant.url(paths::LOGOUT), String::from);
    Ok(show(StatusCode::OK, &SigningOutPage { frames, next, script: CONTINUE }, &policy))
}

/// A policy ignores sources with a query.
fn without_query(frame: &Url) -> String {
    let mut address = frame.clone();
    address.set_query(None);
    address.into()
}

fn finish(idp: &Provider, back: Option<Url>) -> Response {
    match back {
        Some(url) => Redirect::to(url.as_str()).into_response(),
        None => show(StatusCode::OK, &SignedOutPage { home: idp.home() }, &Policy::default()),
    }
}

fn ask(idp: &Provider, browser: &Browser, params: &Params, accounts: &[Account]) -> Response {
    let page = SignOutPage {
        action: paths::sign_out_form(),
        csrf: browser.csrf(),
        users: idp.users(accounts),
        params,
    };
    let policy = Policy::leading_to(params.text("post_logout_redirect_uri"));
    browser.remember(show(StatusCode::OK, &page, &policy))
}
