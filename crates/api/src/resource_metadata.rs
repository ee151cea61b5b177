use auth::{Resource, Scope};
use axum::{extract::Request, middleware::Next, response::Response};
use serde::Serialize;
use serve::PublicOrigin;
use utoipa::ToSchema;

use crate::ApiState;

/// How to get a token for this API (RFC 9728).
#[derive(Debug, Serialize, ToSchema)]
pub struct ResourceMetadata {
    /// The API, as the provider knows it.
    resource: String,
    /// The issuers whose tokens are accepted.
    authorization_servers: Vec<String>,
    /// The scopes, as a user's client requests them.
    scopes_supported: Vec<String>,
    /// How a token is sent.
    bearer_methods_supported: Vec<String>,
}

impl ResourceMetadata {
    /// Of an API at this origin whose clients request these scopes.
    pub fn new(state: &ApiState, origin: &PublicOrigin, scopes: &[Scope]) -> Self {
        let resource = state.resource().map(Resource::to_string);
        Self {
            resource: resource.unwrap_or_else(|| origin.as_str().to_owned()),
            authorization_servers: vec![state.issuer().as_str().to_owned()],
            scopes_supported: scopes.iter().map(Scope::to_string).collect(),
            bearer_methods_supported: vec!["header".to_owned()],
        }
    }
}

/// Makes 401 and 403 responses name the metadata's address (RFC 9728, section 5.1).
pub(crate) async fn announce_metadata(
    origin: PublicOrigin,
    mut request: Request,
    next: Next,
) -> Response {
    // An origin is https or on a loopback host, as a resource must be.
    if let Ok(resource) = Resource::try_from(origin.url("/")) {
        request.extensions_mut().insert(resource);
    }
    next.run(request).await
}
