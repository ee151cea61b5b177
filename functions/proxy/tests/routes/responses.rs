//! What comes back from an upstream.

use base64::{Engine as _, engine::general_purpose::STANDARD};

use crate::harness::Proxy;

#[tokio::test]
async fn a_body_passes_byte_for_byte_in_both_directions() {
    let proxy = Proxy::new().await;
    let token = proxy.token("ada");
    let every_byte: Vec<u8> = (0..=255).collect();
    for headers in [
        "content-type: application/octet-stream\r\n",
        "content-type: text/plain; charset=iso-8859-1\r\n",
        "content-type: application/json\r\n",
        "content-encoding: gzip\r\ncontent-type: application/json\r\n",
        "",
    ] {
        let head = format!("HTTP/1.1 200 OK\r\n{headers}content-length: 256\r\n\r\n");
        proxy.upstream.next([head.into_bytes(), every_byte.clone()].concat());
        let call = proxy.call("PUT", "/api/orders/7").bearer(&token);
        let answer = call.base64(&STANDARD.encode(&every_byte)).send().await;
        assert_eq!(answer.0.body, every_byte, "{headers}");
        let encoding = headers.contains("gzip").then_some("gzip");
        assert_eq!(answer.header("content-encoding"), encoding);
        assert_eq!(proxy.upstream.received().last().unwrap().body, every_byte);
    }
    // A byte order mark is a part of the body, too.
    proxy.upstream.next(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 5\r\n\r\n\u{feff}{}",
    );
    let answer = proxy.call("GET", "/api/orders").bearer(&token).send().await;
    assert_eq!(answer.0.body, "\u{feff}{}".as_bytes());
}

#[tokio::test]
async fn a_response_without_a_body_stays_one() {
    let proxy = Proxy::new().await;
    let token = proxy.token("ada");
    for (method, answer, status) in [
        ("HEAD", "HTTP/1.1 200 OK\r\ncontent-length: 9000000\r\netag: \"1\"\r\n\r\n", 200),
        ("GET", "HTTP/1.1 304 Not Modified\r\netag: \"1\"\r\n\r\n", 304),
        ("DELETE", "HTTP/1.1 204 No Content\r\netag: \"1\"\r\n\r\n", 204),
        (
            "GET",
            "HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\nHTTP/1.1 204 X\r\netag: \"1\"\r\n\r\n",
            204,
        ),
    ] {
        proxy.upstream.next(answer);
        let found = proxy.call(method, "/api/orders").bearer(&token).send().await;
        assert_eq!((found.0.status, &*found.0.body), (status, &b""[..]), "{answer}");
        assert_eq!(found.header("etag"), Some("\"1\""), "{answer}");
        assert_eq!(found.header("link"), None);
    }
}

#[tokio::test]
async fn an_upstream_can_set_no_cookie_and_run_no_script_on_our_origin() {
    let proxy = Proxy::new().await;
    proxy.upstream.next(
        "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\nset-cookie: __Host-session=x; Path=/; Secure\r\n\
         content-security-policy: script-src *\r\nclear-site-data: \"*\"\r\n\
         strict-transport-security: max-age=0\r\naccess-control-allow-origin: *\r\n\
         cache-control: public, max-age=60\r\nservice-worker-allowed: /\r\nrefresh: 0;url=//x\r\n\
         content-length: 25\r\n\r\n<script>alert(1)</script>",
    );
    let answer = proxy.call("GET", "/api/public").send().await;
    assert_eq!(answer.0.cookies, [""; 0]);
    let policy = answer.header("content-security-policy").unwrap();
    assert!(policy.starts_with("sandbox; default-src 'none'"), "{policy}");
    assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    assert_eq!(answer.header("strict-transport-security"), Some("max-age=31536000"));
    for name in ["clear-site-data", "access-control-allow-origin", "service-worker-allowed"] {
        assert_eq!(answer.header(name), None, "{name}");
    }
    assert_eq!(answer.header("refresh"), None);
}

#[tokio::test]
async fn no_redirect_is_followed() {
    let proxy = Proxy::new().await;
    let token = proxy.token("ada");
    for status in [301, 302, 303, 307, 308] {
        for (location, expected) in [
            (format!("{}/7?a=b", proxy.upstream.url), Some("/api/orders/7?a=b")),
            ("/v1/orders".to_owned(), Some("/api/orders")),
            ("https://evil.example/".to_owned(), None),
            ("/v2/orders".to_owned(), None),
        ] {
            let head = format!("HTTP/1.1 {status} X\r\nlocation: {location}\r\n");
            proxy.upstream.next(format!("{head}content-length: 0\r\n\r\n"));
            let answer = proxy.call("GET", "/api/orders").bearer(&token).send().await;
            assert_eq!(answer.header("location"), expected);
            match expected {
                Some(_) => assert_eq!(answer.0.status, status),
                None => assert_eq!(answer.refusal(), (502, "upstream_redirect".to_owned())),
            }
        }
    }
    assert_eq!(proxy.upstream.received().len(), 20);
}
