//! Gives back the refresh tokens that a sign-in leaves over.
//!
//! Providers may end all that rests on the same grant together with a token (RFC 7009, section
//! 2.1). Some keep one grant for each of their own sessions (Keycloak, oidc-provider), so the
//! tokens of a sign-in that the user did not have to type anything for can share it with those of
//! the sign-in before. What might be wanted is therefore left alone: it ends by itself.

use relying_party::{Token, Tokens};
use session::{SessionContents, SessionCookie};

use crate::state::Parts;

/// The session that the browser had until now, when this one takes its place.
pub(crate) async fn to_session(
    parts: &Parts,
    before: Option<&SessionContents>,
    now: &SessionContents,
) {
    let Some(before) = before else { return };
    // Tokens of a provider that was configured before are nobody else's business.
    if before.claim("iss") == now.claim("iss") && !may_share_a_grant(before, now) {
        let refresh_token = before.refresh_token.as_ref().map(session::Token::as_str);
        parts.token_endpoint.give_back(&parts.provider, refresh_token).await;
    }
}

/// Tokens that were redeemed, and that no session came of: nobody could end them later.
pub(crate) async fn to_tokens_without_a_session(
    parts: &Parts,
    tokens: &Tokens,
    cookie: &SessionCookie,
) {
    // Who they are about is not known, so they may be the same user's as the session's.
    if matches!(cookie, SessionCookie::Present(_)) {
        return;
    }
    let refresh_token = tokens.refresh_token.as_ref().map(Token::as_str);
    parts.token_endpoint.give_back(&parts.provider, refresh_token).await;
}

/// Whether both sign-ins may have come from one session of the same user at the provider. Only two
/// `sid` that differ say that they did not.
fn may_share_a_grant(one: &SessionContents, other: &SessionContents) -> bool {
    let apart = |name| matches!((one.claim(name), other.claim(name)), (Some(a), Some(b)) if a != b);
    !apart("sub") && !apart("sid")
}
