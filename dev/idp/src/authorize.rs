//! The authorization endpoint: validates a request, then leads through the pages it needs.

mod response;
mod step;
mod validation;

use axum::{
    body::Bytes,
    extract::{RawQuery, State},
    response::{IntoResponse as _, Redirect, Response},
};

use self::step::Step;
pub(crate) use self::{
    response::{deny, succeed},
    validation::{RequestError, validate},
};
use crate::{
    authorization_request::AuthorizationRequest,
    browser::Browser,
    oauth_error::OAuthError,
    pages::error::ErrorPage,
    params::{Params, as_query},
    paths,
    provider::{Provider, Shared},
    state::Account,
};

/// What the `request_uri` of a pushed request starts with (RFC 9126, section 2.2).
pub(crate) const REQUEST_URI_PREFIX: &str = "urn:ietf:params:oauth:request_uri:";

/// `GET …/authorize` (OpenID Connect Core, section 3.1.2.1).
pub(crate) async fn get(
    State(idp): State<Shared>,
    browser: Browser,
    RawQuery(query): RawQuery,
) -> Response {
    let params = Params::parse(query.unwrap_or_default().as_bytes());
    let request = match read(&idp, &params) {
        Ok(request) => request,
        Err(RequestError::ToClient(target, error)) => {
            return response::refuse(&idp, &target, &error);
        }
        Err(RequestError::ToUser(error)) => return ErrorPage::of(&idp, &error).into_response(),
    };
    match step::next(&idp, &request, &idp.accounts(browser.session())) {
        Err(error) => response::refuse(&idp, &request.target, &error),
        Ok(Step::Show(page)) => begin(&idp, &browser, request, page, None),
        Ok(Step::Continue(account)) => match step::after_sign_in(&idp, &request, &account) {
            Some(page) => begin(&idp, &browser, request, page, Some(account)),
            None => succeed(&idp, &request, account),
        },
    }
}

/// `POST …/authorize`, which providers must support too, turns into the GET.
pub(crate) async fn post(State(idp): State<Shared>, body: Bytes) -> Response {
    as_query(&idp.tenant.url(idp.behavior.paths.authorize), &body)
}

/// Continues after a sign-in: to the next page, if any, else back to the client.
pub(crate) fn advance(
    idp: &Provider,
    interaction: &str,
    request: &AuthorizationRequest,
    account: Account,
) -> Response {
    if let Some(page) = step::after_sign_in(idp, request, &account) {
        idp.pending.update(interaction, |it| it.account = Some(account));
        return Redirect::to(&paths::page(page, interaction)).into_response();
    }
    idp.pending.end(interaction);
    succeed(idp, request, account)
}

/// The request in the parameters, or the pushed one that they name (RFC 9126, section 4).
fn read(idp: &Provider, params: &Params) -> Result<AuthorizationRequest, RequestError> {
    if params.once("request_uri").is_some() && idp.behavior.paths.par.is_some() {
        return pull(idp, params).map_err(RequestError::ToUser);
    }
    let request = validate(idp, params)?;
    if idp.config.require_pushed_requests {
        let error = OAuthError::malformed("Requests must be pushed first (RFC 9126).");
        return Err(RequestError::ToClient(request.target, error));
    }
    Ok(request)
}

/// The pushed request, once, and only for the client that pushed it.
fn pull(idp: &Provider, params: &Params) -> Result<AuthorizationRequest, OAuthError> {
    let request_uri = params.required("request_uri")?;
    let client_id = params.required("client_id")?;
    let id = request_uri.strip_prefix(REQUEST_URI_PREFIX).unwrap_or_default();
    idp.pending.pull(id, client_id).ok_or_else(|| {
        OAuthError::new(
            "invalid_request_uri",
            90023,
            "The request_uri is unknown, was used, has expired or is another client's.",
        )
    })
}

fn begin(
    idp: &Provider,
    browser: &Browser,
    request: AuthorizationRequest,
    page: &str,
    account: Option<Account>,
) -> Response {
    let id = idp.pending.begin(request, browser.secret(), account);
    browser.remember(Redirect::to(&paths::page(page, &id)))
}
