//! Which headers of an upstream's response a client gets.
//!
//! Browsers take the response for ours. What it may decide is what it is (media type, entity tag,
//! language …), and nothing about our origin.

use http::{
    HeaderMap, HeaderName, HeaderValue, StatusCode,
    header::{
        CACHE_CONTROL, CONTENT_LOCATION, CONTENT_SECURITY_POLICY, CONTENT_TYPE, LOCATION,
        WWW_AUTHENTICATE,
    },
};
use url::Url;

use crate::{error::ProxyError, request_headers::is_named_by_connection, upstream::Upstream};

/// Names of headers that are not passed on, besides those that begin with one of [`PREFIXES`]:
/// - of the connection, and the length, which API Gateway sets;
/// - what applies to our whole origin: cookies, storage, transport, reports, service workers;
/// - what a browser may do with the response, which we decide;
/// - how long it may be kept: not at all, since it depends on who asks;
/// - what another proxy would act on.
const NAMES: [&str; 44] = [
    "accept-ch",
    "activate-storage-access",
    "age",
    "alt-svc",
    "attribution-reporting-register-source",
    "attribution-reporting-register-trigger",
    "cache-control",
    "cdn-cache-control",
    "clear-site-data",
    "connection",
    "content-length",
    "critical-ch",
    "document-policy",
    "expires",
    "feature-policy",
    "integrity-policy",
    "integrity-policy-report-only",
    "keep-alive",
    "nel",
    "no-vary-search",
    "origin-agent-cluster",
    "origin-trial",
    "permissions-policy",
    "pragma",
    "referrer-policy",
    "refresh",
    "report-to",
    "reporting-endpoints",
    "server",
    "service-worker-allowed",
    "set-cookie",
    "set-cookie2",
    "set-login",
    "sourcemap",
    "speculation-rules",
    "strict-transport-security",
    "supports-loading-mode",
    "surrogate-control",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "use-as-dictionary",
    "x-sourcemap",
];

const PREFIXES: [&str; 13] = [
    "access-control-",
    "content-security-policy",
    "cross-origin-",
    "proxy-",
    "sec-",
    "secure-session-",
    "x-accel-",
    "x-amz",
    "x-content-",
    "x-frame-",
    "x-lambda-",
    "x-powered-",
    "x-xss-",
];

/// A page of an upstream is no page of ours: no script, no form, and an origin of its own.
const SANDBOX: &str = "sandbox; default-src 'none'; base-uri 'none'; form-action 'none'; \
                       frame-ancestors 'none'";

/// The headers of the response.
///
/// # Errors
/// When it redirects to what is not below the upstream.
pub(crate) fn returned(
    status: StatusCode,
    response: &HeaderMap,
    upstream: &Upstream,
    requested: &Url,
) -> Result<HeaderMap, ProxyError> {
    let mut headers = HeaderMap::with_capacity(response.len() + 2);
    for (name, value) in response {
        // A response of payload format 2.0 is JSON, and a value that is no text would fail it.
        let is_text = value.to_str().is_ok();
        if is_text && is_passed_on(name, value) && !is_named_by_connection(response, name) {
            headers.append(name, value.clone());
        }
    }
    for name in [LOCATION, CONTENT_LOCATION] {
        let address = headers.remove(&name);
        let address = address.as_ref().and_then(|it| it.to_str().ok());
        let path = address.and_then(|it| upstream.on_our_origin(requested, it));
        match path.and_then(|path| HeaderValue::try_from(path).ok()) {
            Some(path) => _ = headers.insert(name, path),
            // It would be the client that follows, and say where our upstream is.
            None if name == LOCATION && address.is_some() && status.is_redirection() => {
                return Err(ProxyError::Redirect);
            }
            None => {}
        }
    }
    // With `nosniff`, no page can then run it as a script of our origin.
    if headers.get_all(CONTENT_TYPE).iter().any(is_script_or_parts) {
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/plain"));
    }
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(SANDBOX));
    Ok(headers)
}

fn is_passed_on(name: &HeaderName, value: &HeaderValue) -> bool {
    let text = name.as_str();
    NAMES.binary_search(&text).is_err()
        && !PREFIXES.iter().any(|prefix| text.starts_with(prefix))
        // With `Basic`, a browser would ask for a password in our name.
        && (name != WWW_AUTHENTICATE || is_bearer(value))
}

/// One challenge, for a bearer token (RFC 9110, section 11.6.1). Another scheme in the list, after a
/// comma that is not quoted, would be a name without a value.
fn is_bearer(challenge: &HeaderValue) -> bool {
    let challenge = challenge.to_str().unwrap_or_default();
    let (scheme, parameters) = challenge.split_once(' ').unwrap_or((challenge, ""));
    // What is quoted is every second piece, if no quote is escaped.
    let unquoted: String = parameters.split('"').step_by(2).collect();
    let is_parameter = |part: &str| part.contains('=') && !part.trim().contains(' ');
    scheme.eq_ignore_ascii_case("bearer")
        && !challenge.contains('\\')
        && (unquoted.is_empty() || unquoted.split(',').all(is_parameter))
}

