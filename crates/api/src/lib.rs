#![doc = include_str!("../README.md")]

mod body;
mod config;
mod error;
mod fields;
mod idempotency_key;
mod if_match;
mod json;
pub mod openapi;
mod resource_metadata;
mod router;
mod session_bearer;
mod state;
mod version;

pub use body::{JsonBody, MergePatchBody};
pub use config::{ApiConfig, Policies, access_token_rules};
pub use error::RequestError;
pub use fields::{FieldErrors, Fields, InvalidValue};
pub use idempotency_key::IdempotencyKey;
pub use if_match::IfMatch;
pub use resource_metadata::ResourceMetadata;
pub use router::{protect, with_problem_fallbacks};
pub use session_bearer::use_session;
pub use state::ApiState;
pub use version::Version;
