#![doc = include_str!("../README.md")]

mod app;
mod body;
mod browser;
mod config;
mod cursor;
mod document;
mod fault;
mod idempotency_key;
mod permission;
mod precondition;
mod query;
mod reach;
mod routes;
mod state;
mod table;
mod todo;

pub use app::app;
pub use config::Config;
pub use document::Api;
pub use state::State;
