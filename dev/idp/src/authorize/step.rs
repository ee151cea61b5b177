//! What a valid request needs next, given who is signed in.

use crate::{
    authorization_request::{AuthorizationRequest, Prompt},
    oauth_error::OAuthError,
    paths,
    provider::Provider,
    state::Account,
};

/// The next step.
pub(crate) enum Step {
    /// Show this page.
    Show(&'static str),
    /// This user is signed in, recently enough.
    Continue(Account),
}

/// Decides, the strictest `prompt` first.
///
/// # Errors
/// If the client asked for no pages and one is needed.
pub(crate) fn next(
    idp: &Provider,
    request: &AuthorizationRequest,
    accounts: &[Account],
) -> Result<Step, OAuthError> {
    if request.asks(Prompt::None) {
        return silently(idp, request, accounts).map(Step::Continue);
    }
    if request.asks(Prompt::Create) {
        return Ok(Step::Show(paths::SIGN_UP));
    }
    if request.asks(Prompt::SelectAccount) && !accounts.is_empty() {
        return Ok(Step::Show(paths::ACCOUNTS));
    }
    if request.asks(Prompt::Login) {
        return Ok(Step::Show(paths::SIGN_IN));
    }
    Ok(match candidates(idp, request, accounts).as_slice() {
        [account] if request.is_fresh(account, idp.now()) => Step::Continue((*account).clone()),
        [] | [_] => Step::Show(paths::SIGN_IN),
        _ => Step::Show(paths::ACCOUNTS),
    })
}

/// The next page for a user who is signed in.
pub(crate) fn after_sign_in(
    idp: &Provider,
    request: &AuthorizationRequest,
    account: &Account,
) -> Option<&'static str> {
    if request.needs_second_factor(account) {
        return Some(paths::SECOND_FACTOR);
    }
    needs_consent(idp, request, account).then_some(paths::CONSENT)
}

/// Whether the user has to consent to the API's scopes first.
fn needs_consent(idp: &Provider, request: &AuthorizationRequest, account: &Account) -> bool {
    let (client_id, api) = (request.client_id, &request.scopes.api);
    !idp.store.read(|data| data.consents.cover(client_id, &account.oid, api))
        || (request.asks(Prompt::Consent) && !api.is_empty())
}

fn silently(
    idp: &Provider,
    request: &AuthorizationRequest,
    accounts: &[Account],
) -> Result<Account, OAuthError> {
    let (error, code, message) = match candidates(idp, request, accounts).as_slice() {
        [account] if !request.is_fresh(account, idp.now()) => {
            ("login_required", 50058, "The user signed in longer ago than max_age allows.")
        }
        [account] if request.needs_second_factor(account) => (
            "interaction_required",
            50076,
            "The user must use multi-factor authentication to access the application.",
        ),
        [account] if needs_consent(idp, request, account) => {
            ("consent_required", 65001, "The user has not consented to use the application.")
        }
        [account] => return Ok((*account).clone()),
        [] => {
            ("login_required", 50058, "A silent sign-in request was sent but no user is signed in.")
        }
        _ => (
            "account_selection_required",
            16000,
            "Several users are signed in; one has to be selected.",
        ),
    };
    Err(OAuthError::new(error, code, message))
}

/// The signed-in users that the request can mean.
fn candidates<'a>(
    idp: &Provider,
    request: &AuthorizationRequest,
    accounts: &'a [Account],
) -> Vec<&'a Account> {
    let hinted = request.hinted_oid.clone().or_else(|| {
        let hint = request.login_hint.as_deref()?;
        // A hint at an unknown user matches no account.
        Some(idp.user_by_name(hint).map(|user| user.oid).unwrap_or_default())
    });
    accounts
        .iter()
        .filter(|account| hinted.as_ref().is_none_or(|oid| account.oid == *oid))
        .collect()
}
