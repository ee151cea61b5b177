//! What goes wrong, in the words and numbers Entra uses for it.

use std::time::SystemTime;

use serde_json::{Value, json};
use time::{OffsetDateTime, macros::format_description};

use crate::secret;

/// A protocol error: the OAuth code, and the number support pages know it by.
#[derive(Debug, Clone)]
pub(crate) struct Fault {
    /// The `error` of RFC 6749 or OpenID Connect.
    pub(crate) error: &'static str,
    /// The `AADSTS` number.
    pub(crate) code: u32,
    /// What happened, without the number.
    pub(crate) message: String,
    /// A narrower code, such as `cancel`.
    pub(crate) subcode: Option<&'static str>,
}

impl Fault {
    pub(crate) fn new(error: &'static str, code: u32, message: impl Into<String>) -> Self {
        Self { error, code, message: message.into(), subcode: None }
    }

    /// The same with a narrower code.
    pub(crate) fn subcode(self, subcode: &'static str) -> Self {
        Self { subcode: Some(subcode), ..self }
    }

    /// A parameter that must be there is not.
    pub(crate) fn missing(name: &str) -> Self {
        Self::new(
            "invalid_request",
            900_144,
            format!("The request must contain the following parameter exactly once: '{name}'."),
        )
    }

    /// A parameter that has no meaning here.
    pub(crate) fn malformed(message: impl Into<String>) -> Self {
        Self::new("invalid_request", 9_002_313, message)
    }

    /// The whole `error_description`, with ids as Entra gives them for its support.
    pub(crate) fn describe(&self, now: SystemTime) -> String {
        self.with(&Trace::at(now))
    }

    /// The body of a token endpoint's error (RFC 6749, section 5.2, and what Entra adds).
    pub(crate) fn body(&self, now: SystemTime) -> Value {
        let trace = Trace::at(now);
        let mut body = json!({
            "error": self.error,
            "error_description": self.with(&trace),
            "error_codes": [self.code],
            "timestamp": trace.timestamp,
            "trace_id": trace.id,
            "correlation_id": trace.correlation_id,
        });
        if let Some(subcode) = self.subcode {
            body["suberror"] = subcode.into();
        }
        body
    }

    fn with(&self, trace: &Trace) -> String {
        format!(
            "AADSTS{}: {} Trace ID: {} Correlation ID: {} Timestamp: {}",
            self.code, self.message, trace.id, trace.correlation_id, trace.timestamp
        )
    }
}

struct Trace {
    id: String,
    correlation_id: String,
    timestamp: String,
}

impl Trace {
    fn at(now: SystemTime) -> Self {
        let format = format_description!("[year]-[month]-[day] [hour]:[minute]:[second]Z");
        let timestamp = OffsetDateTime::from(now)
            .format(&format)
            .expect("a date has all the parts of this format");
        Self { id: secret::guid(), correlation_id: secret::guid(), timestamp }
    }
}
