//! The routes of `callback`, in process, against a provider that the tests script.
#![allow(clippy::unwrap_used, reason = "a test that panics has failed, as it should")]

mod coming_back;
mod elsewhere;
mod error_page;
mod harness;
mod id_token;
mod iss;
mod log;
mod meanwhile;
mod outage;
mod pushed;
mod replay;
mod start;
mod state;
mod userinfo;
