//! What a good request needs next, given who is signed in.

use crate::{
    acr,
    authorize::request::{AuthorizationRequest, Prompt},
    fault::Fault,
    provider::Idp,
    routes,
    state::Account,
};

/// The next thing to do.
pub(crate) enum Step {
    /// Show this page.
    Show(&'static str, Option<Account>),
    /// This user is signed in well enough.
    Continue(Account),
    /// The client asked for no pages, and there is no way without one.
    Refuse(Fault),
}

/// Decides, from the strictest wish of the client to the mildest.
pub(crate) fn next(idp: &Idp, request: &AuthorizationRequest, accounts: &[Account]) -> Step {
    if request.asks(Prompt::None) {
        return silently(idp, request, accounts);
    }
    if request.asks(Prompt::Create) {
        return Step::Show(routes::SIGN_UP, None);
    }
    if request.asks(Prompt::SelectAccount) && !accounts.is_empty() {
        return Step::Show(routes::ACCOUNTS, None);
    }
    if request.asks(Prompt::Login) {
        return Step::Show(routes::SIGN_IN, None);
    }
    match candidates(idp, request, accounts).as_slice() {
        [account] if is_fresh(request, account, idp.now()) => Step::Continue(account.clone()),
        [] | [_] => Step::Show(routes::SIGN_IN, None),
        _ => Step::Show(routes::ACCOUNTS, None),
    }
}

/// Whether the user gave a password within `max_age`; zero asks for one every time.
pub(crate) fn is_fresh(request: &AuthorizationRequest, account: &Account, now: u64) -> bool {
    match request.max_age {
        None => true,
        Some(0) => false,
        Some(max_age) => now.saturating_sub(account.auth_time) <= max_age,
    }
}

/// The page that a user who is signed in has yet to answer.
pub(crate) fn after_sign_in(
    idp: &Idp,
    request: &AuthorizationRequest,
    account: &Account,
) -> Option<&'static str> {
    if acr::needs_second_factor(request, account) {
        return Some(routes::SECOND_FACTOR);
    }
    needs_consent(idp, request, account).then_some(routes::CONSENT)
}

/// Whether the user has to be asked about the API's scopes first.
fn needs_consent(idp: &Idp, request: &AuthorizationRequest, account: &Account) -> bool {
    let (client_id, api) = (request.client_id, &request.scopes.api);
    !idp.store().read(|data| data.consents.cover(client_id, &account.oid, api))
        || (request.asks(Prompt::Consent) && !api.is_empty())
}

fn silently(idp: &Idp, request: &AuthorizationRequest, accounts: &[Account]) -> Step {
    let fault = match candidates(idp, request, accounts).as_slice() {
        [account] if !is_fresh(request, account, idp.now()) => Fault::new(
            "login_required",
            50058,
            "The user signed in longer ago than max_age allows.",
        ),
        [account] if acr::needs_second_factor(request, account) => Fault::new(
            "interaction_required",
            50076,
            "The user must use multi-factor authentication to access the application.",
        ),
        [account] if needs_consent(idp, request, account) => Fault::new(
            "consent_required",
            65001,
            "The user has not consented to use the application.",
        ),
        [account] => return Step::Continue(account.clone()),
        [] => Fault::new(
            "login_required",
            50058,
            "A silent sign-in request was sent but no user is signed in.",
        ),
        _ => Fault::new(
            "account_selection_required",
            16000,
            "Several users are signed in; one has to be selected.",
        ),
    };
    Step::Refuse(fault)
}

/// The signed-in users the request can mean.
fn candidates(idp: &Idp, request: &AuthorizationRequest, accounts: &[Account]) -> Vec<Account> {
    let hinted = request.hinted_oid.clone().or_else(|| {
        let hint = request.login_hint.as_deref()?;
        // A hint at nobody we know matches nobody who is signed in.
        let oid = idp.store().read(|data| data.users.by_username(hint).map(|it| it.oid.clone()));
        Some(oid.unwrap_or_default())
    });
    accounts
        .iter()
        .filter(|account| hinted.as_ref().is_none_or(|oid| account.oid == *oid))
        .cloned()
        .collect()
}
