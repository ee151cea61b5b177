#![doc = include_str!("../README.md")]

mod config;
mod recording;
mod refresh;
mod state;

pub use config::Config;
pub use refresh::{RefreshError, Refreshed, refresh};
pub use state::State;
