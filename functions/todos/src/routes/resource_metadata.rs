use auth::{Resource, Scope};
use axum::{
    Json,
    extract::{Request, State as Shared},
    middleware::Next,
    response::Response,
};
use serde::Serialize;
use serve::PublicOrigin;
use utoipa::ToSchema;

use crate::State;

/// How to get a token for this API (RFC 9728).
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ResourceMetadata {
    /// The API: the origin that browsers see.
    resource: String,
    /// The issuers whose tokens are taken.
    authorization_servers: Vec<String>,
    /// The scopes that a user's client can ask for.
    scopes_supported: Vec<String>,
    /// How a token is sent.
    bearer_methods_supported: Vec<String>,
}

/// How to get a token
#[utoipa::path(
    get,
    path = "/.well-known/oauth-protected-resource",
    operation_id = "readResourceMetadata",
    tag = "about",
    responses((status = OK, description = "Protected resource metadata", body = ResourceMetadata))
)]
pub(crate) async fn resource_metadata(
    Shared(state): Shared<State>,
    origin: PublicOrigin,
) -> Json<ResourceMetadata> {
    let scopes = state.permissions().scopes.iter().map(Scope::to_string);
    Json(ResourceMetadata {
        resource: origin.as_str().to_owned(),
        authorization_servers: vec![state.issuer().as_str().to_owned()],
        scopes_supported: scopes.collect(),
        bearer_methods_supported: vec!["header".to_owned()],
    })
}

/// Has a refusal name the metadata's address (RFC 9728, section 5.1).
pub(crate) async fn announce(origin: PublicOrigin, mut request: Request, next: Next) -> Response {
    // An origin is https or on a loopback host, as a resource must be.
    if let Ok(resource) = Resource::try_from(origin.url("/")) {
        request.extensions_mut().insert(resource);
    }
    next.run(request).await
}
