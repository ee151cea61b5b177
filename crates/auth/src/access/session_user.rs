//! Users without an access token.

use crate::{Scope, User};

/// The user of a session, and the scopes that the session itself carries: for a provider that
/// issues no access tokens for APIs, such as Google.
///
/// [`Verifier::session_user`](crate::Verifier::session_user) makes one. In the extensions of a
/// request without an `Authorization` header it takes the place of a token wherever a request is
/// [authorized](crate::Verifier::authorize). Extensions are set by code alone, so no client can send
/// one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionUser {
    pub(crate) user: User,
    pub(crate) scopes: Vec<Scope>,
}

impl SessionUser {
    /// The scopes of the session.
    pub fn scopes(&self) -> &[Scope] {
        &self.scopes
    }
}
