//! `cargo run` as a person meets it: the binary, its messages, its exit codes.

mod process;

mod ending;
mod persistence;
mod refusals;
mod serving;
