//! What can be wrong with a configuration.

use thiserror::Error;

/// A value that no verifier can be built with.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// An issuer that is no safe address.
    #[error("the issuer {value:?} {reason}")]
    Issuer {
        /// The value given.
        value: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// A resource that is no safe address.
    #[error("the resource {value:?} {reason}")]
    Resource {
        /// The value given.
        value: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// An issuer that is trusted twice: which rules would count?
    #[error("the issuer {0:?} is trusted already")]
    IssuerTwice(String),
    /// A tenant that is no GUID.
    #[error("{0:?} is no tenant id (a GUID such as 5f0f9c1e-3b7a-4c58-9a57-2a1f6f1c7e10)")]
    Tenant(String),
    /// A template without tenants: nobody, or everybody, could come in.
    #[error("no tenant is listed; list the ids of those whose users may come in")]
    NoTenants,
    /// An algorithm that is unknown, or cannot be allowed.
    #[error(
        "{0:?} is no algorithm that can be allowed (RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384, EdDSA)"
    )]
    Algorithm(String),
    /// A scope outside RFC 6749's `scope-token`.
    #[error("{0:?} is no scope name")]
    Scope(String),
    /// A role outside RFC 6749's `scope-token`.
    #[error("{0:?} is no role name")]
    Role(String),
    /// A `typ` that no access token may have.
    #[error("{0:?} is no token type of access tokens (JWT, at+jwt)")]
    TokenType(String),
    /// No audience, or an empty one: any token of the issuer would pass.
    #[error("an audience is missing or empty; without one, tokens for any other API would pass")]
    Audience,
    /// An empty name in the list of allowed clients.
    #[error("the list of allowed clients has an empty name")]
    AllowedClient,
    /// No claim that lists scopes, or an empty name.
    #[error("a claim that lists scopes is missing or empty (scp, scope)")]
    ScopeClaim,
    /// An empty client id.
    #[error("the client id is empty")]
    ClientId,
    /// A policy without scopes.
    #[error("a policy needs at least one scope")]
    NoScopes,
    /// A policy without roles.
    #[error("a policy needs at least one role")]
    NoRoles,
}
