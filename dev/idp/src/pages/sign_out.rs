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
    behavior::SignOut,
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
    params.unrepeated().map_err(|error| ErrorPage::of(&idp, &error))?;
    let missing = |name: &str| ErrorPage::of(&idp, &OAuthError::missing(name));
    match idp.behavior.sign_out {
        SignOut::EndSession => {}
        SignOut::IdTokenHint => {
            params.once("id_token_hint").ok_or_else(|| missing("id_token_hint"))?;
        }
        SignOut::LogoutUri => {
            let client_id = params.once("client_id").ok_or_else(|| missing("client_id"))?;
            let uri = params.once("logout_uri").ok_or_else(|| missing("logout_uri"))?;
            let back = registered(&idp, Some(client_id), uri)?;
            return sign_out(&idp, &browser, None, Some(back)).await;
        }
    }
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
    as_query(&endpoint(&idp), &body)
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
    let mut url = registered(idp, params.once("client_id"), uri)?;
    if let Some(state) = params.once("state") {
        url.query_pairs_mut().append_pair("state", state);
    }
    Ok(Some(url))
}

/// The URI, if this client, or any, registered it for after a sign-out.
fn registered(idp: &Provider, client_id: Option<&str>, uri: &str) -> Result<Url, ErrorPage> {
    let registered = idp
        .apps
        .iter()
        .filter(|app| client_id.is_none_or(|client_id| client_id == app.client_id))
        .any(|app| app.post_logout_redirect_uris.iter().any(|registered| registered == uri));
    registered.then(|| Url::parse(uri).ok()).flatten().ok_or_else(|| {
        let message =
            format!("The post-logout redirect URI '{uri}' is not registered for the application.");
        ErrorPage::of(idp, &OAuthError::invalid_request(50011, message))
    })
}

fn endpoint(idp: &Provider) -> String {
    idp.tenant.url(idp.behavior.paths.logout.unwrap_or_default())
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
    let ended = idp.store.write(|data| {
        let ended = data.sessions.sign_out(cookie, oid);
        if idp.behavior.sign_out_ends_refresh_tokens {
            for account in &ended {
                data.refresh_tokens.revoke_session(&account.sid);
            }
        }
        ended
    })?;
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
    let next = back.map_or_else(|| endpoint(idp), String::from);
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
