//! The permissions in a token.

use std::{borrow::Cow, collections::BTreeSet};

use crate::{TokenError, token::claims::Claims};

/// The permissions in a token. `None` is a claim that is not there, which is
/// something else than one that is empty.
pub(crate) struct Granted<'c> {
    /// With single spaces between them.
    pub(crate) scopes: Option<Cow<'c, str>>,
    pub(crate) roles: Option<Vec<&'c str>>,
}

impl<'c> Granted<'c> {
    /// Reads them. A token that names none is some other kind of token.
    pub(crate) fn of(claims: &Claims<'c>, scope_claims: &[String]) -> Result<Self, TokenError> {
        let mut scopes: Option<Cow<'_, str>> = None;
        for claim in scope_claims {
            let Some(names) = claims.scopes(claim)? else { continue };
            if scopes.as_ref().is_some_and(|earlier| !is_same(earlier, &names)) {
                return Err(TokenError::ScopeConflict);
            }
            scopes.get_or_insert(names);
        }
        let roles = claims.names("roles")?;
        if scopes.as_deref().is_none_or(str::is_empty) && roles.as_ref().is_none_or(Vec::is_empty) {
            return Err(TokenError::NotAnAccessToken);
        }
        Ok(Self { scopes, roles })
    }

    /// Whether an application got the token for itself.
    pub(crate) fn is_app_only(
        &self,
        claims: &Claims<'_>,
        client: Option<&str>,
    ) -> Result<bool, TokenError> {
        Ok(match claims.text("idtyp")? {
            Some(kind) => kind == "app",
            // An ID token of a user with roles looks the same, except that it
            // has a nonce (an application signs nobody in, so it has none)
            // and, at Entra, no client.
            None => {
                self.roles.is_some()
                    && self.scopes.is_none()
                    && client.is_some()
                    // Whatever claims scopes are read from: these are a user's.
                    && !["scp", "scope", "nonce"].iter().any(|claim| claims.has(claim))
            }
        })
    }
}

/// Sorted, so that thousands of names cost no more than their size: nobody has
/// looked at the signature yet.
fn is_same(some: &str, others: &str) -> bool {
    some.split(' ').collect::<BTreeSet<_>>() == others.split(' ').collect::<BTreeSet<_>>()
}
