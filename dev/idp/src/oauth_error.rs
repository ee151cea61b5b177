//! Protocol errors, with Entra's texts and, where the provider has them, numbers.

use axum::{
    Json,
    http::{StatusCode, header::WWW_AUTHENTICATE},
    response::{IntoResponse as _, Response},
};
use serde_json::{Value, json};
use time::macros::format_description;

use crate::{clock::utc, secret};

/// A protocol error.
#[derive(Debug, Clone)]
pub(crate) struct OAuthError {
    /// The `error` of RFC 6749 or OpenID Connect.
    pub(crate) error: &'static str,
    /// The `AADSTS` number.
    pub(crate) code: u32,
    /// What happened, without the number.
    pub(crate) message: String,
    /// A narrower code, such as `cancel`.
    pub(crate) subcode: Option<&'static str>,
}

impl OAuthError {
    pub(crate) fn new(error: &'static str, code: u32, message: impl Into<String>) -> Self {
        Self { error, code, message: message.into(), subcode: None }
    }

    /// The same with a narrower code.
    pub(crate) fn subcode(self, subcode: &'static str) -> Self {
        Self { subcode: Some(subcode), ..self }
    }

    pub(crate) fn invalid_request(code: u32, message: impl Into<String>) -> Self {
        Self::new("invalid_request", code, message)
    }

    pub(crate) fn invalid_grant(code: u32, message: impl Into<String>) -> Self {
        Self::new("invalid_grant", code, message)
    }

    /// A required parameter is missing or repeated.
    pub(crate) fn missing(name: &str) -> Self {
        let message =
            format!("The request must contain the following parameter exactly once: '{name}'.");
        Self::invalid_request(900_144, message)
    }

    /// A malformed request.
    pub(crate) fn malformed(message: impl Into<String>) -> Self {
        Self::invalid_request(9_002_313, message)
    }

    pub(crate) fn unknown_client(client_id: &str) -> Self {
        let message =
            format!("Application with identifier '{client_id}' was not found in the directory.");
        Self::new("unauthorized_client", 700_016, message)
    }

    /// A failure of the provider itself, which is logged where it happens.
    pub(crate) fn server_error() -> Self {
        Self::new("server_error", 90033, "A transient error has occurred.")
    }

    /// The whole `error_description`.
    pub(crate) fn describe(&self, now: u64, aadsts: bool) -> String {
        self.body(now, aadsts)["error_description"].as_str().unwrap_or_default().to_owned()
    }

    /// The answer to a client (RFC 6749, section 5.2).
    pub(crate) fn response(&self, now: u64, aadsts: bool) -> Response {
        let body = Json(self.body(now, aadsts));
        match self.error {
            "invalid_client" => {
                let challenge = [(WWW_AUTHENTICATE, "Basic realm=\"idp\"")];
                (StatusCode::UNAUTHORIZED, challenge, body).into_response()
            }
            "server_error" => (StatusCode::INTERNAL_SERVER_ERROR, body).into_response(),
            _ => (StatusCode::BAD_REQUEST, body).into_response(),
        }
    }

    /// The members of RFC 6749 and, with `aadsts`, Entra's additions: ids for its support.
    fn body(&self, now: u64, aadsts: bool) -> Value {
        if !aadsts {
            return json!({ "error": self.error, "error_description": self.message });
        }
        let (trace, correlation) = (secret::guid(), secret::guid());
        let time = utc(now, format_description!("[year]-[month]-[day] [hour]:[minute]:[second]Z"));
        let mut body = json!({
            "error": self.error,
            "error_description": format!(
                "AADSTS{}: {} Trace ID: {trace} Correlation ID: {correlation} Timestamp: {time}",
                self.code, self.message
            ),
            "error_codes": [self.code],
            "timestamp": time,
            "trace_id": trace,
            "correlation_id": correlation,
        });
        if let Some(subcode) = self.subcode {
            body["suberror"] = subcode.into();
        }
        body
    }
}
