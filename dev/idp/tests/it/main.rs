//! The provider from outside: requests in, answers out, no internals.
#![allow(clippy::unwrap_used, reason = "helpers of tests may panic as tests may")]

mod authorize;
mod credentials;
mod discovery;
mod keys;
mod pages;
mod persistence;
mod refresh;
mod sign_out;
mod token;
mod visitor;
mod world;
