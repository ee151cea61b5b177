use http::HeaderMap;

/// Whether the browser only looks ahead: `Sec-Purpose: prefetch`, with or without parameters
/// (`prefetch;prerender`), or the older names of the same.
pub(crate) fn is_prefetch(headers: &HeaderMap) -> bool {
    ["sec-purpose", "purpose", "x-moz"]
        .into_iter()
        .flat_map(|name| headers.get_all(name))
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split([';', ',']))
        .any(|word| word.trim().eq_ignore_ascii_case("prefetch"))
}
