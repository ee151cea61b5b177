//! The provider from outside: requests in, answers out, no internals.
#![allow(clippy::unwrap_used, reason = "helpers of tests may panic as tests may")]

mod application;
mod authorize;
mod credentials;
mod discovery;
mod keys;
mod logout;
mod orders;
mod pages;
mod par;
mod persistence;
mod refresh;
mod sign_out;
mod step_up;
mod token;
mod userinfo;
mod visitor;
mod world;
