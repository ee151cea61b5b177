//! Revokes the refresh tokens that a sign-in no longer needs.
//!
//! Providers may revoke everything of the same grant with a token (RFC 7009, section 2.1). Some have
//! one grant for each of their own sessions (Keycloak, oidc-provider), so a sign-in without a prompt
//! can share the grant of the previous one. A token that may share a grant in use is not revoked: it
//! expires.

use relying_party::{Token, Tokens};
use session::{SessionContents, SessionCookie};

use crate::state::Parts;

/// Revokes the refresh token of the session that the new one replaces.
pub(crate) async fn revoke_replaced_session(
    parts: &Parts,
    before: Option<&SessionContents>,
    now: &SessionContents,
) {
    let Some(before) = before else { return };
    // Tokens of a previously configured provider must not be sent to another.
    if before.claim("iss") == now.claim("iss") && !may_share_a_grant(before, now) {
        parts.client.revoke(before).await;
    }
}

/// Revokes the refresh token of a sign-in that failed after the code was redeemed.
pub(crate) async fn revoke_unused_tokens(parts: &Parts, tokens: &Tokens, cookie: &SessionCookie) {
    // The user is unknown, so the tokens may share the grant of the current session.
    if matches!(cookie, SessionCookie::Present(_)) {
        return;
    }
    let refresh_token = tokens.refresh_token.as_ref().map(Token::as_str);
    parts.client.token_endpoint.revoke(&parts.client.discovery, refresh_token).await;
}

/// Whether both sign-ins may belong to one session of the same user at the provider. Only different
/// `sid` or `sub` show that they don't.
fn may_share_a_grant(one: &SessionContents, other: &SessionContents) -> bool {
    let differs =
        |name| matches!((one.claim(name), other.claim(name)), (Some(a), Some(b)) if a != b);
    !differs("sub") && !differs("sid")
}
