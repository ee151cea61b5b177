//! The sessions table against the embedded DynamoDB.

mod attempts;
mod contents;
mod ending;
mod limits;
mod outage;
mod refresh;
mod sealing;
mod table;
