//! What is there, and what is not.

use http::{Method, StatusCode};
use local_aws::Template;

use crate::harness::{Web, cookie, request};

const ROUTES: [(&str, &str); 10] = [
    ("GET", "/"),
    ("GET", "/assets/x/app.js"),
    ("GET", "/session"),
    ("POST", "/session/refresh"),
    ("GET", "/sessions"),
    ("DELETE", "/sessions/x"),
    ("POST", "/signout"),
    ("GET", "/signedout"),
    ("GET", "/favicon.ico"),
    ("GET", "/robots.txt"),
];

#[test]
fn the_template_sends_every_route_of_the_function_to_it() {
    let routes = Template::project().routes().unwrap();
    for (method, path) in ROUTES {
        let method = method.parse().unwrap();
        // And what it refuses, so that it can.
        for method in [method, Method::HEAD, Method::PUT, Method::OPTIONS] {
            let route = routes.iter().find(|route| route.matches(&method, path)).expect(path);
            assert_eq!(route.function, "web", "{method} {path}");
        }
    }
}

#[tokio::test]
async fn head_is_served_wherever_get_is() {
    let (web, secret) = Web::signed_in().await;
    let page = web.get("/").await.body;
    let script = page.split('"').find(|part| part.ends_with("app.js")).unwrap().to_owned();
    for (method, path) in ROUTES {
        let path = if path.starts_with("/assets/") { &*script } else { path };
        let get = web.get_as(path, &secret).await;
        let head = request(Method::HEAD, path).header("cookie", cookie(&secret));
        let head = web.send(head).await;
        assert_eq!(head.status, get.status, "{path}");
        assert_eq!(head.header("content-type"), get.header("content-type"), "{path}");
        if method == "GET" {
            assert_ne!(get.status, StatusCode::NOT_FOUND, "{path}");
            assert_eq!(head.body, "", "{path}");
        } else {
            assert_eq!(get.status, StatusCode::METHOD_NOT_ALLOWED, "{path}");
        }
    }
    assert!(web.contents(&secret).await.is_some());
}

/// What a browser sends if it opens an address.
const NAVIGATION: &str = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";

#[tokio::test]
async fn a_browser_gets_a_page_that_repeats_nothing_of_the_address() {
    let web = Web::new().await;
    let first = web.send(request(Method::GET, "/x").header("accept", NAVIGATION)).await;
    first.assert_is_page(404, "not_found");
    assert!(first.body.len() < 5_000, "{}", first.body.len());
    // As browsers write `<` and `>`; as they are, they are no part of an address (`http::Uri`).
    for path in ["/%3Cscript%3Ealert(1)%3C/script%3E", "/x?%3Cscript%3E", "/assets/x/y"] {
        let request = request(Method::GET, path).header("accept", NAVIGATION);
        let answer = web.send(request).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
        assert!(!answer.body.to_lowercase().contains("<script"), "{path}");
        if !path.starts_with("/assets/") {
            assert_eq!(answer.body, first.body, "{path}");
        }
    }
    let policy = first.header("content-security-policy").unwrap();
    assert!(policy.contains("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
    let program = web.send(request(Method::GET, "/x").header("accept", "*/*")).await;
    assert_eq!(program.refusal(), (404, "not_found"));
}

#[tokio::test]
async fn a_crawler_may_have_the_start_page_alone_and_a_browser_the_icon() {
    let web = Web::new().await;
    let robots = web.get("/robots.txt").await;
    assert_eq!(robots.header("content-type"), Some("text/plain; charset=utf-8"));
    assert_eq!(robots.body, "User-agent: *\nAllow: /$\nDisallow: /\n");
    let icon = web.get("/favicon.ico").await;
    assert_eq!(icon.header("content-type"), Some("image/svg+xml"));
    assert!(icon.body.starts_with("<svg "));
    for answer in [robots, icon] {
        assert_eq!(answer.header("cache-control"), Some("public, max-age=86400"));
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
    }
}

#[tokio::test]
async fn another_method_is_405_and_names_those_that_work() {
    let web = Web::new().await;
    for (works, path) in ROUTES {
        let answer = web.send(request(Method::PUT, path)).await;
        assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED, "{path}");
        assert!(answer.header("allow").unwrap().contains(works), "{path}");
        assert_eq!(answer.header("content-type"), Some("application/problem+json"));
    }
}

#[tokio::test]
async fn a_path_that_is_not_there_is_404_whatever_is_in_it() {
    let web = Web::new().await;
    let paths = [
        "/x",
        "/session/",
        "/sessions/",
        "/sessions/x/y",
        "/assets",
        "/assets/x",
        "/%00",
        "/..%2f",
        "/%ff",
    ];
    for path in paths.into_iter().chain(["/assets/x/%ff", "/assets/%ff/x", "/assets/x/%00"]) {
        let answer = web.get(path).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
        assert_eq!(answer.header("content-type"), Some("application/problem+json"), "{path}");
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
    }
}
