#![doc = include_str!("../README.md")]

mod apps;
mod authorization_request;
mod authorize;
mod behavior;
mod browser;
mod clock;
mod config;
mod discovery;
mod event_log;
mod fault_injection;
mod idp;
mod keys;
mod logout;
mod oauth_error;
mod pages;
mod par;
mod params;
mod password;
mod paths;
mod pending;
mod profiles;
mod provider;
mod revocation;
mod routes;
mod scopes;
mod secret;
mod state;
mod token;
mod tokens;
mod userinfo;

pub use crate::{
    apps::{API_CLIENT_ID, Credentials, DemoUser, ORDERS_CLIENT_ID},
    clock::Clock,
    config::{Config, OpenError, RefreshReuse},
    idp::Idp,
    paths::{TENANT_ID, TENANT_NAME},
};
