#![doc = include_str!("../README.md")]

#[cfg(feature = "dynamodb")]
mod dynamodb;
mod examples;
#[cfg(feature = "http-api")]
pub mod http_api;
mod template;

#[cfg(feature = "dynamodb")]
pub use dynamodb::{LocalDynamoDb, StoreError};
pub use examples::{EXAMPLES, with_examples};
pub use template::{
    Constraint, Function, MethodPattern, Parameter, PathParameters, PathPattern, Route, Table,
    Template, TemplateError,
};
