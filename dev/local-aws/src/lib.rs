#![doc = include_str!("../README.md")]

#[cfg(feature = "dynamodb")]
mod dynamodb;
mod template;

#[cfg(feature = "dynamodb")]
pub use dynamodb::{LocalDynamoDb, StoreError};
pub use template::{
    Function, MethodPattern, Parameter, PathPattern, Route, Table, Template, TemplateError,
};
