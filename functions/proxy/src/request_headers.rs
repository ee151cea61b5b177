//! Which headers of a request an upstream gets.

use std::net::IpAddr;

use http::{
    HeaderMap, HeaderName, HeaderValue,
    header::{AUTHORIZATION, CONNECTION, FORWARDED, VIA},
};
use serve::PublicOrigin;

/// What the proxy itself says.
pub(crate) struct OwnHeaders<'a> {
    pub(crate) bearer: Option<HeaderValue>,
    pub(crate) origin: &'a PublicOrigin,
    pub(crate) address: Option<IpAddr>,
    pub(crate) request_id: Option<&'a str>,
}

/// Names of headers that are not sent on, besides those that begin with one of [`PREFIXES`]:
/// - of the connection (RFC 9110, section 7.6.1), and lengths, which the client sets anew;
/// - credentials and proofs for us: cookies, `X-CSRF`, DPoP proofs, where a browser says that the
///   request comes from;
/// - where a request comes from, who sends it and under which address, as a proxy would say it;
/// - another method or address than those that were judged.
const NAMES: [&str; 35] = [
    "authorization",
    "client-ip",
    "connection",
    "content-length",
    "cookie",
    "cookie2",
    "dpop",
    "expect",
    "forwarded",
    "front-end-https",
    "host",
    "http2-settings",
    "keep-alive",
    "max-forwards",
    "origin",
    "referer",
    "remote-addr",
    "remote-user",
    "script-name",
    "te",
    "trailer",
    "transfer-encoding",
    "true-client-ip",
    "upgrade",
    "via",
    "x-client-ip",
    "x-cluster-client-ip",
    "x-csrf",
    "x-host",
    "x-http-method",
    "x-method-override",
    "x-real-ip",
    "x-request-id",
    "x-scheme",
    "x-url-scheme",
];

const PREFIXES: [&str; 32] = [
    "access-control-",
    "cf-",
    "client-cert",
    "cloudfront-",
    "fastly-",
    "fly-",
    "proxy-",
    "sec-",
    "ssl-",
    "tailscale-",
    "x-amz-",
    "x-amzn-",
    "x-appengine-",
    "x-arr-",
    "x-auth-request-",
    "x-authenticated-",
    "x-azure-",
    "x-client-cert",
    "x-client-verify",
    "x-consumer-",
    "x-envoy-",
    "x-forwarded",
    "x-goog-",
    "x-http-method-",
    "x-ms-client-",
    "x-original-",
    "x-pomerium-",
    "x-remote-",
    "x-rewrite-",
    "x-script-",
    "x-ssl-",
    "x-webauth-",
];

/// Only AWS's own trace id of these.
const TRACE_ID: &str = "x-amzn-trace-id";

/// The headers of the request to an upstream; `None` if it has been here before.
pub(crate) fn outgoing(request: &HeaderMap, own: OwnHeaders<'_>) -> Option<HeaderMap> {
    let via = via(request, own.origin)?;
    let mut headers = HeaderMap::with_capacity(request.len() + 4);
    for (name, value) in request {
        if is_sent_on(name) && !is_named_by_connection(request, name) {
            headers.append(name, value.clone());
        }
    }
    headers.insert(VIA, via);
    headers.insert(FORWARDED, forwarded(own.origin, own.address)?);
    let request_id = own.request_id.and_then(|id| HeaderValue::from_str(id).ok());
    for (name, value) in
        [(HeaderName::from_static("x-request-id"), request_id), (AUTHORIZATION, own.bearer)]
    {
        if let Some(value) = value {
            headers.insert(name, value);
        }
    }
    Some(headers)
}

fn is_sent_on(name: &HeaderName) -> bool {
    let name = name.as_str();
    // CGI, WSGI and PHP read `X_A` and `X.A` as `X-A`.
    name.bytes().all(|it| it.is_ascii_alphanumeric() || it == b'-')
        && NAMES.binary_search(&name).is_err()
        && (name == TRACE_ID || !PREFIXES.iter().any(|prefix| name.starts_with(prefix)))
}

/// Whether `Connection` names this header, which then is for the next hop alone.
pub(crate) fn is_named_by_connection(headers: &HeaderMap, name: &HeaderName) -> bool {
    let lists = headers.get_all(CONNECTION).iter().filter_map(|list| list.to_str().ok());
    lists.flat_map(|list| list.split(',')).any(|it| it.trim().eq_ignore_ascii_case(name.as_str()))
}

/// RFC 9110, section 7.6.3: `1.1 todos.example.com`, after those of the request.
fn via(request: &HeaderMap, origin: &PublicOrigin) -> Option<HeaderValue> {
    let own = format!("1.1 {}", host(origin));
    let before = request.get_all(VIA).iter().map(|list| list.to_str().ok());
    let before = before.collect::<Option<Vec<_>>>().unwrap_or_default();
    if before.iter().flat_map(|list| list.split(',')).any(|it| it.trim().eq_ignore_ascii_case(&own))
    {
        return None;
    }
    HeaderValue::try_from([before, vec![&own]].concat().join(", ")).ok()
}

