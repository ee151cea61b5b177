//! The routes of `web`, in process, against the embedded DynamoDB and a scripted provider.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should say so and end")]

mod asset;
mod early_refresh;
mod front_end;
mod harness;
mod other_apis;
mod outage;
mod over;
mod page;
mod refresh;
mod refresh_together;
mod session;
mod sessions;
mod signed_out;
mod signout;
mod start;
mod step_up;
mod surface;
