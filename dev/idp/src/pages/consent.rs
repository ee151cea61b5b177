//! The consent page: what the client may do in the user's name.

use askama::Template;
use axum::{
    body::Bytes,
    extract::State,
    http::StatusCode,
    response::{IntoResponse as _, Response},
};

use crate::{
    authorize::{deny, succeed},
    pages::{error::ErrorPage, show, under_way::UnderWay},
    provider::Idp,
    routes,
    scopes::{API_SCOPES, ApiScope},
    state::User,
};

#[derive(Template)]
#[template(path = "consent.html")]
struct ConsentPage<'a> {
    app: &'a str,
    csrf: String,
    user: User,
    scopes: Vec<&'static ApiScope>,
    offline_access: bool,
}

/// `GET /{tenant}/consent/{id}`.
pub(crate) async fn get(State(idp): State<Idp>, under_way: UnderWay) -> Response {
    let account = under_way.signed_in();
    let user = account
        .and_then(|account| idp.store().read(|data| data.users.by_oid(&account.oid).cloned()));
    let Some(user) = user else { return under_way.to(routes::SIGN_IN).into_response() };
    let asked = &under_way.interaction.request.scopes;
    let page = ConsentPage {
        app: under_way.app_name(),
        csrf: under_way.browser.csrf(),
        user,
        scopes: API_SCOPES.iter().filter(|scope| asked.api.contains(scope.name)).collect(),
        offline_access: asked.offline_access,
    };
    show(StatusCode::OK, &page, &under_way.policy())
}

/// `POST /{tenant}/consent/{id}` with `decision`; anything but `accept` is a no.
pub(crate) async fn post(
    State(idp): State<Idp>,
    under_way: UnderWay,
    body: Bytes,
) -> Result<Response, ErrorPage> {
    let form = under_way.form(&body)?;
    let Some(account) = under_way.signed_in() else {
        return Ok(under_way.to(routes::SIGN_IN).into_response());
    };
    let request = &under_way.interaction.request;
    if form.once("decision") != Some("accept") {
        idp.live().end(&under_way.id, idp.now());
        return Ok(deny(&idp, request));
    }
    idp.store().write(|data| {
        data.consents.give(request.client_id, &account.oid, &request.scopes.api);
    })?;
    idp.live().end(&under_way.id, idp.now());
    Ok(succeed(&idp, request, account))
}
