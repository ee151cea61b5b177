// The README's example is a doc test, and needs these features.
#![cfg_attr(all(feature = "axum", feature = "reqwest"), doc = include_str!("../README.md"))]
#![cfg_attr(
    not(all(feature = "axum", feature = "reqwest")),
    doc = "Verifies OpenID Connect access and ID tokens. The README has more."
)]

// What a caller meets first: who may do what, and the ways in.
/// Access tokens: what they must say, and what their callers may do.
mod access {
    pub(crate) mod caller;
    pub(crate) mod claims;
    pub(crate) mod permissions;
    pub(crate) mod policy;
    pub(crate) mod profile;
    pub(crate) mod rules;
    pub(crate) mod scope;
    pub(crate) mod session_user;
    pub(crate) mod step_up;
    pub(crate) mod verifier;
}
#[cfg(feature = "api-gateway")]
pub mod api_gateway;
#[cfg(feature = "axum")]
pub mod axum;
mod dpop;
/// How a request presents a token, and how an error is answered.
mod request {
    pub(crate) mod auth_error;
    pub(crate) mod auth_error_response;
    pub(crate) mod challenge;
    pub(crate) mod credentials;
    pub(crate) mod request_head;
    pub(crate) mod resource;
}
#[cfg(feature = "testing")]
pub mod testing;
#[cfg(feature = "tower")]
pub mod tower;

// The other kinds of token.
/// ID tokens.
mod id {
    pub(crate) mod acr;
    pub(crate) mod claims;
    pub(crate) mod verifier;
}
mod logout;

// Where keys come from, and what they verify.
/// Keys, and the signatures that they verify.
mod keys {
    pub(crate) mod key;
    pub(crate) mod key_set;
    mod roca;
}
mod provider;

// What all of it rests on.
mod algorithm;
mod clock;
mod config_error;
/// Reads a token: bytes, JSON, claims. Nothing here is trusted yet.
mod token {
    pub(crate) mod audience;
    pub(crate) mod base64url;
    pub(crate) mod claims;
    pub(crate) mod error;
    pub(crate) mod header;
    pub(crate) mod json;
    pub(crate) mod untrusted_text;
    pub(crate) mod unverified;
}
mod verified;
mod verify_error;

pub use access::{
    caller::{App, Authorized, Caller, User},
    claims::AccessClaims,
    policy::{InsufficientScopeError, Policy},
    rules::{AccessTokenRules, AudienceClaim, TokenType},
    scope::{Role, Scope},
    session_user::SessionUser,
    step_up::{Freshness, StepUp, StepUpError},
    verifier::Verifier,
};
pub use algorithm::Algorithm;
pub use clock::{Clock, SystemClock};
pub use config_error::ConfigError;
pub use dpop::{
    Dpop,
    nonces::DpopNonces,
    proof_error::ProofError,
    replay::{FirstUse, InMemoryReplayStore, ReplayStore, ReplayStoreError},
};
pub use id::{
    acr::{AcrClaim, AcrValues, AcrValuesError},
    claims::IdClaims,
    verifier::{ExpectedNonce, IdTokenExpectations, IdTokenVerifier},
};
pub use keys::key_set::KeySet;
pub use logout::{LogoutClaims, LogoutTokenVerifier};
#[cfg(feature = "reqwest")]
pub use provider::http_fetch::HttpFetch;
pub use provider::{
    Provider,
    config::ProviderConfig,
    fetch::{Fetch, FetchError, FetchFuture, FetchRequest, Fetched, max_age},
    issuer::{Issuer, is_safe_endpoint},
    metadata::Metadata,
    status::{DocumentStatus, ProviderStatus},
};
pub use request::{
    auth_error::{AuthError, CredentialsError},
    auth_error_response::AuthErrorResponse,
    credentials::{Credentials, Scheme, credentials},
    request_head::RequestHead,
    resource::Resource,
};
pub use token::{
    error::{TokenError, TokenPart},
    untrusted_text::UntrustedText,
};
pub use verified::Verified;
pub use verify_error::{UnavailableError, VerifyError};
