//! The whole program against a stand-in for Microsoft Graph that behaves like it.

#![allow(clippy::unwrap_used, reason = "a test that panics has failed, as it should")]

mod bodies;
mod deploy;
mod differences;
mod harness;
mod life;
mod mock_graph;
mod schema;
mod sign_in;
mod trouble;
