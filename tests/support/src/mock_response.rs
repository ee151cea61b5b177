//! What the provider sends back.

use std::sync::Arc;

use axum::{body::Body, response::Response};
use bytes::Bytes;
use http::{HeaderMap, HeaderName, StatusCode, header::CONTENT_LENGTH};
use http_body_util::channel::Channel;
use serde_json::{Value, json};
use tokio::sync::Semaphore;

/// A response that a test scripts.
#[derive(Debug, Clone)]
pub struct MockResponse {
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
    fate: Fate,
}

#[derive(Debug, Clone)]
enum Fate {
    Sent,
    Cut,
    Never,
    HungUp,
    Held(Gate),
}

impl MockResponse {
    /// 200 with this JSON document.
    pub fn json(document: &Value) -> Self {
        Self::text(document.to_string()).header("content-type", "application/json")
    }

    /// 200 with this body and no content type.
    pub fn text(body: impl Into<Bytes>) -> Self {
        Self {
            status: StatusCode::OK,
            headers: HeaderMap::new(),
            body: body.into(),
            fate: Fate::Sent,
        }
    }

    /// This status with an empty body.
    ///
    /// # Panics
    /// When it is no status.
    pub fn status(status: u16) -> Self {
        Self::text("").with_status(status)
    }

    /// 400 with an error document of RFC 6749, section 5.2.
    pub fn error(code: &str) -> Self {
        let document = json!({ "error": code, "error_description": "<b>as scripted</b>" });
        Self::json(&document).with_status(400)
    }

    /// The same with another status.
    ///
    /// # Panics
    /// When it is no status.
    #[must_use]
    pub fn with_status(mut self, status: u16) -> Self {
        self.status = StatusCode::from_u16(status).expect("a test names a status");
        self
    }

    /// The same with one more header.
    ///
    /// # Panics
    /// When it is no header.
    #[must_use]
    pub fn header(mut self, name: &'static str, value: &str) -> Self {
        let value = value.parse().expect("a test names a header value");
        self.headers.append(HeaderName::from_static(name), value);
        self
    }

    /// The connection is cut in the middle of the body.
    #[must_use]
    pub fn cut(mut self) -> Self {
        self.fate = Fate::Cut;
        self
    }

    /// No answer at all; the connection stays open.
    pub fn never() -> Self {
        let mut answer = Self::text("");
        answer.fate = Fate::Never;
        answer
    }

    /// No answer at all; the connection is closed.
    pub fn hang_up() -> Self {
        let mut answer = Self::text("");
        answer.fate = Fate::HungUp;
        answer
    }

    /// The answer waits until the gate opens.
    #[must_use]
    pub fn held_by(mut self, gate: &Gate) -> Self {
        self.fate = Fate::Held(gate.clone());
        self
    }

    pub(crate) async fn send(self) -> Response {
        let mut body = Body::from(self.body.clone());
        match self.fate {
            Fate::Sent => {}
            Fate::Cut => body = broken(self.body.clone()),
            Fate::Never => std::future::pending().await,
            // Ends the connection's task without a word: no panic hook runs.
            Fate::HungUp => std::panic::resume_unwind(Box::new("as scripted")),
            Fate::Held(gate) => gate.passed().await,
        }
        let mut response = Response::new(body);
        *response.status_mut() = self.status;
        *response.headers_mut() = self.headers;
        // A cut body has promised to be whole.
        response.headers_mut().insert(CONTENT_LENGTH, self.body.len().into());
        response
    }
}

/// Half of the body, and then an error where its rest should be.
fn broken(body: Bytes) -> Body {
    let (mut sender, channel) = Channel::<Bytes, std::io::Error>::new(1);
    tokio::spawn(async move {
        // Nobody takes it when the client is gone already.
        let _taken = sender.send_data(body.slice(..body.len() / 2)).await;
        sender.abort(std::io::Error::other("cut, as scripted"));
    });
    Body::new(channel)
}

/// Holds answers back until the test opens it; then it stays open.
#[derive(Debug, Clone)]
pub struct Gate(Arc<Semaphore>);

impl Gate {
    /// A closed gate.
    pub fn closed() -> Self {
        Self(Arc::new(Semaphore::new(0)))
    }

    /// Lets every answer through, those that wait and those to come.
    pub fn open(&self) {
        self.0.close();
    }

    async fn passed(&self) {
        // A closed semaphore is an open gate: acquiring ends, for everybody and for good.
        let _closed = self.0.acquire().await;
    }
}
