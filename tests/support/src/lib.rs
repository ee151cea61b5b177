#![doc = include_str!("../README.md")]

mod api_call;
mod backend;
mod browser;
mod client;
mod endpoint;
mod grants;
mod key;
mod log_capture;
mod manual_clock;
mod mock_response;
mod provider;
mod received;
mod server;
mod shared;
mod sts;
mod test_response;
mod token;
mod token_response;

pub use api_call::ApiCall;
pub use backend::{Backend, ORIGIN, api_settings};
pub use browser::{Browser, cookie_pair};
pub use client::{CLIENT_ID, CLIENT_SECRET, TENANT};
pub use endpoint::Endpoint;
pub use key::SigningKey;
pub use log_capture::LogCapture;
pub use manual_clock::ManualClock;
pub use mock_response::{Gate, MockResponse};
pub use provider::ScriptedProvider;
pub use received::Received;
pub use test_response::TestResponse;
pub use token::TokenBuilder;
pub use token_response::TokenResponse;
