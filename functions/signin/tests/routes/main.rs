//! The routes of `signin`, in process, against a provider that the tests script.
#![allow(clippy::unwrap_used, reason = "a test that panics has failed, as it should")]

mod begin;
mod begun_elsewhere;
mod elsewhere;
mod harness;
mod open_redirects;
