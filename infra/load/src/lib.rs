#![doc = include_str!("../README.md")]

mod drive;
mod plan;
mod tally;

pub use drive::drive;
pub use plan::{Arguments, Plan, PlanError};
pub use tally::{RequestOutcome, Tally};
