use std::time::Duration;

use axum::response::{IntoResponse, Response};
use http::StatusCode;
use serde_json::{Value, json};

/// What is sent back.
#[derive(Debug, Clone)]
pub(crate) struct Reply {
    status: u16,
    retry_after: Option<u64>,
    body: Value,
}

impl Reply {
    pub(crate) fn ok(body: Value) -> Self {
        Self { status: 200, retry_after: None, body }
    }

    pub(crate) fn created(body: Value) -> Self {
        Self { status: 201, retry_after: None, body }
    }

    pub(crate) fn nothing() -> Self {
        Self { status: 204, retry_after: None, body: Value::Null }
    }

    pub(crate) fn error(status: u16, code: &str, message: &str) -> Self {
        let body = json!({ "error": { "code": code, "message": message } });
        Self { status, retry_after: None, body }
    }

    /// 400 in the form of RFC 6749, section 5.2.
    pub(crate) fn oauth_error(error: &str) -> Self {
        Self { status: 400, retry_after: None, body: json!({ "error": error }) }
    }

    pub(crate) fn after(mut self, seconds: u64) -> Self {
        self.retry_after = Some(seconds);
        self
    }

    pub(crate) fn retry_after(&self) -> Option<Duration> {
        self.retry_after.map(Duration::from_secs)
    }

    pub(crate) fn not_found() -> Self {
        Self::error(404, "Request_ResourceNotFound", "Resource does not exist.")
    }
}

impl IntoResponse for Reply {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap();
        let body = if self.body.is_null() { String::new() } else { self.body.to_string() };
        let mut response = (status, body).into_response();
        if let Some(seconds) = self.retry_after {
            response.headers_mut().insert("retry-after", seconds.into());
        }
        response
    }
}
