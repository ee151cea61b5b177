//! Browsers that only look ahead, or ask for no page.

use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderValue, StatusCode, header::CACHE_CONTROL};

/// Whether the browser only looks ahead: `Sec-Purpose: prefetch`, with or without parameters
/// (`prefetch;prerender`), or the older names of the same.
pub fn is_prefetch(headers: &HeaderMap) -> bool {
    ["sec-purpose", "purpose", "x-moz"]
        .into_iter()
        .flat_map(|name| headers.get_all(name))
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split([';', ',']))
        .any(|word| word.trim().eq_ignore_ascii_case("prefetch"))
}

/// Whether it is no page that the browser asks for, but a part of one or data for a script
/// (`Sec-Fetch-Mode`). Browsers that do not say so are taken at their best.
pub fn is_part_of_a_page(headers: &HeaderMap) -> bool {
    headers.get("sec-fetch-mode").is_some_and(|mode| mode != "navigate")
}

/// 204: nothing begins that nobody asked for.
pub fn nothing() -> Response {
    let mut response = StatusCode::NO_CONTENT.into_response();
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
