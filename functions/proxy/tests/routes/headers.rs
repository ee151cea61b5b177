//! Request smuggling and header tricks, as they come out of API Gateway, and what an upstream gets
//! of them. `cargo test -p proxy --test routes tricks -- --nocapture` prints the table.

use std::fmt::Write as _;

use crate::harness::Proxy;

/// What is tried, with which headers, and what the proxy does: `""` if the upstream gets the request
/// without the trick, otherwise status and code of the refusal.
type Trick = (&'static str, &'static [(&'static str, &'static str)], &'static str);

const TRICKS: [Trick; 43] = [
    ("Content-Length and Transfer-Encoding", &[("transfer-encoding", "chunked")], ""),
    ("Transfer-Encoding: identity, chunked", &[("transfer-encoding", "identity, chunked")], ""),
    ("Transfer-Encoding: xchunked", &[("transfer-encoding", "xchunked")], ""),
    ("Transfer-Encoding after a tab", &[("transfer-encoding", "\tchunked")], ""),
    ("Transfer-Encoding before a space", &[("transfer-encoding ", "chunked")], ""),
    ("Transfer_Encoding", &[("transfer_encoding", "chunked")], ""),
    ("two Content-Lengths", &[("content-length", "5,60")], ""),
    ("Content-Length: 0 before a body", &[("content-length", "0")], ""),
    ("Content-Length: +5", &[("content-length", "+5")], ""),
    ("Content_Length", &[("content_length", "60")], ""),
    ("a trailer", &[("trailer", "authorization"), ("te", "trailers")], ""),
    ("Expect: 100-continue", &[("expect", "100-continue")], ""),
    (
        "Upgrade: h2c",
        &[("upgrade", "h2c"), ("connection", "upgrade, http2-settings"), ("http2-settings", "AA")],
        "",
    ),
    ("Upgrade: websocket", &[("upgrade", "websocket"), ("sec-websocket-key", "AA==")], ""),
    ("CR LF in a value", &[("x-tenant", "a\r\nx-injected: 1")], ""),
    ("CR LF in a name", &[("x-tenant\r\nx-injected", "1")], ""),
    ("NUL in a value", &[("x-tenant", "a\0")], ""),
    ("a space in a name", &[("x injected", "1")], ""),
    ("a colon in a name", &[("x-injected: 1\r\nx", "1")], ""),
    (
        "a pseudo header of HTTP/2 in a name",
        &[(":path", "/admin"), (":authority", "evil.example")],
        "",
    ),
    (
        "Connection: authorization",
        &[("connection", "authorization, via, forwarded, content-length")],
        "",
    ),
    ("Connection: host", &[("connection", "host, close")], ""),
    (
        "Proxy-Connection and Keep-Alive",
        &[("proxy-connection", "keep-alive"), ("keep-alive", "timeout=9")],
        "",
    ),
    ("Proxy-Authorization", &[("proxy-authorization", "Basic eA==")], ""),
    ("Host of another site", &[("host", "evil.example")], ""),
    ("Host with a path", &[("host", "evil.example/x?")], ""),
    (
        "X-Forwarded-Host, -Proto, -For, -Prefix, -User",
        &[
            ("x-forwarded-host", "evil.example"),
            ("x-forwarded-proto", "http"),
            ("x-forwarded-for", "127.0.0.1"),
            ("x-forwarded-prefix", "/admin"),
            ("x-forwarded-user", "root"),
        ],
        "",
    ),
    (
        "X_Forwarded_For and X.Forwarded.For",
        &[("x_forwarded_for", "127.0.0.1"), ("x.forwarded.for", "127.0.0.1")],
        "",
    ),
    ("Forwarded", &[("forwarded", "for=127.0.0.1;host=evil.example")], ""),
    (
        "client addresses",
        &[
            ("x-real-ip", "127.0.0.1"),
            ("true-client-ip", "127.0.0.1"),
            ("cf-connecting-ip", "127.0.0.1"),
            ("x-client-ip", "127.0.0.1"),
            ("fastly-client-ip", "127.0.0.1"),
        ],
        "",
    ),
    (
        "X-Original-URL and X-Rewrite-URL",
        &[("x-original-url", "/admin"), ("x-rewrite-url", "/admin")],
        "",
    ),
    (
        "X-HTTP-Method-Override",
        &[
            ("x-http-method-override", "DELETE"),
            ("x-http-method", "DELETE"),
            ("x-method-override", "DELETE"),
        ],
        "",
    ),
    (
        "users of other proxies",
        &[
            ("remote-user", "root"),
            ("x-remote-user", "root"),
            ("x-auth-request-user", "root"),
            ("x-amzn-oidc-identity", "root"),
            ("x-goog-authenticated-user-email", "root"),
            ("x-ms-client-principal", "root"),
        ],
        "",
    ),
    ("X-Request-Id", &[("x-request-id", "theirs\tand more")], ""),
    ("our own Via", &[("via", "1.1 todos.example.com")], "400 loop_detected"),
    (
        "Authorization twice",
        &[("authorization", "Bearer TOKEN,Bearer TOKEN")],
        "400 invalid_request",
    ),
    (
        "Authorization of two schemes",
        &[("authorization", "Basic eA==, Bearer TOKEN")],
        "401 no_credentials",
    ),
    (
        "CR LF in Authorization",
        &[("authorization", "Bearer TOKEN\r\nx-injected: 1")],
        "400 malformed_request",
    ),
    ("a header of 60 kB", &[("x-tenant", "LONG")], ""),
    ("Range over and over", &[("range", "bytes=0-,0-,0-,0-")], ""),
    ("Max-Forwards: 0", &[("max-forwards", "0")], ""),
    ("a cookie in the headers", &[("cookie", "__Host-session=x")], ""),
    ("Origin and Referer", &[("referer", "https://todos.example.com/?code=c")], ""),
];

/// The headers that the upstream may get here; `x-tenant` and `range` are those of clients.
const EXPECTED: [&str; 11] = [
    "accept",
    "authorization",
    "content-length",
    "forwarded",
    "host",
    "range",
    "user-agent",
    "via",
    "x-amzn-trace-id",
    "x-request-id",
    "x-tenant",
];

#[tokio::test]
async fn tricks_with_headers_do_not_reach_the_upstream() {
    let mut table = "| trick | what the upstream gets |\n|---|---|\n".to_owned();
    let proxy = Proxy::new().await;
    let token = proxy.token("ada");
    let mut count = 0;
    for (trick, headers, refusal) in TRICKS {
        let call = proxy.call("POST", "/api/orders").bearer(&token);
        let call = call.body("hello").query("a=b");
        let call = headers.iter().fold(call, |call, (name, value)| {
            let long = "x".repeat(60_000);
            call.header(name, &value.replace("TOKEN", &token).replace("LONG", &long))
        });
        let answer = call.send().await;
        let (status, code) = answer.refusal();
        if !refusal.is_empty() {
            assert_eq!(format!("{status} {code}"), refusal, "{trick}");
            assert_eq!(proxy.upstream.received().len(), count, "{trick}");
            writeln!(table, "| {trick} | nothing: {status} `{code}` |").unwrap();
            continue;
        }
        assert_eq!(status, 200, "{trick}: {code}");
        let received = proxy.upstream.received();
        count += 1;
        assert_eq!(received.len(), count, "{trick}: {received:?}");
        let sent = &received[count - 1];
        assert_eq!(sent.line(), "POST /v1/orders?a=b HTTP/1.1", "{trick}");
        assert_eq!(sent.body, b"hello", "{trick}");
        assert_eq!(sent.header("content-length"), ["5"], "{trick}");
        assert_eq!(sent.header("authorization"), [format!("Bearer {token}")], "{trick}");
        let host = proxy.upstream.url.split('/').nth(2).unwrap();
        assert_eq!(sent.header("host"), [host], "{trick}");
        assert_eq!(sent.header("via"), ["1.1 todos.example.com"], "{trick}");
        assert_eq!(sent.header("x-request-id"), ["JKJaXmPLvHcESHA="], "{trick}");
        let forwarded = "for=192.0.2.1;host=\"todos.example.com\";proto=https";
        assert_eq!(sent.header("forwarded"), [forwarded], "{trick}");
        let mut names = sent.names();
        names.sort_unstable();
        names.dedup();
        for name in &names {
            assert!(EXPECTED.contains(name), "{trick}: {name}");
        }
        assert_eq!(names.len(), sent.names().len(), "{trick}: {names:?}");
        let kept: Vec<_> = headers
            .iter()
            .filter(|(name, _)| names.contains(name))
            .map(|(name, _)| *name)
            .collect();
        let theirs: Vec<_> = kept.iter().filter(|it| ["x-tenant", "range"].contains(it)).collect();
        let own = if theirs.is_empty() { "without it" } else { "as it is" };
        writeln!(table, "| {trick} | one request, {own} |").unwrap();
    }
    println!("{table}");
}

#[tokio::test]
async fn paths_and_queries_reach_the_upstream_as_they_were_judged() {
    let proxy = Proxy::new().await;
    let token = proxy.token("ada");
    for (path, query, expected) in [
        ("/api/orders/a b", "", "/v1/orders/a%20b"),
        ("/api/orders/ä", "", "/v1/orders/%C3%A4"),
        ("/api/orders/@evil.example", "", "/v1/orders/@evil.example"),
        ("/api/orders/http:", "", "/v1/orders/http:"),
        (
            "/api/orders/7",
            "url=http://evil.example/&a=%2F..%00",
            "/v1/orders/7?url=http://evil.example/&a=%2F..%00",
        ),
        ("/api/orders/7", "a=1 HTTP/1.1\r\nx: y", "/v1/orders/7?a=1%20HTTP/1.1%0D%0Ax:%20y"),
        ("/api/orders/7", "#fragment", "/v1/orders/7?%23fragment"),
    ] {
        let answer = proxy.call("GET", path).query(query).bearer(&token).send().await;
        assert_eq!(answer.0.status, 200, "{path}");
        let received = proxy.upstream.received();
        assert_eq!(received.last().unwrap().line(), format!("GET {expected} HTTP/1.1"));
        assert!(received.iter().all(|it| it.header("x").is_empty()));
    }
}

#[tokio::test]
async fn a_write_without_a_body_says_so() {
    let proxy = Proxy::new().await;
    let token = proxy.token("ada");
    for method in ["POST", "PUT", "GET"] {
        proxy.call(method, "/api/orders").bearer(&token).send().await;
    }
    let lengths: Vec<_> =
        proxy.upstream.received().iter().map(|it| it.header("content-length").concat()).collect();
    assert_eq!(lengths, ["0", "0", ""]);
}
