#![doc = include_str!("../README.md")]

mod answer;
mod app;
mod backchannel;
mod config;
mod failure;
mod farewell;
mod finish;
mod frontchannel;
mod page;
mod pushed;
mod rounds;
mod signed_in;
mod state;
mod userinfo;

pub use app::app;
pub use config::Config;
pub use state::State;
