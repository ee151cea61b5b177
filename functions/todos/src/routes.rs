//! What each route does.

pub(crate) mod change;
pub(crate) mod create;
pub(crate) mod delete;
pub(crate) mod list;
pub(crate) mod openapi;
pub(crate) mod read;
pub(crate) mod replace;
pub(crate) mod resource_metadata;

use axum::{
    Json,
    extract::{FromRequestParts, RawPathParams},
    response::{IntoResponse, Response},
};
use http::{header, request::Parts};

use crate::{
    fault::Fault,
    table::WriteOutcome,
    todo::{Todo, TodoId},
};

/// `{id}` of the path. What cannot be an id is nobody's todo.
#[derive(Debug)]
pub(crate) struct PathId(pub(crate) TodoId);

impl<S: Send + Sync> FromRequestParts<S> for PathId {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Fault> {
        // A path that is not UTF-8 once it is decoded fails here, and is not found either.
        let params = RawPathParams::from_request_parts(parts, state).await;
        let params = params.map_err(|_| Fault::NotFound)?;
        let id = params.iter().find(|(name, _)| *name == "id");
        let id = id.and_then(|(_, text)| TodoId::parse(text)).ok_or(Fault::NotFound)?;
        Ok(Self(id))
    }
}

/// A todo as an answer, with its entity tag.
#[derive(Debug)]
pub(crate) struct Tagged(pub(crate) Todo);

impl IntoResponse for Tagged {
    fn into_response(self) -> Response {
        let tag = self.0.version.entity_tag();
        ([(header::ETAG, tag)], Json(self.0)).into_response()
    }
}

/// The result of a write, or why there is none.
pub(crate) fn done<T>(outcome: WriteOutcome<T>) -> Result<T, Fault> {
    match outcome {
        WriteOutcome::Done(result) => Ok(result),
        WriteOutcome::Missing => Err(Fault::NotFound),
        WriteOutcome::OtherVersion => Err(Fault::PreconditionFailed),
    }
}
