#![doc = include_str!("../README.md")]

mod app;
mod begin;
mod config;
mod elsewhere;
mod page;
mod state;
mod wishes;

pub use app::app;
pub use config::Config;
pub use state::State;
