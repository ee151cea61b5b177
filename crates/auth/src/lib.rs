// The README's example is a doc test, and needs these features.
#![cfg_attr(all(feature = "axum", feature = "reqwest"), doc = include_str!("../README.md"))]
#![cfg_attr(
    not(all(feature = "axum", feature = "reqwest")),
    doc = "Verifies OpenID Connect access and ID tokens. The README has more."
)]

// What a caller meets first: who may do what, and the ways in.
mod access;
#[cfg(feature = "api-gateway")]
pub mod api_gateway;
#[cfg(feature = "axum")]
pub mod axum;
mod dpop;
mod request;
#[cfg(feature = "testing")]
pub mod testing;
#[cfg(feature = "tower")]
pub mod tower;

// The other kinds of token.
mod id;
mod logout;

// Where keys come from, and what they verify.
mod keys;
mod provider;

// What all of it rests on.
mod algorithm;
mod clock;
mod config_error;
mod token;
mod unavailable;
mod verified;

pub use access::{
    claims::AccessClaims,
    policy::{App, Authorized, Caller, InsufficientScope, Policy, User},
    rules::{AccessTokenRules, AudienceClaim, TokenType},
    scope::{Role, Scope},
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
    acr::{AcrValues, AcrValuesError},
    claims::IdClaims,
    verifier::{ExpectedNonce, IdTokenExpectations, IdTokens},
};
pub use keys::key_set::KeySet;
pub use logout::{LogoutClaims, LogoutTokens};
#[cfg(feature = "reqwest")]
pub use provider::http_fetch::HttpFetch;
pub use provider::{
    Provider,
    config::ProviderConfig,
    endpoint::is_safe_endpoint,
    fetch::{Fetch, FetchError, FetchFuture, Fetched, Wanted, max_age},
    issuer::Issuer,
    metadata::Metadata,
    status::{DocumentStatus, ProviderStatus},
};
pub use request::{
    credentials::{Credentials, CredentialsFault, Scheme, credentials},
    incoming::Incoming,
    refusal::Refusal,
    rejection::Rejection,
    resource::Resource,
};
pub use token::{
    error::{Part, TokenError, VerifyError},
    said::Said,
};
pub use unavailable::Unavailable;
pub use verified::Verified;
