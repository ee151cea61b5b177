use axum::{
    extract::{self, Path, rejection::PathRejection},
    response::{IntoResponse, Response},
};
use http::{HeaderMap, HeaderValue, header};

use crate::{State, assets::Content, error::WebError};

/// `GET /assets/{hash}/{file}`: a file of this version, which never changes under this address.
pub(crate) async fn asset(
    extract::State(state): extract::State<State>,
    path: Result<Path<(String, String)>, PathRejection>,
    headers: HeaderMap,
) -> Result<Response, WebError> {
    // A path that is not UTF-8 once it is decoded names no file either.
    let Path((hash, file)) = path.map_err(|_| WebError::NotFound)?;
    let content = state.assets.find(&hash, &file).ok_or(WebError::NotFound)?;
    let for_ever = match state.assets.version() {
        Some(_) => "public, max-age=31536000, immutable",
        None => "no-store",
    };
    Ok(kept(content, &headers, for_ever))
}

/// `GET /favicon.ico`: the icon, for pages and browsers that don't read it from the page.
pub(crate) async fn favicon(
    extract::State(state): extract::State<State>,
    headers: HeaderMap,
) -> Result<Response, WebError> {
    Ok(kept(state.assets.icon().ok_or(WebError::NotFound)?, &headers, FOR_A_DAY))
}

/// `GET /robots.txt` (RFC 9309): search engines may index the start page alone.
pub(crate) async fn robots(headers: HeaderMap) -> Response {
    let rules = Content::text("User-agent: *\nAllow: /$\nDisallow: /\n");
    kept(rules, &headers, FOR_A_DAY)
}

/// Under an address that stays the same in the next version.
const FOR_A_DAY: &str = "public, max-age=86400";

fn kept(content: Content, request: &HeaderMap, how_long: &'static str) -> Response {
    let (mut headers, body) = content.respond(request);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(how_long));
    (headers, body).into_response()
}
