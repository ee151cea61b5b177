//! What a function answered.

use axum::{Router, body::Body};
use http::{HeaderMap, Request, StatusCode, header::SET_COOKIE};
use http_body_util::BodyExt;
use serde_json::Value;
use tower::ServiceExt;
use url::Url;

/// The response of a function under test, read to its end. What is malformed panics.
#[derive(Debug)]
pub struct TestResponse {
    /// Its status.
    pub status: StatusCode,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body, which is text.
    pub body: String,
}

impl TestResponse {
    /// Sends a request to a function and reads the response.
    pub async fn of(app: Router, request: Request<Body>) -> Self {
        let Ok(response) = app.oneshot(request).await;
        let (parts, body) = response.into_parts();
        let body = body.collect().await.expect("a whole body").to_bytes();
        let body = String::from_utf8(body.to_vec()).expect("a body in UTF-8");
        Self { status: parts.status, headers: parts.headers, body }
    }

    /// The value of a header; none when it is absent.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().expect("a header in ASCII"))
    }

    /// The `Set-Cookie` lines.
    pub fn set_cookies(&self) -> Vec<&str> {
        let lines = self.headers.get_all(SET_COOKIE).iter();
        lines.map(|line| line.to_str().expect("a cookie in ASCII")).collect()
    }

    /// The names of the cookies that it clears. It must set none.
    pub fn cleared_cookies(&self) -> Vec<&str> {
        let name = |line: &'_ str| {
            assert!(line.ends_with("; Max-Age=0"), "{line}");
            line.find('=').expect("a cookie has a name")
        };
        self.set_cookies().into_iter().map(|line| &line[..name(line)]).collect()
    }

    /// Where the browser is sent.
    pub fn location(&self) -> Url {
        let location = self.header("location").expect("a redirect");
        Url::parse(location).expect("the address of a page")
    }

    /// The body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("no JSON: {}", self.body))
    }

    /// The body of a 200 as JSON.
    pub fn ok(self) -> Value {
        assert_eq!(self.status, StatusCode::OK, "{}", self.body);
        self.json()
    }

    /// Status and code of a problem; the code is empty when the body is no problem.
    pub fn refusal(&self) -> (u16, &'static str) {
        (self.status.as_u16(), self.problem()["code"].as_str().unwrap_or_default())
    }

    /// Pointer and code of each error in a problem.
    pub fn errors(&self) -> Vec<(&'static str, &'static str)> {
        let errors = self.problem()["errors"].as_array().expect("a problem with errors");
        let text = |error: &'static Value, name: &str| error[name].as_str().expect("a text");
        errors.iter().map(|error| (text(error, "pointer"), text(error, "code"))).collect()
    }

    /// Leaked, so that a test can name its parts: the process ends soon.
    fn problem(&self) -> &'static Value {
        Box::leak(Box::new(serde_json::from_str(&self.body).unwrap_or_default()))
    }

    /// Fails unless the browser is sent there with 303.
    pub fn assert_goes_to(&self, location: &str) {
        assert_eq!(self.status, StatusCode::SEE_OTHER, "{}", self.body);
        assert_eq!(self.header("location"), Some(location));
        assert_eq!(self.header("cache-control"), Some("no-store"));
    }

    /// Fails unless it is the error page with this status and code.
    pub fn assert_is_page(&self, status: u16, code: &str) {
        let body = &self.body;
        assert_eq!(self.status, status, "{body}");
        assert!(body.contains(&format!("data-test=\"error-code\">{code}<")), "{code}: {body}");
        assert!(self.header("content-type").is_some_and(|it| it.starts_with("text/html")));
        assert_eq!(self.header("cache-control"), Some("no-store"));
        assert_eq!(self.header("location"), None);
        assert!(body.contains("href=\"/\""), "the page has a link to go on");
        assert_eq!(self.header("retry-after").is_some(), status == 503);
    }

    /// Whether the error page has a link to sign in again.
    pub fn offers_to_try_again(&self) -> bool {
        self.body.contains("href=\"/signin")
    }
}
