//! Authorization responses, sent to the client through the browser.

use askama::Template;
use axum::{
    http::StatusCode,
    response::{IntoResponse as _, Redirect, Response},
};
use url::Url;

use crate::{
    authorization_request::{AuthorizationRequest, ResponseMode, ResponseTarget},
    oauth_error::OAuthError,
    pages::{Policy, error::ErrorPage, show},
    provider::Provider,
    state::Account,
};

/// Submits the form post page. Without scripts there is a button.
const SUBMIT: &str = "document.forms[0].submit()";

/// A page that posts the response (OAuth 2.0 Form Post Response Mode).
#[derive(Template)]
#[template(path = "form_post.html")]
struct FormPostPage<'a> {
    action: &'a str,
    fields: &'a [(&'static str, String)],
    script: &'static str,
}

/// Sends the client a code. From now on the client is notified when the sign-in ends, even if
/// it never redeems the code.
pub(crate) fn succeed(
    idp: &Provider,
    request: &AuthorizationRequest,
    account: Account,
) -> Response {
    let (sid, client_id) = (&account.sid, request.client_id);
    if !idp.store.read(|data| data.sessions.has_client(sid, client_id))
        && let Err(error) = idp.store.write(|data| data.sessions.add_client(sid, client_id))
    {
        return ErrorPage::from(error).into_response();
    }
    let code = idp.pending.issue_code(request.clone(), account);
    send(idp, &request.target, vec![("code", code)])
}

/// Tells the client that the user declined.
pub(crate) fn deny(idp: &Provider, request: &AuthorizationRequest) -> Response {
    let message = "User declined to consent to access the app.";
    let error = OAuthError::new("access_denied", 65004, message).subcode("cancel");
    refuse(idp, &request.target, &error)
}

/// Sends the client an error (RFC 6749, section 4.1.2.1).
pub(super) fn refuse(idp: &Provider, target: &ResponseTarget, error: &OAuthError) -> Response {
    let mut fields = vec![
        ("error", error.error.to_owned()),
        ("error_description", error.describe(idp.now(), idp.behavior.aadsts)),
    ];
    let subcode = error.subcode.filter(|_| idp.behavior.aadsts);
    fields.extend(subcode.map(|subcode| ("error_subcode", subcode.to_owned())));
    send(idp, target, fields)
}

fn send(
    idp: &Provider,
    target: &ResponseTarget,
    mut fields: Vec<(&'static str, String)>,
) -> Response {
    let action = &target.redirect_uri;
    fields.extend(target.state.clone().map(|state| ("state", state)));
    if idp.behavior.response_iss {
        fields.push(("iss", idp.tenant.issuer.clone()));
    }
    match target.response_mode {
        ResponseMode::FormPost => {
            let policy = Policy { script: Some(SUBMIT), ..Policy::leading_to(action) };
            let page = FormPostPage { action, fields: &fields, script: SUBMIT };
            show(StatusCode::OK, &page, &policy)
        }
        ResponseMode::Query => {
            let mut url = Url::parse(action).expect("a registered redirect URI is a URL");
            url.query_pairs_mut().extend_pairs(fields);
            Redirect::to(url.as_str()).into_response()
        }
    }
}
