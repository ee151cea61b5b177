#![doc = include_str!("../README.md")]

mod app;
mod assets;
mod current_session;
mod error;
mod page_files;
mod refresh;
mod refresh_config;
mod refresh_timeout;
mod render;
mod routes;
mod state;
mod step_up;

pub use app::app;
pub use refresh_timeout::RefreshTimeout;
pub use state::{Config, State};
