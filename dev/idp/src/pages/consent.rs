//! The consent page: what the client may do on the user's behalf.

use askama::Template;
use axum::{http::StatusCode, response::Response};
use permissions::Permission;

use crate::{
    authorize::{deny, succeed},
    pages::{
        error::ErrorPage,
        interaction::{SignIn, Submission},
    },
    state::User,
};

#[derive(Template)]
#[template(path = "consent.html")]
struct ConsentPage<'a> {
    sign_in: &'a SignIn,
    user: User,
    scopes: Vec<Permission>,
    offline_access: bool,
}

/// `GET /{tenant}/consent/{id}`.
pub(crate) async fn get(sign_in: SignIn) -> Response {
    let Some((_, user)) = sign_in.signed_in() else { return sign_in.start_over() };
    let asked = &sign_in.request().scopes;
    let page = ConsentPage {
        sign_in: &sign_in,
        user,
        scopes: permissions::all()
            .filter(|permission| asked.api.contains(permission.scope))
            .collect(),
        offline_access: asked.offline_access,
    };
    sign_in.show(StatusCode::OK, &page)
}

/// `POST /{tenant}/consent/{id}` with `decision`; anything but `accept` declines.
pub(crate) async fn post(Submission { sign_in, form }: Submission) -> Result<Response, ErrorPage> {
    let Some((account, _)) = sign_in.signed_in() else { return Ok(sign_in.start_over()) };
    let (idp, request) = (&sign_in.idp, sign_in.request());
    let accepted = form.once("decision") == Some("accept");
    if accepted {
        let api = &request.scopes.api;
        idp.store.write(|data| data.consents.give(request.client_id, &account.oid, api))?;
    }
    idp.pending.end(&sign_in.id);
    Ok(if accepted { succeed(idp, request, account) } else { deny(idp, request) })
}
