use api::ResourceMetadata;
use axum::{Json, extract::State as Shared, response::IntoResponse};
use http::{HeaderValue, header};
use serve::PublicOrigin;

use crate::State;

/// The generated text of [`Api`](crate::Api).
const DOCUMENT: &str = include_str!("../../openapi.json");

/// This document
#[utoipa::path(
    get,
    path = "/api/openapi.json",
    operation_id = "readOpenApi",
    tag = "about",
    responses((status = OK, description = "OpenAPI 3.1", content_type = "application/json",
        body = serde_json::Value)),
    security()
)]
pub(crate) async fn openapi() -> impl IntoResponse {
    let json = HeaderValue::from_static("application/json");
    ([(header::CONTENT_TYPE, json)], DOCUMENT)
}

/// How to get a token
#[utoipa::path(
    get,
    path = "/.well-known/oauth-protected-resource",
    operation_id = "readResourceMetadata",
    tag = "about",
    responses((status = OK, description = "Protected resource metadata", body = ResourceMetadata)),
    security()
)]
pub(crate) async fn resource_metadata(
    Shared(state): Shared<State>,
    origin: PublicOrigin,
) -> Json<ResourceMetadata> {
    metadata(&state, &origin, "/")
}

/// How to get a token for `/api`
#[utoipa::path(
    get,
    path = "/.well-known/oauth-protected-resource/api",
    operation_id = "readApiMetadata",
    tag = "about",
    responses((status = OK, description = "Protected resource metadata", body = ResourceMetadata)),
    security()
)]
pub(crate) async fn api_metadata(
    Shared(state): Shared<State>,
    origin: PublicOrigin,
) -> Json<ResourceMetadata> {
    metadata(&state, &origin, "/api")
}

fn metadata(state: &State, origin: &PublicOrigin, path: &str) -> Json<ResourceMetadata> {
    Json(ResourceMetadata::new(state.api(), origin, path, &state.policies().requested_scopes))
}
