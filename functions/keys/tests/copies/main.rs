//! The function, and what it spares those who read its copies.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should say so and end")]

mod harness;
mod reading;
mod waking;
mod writing;
