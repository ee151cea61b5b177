//! The second factor: a code that a real provider would send to the user, and this one shows.

use askama::Template;
use axum::{http::StatusCode, response::Response};

use crate::{
    pages::{
        error::ErrorPage,
        interaction::{SignIn, Submission},
    },
    secret,
    state::{Account, User},
};

#[derive(Template)]
#[template(path = "second_factor.html")]
struct SecondFactorPage<'a> {
    sign_in: &'a SignIn,
    user: User,
    wrong: bool,
}

/// `GET /{tenant}/second-factor/{id}`.
pub(crate) async fn get(sign_in: SignIn) -> Response {
    let Some((_, user)) = sign_in.signed_in() else { return sign_in.start_over() };
    sign_in.show(StatusCode::OK, &SecondFactorPage { sign_in: &sign_in, user, wrong: false })
}

/// `POST /{tenant}/second-factor/{id}` with `code`.
pub(crate) async fn post(Submission { sign_in, form }: Submission) -> Result<Response, ErrorPage> {
    let Some((account, user)) = sign_in.signed_in() else { return Ok(sign_in.start_over()) };
    if !secret::equal(form.text("code").trim(), &sign_in.interaction.second_factor) {
        let page = SecondFactorPage { sign_in: &sign_in, user, wrong: true };
        return Ok(sign_in.show(StatusCode::BAD_REQUEST, &page));
    }
    let now = sign_in.idp.now();
    sign_in.idp.store.write(|data| data.sessions.add_second_factor(&account.sid, now))?;
    sign_in.idp.log(&account.oid, "Second factor given");
    Ok(sign_in.advance(Account { second_factor_at: Some(now), ..account }))
}
