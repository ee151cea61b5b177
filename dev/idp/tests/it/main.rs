//! The provider from outside: requests in, responses out.
#![allow(clippy::unwrap_used, reason = "helpers of tests may panic as tests may")]

mod application;
mod authorize;
mod browser;
mod credentials;
mod discovery;
mod fault_injection;
mod keys;
mod likes;
mod logout;
mod other_apis;
mod pages;
mod par;
mod persistence;
mod refresh;
mod sign_out;
mod step_up;
mod test_provider;
mod token;
mod userinfo;
