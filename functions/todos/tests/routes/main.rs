//! The API as its callers meet it: the router in process, a DynamoDB and a provider on loopback
//! ports. One module for each route, and one for what holds for all of them.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod access;
mod app_only;
mod change;
mod create;
mod delete;
mod harness;
mod idempotency;
mod list;
mod log;
mod openapi;
mod outage;
mod providers;
mod read;
mod replace;
mod resource_metadata;
mod session;
mod session_scopes;
mod start;
mod strange;
