//! The token endpoint, against a provider that the tests script.
#![allow(clippy::unwrap_used, reason = "a test that panics has failed, as it should")]

mod authentication;
mod connections;
mod failures;
mod grants;
mod harness;
mod pushing;
mod revocation;
mod secrets_manager;
mod web_identity;
