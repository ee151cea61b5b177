//! The sign-in a page belongs to.

use axum::{
    extract::{FromRequestParts, Path},
    http::request::Parts,
    response::{Redirect, Response},
};

use crate::{
    authorize::advance,
    browser::Browser,
    live::Interaction,
    pages::{Policy, app_name, error::ErrorPage},
    params::Params,
    provider::Idp,
    routes,
    state::Account,
};

/// A sign-in under way, in the browser that began it. Handlers of its pages take this,
/// so none of them can forget to look.
pub(crate) struct UnderWay {
    pub(super) id: String,
    pub(super) interaction: Interaction,
    pub(super) browser: Browser,
    idp: Idp,
}

impl UnderWay {
    /// Reads a form of one of its pages.
    pub(super) fn form(&self, body: &[u8]) -> Result<Params, ErrorPage> {
        let form = Params::parse(body);
        if self.browser.wrote(form.once("csrf").unwrap_or_default()) {
            Ok(form)
        } else {
            Err(ErrorPage::foreign_form(&self.idp))
        }
    }

    /// The address of another page of this sign-in.
    pub(super) fn page(&self, page: &str) -> String {
        routes::page(page, &self.id)
    }

    /// A navigation to another page of this sign-in.
    pub(super) fn to(&self, page: &str) -> Redirect {
        Redirect::to(&self.page(page))
    }

    /// The client's display name.
    pub(super) fn app_name(&self) -> &'static str {
        app_name(&self.idp, self.interaction.request.client_id)
    }

    /// A page whose forms may lead back to the client.
    pub(super) fn policy(&self) -> Policy {
        Policy::leading_to(&self.interaction.request.redirect_uri)
    }

    /// Who is signed in in this browser.
    pub(super) fn accounts(&self) -> Vec<Account> {
        let now = self.idp.now();
        self.idp.store().read(|data| data.sessions.accounts(self.browser.session(), now))
    }

    /// Who signed in for this, unless they signed out since in another tab.
    pub(super) fn signed_in(&self) -> Option<Account> {
        let account = self.interaction.account.as_ref()?;
        self.accounts().into_iter().find(|it| it.sid == account.sid)
    }

    /// Signs a user in, whose password was right, and goes on.
    pub(super) fn enter(&self, oid: &str) -> Result<Response, ErrorPage> {
        let (now, old) = (self.idp.now(), self.browser.session());
        let (cookie, account) = self.idp.store().write(|data| {
            data.prune(now);
            data.sessions.sign_in(old, oid, now)
        })?;
        self.idp.note(oid, format!("Signed in for {}", self.app_name()));
        let answer = advance(&self.idp, &self.id, &self.interaction.request, account);
        Ok(self.browser.signed_in(answer, &cookie))
    }
}

impl FromRequestParts<Idp> for UnderWay {
    type Rejection = ErrorPage;

    async fn from_request_parts(parts: &mut Parts, idp: &Idp) -> Result<Self, ErrorPage> {
        let over = || ErrorPage::over(idp);
        let Path(id) = Path::<String>::from_request_parts(parts, idp).await.map_err(|_| over())?;
        let Ok(browser) = Browser::from_request_parts(parts, idp).await;
        let found = idp.live().interaction(&id, browser.secret(), idp.now());
        Ok(Self { interaction: found.ok_or_else(over)?, id, browser, idp: idp.clone() })
    }
}
