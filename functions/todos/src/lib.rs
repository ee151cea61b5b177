#![doc = include_str!("../README.md")]

mod access_scope;
mod app;
mod config;
mod cursor;
mod document;
mod error;
mod permission;
mod query;
mod routes;
mod state;
mod table;
mod todo;

pub use app::app;
pub use config::Config;
pub use document::Api;
pub use state::State;
