//! What every refusal must be like.

use auth::{AuthError, RequestHead, Verifier, VerifyError};
use http::{
    HeaderMap, HeaderValue, Method, StatusCode,
    header::{CACHE_CONTROL, RETRY_AFTER, WWW_AUTHENTICATE},
};

use crate::{fixture::PATH, oracle::json::Tree};

/// Longer than any reason; what a token says must not flood a log.
const LONGEST: usize = 10_000;

/// The same for a token that came without a request.
pub(crate) fn check_alone(verifier: &Verifier, error: VerifyError) {
    let headers = HeaderMap::new();
    check(verifier, &RequestHead::new(&Method::GET, PATH, &headers), error.into());
}

/// Panics where the answer to a refused request is not as it must be.
pub(crate) fn check(verifier: &Verifier, request: &RequestHead<'_>, error: AuthError) {
    let reason = error.to_string();
    assert!(reason.len() < LONGEST, "{} bytes", reason.len());
    assert!(!reason.chars().any(forges_logs), "{reason:?}");

    let status = error.status();
    let response = verifier.error_response(request, error);
    let headers = response.headers();
    for value in headers.values() {
        assert!(value.as_bytes().iter().all(|byte| (b' '..=b'~').contains(byte)), "{value:?}");
    }
    assert_eq!(headers.get(CACHE_CONTROL).map(HeaderValue::as_bytes), Some(&b"no-store"[..]));
    // A client throws its token away at a challenge, which a token that was not
    // checked does not deserve.
    let unjudged = status == StatusCode::SERVICE_UNAVAILABLE;
    assert_eq!(unjudged, !headers.contains_key(WWW_AUTHENTICATE), "{status}");
    assert_eq!(unjudged, seconds(&headers).is_some_and(|seconds| seconds > 0), "{status}");
    for challenge in headers.get_all(WWW_AUTHENTICATE) {
        assert!(is_challenge(challenge), "{challenge:?}");
    }
    let body = Tree::parse(response.body().as_bytes()).expect("the body is JSON");
    assert_eq!(body.get("status"), Some(&Tree::Number(status.as_str().to_owned())));
}

/// Ends a line, or makes it read otherwise than it is.
fn forges_logs(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

fn seconds(headers: &HeaderMap) -> Option<u64> {
    headers.get(RETRY_AFTER)?.to_str().ok()?.parse().ok()
}

/// `Scheme name="value", …` (RFC 9110, section 11.6.1), quoted without escapes.
fn is_challenge(value: &HeaderValue) -> bool {
    let text = value.to_str().expect("printable ASCII");
    let (scheme, mut rest) = text.split_once(' ').unwrap_or((text, ""));
    while !rest.is_empty() {
        let Some((name, after)) = rest.split_once("=\"") else { return false };
        let Some((value, after)) = after.split_once('"') else { return false };
        let is_name = name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
        if !is_name || value.contains('\\') {
            return false;
        }
        rest = match after.strip_prefix(", ") {
            Some("") => return false,
            Some(next) => next,
            None if after.is_empty() => after,
            None => return false,
        };
    }
    matches!(scheme, "Bearer" | "DPoP")
}
