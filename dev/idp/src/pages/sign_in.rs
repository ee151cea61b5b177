//! The sign-in page.

use askama::Template;
use axum::{body::Bytes, extract::State, http::StatusCode, response::Response};
use tokio::task::spawn_blocking;

use crate::{
    apps::{DEMO_USERS, DemoUser},
    pages::{error::ErrorPage, show, under_way::UnderWay},
    password::PasswordHash,
    provider::Idp,
    routes,
};

#[derive(Template)]
#[template(path = "sign_in.html")]
struct SignInPage<'a> {
    app: &'a str,
    csrf: String,
    sign_up: String,
    leave: String,
    username: String,
    wrong: bool,
    demo_users: &'static [DemoUser],
}

/// `GET /{tenant}/sign-in/{id}`.
pub(crate) async fn get(State(idp): State<Idp>, under_way: UnderWay) -> Response {
    let username = expected_username(&idp, &under_way).unwrap_or_default();
    page(&under_way, StatusCode::OK, username, false)
}

/// `POST /{tenant}/sign-in/{id}` with `username` and `password`.
pub(crate) async fn post(
    State(idp): State<Idp>,
    under_way: UnderWay,
    body: Bytes,
) -> Result<Response, ErrorPage> {
    let form = under_way.form(&body)?;
    let username = form.once("username").unwrap_or_default().to_owned();
    let password = form.once("password").unwrap_or_default().to_owned();
    let user = idp.store().read(|data| data.users.by_username(&username).cloned());
    let hash = user.as_ref().map_or_else(PasswordHash::of_nobody, |user| user.password.clone());
    let right = spawn_blocking(move || hash.matches(&password)).await.unwrap_or(false);
    match user {
        Some(user) if right => under_way.enter(&user.oid),
        _ => Ok(page(&under_way, StatusCode::BAD_REQUEST, username, true)),
    }
}

fn page(under_way: &UnderWay, status: StatusCode, username: String, wrong: bool) -> Response {
    let page = SignInPage {
        app: under_way.app_name(),
        csrf: under_way.browser.csrf(),
        sign_up: under_way.page(routes::SIGN_UP),
        leave: under_way.page(routes::LEAVE),
        username,
        wrong,
        demo_users: &DEMO_USERS,
    };
    show(status, &page, &under_way.policy())
}

/// Whom to expect: the client's hint, or the one user who has to give a password again.
fn expected_username(idp: &Idp, under_way: &UnderWay) -> Option<String> {
    let request = &under_way.interaction.request;
    if let Some(hint) = &request.login_hint {
        return Some(hint.clone());
    }
    let accounts = under_way.accounts();
    let oid = request.hinted_oid.as_ref().or(match accounts.as_slice() {
        [account] if request.max_age.is_some() => Some(&account.oid),
        _ => None,
    })?;
    idp.store().read(|data| data.users.by_oid(oid).map(|user| user.username.clone()))
}
