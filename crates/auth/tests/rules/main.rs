//! Every rule of the verifier, each with a test named after it.

#![allow(
    clippy::unwrap_used,
    clippy::needless_pass_by_value,
    reason = "a test ends where something is not as it says"
)]

mod access_token;
mod answers;
mod applications;
mod cache;
mod claims;
mod clock_steps;
mod configuration;
mod dialects;
mod dpop;
mod form;
mod freeze;
mod header;
mod hostile_keys;
mod id_token;
mod issuer_rules;
mod issuers;
mod key;
mod known_vulnerabilities;
mod lambda_handler;
mod logout_token;
mod moved_keys;
mod mutation;
mod party;

mod harness;
mod policy;
mod privacy;
mod signer;
mod status;
mod stored;
mod storm;
mod strictness;
mod tenants;

#[cfg(feature = "api-gateway")]
mod api_gateway;
#[cfg(feature = "axum")]
mod extractor;
#[cfg(feature = "reqwest")]
mod http_fetch;
#[cfg(feature = "testing")]
mod testing;
#[cfg(feature = "tower")]
mod tower_layer;
