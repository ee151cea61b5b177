//! What a caller must be allowed to do.

use std::{fmt, marker::PhantomData};

use crate::{AccessClaims, ConfigError, Issuer, Role, Scope, Verified};

/// The permissions of which a caller needs any one: a scope for a user, a role
/// for an application that acts for itself.
///
/// Each kind counts for its own callers only. A user's token may carry roles
/// too (Entra puts the user's app roles there), and they open nothing here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    scopes: Vec<Scope>,
    roles: Vec<Role>,
}

impl Policy {
    /// Users with any of the scopes, and applications with any of the roles.
    /// Put the least powerful first: a refusal names the first as what would do.
    ///
    /// # Errors
    /// When either list is empty. An empty list from a setting that was
    /// forgotten must end the start, not decide who may come in.
    pub fn any_of(scopes: Vec<Scope>, roles: Vec<Role>) -> Result<Self, ConfigError> {
        if scopes.is_empty() {
            return Err(ConfigError::NoScopes);
        }
        if roles.is_empty() {
            return Err(ConfigError::NoRoles);
        }
        Ok(Self { scopes, roles })
    }

    /// Users with any of the scopes, and no applications (the README says how one is
    /// told from the other).
    ///
    /// # Errors
    /// When the list is empty.
    pub fn users_only(scopes: Vec<Scope>) -> Result<Self, ConfigError> {
        if scopes.is_empty() {
            Err(ConfigError::NoScopes)
        } else {
            Ok(Self { scopes, roles: Vec::new() })
        }
    }

    /// Applications with any of the roles, and no users.
    ///
    /// # Errors
    /// When the list is empty.
    pub fn apps_only(roles: Vec<Role>) -> Result<Self, ConfigError> {
        if roles.is_empty() {
            Err(ConfigError::NoRoles)
        } else {
            Ok(Self { scopes: Vec::new(), roles })
        }
    }

    /// Who calls, if they may.
    ///
    /// # Errors
    /// When the token has none of the permissions that count for its kind.
    pub fn check(&self, claims: &Verified<AccessClaims>) -> Result<Caller, InsufficientScope> {
        self.judge(claims)?;
        Ok(claims.clone().into_inner().into_caller())
    }

    /// Who called with these claims, if they may.
    pub(crate) fn admit(
        &self,
        claims: Verified<AccessClaims>,
    ) -> Result<Caller, InsufficientScope> {
        self.judge(&claims)?;
        Ok(claims.into_inner().into_caller())
    }

    fn judge(&self, claims: &AccessClaims) -> Result<(), InsufficientScope> {
        let app = claims.is_app_only();
        let met = if app {
            self.roles.iter().any(|role| claims.has_role(role))
        } else {
            self.scopes.iter().any(|scope| claims.has_scope(scope))
        };
        if met { Ok(()) } else { Err(self.refusal(app)) }
    }

    fn refusal(&self, app: bool) -> InsufficientScope {
        let scopes = self.scopes.iter().map(Scope::to_string);
        let roles = self.roles.iter().map(Role::to_string);
        let needed = if app { roles.collect() } else { scopes.collect() };
        InsufficientScope { app, needed }
    }
}

/// The caller has none of the permissions that would do: 403.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{} {}", if *app { "an app-only token" } else { "a user's token" }, match &needed[..] {
    [] => "is of a kind that this policy lets in nobody of".to_owned(),
    needed => format!("has none of {needed:?}"),
})]
#[non_exhaustive]
pub struct InsufficientScope {
    /// Whether the token is an application's own.
    pub app: bool,
    /// The scopes (of a user) or roles (of an application) of which any would
    /// do, the least powerful first. Empty when none would.
    pub needed: Vec<String>,
}

/// Who calls, with a permission that was checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Caller {
    /// A person, through some client.
    User(User),
    /// An application that acts for itself.
    App(App),
}

/// A caller who has the permission `P`, a type of your own that names it.
///
/// Who holds one holds the proof that the policy was met: only the axum
/// extractor and the tower layer make it. A handler with this among its arguments
/// runs for such callers only.
pub struct Authorized<P> {
    /// Who calls.
    pub caller: Caller,
    permission: PhantomData<fn() -> P>,
}

#[cfg_attr(not(any(feature = "axum", feature = "testing", feature = "tower")), expect(dead_code))]
impl<P> Authorized<P> {
    /// For a caller whom the policy of `P` let in.
    pub(crate) fn granted(caller: Caller) -> Self {
        Self { caller, permission: PhantomData }
    }

    /// As if this caller had been let in, to call a handler in a test.
    #[cfg(feature = "testing")]
    pub fn for_test(caller: Caller) -> Self {
        Self::granted(caller)
    }
}

// By hand: `P` is a name and need be neither.
impl<P> Clone for Authorized<P> {
    fn clone(&self) -> Self {
        Self { caller: self.caller.clone(), permission: PhantomData }
    }
}

impl<P> fmt::Debug for Authorized<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Authorized").field("caller", &self.caller).finish_non_exhaustive()
    }
}

/// A person who calls through a client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// Who vouches for them; ids are only unique under it.
    pub issuer: Issuer,
    /// `sub`; at Entra it differs from application to application.
    pub subject: String,
    /// `oid`: at Entra, the id of the user in the whole tenant.
    pub object_id: Option<String>,
    /// `azp`, or `client_id`: the client they use.
    pub client: Option<String>,
}

impl User {
    /// Under what their things are kept: `oid`, or `sub` where there is none.
    pub fn owner(&self) -> &str {
        self.object_id.as_deref().unwrap_or(&self.subject)
    }
}

/// An application that acts for itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct App {
    /// Who vouches for it.
    pub issuer: Issuer,
    /// `sub`; at Entra, the id of its service principal.
    pub subject: String,
    /// `azp`, or `client_id`: its client id.
    pub client: Option<String>,
}
