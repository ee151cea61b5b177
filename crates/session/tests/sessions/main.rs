//! The sessions table against the embedded DynamoDB.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should say so and end")]

mod api_tokens;
mod conflicts;
mod contents;
mod end;
mod eviction;
mod limits;
mod list;
mod logout_tokens;
mod outage;
mod refresh;
mod scripted_table;
mod sealing;
mod sign_in;
mod sign_in_transactions;
mod signed_out;
mod table;
