//! Makes a well-formed URI of what an HTTP API sends.
//!
//! `lambda_http` pastes scheme, host, path and query together and panics when that is no URI.
//! The path arrives percent-decoded, so a caller decides what is in it; host and scheme come from
//! headers. Here the path is encoded again, byte for byte, so that what the router decodes is what
//! the gateway decoded, and host and scheme are the gateway's.

use http::{HeaderValue, header};
use lambda_http::request::LambdaRequest;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// All but the characters of a path (RFC 3986 `pchar` and `/`). `%` is encoded too: a `%2e` that
/// is still there after the gateway decoded the path once was meant as those three characters.
const NOT_IN_A_PATH: &AsciiSet = &NON_ALPHANUMERIC
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

/// Leaves nothing in the event that a URI cannot hold.
pub(crate) fn make_well_formed(event: &mut LambdaRequest) {
    let LambdaRequest::ApiGatewayV2(event) = event else {
        return;
    };
    let path = event.raw_path.as_deref().unwrap_or_default();
    let path = utf8_percent_encode(path.trim_start_matches('/'), NOT_IN_A_PATH);
    event.raw_path = Some(format!("/{path}"));
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

#[cfg(test)]
mod tests {
    use super::*;

    fn uri_of(path: &str, query: &str, host: &str) -> http::Uri {
        let event = serde_json::json!({
            "version": "2.0", "rawPath": path, "rawQueryString": query,
            "headers": {"host": host, "x-forwarded-proto": "ht tp"},
            "requestContext": {"domainName": host, "stage": "$default", "http": {"method": "GET"}},
        });
        let mut event: LambdaRequest = serde_json::from_value(event).unwrap();
        make_well_formed(&mut event);
        lambda_http::Request::from(event).uri().clone()
    }

    #[test]
    fn an_ordinary_path_and_query_stay_as_they_are() {
        let uri = uri_of("/api/todos/0199", "limit=5&cursor=a%2Bb", "example.com");
        assert_eq!(uri, "https://example.com/api/todos/0199?limit=5&cursor=a%2Bb");
    }

    #[test]
    fn whatever_is_in_the_path_becomes_a_uri() {
        for (path, expected) in [
            ("/api/todos/ x", "/api/todos/%20x"),
            ("/api/todos/\0", "/api/todos/%00"),
            ("/api/todos/a?b#c", "/api/todos/a%3Fb%23c"),
            ("/api/todos/%2e%2e", "/api/todos/%252e%252e"),
            ("/ä\u{202e}\\", "/%C3%A4%E2%80%AE%5C"),
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
}
