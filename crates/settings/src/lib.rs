#![doc = include_str!("../README.md")]

mod environment;
mod error;

pub use environment::Environment;
pub use error::SettingError;
