//! The sign-up page.

use askama::Template;
use axum::{
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use tokio::task::spawn_blocking;

use crate::{
    pages::{
        error::ErrorPage,
        interaction::{SignIn, Submission},
    },
    state::{SignUpError, User},
};

#[derive(Template)]
#[template(path = "sign_up.html")]
struct SignUpPage<'a> {
    sign_in: &'a SignIn,
    name: &'a str,
    username: &'a str,
    error: SignUpError,
}

/// `GET /{tenant}/sign-up/{id}`.
pub(crate) async fn get(sign_in: SignIn) -> Response {
    let username = sign_in.request().login_hint.as_deref().unwrap_or_default();
    let error = SignUpError::default();
    sign_in.show(StatusCode::OK, &SignUpPage { sign_in: &sign_in, name: "", username, error })
}

/// `POST /{tenant}/sign-up/{id}` with `name`, `username` and `password`.
pub(crate) async fn post(Submission { sign_in, form }: Submission) -> Result<Response, ErrorPage> {
    let (name, username, password) =
        (form.text("name"), form.text("username"), form.text("password"));
    let again = |error| {
        let page = SignUpPage { sign_in: &sign_in, name, username, error };
        Ok(sign_in.show(StatusCode::BAD_REQUEST, &page))
    };
    let store = &sign_in.idp.store;
    if let Err(error) = store.read(|data| data.users.validate(name, username, password)) {
        return again(error);
    }
    let now = sign_in.idp.now();
    let fields = [name, username, password].map(str::to_owned);
    let user = spawn_blocking(move || User::new(&fields[0], &fields[1], &fields[2], now)).await;
    let Ok(user) = user else { return Ok(StatusCode::INTERNAL_SERVER_ERROR.into_response()) };
    let oid = user.oid.clone();
    match store.write(|data| data.users.add(user))? {
        Ok(()) => sign_in.enter(&oid),
        Err(error) => again(error),
    }
}
