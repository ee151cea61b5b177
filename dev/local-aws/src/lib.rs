#![doc = include_str!("../README.md")]

#[cfg(feature = "dynamodb")]
mod dynamodb;
mod examples;
#[cfg(feature = "http-api")]
pub mod http_api;
#[cfg(feature = "runtime-api")]
mod runtime_api;
mod template;

#[cfg(feature = "dynamodb")]
pub use dynamodb::{LocalDynamoDb, StoreError};
pub use examples::{EXAMPLES, with_examples};
#[cfg(feature = "runtime-api")]
pub use runtime_api::{Outcome, RuntimeApi};
pub use template::{
    Constraint, Function, MethodPattern, NodeFunction, Parameter, PathParameters, PathPattern,
    Route, Table, Template, TemplateError,
};
