use axum::response::IntoResponse;
use http::{HeaderValue, header};

/// What [`Api`](crate::Api) says, kept as text.
const DOCUMENT: &str = include_str!("../../openapi.json");

/// This document
#[utoipa::path(
    get,
    path = "/api/openapi.json",
    operation_id = "readOpenApi",
    tag = "about",
    responses((status = OK, description = "OpenAPI 3.1", content_type = "application/json",
        body = serde_json::Value))
)]
pub(crate) async fn openapi() -> impl IntoResponse {
    let json = HeaderValue::from_static("application/json");
    ([(header::CONTENT_TYPE, json)], DOCUMENT)
}
