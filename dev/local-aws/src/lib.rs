#![doc = include_str!("../README.md")]

#[cfg(feature = "dynamodb")]
mod dynamodb;
#[cfg(feature = "http-api")]
pub mod http_api;
mod template;

#[cfg(feature = "dynamodb")]
pub use dynamodb::{LocalDynamoDb, StoreError};
pub use template::{
    Constraint, Function, MethodPattern, Parameter, PathParameters, PathPattern, Route, Table,
    Template, TemplateError,
};
