//! What is there, and what is not.

use http::{Method, StatusCode};
use local_aws::Template;

use crate::harness::{Web, request};

const ROUTES: [(&str, &str); 8] = [
    ("GET", "/"),
    ("GET", "/assets/x/app.js"),
    ("GET", "/session"),
    ("POST", "/session/refresh"),
    ("GET", "/sessions"),
    ("DELETE", "/sessions/x"),
    ("POST", "/signout"),
    ("GET", "/signedout"),
];

#[test]
fn the_template_sends_every_route_of_the_function_to_it() {
    let routes = Template::project().routes().unwrap();
    for (method, path) in ROUTES {
        let method = method.parse().unwrap();
        let route = routes.iter().find(|route| route.matches(&method, path)).expect(path);
        assert_eq!(route.function, "web", "{path}");
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
