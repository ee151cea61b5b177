#![doc = include_str!("../README.md")]

mod answer;
mod endpoint;
mod grants;
mod key;
mod provider;
mod received;
mod server;
mod shared;
mod token;
mod token_response;

pub use answer::{Answer, Gate};
pub use endpoint::Endpoint;
pub use key::SigningKey;
pub use provider::{CLIENT_ID, CLIENT_SECRET, ScriptedProvider, TENANT};
pub use received::Received;
pub use token::TokenBuilder;
pub use token_response::TokenResponse;
