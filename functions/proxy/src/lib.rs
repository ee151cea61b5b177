#![doc = include_str!("../README.md")]

mod app;
mod config;
mod error;
mod forward;
mod request_headers;
mod response_headers;
mod state;
mod upstream;

pub use app::app;
pub use config::Config;
pub use state::State;
