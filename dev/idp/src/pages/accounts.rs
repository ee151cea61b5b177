//! The account picker: who of those signed in here is meant.

use askama::Template;
use axum::{
    body::Bytes,
    extract::State,
    http::StatusCode,
    response::{IntoResponse as _, Response},
};

use crate::{
    authorize::{Prompt, advance, is_fresh},
    pages::{error::ErrorPage, show, under_way::UnderWay},
    provider::Idp,
    routes,
    state::User,
};

#[derive(Template)]
#[template(path = "accounts.html")]
struct AccountsPage<'a> {
    app: &'a str,
    csrf: String,
    sign_in: String,
    leave: String,
    users: Vec<User>,
}

/// `GET /{tenant}/accounts/{id}`.
pub(crate) async fn get(State(idp): State<Idp>, under_way: UnderWay) -> Response {
    let accounts = under_way.accounts();
    let users = idp.store().read(|data| {
        let users = accounts.iter().filter_map(|account| data.users.by_oid(&account.oid));
        users.cloned().collect::<Vec<_>>()
    });
    if users.is_empty() {
        return under_way.to(routes::SIGN_IN).into_response();
    }
    let page = AccountsPage {
        app: under_way.app_name(),
        csrf: under_way.browser.csrf(),
        sign_in: under_way.page(routes::SIGN_IN),
        leave: under_way.page(routes::LEAVE),
        users,
    };
    show(StatusCode::OK, &page, &under_way.policy())
}

/// `POST /{tenant}/accounts/{id}` with `account`, an object id.
pub(crate) async fn post(
    State(idp): State<Idp>,
    under_way: UnderWay,
    body: Bytes,
) -> Result<Response, ErrorPage> {
    let form = under_way.form(&body)?;
    let chosen = form.once("account").unwrap_or_default();
    let Some(account) = under_way.accounts().into_iter().find(|account| account.oid == chosen)
    else {
        return Ok(under_way.to(routes::SIGN_IN).into_response());
    };
    let request = &under_way.interaction.request;
    if !request.asks(Prompt::Login) && is_fresh(&idp, request, &account) {
        return Ok(advance(&idp, &under_way.id, request, account));
    }
    let user = idp.store().read(|data| data.users.by_oid(chosen).cloned());
    idp.live().update(&under_way.id, idp.now(), |it| {
        it.request.login_hint = user.map(|user| user.username);
    });
    Ok(under_way.to(routes::SIGN_IN).into_response())
}
