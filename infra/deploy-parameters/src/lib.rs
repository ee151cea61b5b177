#![doc = include_str!("../README.md")]

mod configuration;
mod document;
mod error;
mod generated;

pub use configuration::{Configuration, Parameter, Replaced};
pub use error::ConfigurationError;
pub use generated::{may_be_written, toml, write};
pub use local_aws::Constraint;

/// The file with people's decisions, in the root of the repository.
pub const CONFIG_FILE: &str = "samconfig.toml";

/// What `template.yaml` demands of the values of a parameter, if it does.
pub fn constraint(name: &str) -> Option<Constraint> {
    local_aws::Template::project().constraint(name)
}
