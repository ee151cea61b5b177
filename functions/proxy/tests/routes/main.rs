//! The proxy between API Gateway and an upstream: events in, and what an upstream gets on its
//! connection, byte for byte.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod credentials;
mod failures;
mod harness;
mod headers;
mod responses;
mod upstream;