/// RFC 7239, section 4: a value with a colon is quoted, and an IPv6 address is in brackets.
fn forwarded(origin: &PublicOrigin, address: Option<IpAddr>) -> Option<HeaderValue> {
    let client = match address {
        Some(IpAddr::V4(address)) => address.to_string(),
        Some(IpAddr::V6(address)) => format!("\"[{address}]\""),
        None => "unknown".to_owned(),
    };
    let scheme = if origin.is_https() { "https" } else { "http" };
    let host = host(origin);
    HeaderValue::try_from(format!("for={client};host=\"{host}\";proto={scheme}")).ok()
}

/// Host and port, if it isn't the scheme's own.
fn host(origin: &PublicOrigin) -> &str {
    origin.as_str().split_once("://").map_or("", |(_, host)| host)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn own(origin: &PublicOrigin) -> OwnHeaders<'_> {
        let bearer = Some(HeaderValue::from_static("Bearer ours"));
        OwnHeaders { bearer, origin, address: None, request_id: Some("id=") }
    }

    fn of(pairs: &[(&str, &str)]) -> HeaderMap {
        let pair = |(name, value): &(&str, &str)| {
            (name.parse::<HeaderName>().unwrap(), value.parse::<HeaderValue>().unwrap())
        };
        pairs.iter().map(pair).fold(HeaderMap::new(), |mut all, (name, value)| {
            all.append(name, value);
            all
        })
    }

    fn sent_on(pairs: &[(&str, &str)]) -> Option<HeaderMap> {
        outgoing(&of(pairs), own(&"https://todos.example.com".parse().unwrap()))
    }

    #[test]
    fn the_names_are_sorted_as_the_search_needs_them() {
        assert!(NAMES.is_sorted() && PREFIXES.is_sorted());
    }

    #[test]
    fn what_is_about_the_content_is_sent_on() {
        for name in [
            "accept",
            "accept-encoding",
            "content-type",
            "content-encoding",
            "idempotency-key",
            "if-match",
            "range",
            "traceparent",
            "user-agent",
            "x-amzn-trace-id",
            "x-tenant",
        ] {
            assert_eq!(sent_on(&[(name, "a")]).unwrap()[name], "a", "{name}");
        }
    }

    #[test]
    fn what_the_proxy_says_cannot_be_said_by_the_client() {
        let sent = sent_on(&[
            ("authorization", "Bearer theirs"),
            ("connection", "authorization, forwarded, via, x-request-id, x-gone"),
            ("x-gone", "a"),
            ("forwarded", "for=203.0.113.9"),
            ("x-request-id", "theirs"),
            ("via", "1.1 cdn.example"),
        ]);
        let mut expected = of(&[
            ("via", "1.1 cdn.example, 1.1 todos.example.com"),
            ("forwarded", "for=unknown;host=\"todos.example.com\";proto=https"),
            ("x-request-id", "id="),
        ]);
        expected.insert(AUTHORIZATION, HeaderValue::from_static("Bearer ours"));
        assert_eq!(sent.unwrap(), expected);
    }

    #[test]
    fn what_a_proxy_says_about_the_client_is_not_sent_on() {
        for name in [
            // RFC 9440
            "client-cert",
            "client-cert-chain",
            "front-end-https",
            "script-name",
            "tailscale-user-login",
            "x-arr-clientcert",
            "x-authenticated-userid",
            "x-client-cert",
            "x-client-verify",
            "x-consumer-username",
            "x-pomerium-jwt-assertion",
            "x-scheme",
            "x-script-name",
            "x-ssl-client-s-dn",
            "x-webauth-user",
        ] {
            assert!(!sent_on(&[(name, "a")]).unwrap().contains_key(name), "{name}");
        }
    }

    #[test]
    fn a_request_that_has_been_here_before_is_a_loop() {
        for via in ["1.1 todos.example.com", "1.0 a, 1.1 TODOS.example.com"] {
            assert_eq!(sent_on(&[("via", via)]), None, "{via}");
        }
        for via in ["1.1 todos.example.com.evil.example", "1.1 cdn.example (1.1 it)"] {
            assert!(sent_on(&[("via", via)]).is_some(), "{via}");
        }
    }

    #[test]
    fn forwarded_is_as_rfc_7239_has_it() {
        let check = |origin: &str, address: &str, expected: &str| {
            let forwarded = forwarded(&origin.parse().unwrap(), address.parse().ok());
            assert_eq!(forwarded.unwrap(), expected);
        };
        let https = "https://todos.example.com";
        check(https, "192.0.2.1", "for=192.0.2.1;host=\"todos.example.com\";proto=https");
        check(https, "2001:db8::1", "for=\"[2001:db8::1]\";host=\"todos.example.com\";proto=https");
        check("http://[::1]:3000", "", "for=unknown;host=\"[::1]:3000\";proto=http");
    }
}
