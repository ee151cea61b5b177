//! The sign-in that a page belongs to.

use std::sync::Arc;

use askama::Template;
use axum::{
    body::Bytes,
    extract::{FromRequest, FromRequestParts, Path, Request},
    http::{StatusCode, request::Parts},
    response::{IntoResponse, Redirect, Response},
};

use crate::{
    authorization_request::AuthorizationRequest,
    authorize::{advance, deny},
    browser::Browser,
    pages::{Policy, error::ErrorPage, show},
    params::Params,
    paths,
    pending::Interaction,
    provider::Shared,
    state::{Account, User},
};

/// A sign-in in progress, in the browser that started it. Handlers of its pages take this, so
/// they cannot forget the check.
pub(crate) struct SignIn {
    pub(super) idp: Shared,
    pub(super) id: String,
    pub(super) interaction: Interaction,
    pub(super) browser: Browser,
}

/// A posted form of a page of a sign-in, with the page's CSRF token.
pub(crate) struct Submission {
    pub(super) sign_in: SignIn,
    pub(super) form: Params,
}

/// `POST /{tenant}/leave/{id}`: back to the client, which learns that the user declined.
pub(crate) async fn leave(Submission { sign_in, .. }: Submission) -> Response {
    sign_in.idp.pending.end(&sign_in.id);
    deny(&sign_in.idp, sign_in.request())
}

impl SignIn {
    pub(super) fn request(&self) -> &AuthorizationRequest {
        &self.interaction.request
    }

    /// The path of another page of this sign-in.
    pub(super) fn path(&self, page: &str) -> String {
        paths::page(page, &self.id)
    }

    /// Redirects to the sign-in page.
    pub(super) fn start_over(&self) -> Response {
        Redirect::to(&self.path(paths::SIGN_IN)).into_response()
    }

    /// The client's display name.
    pub(super) fn app(&self) -> &'static str {
        self.idp.app_name(self.request().client_id)
    }

    /// Shows one of its pages, whose form may lead back to the client.
    pub(super) fn show(&self, status: StatusCode, page: &impl Template) -> Response {
        show(status, page, &Policy::leading_to(&self.request().target.redirect_uri))
    }

    /// The accounts that are signed in in this browser.
    pub(super) fn accounts(&self) -> Vec<Account> {
        self.idp.accounts(self.browser.session())
    }

    /// The user who signed in for this, unless they have signed out in another tab since.
    pub(super) fn signed_in(&self) -> Option<(Account, User)> {
        let account = self.interaction.account.as_ref()?;
        let account = self.accounts().into_iter().find(|it| it.sid == account.sid)?;
        let user = self.idp.user(&account.oid)?;
        Some((account, user))
    }

    /// Signs a user in, after a correct password, and continues.
    pub(super) fn enter(&self, oid: &str) -> Result<Response, ErrorPage> {
        let (now, old) = (self.idp.now(), self.browser.session());
        let (cookie, account) = self.idp.store.write(|data| {
            data.prune(now);
            data.sessions.sign_in(old, oid, now)
        })?;
        self.idp.log(oid, format!("Signed in for {}", self.app()));
        Ok(self.browser.signed_in(self.advance(account), &cookie))
    }

    /// Continues to the next page, if any, else back to the client.
    pub(super) fn advance(&self, account: Account) -> Response {
        advance(&self.idp, &self.id, self.request(), account)
    }
}

impl FromRequestParts<Shared> for SignIn {
    type Rejection = ErrorPage;

    async fn from_request_parts(parts: &mut Parts, idp: &Shared) -> Result<Self, ErrorPage> {
        let over = || ErrorPage::over(idp);
        let Path(id) = Path::<String>::from_request_parts(parts, idp).await.map_err(|_| over())?;
        let Ok(browser) = Browser::from_request_parts(parts, idp).await;
        let found = idp.pending.interaction(&id, browser.secret());
        Ok(Self { interaction: found.ok_or_else(over)?, id, browser, idp: Arc::clone(idp) })
    }
}

impl FromRequest<Shared> for Submission {
    type Rejection = Response;

    async fn from_request(request: Request, idp: &Shared) -> Result<Self, Response> {
        let (mut parts, body) = request.into_parts();
        let sign_in = SignIn::from_request_parts(&mut parts, idp).await;
        let sign_in = sign_in.map_err(ErrorPage::into_response)?;
        let body = Bytes::from_request(Request::from_parts(parts, body), idp).await;
        let form = Params::parse(&body.map_err(IntoResponse::into_response)?);
        if sign_in.browser.wrote(form.text("csrf")) {
            Ok(Self { sign_in, form })
        } else {
            Err(ErrorPage::foreign_form(idp).into_response())
        }
    }
}
