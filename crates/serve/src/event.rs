//! Reads the events of an HTTP API (payload format 2.0).
//!
//! A caller decides what is in a request, and `lambda_http` fails or panics at parts of it. A
//! failed invocation is a 500 and an alarm, and a panic ends a release build. Here, a header that
//! cannot be one is dropped, unless it is one of [`REQUIRED`], and what else cannot be parsed is
//! [`HttpApiEvent::Malformed`].
//!
//! `lambda_http` joins scheme, host, path and query to a URI. The path arrives percent-decoded,
//! host and scheme come from headers. Here the path is encoded again, byte for byte, so that what
//! the router decodes is what the gateway decoded, and host and scheme are the gateway's.

use base64::{Engine, engine::general_purpose::STANDARD};
use http::{HeaderName, HeaderValue, header, request::Parts};
use lambda_http::{aws_lambda_events::apigw::ApiGatewayV2httpRequest, request::LambdaRequest};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::{Deserialize, Deserializer, de::Error};
use serde_json::{Value, value::RawValue};

use crate::PublicUrl;

/// All but the characters of a path (RFC 3986 `pchar` and `/`). `%` is encoded too: a `%2e` that
/// is still there after the gateway decoded the path once was meant as those three characters.
pub const NOT_IN_A_PATH: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'/')
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~')
    .remove(b':')
    .remove(b'@')
    .remove(b'!')
    .remove(b'$')
    .remove(b'&')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')')
    .remove(b'*')
    .remove(b'+')
    .remove(b',')
    .remove(b';')
    .remove(b'=');

/// All but the characters of a query, and `%`, which the caller's own encoding uses.
const NOT_IN_A_QUERY: &AsciiSet = &NOT_IN_A_PATH.remove(b'?').remove(b'%');

const X_FORWARDED_PROTO: &str = "x-forwarded-proto";

/// Headers that restrict what a request may do, or say who sends it. Without one that is invalid,
/// the request would be another one: a write without its condition, for example.
const REQUIRED: [&str; 7] =
    ["authorization", "dpop", "idempotency-key", "if-match", "origin", "sec-fetch-site", "x-csrf"];

/// The longest path and query together, in bytes. `http::Uri` takes 64 KiB with scheme and host;
/// API Gateway takes 10 KiB of headers and request line, which encoding at most triples.
const LONGEST_TARGET: usize = 60 * 1024;

/// An event of an HTTP API. Deserializing fails for every other event.
pub enum HttpApiEvent {
    /// An event that `lambda_http` converts to a request without a panic.
    Request(Box<LambdaRequest>),
    /// The request cannot be parsed.
    Malformed,
}

impl<'de> Deserialize<'de> for HttpApiEvent {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <&RawValue>::deserialize(deserializer)?.get();
        if let Ok(event) = serde_json::from_str(text) {
            return Ok(Self::new(event));
        }
        // It is JSON, so this fails only for text that is not Unicode, and for deep nesting.
        let Ok(mut event) = serde_json::from_str::<Value>(text) else {
            return Ok(Self::Malformed);
        };
        if !event.pointer("/requestContext/http").is_some_and(Value::is_object) {
            return Err(D::Error::custom("not an event of an HTTP API (payload format 2.0)"));
        }
        if let Some(event) = event.as_object_mut() {
            // A list in the events of an authorizer, and text to `lambda_http`.
            event.remove("identitySource");
        }
        if let Some(headers) = event.get_mut("headers").and_then(Value::as_object_mut) {
            let is_valid = |value: &Value| value.as_str().is_some_and(is_header_value);
            let is_required = |name: &str| REQUIRED.iter().any(|it| it.eq_ignore_ascii_case(name));
            if headers.iter().any(|(name, value)| is_required(name) && !is_valid(value)) {
                return Ok(Self::Malformed);
            }
            headers.retain(|name, value| name.parse::<HeaderName>().is_ok() && is_valid(value));
        }
        // `from_value` would be a second copy of the parser in each binary.
        Ok(serde_json::from_str(&event.to_string()).map_or(Self::Malformed, Self::new))
    }
}

impl HttpApiEvent {
    /// The head of the request with its [`PublicOrigin`](crate::PublicOrigin), or `None` if it
    /// cannot be parsed.
    pub fn into_parts(self, public_url: &PublicUrl) -> Option<Parts> {
        let Self::Request(request) = self else { return None };
        let (mut parts, _) = http::Request::from(*request).into_parts();
        let origin = public_url.of(&parts.extensions)?;
        parts.extensions.insert(origin);
        Some(parts)
    }

