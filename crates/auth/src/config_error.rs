//! What can be wrong with a configuration.

use std::time::Duration;

use thiserror::Error;

/// A value that no verifier can be built with.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// An issuer that is not a safe address.
    #[error("the issuer {value:?} {reason}")]
    Issuer {
        /// The value given, without a user and password.
        value: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// A resource that is not a safe address.
    #[error("the resource {value:?} {reason}")]
    Resource {
        /// The value given, without a user and password.
        value: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// No algorithm: no signature could be good.
    #[error(
        "no signature algorithm is allowed; list those that the issuer signs with, such as RS256"
    )]
    NoAlgorithms,
    /// A leeway of more than an hour.
    #[error("a leeway of {0:?} is too long: tokens would hardly expire (an hour at most)")]
    Leeway(Duration),
    /// An address of the metadata that is not safe to ask.
    #[error("the address of the metadata, {0:?}, must be https (http only on a loopback host)")]
    MetadataUrl(String),
    /// An issuer that is trusted twice: which rules would count?
    #[error("the issuer {0:?} is trusted already")]
    DuplicateIssuer(String),
    /// A tenant that is not a GUID.
    #[error("{0:?} is not a valid tenant id (a GUID such as 5f0f9c1e-3b7a-4c58-9a57-2a1f6f1c7e10)")]
    Tenant(String),
    /// A template without tenants: no user, or every user, could be accepted.
    #[error("no tenant is listed; list the ids of those whose users may come in")]
    NoTenants,
    /// An algorithm that is unknown, or cannot be allowed.
    #[error(
        "{0:?} is not an accepted algorithm (RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384, EdDSA)"
    )]
    Algorithm(String),
    /// A scope outside RFC 6749's `scope-token`.
    #[error(
        "{0:?} is not a valid scope name: one name, of printable ASCII without spaces; if it is empty, a setting may be missing"
    )]
    Scope(String),
    /// A role outside RFC 6749's `scope-token`.
    #[error(
        "{0:?} is not a valid role name: one name, of printable ASCII without spaces; if it is empty, a setting may be missing"
    )]
    Role(String),
    /// A `typ` that no access token may have.
    #[error("{0:?} is not a token type of access tokens (JWT, at+jwt)")]
    TokenType(String),
    /// No audience, or one that is empty or has spaces: any token of the issuer would pass.
    #[error(
        "an audience is missing, empty or has spaces; without one, tokens for any other API would pass"
    )]
    Audience,
    /// A claim that never names an audience.
    #[error("{0:?} is not a claim that names the audience (aud, client_id)")]
    AudienceClaim(String),
    /// An empty name in the list of allowed clients.
    #[error("the list of allowed clients has an empty name")]
    AllowedClient,
    /// No claim that lists scopes, or an empty name.
    #[error("a claim that lists scopes is missing or empty (scp, scope)")]
    ScopeClaim,
    /// No claim that lists an application's roles, or an empty name.
    #[error("a claim that lists roles is missing or empty (roles)")]
    RoleClaim,
    /// No claim that names the client, or an empty name.
    #[error("a claim that names the client is missing or empty (azp, client_id)")]
    ClientClaim,
    /// No claim that names the owner, or an empty name.
    #[error("a claim that names the owner is missing or empty (oid, sub)")]
    OwnerClaim,
    /// An empty name among the claims of applications.
    #[error("the list of claims that only applications have has an empty name")]
    ApplicationClaim,
    /// An empty client id.
    #[error("the client id is empty")]
    ClientId,
    /// A policy without scopes.
    #[error("a policy needs at least one scope; for applications alone, take Policy::apps_only")]
    NoScopes,
    /// A policy without roles.
    #[error("a policy needs at least one role; for users alone, take Policy::users_only")]
    NoRoles,
}

/// An address for an error, which may be logged: all that may be a user and password is left out,
/// also of what is no URL.
pub(crate) fn without_user_info(address: &str) -> String {
    let Some((before, after)) = address.rsplit_once('@') else { return address.to_owned() };
    let scheme = ["https://", "http://"].into_iter().find(|it| before.starts_with(it));
    format!("{}…@{after}", scheme.unwrap_or_default())
}
