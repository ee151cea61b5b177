//! What an access token says.

use serde_json::{Map, Value};

use crate::{
    Issuer, Role, Scope,
    json::{Json, Object},
};

/// The claims of an access token (RFC 9068, and Entra's version 2).
#[derive(Clone, Debug, PartialEq)]
pub struct AccessClaims {
    pub(crate) issuer: Issuer,
    pub(crate) subject: String,
    pub(crate) object_id: Option<String>,
    pub(crate) client: Option<String>,
    pub(crate) app_only: bool,
    pub(crate) scopes: Vec<String>,
    pub(crate) roles: Vec<String>,
    pub(crate) payload: Box<[u8]>,
}

impl AccessClaims {
    /// `iss`.
    pub fn issuer(&self) -> &Issuer {
        &self.issuer
    }

    /// `sub`.
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// `oid`.
    pub fn object_id(&self) -> Option<&str> {
        self.object_id.as_deref()
    }

    /// `azp`, or `client_id` where there is none.
    pub fn client(&self) -> Option<&str> {
        self.client.as_deref()
    }

    /// Whether an application got this token for itself, without a user:
    /// `idtyp` is `app`; or there is no `idtyp`, and `roles` and a client but no
    /// `scp` and no `nonce`, which a user's ID token could have.
    pub fn is_app_only(&self) -> bool {
        self.app_only
    }

    /// Whether `scp` or `scope` has this value. For decisions use
    /// [`Policy`](crate::Policy), which knows when scopes count.
    pub fn has_scope(&self, scope: &Scope) -> bool {
        self.scopes.iter().any(|name| name == scope.as_str())
    }

    /// Whether `roles` has this value. For decisions use
    /// [`Policy`](crate::Policy), which knows when roles count.
    pub fn has_role(&self, role: &Role) -> bool {
        self.roles.iter().any(|name| name == role.as_str())
    }

    /// All claims. They are parsed on each call, since most callers never ask.
    ///
    /// # Panics
    /// Never: the payload was parsed before.
    pub fn document(&self) -> Map<String, Value> {
        Json::parse(&self.payload)
            .as_ref()
            .and_then(Json::object)
            .map(Object::to_map)
            .expect("the same parser took it for a JSON object before")
    }
}
