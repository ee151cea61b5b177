//! The account picker: which of the users who are signed in here.

use askama::Template;
use axum::{http::StatusCode, response::Response};

use crate::{
    authorization_request::Prompt,
    pages::interaction::{SignIn, Submission},
    state::User,
};

#[derive(Template)]
#[template(path = "accounts.html")]
struct AccountsPage<'a> {
    sign_in: &'a SignIn,
    users: Vec<User>,
}

/// `GET /{tenant}/accounts/{id}`.
pub(crate) async fn get(sign_in: SignIn) -> Response {
    let users = sign_in.idp.users(&sign_in.accounts());
    if users.is_empty() {
        return sign_in.start_over();
    }
    sign_in.show(StatusCode::OK, &AccountsPage { sign_in: &sign_in, users })
}

/// `POST /{tenant}/accounts/{id}` with `account`, an object id.
pub(crate) async fn post(Submission { sign_in, form }: Submission) -> Response {
    let chosen = form.text("account");
    let account = sign_in.accounts().into_iter().find(|account| account.oid == chosen);
    let Some(account) = account else { return sign_in.start_over() };
    let request = sign_in.request();
    if !request.asks(Prompt::Login) && request.is_fresh(&account, sign_in.idp.now()) {
        return sign_in.advance(account);
    }
    let username = sign_in.idp.user(chosen).map(|user| user.username);
    sign_in.idp.pending.update(&sign_in.id, |it| it.request.login_hint = username);
    sign_in.start_over()
}
