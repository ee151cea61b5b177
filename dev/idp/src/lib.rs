#![doc = include_str!("../README.md")]

mod acr;
mod apps;
mod authorize;
mod browser;
mod conduct;
mod config;
mod diary;
mod discovery;
mod fault;
mod keys;
mod live;
mod logout;
mod loopback;
mod pages;
mod par;
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
mod userinfo;

pub use crate::{
    apps::{API_CLIENT_ID, Credentials, DemoUser},
    config::{Clock, Config, OpenError, RefreshReuse},
    provider::Idp,
    tenant::{TENANT_ID, TENANT_NAME},
};
