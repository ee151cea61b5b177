use axum::{
    extract,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use session::SessionCookie;
use url::Origin;

use crate::{State, render::View};

/// `GET /`: the page, in one view for all browsers with a session cookie and another for the rest.
/// Browsers may store it and must revalidate it each time: it names the version of its assets.
pub(crate) async fn page(
    extract::State(state): extract::State<State>,
    headers: HeaderMap,
) -> Response {
    let view = match SessionCookie::of(&headers) {
        SessionCookie::Absent => View::Welcome,
        _ => View::Frame,
    };
    let (mut answer, body) = state.assets.page(view).respond(&headers);
    answer.insert(header::VARY, HeaderValue::from_static("Accept-Encoding, Cookie"));
    let etag = state.assets.version().map(|version| {
        let coding = answer.get(header::CONTENT_ENCODING).and_then(|it| it.to_str().ok());
        format!("\"{version}-{}-{}\"", view.name(), coding.unwrap_or("identity"))
    });
    let mut response = if etag.as_ref().is_some_and(|etag| matches(&headers, etag)) {
        // RFC 9110, section 15.4.5: without the headers of the content.
        let vary = [(header::VARY, answer[header::VARY].clone())];
        (StatusCode::NOT_MODIFIED, vary).into_response()
    } else {
        (answer, body).into_response()
    };
    let fixed = [
        (header::CACHE_CONTROL, "no-cache"),
        // Not `no-referrer`: with that, browsers send `Origin: null` with the page's own sign-out
        // form (Fetch, "append a request Origin header"), which nobody could tell from a stranger's.
        (header::REFERRER_POLICY, "same-origin"),
        (
            HeaderName::from_static("permissions-policy"),
            "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
        ),
    ];
    let fixed = fixed.map(|(name, value)| (name, HeaderValue::from_static(value)));
    let etag = etag.map(|etag| HeaderValue::try_from(etag).expect("names and digits in quotes"));
    let policy = content_security_policy(&state.client.sign_out_origin().await);
    let policy = HeaderValue::try_from(policy).expect("an origin is written in ASCII");
    response.headers_mut().extend(fixed);
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    response.headers_mut().extend(etag.map(|etag| (header::ETAG, etag)));
    response
}

/// RFC 9110, section 13.1.2, with the weak comparison that it asks for.
fn matches(headers: &HeaderMap, etag: &str) -> bool {
    let lines = headers.get_all(header::IF_NONE_MATCH);
    let tags = lines.iter().filter_map(|line| line.to_str().ok()).flat_map(|line| line.split(','));
    tags.map(str::trim).any(|tag| tag == "*" || tag.trim_start_matches("W/") == etag)
}

/// Everything comes from here and goes here, with one exception: the sign-out form is redirected
/// to the provider, and browsers hold a form's redirects to `form-action` too.
fn content_security_policy(sign_out: &Origin) -> String {
    let sign_out = sign_out.ascii_serialization();
    format!(
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
         connect-src 'self'; form-action 'self' {sign_out}; frame-ancestors 'none'; base-uri 'none'"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(lines: &[&'static str], expected: bool) {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(header::IF_NONE_MATCH, HeaderValue::from_static(line));
        }
        assert_eq!(matches(&headers, "\"abc\""), expected, "{lines:?}");
    }

    #[test]
    fn a_page_that_the_browser_has_is_recognized() {
        check(&["\"abc\""], true);
        check(&["W/\"abc\""], true);
        check(&["\"x\", \"abc\""], true);
        check(&["\"x\"", "\"abc\""], true);
        check(&["*"], true);
    }

    #[test]
    fn another_page_is_not() {
        check(&[], false);
        check(&["\"abcd\""], false);
        check(&["abc"], false);
        check(&[""], false);
    }
}
