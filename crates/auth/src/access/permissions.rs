//! The permissions in a token.

use std::{borrow::Cow, collections::BTreeSet};

use crate::{AccessTokenRules, TokenError, token::claims::Claims};

/// What no token has that an application got for itself: scopes, whatever claims they are
/// read from; what tells of a sign-in (RFC 9068, section 2.2.1); what an ID token alone has.
/// A user with roles, or their ID token, would pass for an application otherwise.
const USER_CLAIMS: [&str; 8] =
    ["scp", "scope", "nonce", "auth_time", "acr", "amr", "sid", "at_hash"];

/// The permissions in a token. `None` is a claim that is not there, which is
/// something else than one that is empty.
pub(crate) struct Permissions<'c> {
    /// With single spaces between them.
    pub(crate) scopes: Option<Cow<'c, str>>,
    pub(crate) roles: Option<Vec<String>>,
}

impl<'c> Permissions<'c> {
    /// Reads them. A token that names none is some other kind of token.
    pub(crate) fn of(claims: &Claims<'c>, by: &AccessTokenRules) -> Result<Self, TokenError> {
        let mut scopes: Option<Cow<'_, str>> = None;
        for claim in &by.scope_claims {
            let Some(names) = claims.scopes(claim)? else { continue };
            if scopes.as_ref().is_some_and(|earlier| !is_same(earlier, &names)) {
                return Err(TokenError::ScopeConflict);
            }
            scopes.get_or_insert(names);
        }
        let roles = application_roles(claims, by)?;
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
        by: &AccessTokenRules,
    ) -> Result<bool, TokenError> {
        if let Some(kind) = claims.text("idtyp")? {
            return Ok(kind == "app");
        }
        let has_roles_alone = by.applications_by_roles
            && self.roles.is_some()
            && self.scopes.is_none()
            && client.is_some()
            && !USER_CLAIMS.iter().any(|claim| claims.has(claim));
        let is_by_subject = || {
            by.applications_by_subject
                && client.is_some_and(|client| is_itself(claims, client))
                && !by.owner_claims.iter().any(|claim| claim != "sub" && claims.has(claim))
        };
        let is_by_claim = claims.first_text(&by.application_claims)?.is_some();
        Ok(has_roles_alone || is_by_claim || is_by_subject())
    }
}

/// Whether the token is about the client that got it (RFC 9068, section 2.2).
fn is_itself(claims: &Claims<'_>, client: &str) -> bool {
    let Ok(Some(subject)) = claims.text("sub") else { return false };
    // The second is how Auth0 writes it.
    subject == client || subject.strip_suffix("@clients") == Some(client)
}

fn application_roles(
    claims: &Claims<'_>,
    by: &AccessTokenRules,
) -> Result<Option<Vec<String>>, TokenError> {
    let mut roles: Option<Vec<String>> = None;
    for claim in &by.role_claims {
        let names: Vec<String> = if by.scope_claims.contains(claim) {
            let Some(scopes) = claims.scopes(claim)? else { continue };
            scopes.split(' ').filter(|name| !name.is_empty()).map(str::to_owned).collect()
        } else {
            let Some(names) = claims.names(claim)? else { continue };
            names.into_iter().map(str::to_owned).collect()
        };
        roles.get_or_insert_default().extend(names);
    }
    Ok(roles)
}

/// Sorted, so that thousands of names cost no more than their size: the
/// signature is not verified yet.
fn is_same(some: &str, others: &str) -> bool {
    some.split(' ').collect::<BTreeSet<_>>() == others.split(' ').collect::<BTreeSet<_>>()
}
