//! What API Gateway's HTTP API does between a client and a function, payload format 2.0
//! (API Gateway Developer Guide, "Create AWS Lambda proxy integrations for HTTP APIs").

mod cors;
mod event;
mod response;

pub use cors::Cors;
pub use event::{HttpApiRequest, authorizer_event, decoded_path, is_text, request_id};
pub use response::{HttpApiResponse, HttpApiResponseError};
