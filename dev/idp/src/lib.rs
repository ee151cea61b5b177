#![doc = include_str!("../README.md")]

mod apps;
mod authorize;
mod browser;
mod config;
mod discovery;
mod fault;
mod keys;
mod live;
mod loopback;
mod pages;
mod params;
mod password;
mod provider;
mod routes;
mod scopes;
mod secret;
mod state;
mod tenant;
mod token;
mod tokens;

pub use crate::apps::{API_CLIENT_ID, Credentials, DemoUser};
pub use crate::config::{Clock, Config, OpenError, RefreshReuse};
pub use crate::provider::Idp;
pub use crate::tenant::{TENANT_ID, TENANT_NAME};
