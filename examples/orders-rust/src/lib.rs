#![doc = include_str!("../README.md")]

mod app;
mod config;
mod permission;
mod routes;
mod state;

pub use app::app;
pub use config::Config;
pub use state::State;
