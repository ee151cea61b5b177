use std::sync::{Arc, OnceLock};

use axum::{Extension, body::Bytes, response::IntoResponse};
use http::{HeaderValue, header};
use utoipa::openapi::OpenApi;

/// The document, written out when somebody asks for it first: a cold start does without.
#[derive(Clone)]
pub(crate) struct Document {
    openapi: Arc<OpenApi>,
    text: Arc<OnceLock<Bytes>>,
}

impl Document {
    pub(crate) fn new(openapi: OpenApi) -> Self {
        Self { openapi: Arc::new(openapi), text: Arc::default() }
    }

    fn text(&self) -> Bytes {
        let write = || {
            let text = self.openapi.to_json().expect("the document holds only what JSON can");
            Bytes::from(text)
        };
        self.text.get_or_init(write).clone()
    }
}

/// This document
#[utoipa::path(
    get,
    path = "/api/openapi.json",
    operation_id = "readOpenApi",
    tag = "about",
    responses((status = OK, description = "OpenAPI 3.1", content_type = "application/json",
        body = serde_json::Value))
)]
pub(crate) async fn openapi(Extension(document): Extension<Document>) -> impl IntoResponse {
    let json = HeaderValue::from_static("application/json");
    ([(header::CONTENT_TYPE, json)], document.text())
}
