//! A session or a bearer token in, a bearer token out.

use std::time::Duration;

use crate::harness::Proxy;

#[tokio::test]
async fn a_session_or_a_bearer_token_goes_to_the_upstream_as_a_bearer_token() {
    let proxy = Proxy::new().await;
    let (token, cookie) = (proxy.token("ada"), proxy.session("ada").await);
    assert_eq!(proxy.call("GET", "/api/orders").bearer(&token).send().await.0.status, 200);
    assert_eq!(proxy.call("GET", "/api/orders").session(&cookie).send().await.0.status, 200);
    let received = proxy.upstream.received();
    assert_eq!(received.len(), 2);
    for request in received {
        assert_eq!(request.line(), "GET /v1/orders HTTP/1.1");
        assert_eq!(request.header("authorization"), [format!("Bearer {token}")]);
    }
}

/// Duende BFF, advisory of October 2026.
#[tokio::test]
async fn a_cookie_is_never_forwarded_to_the_upstream() {
    let proxy = Proxy::new().await;
    let (token, cookie) = (proxy.token("ada"), proxy.session("ada").await);
    for path in ["/api/orders", "/api/orders/7", "/api/public"] {
        proxy.call("GET", path).session(&cookie).send().await;
        proxy.call("POST", path).session(&cookie).body("{}").send().await;
        proxy.call("GET", path).bearer(&token).cookie(&cookie).send().await;
        // The header itself, which API Gateway never has in `headers`.
        let call = proxy.call("GET", path).bearer(&token).header("cookie", &cookie);
        call.header("connection", "x-csrf").header("cookie2", "a=b").send().await;
    }
    let received = proxy.upstream.received();
    assert_eq!(received.len(), 12);
    let secret = cookie.split_once('=').unwrap().1;
    for request in received {
        assert!(!request.head.to_lowercase().contains("cookie"), "{}", request.head);
        assert!(!request.head.contains(secret), "{}", request.head);
    }
}

/// Duende BFF, advisory of October 2026.
#[tokio::test]
async fn the_csrf_header_is_required_on_every_route_of_the_proxy() {
    let proxy = Proxy::new().await;
    let cookie = proxy.session("ada").await;
    for path in ["/api/orders", "/api/orders/7"] {
        for method in ["GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"] {
            for csrf in [None, Some("0"), Some(""), Some("true"), Some("1,1")] {
                let call = proxy.call(method, path).cookie(&cookie);
                let call = csrf.into_iter().fold(call, |call, it| call.header("x-csrf", it));
                let call = call.header("sec-fetch-site", "same-origin");
                let answer = call.header("origin", "https://todos.example.com").send().await;
                // Some are denied before: the policies name four methods of the first path.
                assert_eq!(answer.0.status, 403, "{method} {path} {csrf:?}");
            }
            for (name, value) in
                [("origin", "https://evil.example"), ("sec-fetch-site", "cross-site")]
            {
                let call = proxy.call(method, path).session(&cookie).header(name, value);
                assert_eq!(call.send().await.0.status, 403, "{method} {path} {name}");
            }
        }
    }
    assert_eq!(proxy.upstream.connections(), 0);
    // A route without a token has no use for the session.
    assert_eq!(proxy.call("GET", "/api/public").cookie(&cookie).send().await.0.status, 200);
    assert!(proxy.upstream.only().header("authorization").is_empty());
}

#[tokio::test]
async fn an_anonymous_route_sends_no_token() {
    let proxy = Proxy::new().await;
    let token = proxy.token("ada");
    for authorization in [format!("Bearer {token}"), "Basic eA==".to_owned()] {
        let call = proxy.call("GET", "/api/public/x").header("authorization", &authorization);
        assert_eq!(call.send().await.0.status, 200);
    }
    for request in proxy.upstream.received() {
        assert!(request.header("authorization").is_empty(), "{}", request.head);
    }
}

