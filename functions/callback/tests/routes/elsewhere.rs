//! Other methods, other paths, and too many cookies.

use axum::body::Body;
use http::{Method, Request, StatusCode, header};

use crate::harness::{Browser, Callback};

#[tokio::test]
async fn an_anonymous_post_is_405_and_never_a_crash() {
    let callback = Callback::new().await;
    for method in ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "BREW"] {
        for body in ["", "code=1&state=2", "\0\u{ff}", &"x".repeat(100_000)] {
            let method = Method::from_bytes(method.as_bytes()).unwrap();
            let request = Request::builder().method(method).uri("/callback?code=1&state=2");
            let answer = callback.send(request.body(Body::from(body.to_owned())).unwrap()).await;
            assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED);
            assert_eq!(answer.header("allow"), Some("GET"));
        }
    }
}

#[tokio::test]
async fn head_redeems_no_code() {
    let (callback, mut browser, back) = Callback::returning().await;
    let path = format!("/callback?{}", back.query().unwrap());
    let mut request = browser.request(&path);
    *request.method_mut() = Method::HEAD;
    assert_eq!(callback.send(request).await.status, StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(callback.redeemed(), 0);
    callback.come_back(&mut browser, &back).await.assert_goes_to("/todos?filter=open");
}

#[tokio::test]
async fn other_paths_are_a_404_page() {
    let callback = Callback::new().await;
    for path in ["/", "/callback/", "/callback/x", "//callback", "/signin"] {
        let answer = callback.get(&mut Browser::default(), path).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
    }
}

#[tokio::test]
async fn a_giant_or_broken_cookie_set_is_a_page_and_never_a_5xx() {
    let callback = Callback::new().await;
    let state = "A".repeat(43);
    let transaction = format!("__Host-signin-{}=x", "A".repeat(16));
    let session = format!("__Host-session={}", "A".repeat(43));
    for cookies in [
        "x".repeat(200_000),
        "a=b; ".repeat(20_000),
        format!("{transaction}; {transaction}"),
        format!("{session}; {session}; {transaction}"),
        "__Host-session=short; =; ;;; __Host-signin-failures=999999999999.1".to_owned(),
        "__Host-signin-failures=2.1; ".repeat(50),
    ] {
        let request = Request::get(format!("/callback?code=1&state={state}"))
            .header(header::COOKIE, cookies)
            .header(header::COOKIE, b"\xff\xfe=\xff".as_slice())
            .body(Body::empty())
            .unwrap();
        let answer = callback.send(request).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    }
    assert_eq!(callback.redeemed(), 0);
}

#[tokio::test]
async fn a_session_cookie_that_is_there_twice_does_not_keep_anybody_from_signing_in() {
    let (callback, browser, back) = Callback::returning().await;
    let mut request = browser.request(&format!("/callback?{}", back.query().unwrap()));
    let twice = "__Host-session=a; __Host-session=b".parse().unwrap();
    request.headers_mut().append(header::COOKIE, twice);
    callback.send(request).await.assert_goes_to("/todos?filter=open");
}
