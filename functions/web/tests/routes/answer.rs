use axum::body::Body;
use http::{HeaderMap, Response, StatusCode, header};
use http_body_util::BodyExt;
use serde_json::Value;

/// An answer, read whole.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) async fn read(response: Response<Body>) -> Self {
        let (parts, body) = response.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        let body = String::from_utf8(body.to_vec()).unwrap();
        Self { status: parts.status, headers: parts.headers, body }
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    /// The value of a header; none when it is absent.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    /// The names of the cookies that it takes away.
    pub(crate) fn cleared(&self) -> Vec<&str> {
        let lines = self.headers.get_all(header::SET_COOKIE).iter();
        let lines = lines.map(|line| line.to_str().unwrap());
        lines
            .map(|line| {
                assert!(line.ends_with("; Max-Age=0"), "{line}");
                line.split_once('=').unwrap().0
            })
            .collect()
    }
}
