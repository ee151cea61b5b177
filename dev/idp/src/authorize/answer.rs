//! Answers to the client, through the browser.

use axum::response::{IntoResponse as _, Redirect, Response};
use url::Url;

use crate::{
    authorize::request::{AuthorizationRequest, ResponseMode, ReturnAddress},
    fault::Fault,
    pages::{error::ErrorPage, form_post},
    provider::Idp,
    state::Account,
};

/// Something that can be answered: a request, or what could be read of one.
pub(crate) trait Answerable {
    fn redirect_uri(&self) -> &str;
    fn response_mode(&self) -> ResponseMode;
    fn state(&self) -> Option<&str>;
}

/// Sends the client a code. From then on it is one of those that hear of the sign-in's end,
/// though it may never redeem the code.
pub(crate) fn succeed(idp: &Idp, request: &AuthorizationRequest, account: Account) -> Response {
    let (sid, client_id) = (&account.sid, request.client_id);
    if !idp.store().read(|data| data.sessions.knows(sid, client_id))
        && let Err(error) = idp.store().write(|data| data.sessions.join(sid, client_id))
    {
        return ErrorPage::from(error).into_response();
    }
    let code = idp.live().issue_code(request.clone(), account, idp.now());
    send(request, vec![("code", code)])
}

/// Tells the client that the user said no.
pub(crate) fn deny(idp: &Idp, request: &AuthorizationRequest) -> Response {
    let fault = Fault::new("access_denied", 65004, "User declined to consent to access the app.");
    refuse(idp, request, &fault.subcode("cancel"))
}

/// Tells the client what is wrong (RFC 6749, section 4.1.2.1).
pub(crate) fn refuse(idp: &Idp, request: &impl Answerable, fault: &Fault) -> Response {
    let mut fields =
        vec![("error", fault.error.to_owned()), ("error_description", fault.describe(idp.clock()))];
    if let Some(subcode) = fault.subcode {
        fields.push(("error_subcode", subcode.to_owned()));
    }
    send(request, fields)
}

fn send(to: &impl Answerable, mut fields: Vec<(&'static str, String)>) -> Response {
    if let Some(state) = to.state() {
        fields.push(("state", state.to_owned()));
    }
    match to.response_mode() {
        ResponseMode::FormPost => form_post::page(to.redirect_uri(), &fields),
        ResponseMode::Query => {
            let mut url = Url::parse(to.redirect_uri()).expect("a registered address is a URL");
            url.query_pairs_mut().extend_pairs(fields);
            Redirect::to(url.as_str()).into_response()
        }
    }
}

impl Answerable for AuthorizationRequest {
    fn redirect_uri(&self) -> &str {
        &self.redirect_uri
    }
    fn response_mode(&self) -> ResponseMode {
        self.response_mode
    }
    fn state(&self) -> Option<&str> {
        self.state.as_deref()
    }
}

impl Answerable for ReturnAddress {
    fn redirect_uri(&self) -> &str {
        &self.redirect_uri
    }
    fn response_mode(&self) -> ResponseMode {
        self.response_mode
    }
    fn state(&self) -> Option<&str> {
        self.state.as_deref()
    }
}
