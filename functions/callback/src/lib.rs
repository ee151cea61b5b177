#![doc = include_str!("../README.md")]

mod app;
mod backchannel;
mod callback;
mod config;
mod error;
mod error_page;
mod frontchannel;
mod new_session;
mod pushed_authorization;
mod retry_limit;
mod revocation;
mod state;
mod userinfo;

pub use app::app;
pub use config::Config;
pub use state::State;
