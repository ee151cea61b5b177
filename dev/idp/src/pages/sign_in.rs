//! The sign-in page.

use askama::Template;
use axum::{http::StatusCode, response::Response};
use tokio::task::spawn_blocking;

use crate::{
    apps::{DEMO_USERS, DemoUser},
    pages::{
        error::ErrorPage,
        interaction::{SignIn, Submission},
    },
    password::PasswordHash,
};

#[derive(Template)]
#[template(path = "sign_in.html")]
struct SignInPage<'a> {
    sign_in: &'a SignIn,
    username: &'a str,
    wrong: bool,
    demo_users: &'static [DemoUser],
}

/// `GET /{tenant}/sign-in/{id}`.
pub(crate) async fn get(sign_in: SignIn) -> Response {
    let username = expected_username(&sign_in).unwrap_or_default();
    page(&sign_in, StatusCode::OK, &username)
}

/// `POST /{tenant}/sign-in/{id}` with `username` and `password`.
pub(crate) async fn post(Submission { sign_in, form }: Submission) -> Result<Response, ErrorPage> {
    let (username, password) = (form.text("username"), form.text("password").to_owned());
    let user = sign_in.idp.user_by_name(username);
    let hash = user.as_ref().map_or_else(PasswordHash::unmatchable, |user| user.password.clone());
    let correct = spawn_blocking(move || hash.matches(&password)).await.unwrap_or(false);
    match user {
        Some(user) if correct => sign_in.enter(&user.oid),
        _ => Ok(page(&sign_in, StatusCode::BAD_REQUEST, username)),
    }
}

fn page(sign_in: &SignIn, status: StatusCode, username: &str) -> Response {
    let wrong = status != StatusCode::OK;
    sign_in.show(status, &SignInPage { sign_in, username, wrong, demo_users: &DEMO_USERS })
}

/// The client's hint, or the only user who is signed in and must enter the password again.
fn expected_username(sign_in: &SignIn) -> Option<String> {
    let request = sign_in.request();
    if let Some(hint) = &request.login_hint {
        return Some(hint.clone());
    }
    let accounts = sign_in.accounts();
    let oid = request.hinted_oid.as_ref().or(match accounts.as_slice() {
        [account] if request.max_age.is_some() => Some(&account.oid),
        _ => None,
    })?;
    sign_in.idp.user(oid).map(|user| user.username)
}
