//! What each route does.

pub(crate) mod about;
pub(crate) mod create;
pub(crate) mod delete;
pub(crate) mod list;
pub(crate) mod read;
pub(crate) mod update;

use api::RequestError;
use axum::{
    Json,
    extract::{FromRequestParts, RawPathParams},
    response::{IntoResponse, Response},
};
use http::{header, request::Parts};

use crate::todo::{Todo, TodoId};

/// `{id}` of the path. 404 if it cannot be an id.
#[derive(Debug)]
pub(crate) struct PathId(pub(crate) TodoId);

impl<S: Send + Sync> FromRequestParts<S> for PathId {
    type Rejection = RequestError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, RequestError> {
        // A path that isn't UTF-8 when decoded fails here, and is not found either.
        let params = RawPathParams::from_request_parts(parts, state).await;
        let params = params.map_err(|_| RequestError::NotFound)?;
        let id = params.iter().find(|(name, _)| *name == "id");
        let id = id.and_then(|(_, text)| TodoId::parse(text)).ok_or(RequestError::NotFound)?;
        Ok(Self(id))
    }
}

/// A todo as a response, with its entity tag.
#[derive(Debug)]
pub(crate) struct TodoResponse(pub(crate) Todo);

impl IntoResponse for TodoResponse {
    fn into_response(self) -> Response {
        let tag = self.0.version.entity_tag();
        ([(header::ETAG, tag)], Json(self.0)).into_response()
    }
}