    fn new(mut event: ApiGatewayV2httpRequest) -> Self {
        make_uri_well_formed(&mut event);
        let target = [&event.raw_path, &event.raw_query_string];
        let length: usize = target.into_iter().flatten().map(String::len).sum();
        let body = event.body.as_deref().filter(|_| event.is_base64_encoded);
        if length > LONGEST_TARGET || body.is_some_and(|body| STANDARD.decode(body).is_err()) {
            return Self::Malformed;
        }
        if let Some(cookies) = &mut event.cookies {
            // `lambda_http` joins them to one header, and drops it if one of them is not valid.
            cookies.retain(|cookie| is_header_value(cookie));
        }
        Self::Request(Box::new(LambdaRequest::ApiGatewayV2(event)))
    }
}

fn is_header_value(text: &str) -> bool {
    HeaderValue::from_str(text).is_ok()
}

/// Leaves nothing in path, query and host that a URI cannot have.
fn make_uri_well_formed(event: &mut ApiGatewayV2httpRequest) {
    let path = event.raw_path.as_deref().unwrap_or_default();
    let segments = path.trim_start_matches('/').split('/').map(encoded_segment);
    event.raw_path = Some(format!("/{}", segments.collect::<Vec<_>>().join("/")));
    event.raw_query_string = event
        .raw_query_string
        .as_deref()
        .map(|query| utf8_percent_encode(query, NOT_IN_A_QUERY).to_string());

    let host = event.request_context.domain_name.as_deref();
    let host = host.filter(|host| url::Host::parse(host).is_ok()).unwrap_or("localhost");
    let host = HeaderValue::from_str(host).unwrap_or(HeaderValue::from_static("localhost"));
    event.request_context.domain_name = host.to_str().ok().map(str::to_owned);
    event.headers.insert(header::HOST, host);
    event.headers.insert(X_FORWARDED_PROTO, HeaderValue::from_static("https"));
}

