//! The authorization endpoint: judges a request, then leads through the pages it needs.

mod answer;
mod request;
mod step;

use axum::{
    body::Bytes,
    extract::{RawQuery, State},
    response::{IntoResponse as _, Redirect, Response},
};

use self::step::Step;
pub(crate) use self::{
    answer::{deny, refuse, succeed},
    request::{AuthorizationRequest, Judged, Prompt, Refused, judge},
};
use crate::{
    browser::Browser, fault::Fault, pages::error::ErrorPage, par, params::Params, provider::Idp,
    routes, state::Account,
};

/// `GET …/authorize` (OpenID Connect Core, section 3.1.2.1).
pub(crate) async fn get(
    State(idp): State<Idp>,
    browser: Browser,
    RawQuery(query): RawQuery,
) -> Response {
    let params = Params::parse(query.unwrap_or_default().as_bytes());
    let request = match request_of(&idp, &params) {
        Judged::Good(request) => *request,
        Judged::Refused(Refused { request, fault }) => return refuse(&idp, &request, &fault),
        Judged::NotOurs(fault) => return ErrorPage::of(&idp, &fault).into_response(),
    };
    let accounts = idp.store().read(|data| data.sessions.accounts(browser.session(), idp.now()));
    match step::next(&idp, &request, &accounts) {
        Step::Refuse(fault) => refuse(&idp, &request, &fault),
        Step::Show(page, account) => begin(&idp, &browser, request, page, account),
        Step::Continue(account) => match step::after_sign_in(&idp, &request, &account) {
            Some(page) => begin(&idp, &browser, request, page, Some(account)),
            None => succeed(&idp, &request, account),
        },
    }
}

/// The request itself, or the one that was pushed (RFC 9126, section 4).
fn request_of(idp: &Idp, params: &Params) -> Judged {
    if params.once("request_uri").is_some() {
        return match par::pull(idp, params) {
            Ok(request) => Judged::Good(Box::new(request)),
            Err(fault) => Judged::NotOurs(fault),
        };
    }
    match judge(idp, params) {
        Judged::Good(request) if idp.requires_pushed_requests() => {
            let fault = Fault::malformed("Requests must be pushed first (RFC 9126).");
            Judged::Refused(Refused { request: request.return_address(), fault })
        }
        judged => judged,
    }
}

/// `POST …/authorize`, which providers must support too. It turns into the GET: a form of
/// another site comes without our cookies (they are `SameSite=Lax`), the navigation after it with them.
pub(crate) async fn post(State(idp): State<Idp>, body: Bytes) -> Response {
    routes::as_query(&idp.tenant().authorization_endpoint, &body)
}

/// Goes on after somebody signed in: to the page that asks what is still missing, else back
/// to the client.
pub(crate) fn advance(
    idp: &Idp,
    interaction: &str,
    request: &AuthorizationRequest,
    account: Account,
) -> Response {
    if let Some(page) = step::after_sign_in(idp, request, &account) {
        idp.live().update(interaction, idp.now(), |it| it.account = Some(account));
        return Redirect::to(&routes::page(page, interaction)).into_response();
    }
    idp.live().end(interaction, idp.now());
    succeed(idp, request, account)
}

/// Whether the account's sign-in is recent enough for the request.
pub(crate) fn is_fresh(idp: &Idp, request: &AuthorizationRequest, account: &Account) -> bool {
    step::is_fresh(request, account, idp.now())
}

fn begin(
    idp: &Idp,
    browser: &Browser,
    request: AuthorizationRequest,
    page: &str,
    account: Option<Account>,
) -> Response {
    let id = idp.live().begin(request, browser.secret(), account, idp.now());
    browser.remember(Redirect::to(&routes::page(page, &id)))
}
