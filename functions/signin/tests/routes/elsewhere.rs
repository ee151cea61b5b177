//! Other methods and other paths.

use axum::body::Body;
use http::{Method, Request, StatusCode};

use crate::harness::Signin;

#[tokio::test]
async fn other_methods_get_405_with_allow() {
    let signin = Signin::new();
    for method in ["HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW"] {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        let request = Request::builder().method(method.clone()).uri("/signin");
        let answer = signin.send(request.body(Body::from("a=b")).unwrap()).await;
        assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED, "{method}");
        assert_eq!(answer.header("allow"), Some("GET, POST"), "{method}");
        assert!(answer.set_cookies().is_empty(), "{method}");
    }
}

#[tokio::test]
async fn other_paths_are_a_404_page() {
    let signin = Signin::new();
    for path in ["/", "/signin/", "/signin/x", "/signout", "/%2e%2e", "//signin"] {
        let answer = signin.get(path).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
    }
}

#[tokio::test]
async fn every_answer_carries_the_security_headers() {
    let signin = Signin::new();
    for path in ["/signin", "/signin?prompt=x", "/nowhere"] {
        let answer = signin.get(path).await;
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"), "{path}");
        assert!(answer.header("content-security-policy").is_some(), "{path}");
        assert!(answer.header("strict-transport-security").is_some(), "{path}");
    }
}
