//! What a caller must be allowed to do.

use crate::{AccessClaims, Caller, ConfigError, Role, Scope, SessionUser, Verified};

/// The permissions of which a caller needs any one: a scope for a user, a role
/// for an application that acts for itself.
///
/// Each kind counts for its own callers only. A user's token may carry roles
/// too (Entra puts the user's app roles there), and they open nothing here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    scopes: Vec<Scope>,
    roles: Vec<Role>,
    requested_scope: Option<Scope>,
}

impl Policy {
    /// Users with any of the scopes, and applications with any of the roles.
    /// Put the least powerful first: an error names the first as the one to ask for.
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
        Ok(Self { scopes, roles, requested_scope: None })
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
            Ok(Self { scopes, roles: Vec::new(), requested_scope: None })
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
            Ok(Self { scopes: Vec::new(), roles, requested_scope: None })
        }
    }

    /// Says how a client requests the least powerful scope: `api://…/ToDoList.Read` at Entra, where
    /// the token has `ToDoList.Read`. `WWW-Authenticate` names it, with 401 too.
    #[must_use]
    pub fn with_requested_scope(self, scope: Scope) -> Self {
        Self { requested_scope: Some(scope), ..self }
    }

    /// The scopes of which a user needs any, the least powerful first. Without any, no user is let in.
    pub fn scopes(&self) -> &[Scope] {
        &self.scopes
    }

    /// The roles of which an application needs any. Without any, no application is let in.
    pub fn roles(&self) -> &[Role] {
        &self.roles
    }

    pub(crate) fn requested_scope(&self) -> Option<&Scope> {
        self.requested_scope.as_ref()
    }

    /// Who calls, if they may.
    ///
    /// # Errors
    /// When the token has none of the permissions that count for its kind.
    pub fn check(&self, claims: &Verified<AccessClaims>) -> Result<Caller, InsufficientScopeError> {
        self.require(claims)?;
        Ok(claims.clone().into_inner().into_caller())
    }

    /// Who called with these claims, if they may.
    pub(crate) fn admit(
        &self,
        claims: Verified<AccessClaims>,
    ) -> Result<Caller, InsufficientScopeError> {
        self.require(&claims)?;
        Ok(claims.into_inner().into_caller())
    }

    /// The user of this session, if it may.
    ///
    /// # Errors
    /// When the session has none of the scopes.
    pub fn check_session(&self, session: &SessionUser) -> Result<Caller, InsufficientScopeError> {
        let met = self.scopes.iter().any(|scope| session.scopes.contains(scope));
        if met { Ok(Caller::User(session.user.clone())) } else { Err(self.error(false)) }
    }

    fn require(&self, claims: &AccessClaims) -> Result<(), InsufficientScopeError> {
        let app = claims.is_app_only();
        let met = if app {
            self.roles.iter().any(|role| claims.has_role(role))
        } else {
            self.scopes.iter().any(|scope| claims.has_scope(scope))
        };
        if met { Ok(()) } else { Err(self.error(app)) }
    }

    fn error(&self, app: bool) -> InsufficientScopeError {
        let scopes = self.scopes.iter().map(Scope::to_string);
        let roles = self.roles.iter().map(Role::to_string);
        let needed = if app { roles.collect() } else { scopes.collect() };
        let requested = self.requested_scope.as_ref().filter(|_| !app).map(Scope::to_string);
        InsufficientScopeError { app, needed, requested }
    }
}

/// The caller has none of the sufficient permissions: 403.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{} {}", if *app { "an app-only token" } else { "a user's token" }, match &needed[..] {
    [] => "is of a kind that this policy never admits".to_owned(),
    needed => format!("has none of {needed:?}"),
})]
#[non_exhaustive]
pub struct InsufficientScopeError {
    /// Whether the token is an application's own.
    pub app: bool,
    /// The scopes (of a user) or roles (of an application) of which any would
    /// do, the least powerful first. Empty when none would.
    pub needed: Vec<String>,
    /// The least powerful of them as a client requests it, where that differs
    /// ([`Policy::with_requested_scope`]).
    pub requested: Option<String>,
}
