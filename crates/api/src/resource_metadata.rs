use auth::{Resource, Scope};
use axum::{
    extract::{Request, State},
    middleware::Next,
    response::Response,
};
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
    /// Of the API at this path (`/` or `/api`) of an origin, whose clients request these scopes.
    pub fn new(state: &ApiState, origin: &PublicOrigin, path: &str, scopes: &[Scope]) -> Self {
        let here = || origin.url(path).as_str().trim_end_matches('/').to_owned();
        Self {
            resource: state.resource().map_or_else(here, Resource::to_string),
            authorization_servers: vec![state.issuer().as_str().to_owned()],
            scopes_supported: scopes.iter().map(Scope::to_string).collect(),
            bearer_methods_supported: vec!["header".to_owned()],
        }
    }
}

/// Makes 401 and 403 responses name the metadata's address (RFC 9728, section 5.1): that of
/// `API_RESOURCE` if it is served here.
pub(crate) async fn announce_metadata(
    State(state): State<ApiState>,
    origin: PublicOrigin,
    mut request: Request,
    next: Next,
) -> Response {
    let is_here = |it: &&Resource| {
        it.to_string()
            .strip_prefix(origin.as_str())
            .is_some_and(|path| ["", "/api"].contains(&path))
    };
    let named = state.resource().filter(is_here).cloned();
    // An origin is https or on a loopback host, as a resource must be.
    if let Some(resource) = named.or_else(|| Resource::try_from(origin.url("/")).ok()) {
        request.extensions_mut().insert(resource);
    }
    next.run(request).await
}
