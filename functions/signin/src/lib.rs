#![doc = include_str!("../README.md")]

mod app;
mod authorization_params;
mod authorize;
mod config;
mod error_page;
mod state;
mod third_party_login;

pub use app::app;
pub use config::Config;
pub use state::State;
