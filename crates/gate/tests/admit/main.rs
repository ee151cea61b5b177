//! Which requests the gate admits: a DynamoDB and a provider on loopback ports.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod harness;
mod policies;
mod sessions;
mod sign_in;