/// Firefox shows the parts of these `multipart` types, and older versions take cookies from them.
fn is_script_or_parts(media_type: &HeaderValue) -> bool {
    const TYPES: [&str; 7] = [
        "javascript",
        "ecmascript",
        "jscript",
        "livescript",
        "multipart/byteranges",
        "multipart/mixed",
        "multipart/x-mixed-replace",
    ];
    let text = media_type.to_str().unwrap_or_default().to_ascii_lowercase();
    TYPES.iter().any(|it| text.contains(it))
}

#[cfg(test)]
mod tests {
    use http::header::HeaderMap;

    use super::*;
    use crate::upstream::Upstreams;

    fn passed(status: u16, pairs: &[(&'static str, &str)]) -> Result<HeaderMap, ProxyError> {
        let upstreams: Upstreams = "/api/a https://a.example/v1".parse().unwrap();
        let (upstream, requested) = upstreams.target("/api/a/orders", None).unwrap();
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(*name, HeaderValue::from_bytes(value.as_bytes()).unwrap());
        }
        returned(StatusCode::from_u16(status).unwrap(), &headers, upstream, &requested)
    }

    #[test]
    fn the_names_are_sorted_as_the_search_needs_them() {
        assert!(NAMES.is_sorted() && PREFIXES.is_sorted());
    }

    #[test]
    fn an_upstream_decides_nothing_about_our_origin() {
        let rest = [
            "access-control-allow-origin",
            "content-security-policy-report-only",
            "cross-origin-resource-policy",
            "secure-session-registration",
            "x-frame-options",
        ];
        for name in NAMES.into_iter().chain(rest) {
            let headers = passed(200, &[(name, "theirs")]).unwrap();
            assert!(headers.get(name).is_none_or(|value| value != "theirs"), "{name}");
        }
        let own = passed(200, &[("content-security-policy", "script-src *")]).unwrap();
        assert_eq!(own.get_all(CONTENT_SECURITY_POLICY).iter().collect::<Vec<_>>(), [SANDBOX]);
        let cached = passed(200, &[("cache-control", "public, max-age=60")]).unwrap();
        assert_eq!(cached[CACHE_CONTROL], "no-store");
    }

    #[test]
    fn what_describes_the_response_is_passed_on() {
        for (name, value) in [
            ("content-type", "application/json"),
            ("content-encoding", "br"),
            ("etag", "\"1\""),
            ("vary", "accept"),
            ("retry-after", "5"),
            ("link", "</x>; rel=next"),
            ("www-authenticate", "Bearer error=\"invalid_token\""),
            ("www-authenticate", "bearer realm=\"a, Basic b\", scope=\"c d\""),
            ("www-authenticate", "Bearer"),
            ("x-total-count", "7"),
        ] {
            assert_eq!(passed(200, &[(name, value)]).unwrap()[name], value, "{name}");
        }
        let connection = [("connection", "x-hop"), ("x-hop", "a")];
        assert!(!passed(200, &connection).unwrap().contains_key("x-hop"));
    }

    #[test]
    fn an_upstream_cannot_have_the_browser_ask_for_a_password() {
        for challenge in [
            "Basic realm=\"x\"",
            "Negotiate",
            "Bearer realm=\"x\", Basic",
            "Bearer, NTLM",
            "Bearer realm=\"a\", Digest realm=\"b\"",
            "Bearer realm=\"a\\\\\", NTLM",
            "BearerX realm=\"a\"",
        ] {
            let headers = passed(401, &[("www-authenticate", challenge)]).unwrap();
            assert!(!headers.contains_key(WWW_AUTHENTICATE), "{challenge}");
        }
    }

    #[test]
    fn a_script_of_an_upstream_is_no_script_of_ours() {
        for media_type in [
            "text/javascript",
            "Application/X-JavaScript;charset=utf-8",
            "multipart/x-mixed-replace;boundary=x",
            "Multipart/Mixed; boundary=x",
            "multipart/byteranges",
        ] {
            let headers = passed(200, &[("content-type", media_type)]).unwrap();
            assert_eq!(headers[CONTENT_TYPE], "text/plain", "{media_type}");
        }
    }

    #[test]
    fn a_redirect_stays_below_the_upstream_or_is_refused() {
        let own = [("location", "https://a.example/v1/orders/7")];
        assert_eq!(passed(303, &own).unwrap()[LOCATION], "/api/a/orders/7");
        for elsewhere in ["https://evil.example/v1/orders", "//evil.example", "/v2"] {
            let location = [("location", elsewhere)];
            assert!(matches!(passed(302, &location), Err(ProxyError::Redirect)), "{elsewhere}");
            // Nothing follows it there.
            assert!(!passed(201, &location).unwrap().contains_key(LOCATION), "{elsewhere}");
        }
    }

    #[test]
    fn a_value_that_is_no_text_is_left_out() {
        let headers = passed(200, &[("x-name", "ä"), ("x-good", "a")]).unwrap();
        assert!(!headers.contains_key("x-name") && headers.contains_key("x-good"));
    }
}
