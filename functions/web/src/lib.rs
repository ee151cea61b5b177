#![doc = include_str!("../README.md")]

mod app;
mod assets;
mod browser;
mod config;
mod fault;
mod patience;
mod presented;
mod renewal;
mod routes;
mod state;
mod step_up;

pub use app::app;
pub use config::Config;
pub use patience::Patience;
pub use state::State;
