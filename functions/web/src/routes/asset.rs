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

/// `GET /favicon.ico`: the icon, for pages and browsers that don't read it from the page.
pub(crate) async fn favicon() -> Result<Response, WebError> {
    let (content_type, bytes) = assets::find(assets::HASH, "icon.svg").ok_or(WebError::NotFound)?;
    Ok(for_a_day(content_type, bytes))
}

/// `GET /robots.txt` (RFC 9309): search engines may index the start page alone.
pub(crate) async fn robots() -> Response {
    for_a_day("text/plain; charset=utf-8", b"User-agent: *\nAllow: /$\nDisallow: /\n")
}

/// Under an address that stays the same in the next version.
fn for_a_day(content_type: &'static str, bytes: &'static [u8]) -> Response {
    let headers =
        [(header::CONTENT_TYPE, content_type), (header::CACHE_CONTROL, "public, max-age=86400")];
    (headers, bytes).into_response()
}
