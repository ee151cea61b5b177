//! The second factor: a code that a real provider would send somewhere, and this one shows.

use askama::Template;
use axum::{
    body::Bytes,
    extract::State,
    http::StatusCode,
    response::{IntoResponse as _, Response},
};

use crate::{
    authorize::advance,
    pages::{error::ErrorPage, show, under_way::UnderWay},
    provider::Idp,
    routes, secret,
    state::{Account, User},
};

#[derive(Template)]
#[template(path = "second_factor.html")]
struct SecondFactorPage<'a> {
    app: &'a str,
    csrf: String,
    leave: String,
    user: User,
    code: &'a str,
    wrong: bool,
}

/// `GET /{tenant}/second-factor/{id}`.
pub(crate) async fn get(State(idp): State<Idp>, under_way: UnderWay) -> Response {
    match under_way.signed_in() {
        Some(account) => page(&idp, &under_way, &account, StatusCode::OK),
        None => under_way.to(routes::SIGN_IN).into_response(),
    }
}

/// `POST /{tenant}/second-factor/{id}` with `code`.
pub(crate) async fn post(
    State(idp): State<Idp>,
    under_way: UnderWay,
    body: Bytes,
) -> Result<Response, ErrorPage> {
    let form = under_way.form(&body)?;
    let Some(account) = under_way.signed_in() else {
        return Ok(under_way.to(routes::SIGN_IN).into_response());
    };
    let code = form.once("code").unwrap_or_default().trim();
    if !secret::equal(code, &under_way.interaction.second_factor) {
        return Ok(page(&idp, &under_way, &account, StatusCode::BAD_REQUEST));
    }
    let now = idp.now();
    idp.store().write(|data| data.sessions.strengthen(&account.sid, now))?;
    idp.note(&account.oid, "Second factor given");
    let account = Account { second_factor_at: Some(now), ..account };
    Ok(advance(&idp, &under_way.id, &under_way.interaction.request, account))
}

fn page(idp: &Idp, under_way: &UnderWay, account: &Account, status: StatusCode) -> Response {
    let user = idp.store().read(|data| data.users.by_oid(&account.oid).cloned());
    let Some(user) = user else { return under_way.to(routes::SIGN_IN).into_response() };
    let page = SecondFactorPage {
        app: under_way.app_name(),
        csrf: under_way.browser.csrf(),
        leave: under_way.page(routes::LEAVE),
        user,
        code: &under_way.interaction.second_factor,
        wrong: status != StatusCode::OK,
    };
    show(status, &page, &under_way.policy())
}