#[tokio::test]
async fn what_no_policy_names_never_reaches_the_upstream() {
    let proxy = Proxy::new().await;
    let token = proxy.token("ada");
    for (method, path, expected) in [
        ("PATCH", "/api/orders", "no_route_policy"),
        ("GET", "/api/elsewhere", "no_route_policy"),
        ("GET", "/api/Orders", "ambiguous_path"),
        ("GET", "/api/orders/", "ambiguous_path"),
        ("GET", "/api/orders//7", "ambiguous_path"),
        ("GET", "/api/orders/../public", "ambiguous_path"),
        ("GET", "/api/orders/%2e%2e/public", "ambiguous_path"),
        ("GET", "/api/orders/a%2fb", "ambiguous_path"),
        ("GET", "/api/orders/a\\b", "ambiguous_path"),
        ("GET", "/api/orders/a;b", "ambiguous_path"),
        ("GET", "/api/orders/a\0", "ambiguous_path"),
        ("GET", "/api/orders/a\r\nx: y", "ambiguous_path"),
    ] {
        let answer = proxy.call(method, path).bearer(&token).send().await;
        assert_eq!(answer.refusal(), (403, expected.to_owned()), "{method} {path}");
    }
    let answer = proxy.call("GET", "/api/nowhere").send().await;
    assert_eq!(answer.refusal(), (404, "no_upstream".to_owned()));
    let answer = proxy.call("GET", "/api/orders").send().await;
    assert_eq!(answer.0.status, 401);
    let call = proxy.call("GET", "/api/orders").bearer("x").send().await;
    assert_eq!(call.refusal(), (401, "invalid_token".to_owned()));
    assert_eq!(proxy.upstream.connections(), 0);
}

#[tokio::test]
async fn no_method_shows_the_page_its_token() {
    let proxy = Proxy::new().await;
    let cookie = proxy.session("ada").await;
    for method in ["TRACE", "TRACK", "CONNECT", "PROPFIND"] {
        let answer = proxy.call(method, "/api/orders/7").session(&cookie).send().await;
        assert_eq!(answer.refusal(), (405, "method_not_allowed".to_owned()), "{method}");
    }
    assert_eq!(proxy.upstream.connections(), 0);
}

#[tokio::test]
async fn without_upstreams_nothing_is_there() {
    let proxy = Proxy::with([("UPSTREAMS", "")]).await;
    let token = proxy.token("ada");
    for (method, path) in [("GET", "/api/orders"), ("POST", "/api/public"), ("GET", "/api/other")] {
        for call in [proxy.call(method, path), proxy.call(method, path).bearer(&token)] {
            assert_eq!(call.send().await.refusal(), (404, "not_found".to_owned()), "{path}");
        }
    }
}

#[tokio::test]
async fn a_preflight_is_answered_here() {
    let proxy = Proxy::new().await;
    let call = proxy.call("OPTIONS", "/api/orders").header("origin", "https://app.example.com");
    let answer = call.header("access-control-request-method", "POST").send().await;
    assert_eq!((answer.0.status, proxy.upstream.connections()), (204, 0));
}

#[tokio::test]
async fn a_connection_is_used_again_for_reading_and_for_a_few_seconds() {
    let proxy = Proxy::new().await;
    let token = proxy.token("ada");
    let call = async |method| {
        let answer = proxy.call(method, "/api/orders").bearer(&token).send().await;
        assert_eq!(answer.0.status, 200);
        // The connection goes back to the pool in a task of its own.
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
        proxy.upstream.connections()
    };
    assert_eq!([call("GET").await, call("GET").await], [1, 1]);
    // Whether it arrived could not be told if the connection had ended.
    assert_eq!([call("POST").await, call("POST").await, call("GET").await], [2, 3, 3]);
    proxy.clock.advance(Duration::from_secs(6));
    assert_eq!([call("GET").await, call("GET").await], [4, 4], "none of before the pause");
}
