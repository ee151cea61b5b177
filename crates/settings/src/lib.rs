#![doc = include_str!("../README.md")]

mod environment;
mod error;
mod other_apis;
mod profile;
mod provider;
mod setting;
mod step_up;

pub use environment::{Environment, read_by};
pub use error::{Results, SettingError, SettingErrors, all, combine};
pub use other_apis::{OtherApi, OtherApis};
pub use profile::{Console, GENERIC, Need, PROFILES, Profile, UnknownProfileError};
pub use provider::{leeway, provider_config, provider_metadata, provider_with_keys};
pub use setting::{IfUnset, SCOPES, Setting};
pub use step_up::StepUpMethod;

/// The product's name, as people see it: page titles, consent pages, the command line, the API's
/// documentation. Names of crates, stacks, tables and metrics do not follow it.
pub const PRODUCT: &str = include_str!("../product.txt").trim_ascii_end();
