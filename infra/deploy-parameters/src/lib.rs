#![doc = include_str!("../README.md")]

mod configuration;
mod document;
mod error;
mod generated;

pub use configuration::{Configuration, Parameter, Replaced};
pub use error::ConfigurationError;
pub use generated::{may_be_written, toml, write};

/// The file with people's decisions, in the root of the repository.
pub const CONFIG_FILE: &str = "samconfig.toml";
