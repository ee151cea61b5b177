use axum::{Router, body::Body};
use http::{Method, Request, StatusCode, request};
use serde_json::Value;

use crate::TestResponse;

/// A request to an API function in the making. What is malformed panics.
pub struct ApiCall {
    router: Router,
    request: request::Builder,
    body: Body,
}

impl ApiCall {
    /// A request without credentials and body.
    pub fn new(router: &Router, method: &str, path: &str) -> Self {
        let request = Request::builder().method(method).uri(path);
        Self { router: router.clone(), request, body: Body::empty() }
    }

    /// Sends it to another instance.
    #[must_use]
    pub fn on(mut self, router: &Router) -> Self {
        self.router = router.clone();
        self
    }

    /// Adds a header.
    #[must_use]
    pub fn header(mut self, name: &str, value: impl AsRef<[u8]>) -> Self {
        self.request = self.request.header(name, value.as_ref());
        self
    }

    /// Adds an access token.
    #[must_use]
    pub fn bearer(self, token: &str) -> Self {
        self.header("authorization", format!("Bearer {token}"))
    }

    /// Adds the cookie of a session, and `X-CSRF` as the page does.
    #[must_use]
    pub fn cookie(self, cookie: &str) -> Self {
        self.header("cookie", cookie).header("x-csrf", "1")
    }

    /// Adds a body of JSON.
    #[must_use]
    pub fn json(self, body: &Value) -> Self {
        self.text("application/json", body.to_string())
    }

    /// Adds a body of this media type.
    #[must_use]
    pub fn text(self, content_type: &str, body: impl Into<Body>) -> Self {
        self.header("content-type", content_type).body(body)
    }

    /// Adds a body without a media type.
    #[must_use]
    pub fn body(mut self, body: impl Into<Body>) -> Self {
        self.body = body.into();
        self
    }

    /// Sends it, and checks what holds for every response.
    pub async fn send(self) -> TestResponse {
        let request = self.request.body(self.body).expect("a well-formed request");
        let method = request.method().clone();
        let response = TestResponse::of(self.router, request).await;
        check(&response, &method);
        response
    }
}

/// Checks what holds for every response of an API function.
fn check(response: &TestResponse, method: &Method) {
    let head = method == Method::HEAD;
    assert_eq!(response.header("cache-control"), Some("no-store"));
    assert_eq!(response.header("x-content-type-options"), Some("nosniff"));
    let (_, code) = response.refusal();
    if head {
        assert_eq!(response.body, "");
    } else if !response.status.is_success() {
        let content_type = response.header("content-type");
        assert_eq!(content_type, Some("application/problem+json"), "{}", response.body);
        assert_eq!(response.json()["status"], response.status.as_u16());
        assert!(!code.is_empty() && response.json()["detail"].is_string());
    }
    let has = |name: &str| response.headers.contains_key(name);
    let challenged = !head && ["insufficient_scope", "invalid_request"].contains(&code);
    let unauthorized = response.status == StatusCode::UNAUTHORIZED;
    assert_eq!(has("www-authenticate"), unauthorized || challenged);
    let options = method == Method::OPTIONS && response.status == StatusCode::NO_CONTENT;
    assert_eq!(has("allow"), options || response.status == StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(has("retry-after"), response.status == StatusCode::SERVICE_UNAVAILABLE);
}
