//! The sessions table against the embedded DynamoDB.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should say so and end")]

mod attempts;
mod contents;
mod ending;
mod limits;
mod outage;
mod refresh;
mod sealing;
mod table;
