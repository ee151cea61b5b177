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
    fault::Fault,
    logout,
    pages::{Policy, error::ErrorPage, show, signing_out},
    params::Params,
    provider::Idp,
    routes,
    state::{Account, User},
};

#[derive(Template)]
#[template(path = "sign_out.html")]
struct SignOutPage {
    action: String,
    csrf: String,
    users: Vec<User>,
    client_id: String,
    redirect_uri: String,
    state: String,
}

#[derive(Template)]
#[template(path = "signed_out.html")]
struct SignedOutPage {
    home: Option<String>,
}

/// `GET …/logout`: at once with a hint that names who is signed in, else after asking.
pub(crate) async fn get(
    State(idp): State<Idp>,
    browser: Browser,
    RawQuery(query): RawQuery,
) -> Result<Response, ErrorPage> {
    let params = Params::parse(query.unwrap_or_default().as_bytes());
    let back = way_back(&idp, &params)?;
    let accounts = idp.store().read(|data| data.sessions.accounts(browser.session(), idp.now()));
    match meant(&idp, &params, &accounts) {
        Meant::Nobody => Ok(go(&idp, back)),
        Meant::One(account) => {
            let ended = end(&idp, &browser, Some(&account.oid)).await?;
            Ok(go_on(&idp, back, &ended))
        }
        Meant::Unsaid => Ok(ask(&idp, &browser, &params, &accounts)),
    }
}

/// `POST …/logout` turns into the GET, as at the authorization endpoint.
pub(crate) async fn post(State(idp): State<Idp>, body: Bytes) -> Response {
    routes::as_query(&idp.tenant().end_session_endpoint, &body)
}

/// `POST /{tenant}/sign-out`: the answer of the page that asked.
pub(crate) async fn confirm(
    State(idp): State<Idp>,
    browser: Browser,
    body: Bytes,
) -> Result<Response, ErrorPage> {
    let form = Params::parse(&body);
    if !browser.wrote(form.once("csrf").unwrap_or_default()) {
        return Err(ErrorPage::foreign_form(&idp));
    }
    let back = way_back(&idp, &form)?;
    let ended = end(&idp, &browser, None).await?;
    Ok(go_on(&idp, back, &ended))
}

/// Whom a request wants signed out.
enum Meant {
    /// Nobody who is signed in here: there is nothing to end.
    Nobody,
    One(Account),
    /// It does not say, and a link on any page can ask for this.
    Unsaid,
}

fn meant(idp: &Idp, params: &Params, accounts: &[Account]) -> Meant {
    if accounts.is_empty() {
        return Meant::Nobody;
    }
    let hint = params.once("id_token_hint").and_then(|it| idp.keys().claims_of_own_token(it));
    let oid = match (&hint, params.once("logout_hint")) {
        (Some(claims), _) => claims.get("oid").and_then(|oid| oid.as_str()).map(str::to_owned),
        (None, Some(hint)) => {
            idp.store().read(|data| data.users.by_username(hint).map(|user| user.oid.clone()))
        }
        (None, None) => None,
    };
    let Some(oid) = oid else { return Meant::Unsaid };
    let account = accounts.iter().find(|account| account.oid == oid);
    account.map_or(Meant::Nobody, |account| Meant::One(account.clone()))
}

/// The address to go back to, with `state`; one that no client registered is refused.
fn way_back(idp: &Idp, params: &Params) -> Result<Option<Url>, ErrorPage> {
    if let Some(name) = params.repeated() {
        let fault = Fault::malformed(format!("The parameter '{name}' is duplicated."));
        return Err(ErrorPage::of(idp, &fault));
    }
    let Some(uri) = params.once("post_logout_redirect_uri") else { return Ok(None) };
    let client_id = params.once("client_id");
    let registered = idp
        .apps()
        .iter()
        .filter(|app| client_id.is_none_or(|client_id| client_id == app.client_id))
        .any(|app| app.post_logout_redirect_uris.iter().any(|registered| registered == uri));
    let Some(mut url) = registered.then(|| Url::parse(uri).ok()).flatten() else {
        return Err(ErrorPage::of(
            idp,
            &Fault::new(
                "invalid_request",
                50011,
                format!(
                    "The post-logout redirect URI '{uri}' is not registered for the application."
                ),
            ),
        ));
    };
    if let Some(state) = params.once("state") {
        url.query_pairs_mut().append_pair("state", state);
    }
    Ok(Some(url))
}

/// Ends sign-ins of this browser and tells their clients, before anything is answered: who is
/// back at the application finds it signed out.
async fn end(idp: &Idp, browser: &Browser, oid: Option<&str>) -> Result<Vec<Account>, ErrorPage> {
    let Some(cookie) = browser.session() else { return Ok(Vec::new()) };
    let ended = idp.store().write(|data| data.sessions.sign_out(cookie, oid))?;
    for account in &ended {
        idp.note(&account.oid, "Signed out in a browser");
    }
    logout::tell_of_sessions(idp, &ended).await;
    Ok(ended)
}

/// Goes on at once, or by way of a page that frames what clients have registered.
fn go_on(idp: &Idp, back: Option<Url>, ended: &[Account]) -> Response {
    let frames = logout::frames(idp, ended);
    if frames.is_empty() {
        return go(idp, back);
    }
    // Without a way back this endpoint says, a second time, that nobody is signed in.
    let next = back.map_or_else(|| idp.tenant().end_session_endpoint.clone(), String::from);
    signing_out::page(frames, next)
}

fn go(idp: &Idp, back: Option<Url>) -> Response {
    if let Some(url) = back {
        return Redirect::to(url.as_str()).into_response();
    }
    let home = idp.apps().iter().find_map(|app| app.home.clone());
    show(StatusCode::OK, &SignedOutPage { home }, &Policy::default())
}

fn ask(idp: &Idp, browser: &Browser, params: &Params, accounts: &[Account]) -> Response {
    let field = |name| params.once(name).unwrap_or_default().to_owned();
    let users = idp.store().read(|data| {
        let users = accounts.iter().filter_map(|account| data.users.by_oid(&account.oid));
        users.cloned().collect()
    });
    let page = SignOutPage {
        action: routes::sign_out_page(),
        csrf: browser.csrf(),
        users,
        client_id: field("client_id"),
        redirect_uri: field("post_logout_redirect_uri"),
        state: field("state"),
    };
    let policy = Policy::leading_to(&page.redirect_uri);
    browser.remember(show(StatusCode::OK, &page, &policy))
}
