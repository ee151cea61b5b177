//! How strongly a user is signed in (`acr`; OpenID Connect Core, sections 2 and 3.1.2.1).

use crate::{authorize::AuthorizationRequest, state::Account};

/// A password alone.
pub(crate) const PASSWORD: &str = "pwd";

/// A password, and a code that a real provider would send to the user's telephone.
pub(crate) const SECOND_FACTOR: &str = "mfa";

/// What a sign-in has come to.
pub(crate) fn reached(account: &Account) -> &'static str {
    if account.second_factor_at.is_some() { SECOND_FACTOR } else { PASSWORD }
}

/// Whether the request wants a second factor that the user has yet to give. The first value
/// of `acr_values` that is known here counts; others are passed over, as a voluntary wish may be.
pub(crate) fn needs_second_factor(request: &AuthorizationRequest, account: &Account) -> bool {
    let known = |value: &&String| [PASSWORD, SECOND_FACTOR].contains(&value.as_str());
    let wanted = request.acr_values.iter().find(known);
    wanted.is_some_and(|value| value == SECOND_FACTOR) && account.second_factor_at.is_none()
}
