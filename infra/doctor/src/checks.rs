//! One file for each check.

pub(crate) mod authorization;
pub(crate) mod clock;
pub(crate) mod credential;
pub(crate) mod deployment;
pub(crate) mod discovery;
pub(crate) mod keys;
pub(crate) mod profile;
pub(crate) mod routes;
pub(crate) mod settings;
pub(crate) mod token;
