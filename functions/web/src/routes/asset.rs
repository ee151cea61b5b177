use axum::{
    extract::{Path, rejection::PathRejection},
    response::{IntoResponse, Response},
};
use http::header;

use crate::{assets, error::WebError};

/// `GET /assets/{hash}/{file}`: a file of this version, which never changes under this address.
pub(crate) async fn asset(
    path: Result<Path<(String, String)>, PathRejection>,
) -> Result<Response, WebError> {
    // A path that is not UTF-8 once it is decoded names no file either.
    let Path((hash, file)) = path.map_err(|_| WebError::NotFound)?;
    let (content_type, bytes) = assets::find(&hash, &file).ok_or(WebError::NotFound)?;
    let headers = [
        (header::CONTENT_TYPE, content_type),
        (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
    ];
    Ok((headers, bytes).into_response())
}
