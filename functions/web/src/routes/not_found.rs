use axum::response::{IntoResponse, Response};
use http::{HeaderMap, header};
use serve::ErrorPage;

use crate::error::WebError;

/// What has no route: a page for a browser that opens the address, a problem for a program. Neither
/// repeats the address, and neither is stored.
pub(crate) async fn not_found(headers: HeaderMap) -> Response {
    if accepts_html(&headers) {
        ErrorPage::not_found().into_response()
    } else {
        WebError::NotFound.into_response()
    }
}

/// Whether `Accept` names HTML, as browsers do if they open an address. `*/*` does not count: scripts
/// and command-line tools send it.
fn accepts_html(headers: &HeaderMap) -> bool {
    let lines = headers.get_all(header::ACCEPT).iter().filter_map(|line| line.to_str().ok());
    let types = lines.flat_map(|line| line.split(','));
    let mut types = types.filter_map(|range| range.split(';').next());
    types.any(|media_type| media_type.trim().eq_ignore_ascii_case("text/html"))
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn only_a_request_that_names_html_gets_a_page() {
        let check = |accept: &[&'static str], expected| {
            let mut headers = HeaderMap::new();
            for line in accept {
                headers.append(header::ACCEPT, HeaderValue::from_static(line));
            }
            assert_eq!(accepts_html(&headers), expected, "{accept:?}");
        };
        check(&["text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"], true);
        check(&["application/json", "Text/HTML;q=0.5"], true);
        check(&["*/*"], false);
        check(&["application/json, text/plain"], false);
        check(&["text/htmlx"], false);
        check(&[], false);
    }
}