/// `lambda_http` resolves `..` as a browser would, encoded or not: `DELETE /sessions/..%2F`, which the
/// gateway decodes, would be another route's request. Encoded twice, it is a name that nothing has.
fn encoded_segment(segment: &str) -> String {
    match segment {
        "." | ".." => segment.replace('.', "%252E"),
        _ => utf8_percent_encode(segment, NOT_IN_A_PATH).to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const DOMAIN: &str = "example.com";

    /// The request of an event with these members instead of those of a plain GET.
    fn parse(members: &Value) -> Result<Option<lambda_http::Request>, serde_json::Error> {
        let mut event = json!({
            "version": "2.0", "rawPath": "/", "rawQueryString": "", "headers": {"x-good": "yes"},
            "requestContext": {
                "domainName": DOMAIN, "stage": "$default", "http": {"method": "GET"},
            },
        });
        for (name, value) in members.as_object().unwrap() {
            event[name] = value.clone();
        }
        parse_text(&event.to_string())
    }

    fn parse_text(event: &str) -> Result<Option<lambda_http::Request>, serde_json::Error> {
        Ok(match serde_json::from_str(event)? {
            HttpApiEvent::Request(event) => Some((*event).into()),
            HttpApiEvent::Malformed => None,
        })
    }

    fn request(members: &Value) -> lambda_http::Request {
        parse(members).unwrap().unwrap()
    }

    fn context(domain: &str, method: &str) -> Value {
        json!({ "domainName": domain, "stage": "$default", "http": { "method": method } })
    }

    fn uri_of(path: &str, query: &str, host: &str) -> http::Uri {
        let event = json!({
            "rawPath": path, "rawQueryString": query,
            "headers": { "host": host, "x-forwarded-proto": "ht tp" },
            "requestContext": context(host, "GET"),
        });
        request(&event).uri().clone()
    }

    #[test]
    fn an_ordinary_path_and_query_stay_as_they_are() {
        let uri = uri_of("/api/todos/0199", "limit=5&cursor=a%2Bb", "example.com");
        assert_eq!(uri, "https://example.com/api/todos/0199?limit=5&cursor=a%2Bb");
    }

    #[test]
    fn whatever_is_in_the_path_becomes_a_uri() {
        for (path, expected) in [
            // At the end, where `url` would drop it.
            ("/api/todos/x ", "/api/todos/x%20"),
            ("/api/todos/\0", "/api/todos/%00"),
            ("/api/todos/a?b#c", "/api/todos/a%3Fb%23c"),
            ("/api/todos/%2e%2e", "/api/todos/%252e%252e"),
            ("/ä\u{202e}\\", "/%C3%A4%E2%80%AE%5C"),
            ("/sessions/../", "/sessions/%252E%252E/"),
            ("/../a/./b", "/%252E%252E/a/%252E/b"),
            ("/a../.b/...", "/a../.b/..."),
            ("//evil.example/", "/evil.example/"),
            ("", "/"),
            ("no-slash", "/no-slash"),
        ] {
            assert_eq!(uri_of(path, "", "example.com").path(), expected, "{path:?}");
        }
    }

    #[test]
    fn whatever_is_in_the_query_becomes_a_query() {
        let uri = uri_of("/", "a=\u{0}<> \"&b=%zz#x", "example.com");
        assert_eq!(uri.query(), Some("a=%00%3C%3E%20%22&b=%zz%23x"));
    }

    #[test]
    fn a_host_that_is_none_does_not_matter() {
        assert_eq!(uri_of("/", "", "a b").host(), Some("localhost"));
    }

    #[test]
    fn an_invalid_header_that_restricts_a_request_is_a_400() {
        for name in REQUIRED.iter().copied().chain(["If-Match", "X-CSRF"]) {
            for value in [json!("1\u{7f}"), json!("\u{0}"), json!("a\r\nb: c"), json!(7)] {
                let headers = json!({ "headers": { "x-good": "yes", name: value } });
                assert!(parse(&headers).unwrap().is_none(), "{name} {value}");
            }
        }
    }

    #[test]
    fn a_header_that_cannot_be_one_is_dropped_and_the_others_stay() {
        for (name, value) in [
            ("x-control", json!("a\u{7f}")),
            ("x-split", json!("a\r\nb: c")),
            ("x y", json!("a")),
            ("x\r\ny", json!("a")),
            ("", json!("a")),
            ("ä", json!("a")),
            ("x-number", json!(7)),
            ("x-null", json!(null)),
        ] {
            let request = request(&json!({ "headers": { "x-good": "yes", name: value } }));
            let mut names: Vec<_> = request.headers().keys().map(HeaderName::as_str).collect();
            names.sort_unstable();
            assert_eq!(names, ["host", "x-forwarded-proto", "x-good"], "{name:?}");
        }
    }

    #[test]
    fn a_cookie_that_cannot_be_one_is_dropped_and_the_others_stay() {
        let request = request(&json!({ "cookies": ["a=b", "c=\u{0}", "d=ä"] }));
        assert_eq!(request.headers()[header::COOKIE].as_bytes(), "a=b; d=ä".as_bytes());
    }

    #[test]
    fn what_else_cannot_be_parsed_is_malformed() {
        let base64 = |body: &str| json!({ "body": body, "isBase64Encoded": true });
        for members in [
            json!({ "requestContext": context(DOMAIN, "GE T") }),
            json!({ "requestContext": context(DOMAIN, "\u{7f}") }),
            json!({ "requestContext": context(DOMAIN, "ä") }),
            json!({ "requestContext": { "http": {} } }),
            base64("not base64!"),
            base64("YQ="),
            json!({ "body": 7 }),
            json!({ "cookies": "a=b" }),
            json!({ "headers": ["a"] }),
            json!({ "rawPath": 7 }),
            json!({ "rawPath": "/ä".repeat(20_000) }),
            json!({ "rawQueryString": "a".repeat(70_000) }),
        ] {
            assert!(parse(&members).unwrap().is_none(), "{members}");
        }
        let lone_surrogate = r#"{"requestContext":{"http":{"method":"GET"}},"body":"\ud800"}"#;
        assert!(parse_text(lone_surrogate).unwrap().is_none());
    }

    #[test]
    fn the_longest_target_is_a_uri_in_which_every_byte_may_be_encoded() {
        for target in ["rawPath", "rawQueryString"] {
            let longest = "\u{1}".repeat((LONGEST_TARGET - "/".len()) / "%01".len());
            assert!(parse(&json!({ target: longest })).unwrap().is_some(), "{target}");
        }
    }

    #[test]
    fn a_body_arrives_as_it_was_sent() {
        let check = |members: Value, expected: &[u8]| {
            assert_eq!(&**request(&members).body(), expected);
        };
        check(json!({ "body": "a=b" }), b"a=b");
        check(json!({ "body": "/wA=", "isBase64Encoded": true }), b"\xff\0");
        check(json!({ "body": null, "isBase64Encoded": true }), b"");
    }

    #[test]
    fn an_event_of_another_service_is_an_error() {
        for event in [
            json!({}),
            json!([]),
            json!("text"),
            json!({ "source": "aws.events", "detail-type": "Scheduled Event", "detail": {} }),
            json!({ "requestContext": { "elb": {} }, "httpMethod": "GET", "path": "/" }),
        ] {
            assert!(parse_text(&event.to_string()).is_err(), "{event}");
        }
    }
}
