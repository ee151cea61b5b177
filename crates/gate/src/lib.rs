#![doc = include_str!("../README.md")]

mod admitted;
mod config;
mod gate;

pub use admitted::{Admitted, AdmittedCaller};
pub use config::{GateConfig, route_policies};
pub use gate::Gate;
