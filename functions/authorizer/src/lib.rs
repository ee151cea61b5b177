#![doc = include_str!("../README.md")]

mod authorize;
mod config;
mod event;
mod response;
mod route;
mod state;

pub use authorize::{AuthorizerError, authorize};
pub use config::Config;
pub use event::AuthorizerEvent;
pub use response::AuthorizerResponse;
pub use state::State;
