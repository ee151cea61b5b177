use api::ResourceMetadata;
use axum::{Json, extract::State as Shared};
use serve::PublicOrigin;

use crate::State;

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
    Json(ResourceMetadata::new(&origin, state.issuer(), &state.permissions().scopes))
}
