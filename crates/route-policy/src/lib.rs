#![doc = include_str!("../README.md")]

mod path;
mod policies;
mod policy;

pub use policies::{RouteError, RoutePolicies, RoutePolicyError};
pub use policy::{Requirement, RoutePolicy};
