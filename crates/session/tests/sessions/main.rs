//! The sessions table against the embedded DynamoDB.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should say so and end")]

mod attempts;
mod conflicts;
mod contents;
mod crowd;
mod ending;
mod limits;
mod listing;
mod logout_tokens;
mod outage;
mod refresh;
mod scripted_table;
mod sealing;
mod sign_in;
mod signed_out;
mod table;
