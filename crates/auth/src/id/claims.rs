//! What an ID token says.

use std::fmt;

use serde_json::{Map, Value};

use crate::Issuer;

/// The claims of an ID token (OpenID Connect Core, section 2).
#[derive(Clone, PartialEq)]
pub struct IdClaims {
    pub(crate) issuer: Issuer,
    pub(crate) subject: String,
    pub(crate) document: Map<String, Value>,
}

impl IdClaims {
    /// `iss`.
    pub fn issuer(&self) -> &Issuer {
        &self.issuer
    }

    /// `sub`.
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// A claim that is a string: `name`, `oid`, `sid`, `preferred_username` and so on.
    pub fn text(&self, claim: &str) -> Option<&str> {
        self.document.get(claim)?.as_str()
    }

    /// All claims.
    pub fn document(&self) -> &Map<String, Value> {
        &self.document
    }

    /// All claims, owned.
    pub fn into_document(self) -> Map<String, Value> {
        self.document
    }
}

/// Without what is personal or belongs to one sign-in.
impl fmt::Debug for IdClaims {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IdClaims").field("issuer", &self.issuer).finish_non_exhaustive()
    }
}
