// The README's example is a doc test, and needs both features.
#![cfg_attr(all(feature = "axum", feature = "reqwest"), doc = include_str!("../README.md"))]
#![cfg_attr(
    not(all(feature = "axum", feature = "reqwest")),
    doc = "Verifies OpenID Connect access and ID tokens. The README has more."
)]

mod access_claims;
mod access_tokens;
mod algorithm;
mod audience;
#[cfg(feature = "axum")]
pub mod axum;
mod base64url;
mod bearer;
mod cached;
mod claims;
mod clock;
mod config_error;
mod endpoint;
mod fetch;
mod holding;
#[cfg(feature = "reqwest")]
mod http_fetch;
mod id_claims;
mod id_tokens;
mod issuer;
mod json;
mod key;
mod key_set;
mod logout_tokens;
mod metadata;
mod policy;
mod provider;
mod refusal;
mod scope;
mod timeline;
mod token_error;
mod unavailable;
mod unverified;
mod verified;

pub use access_claims::AccessClaims;
pub use access_tokens::{AccessTokenRules, AccessTokens, TokenType};
pub use algorithm::Algorithm;
pub use bearer::{BearerFault, bearer};
pub use clock::{Clock, SystemClock};
pub use config_error::ConfigError;
pub use endpoint::is_safe_endpoint;
pub use fetch::{Fetch, FetchError, FetchFuture, Fetched, max_age};
#[cfg(feature = "reqwest")]
pub use http_fetch::HttpFetch;
pub use id_claims::IdClaims;
pub use id_tokens::{IdTokenExpectations, IdTokens};
pub use issuer::Issuer;
pub use logout_tokens::{LogoutClaims, LogoutTokens};
pub use metadata::Metadata;
pub use policy::{App, Caller, InsufficientScope, Policy, User};
pub use provider::{Provider, ProviderConfig};
pub use refusal::Refusal;
pub use scope::{Role, Scope};
pub use token_error::{Part, Said, TokenError, VerifyError};
pub use unavailable::Unavailable;
pub use verified::Verified;
