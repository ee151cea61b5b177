//! An answer, and what is expected of it.

use anyhow::{Context, Result};
use reqwest::{RequestBuilder, header::HeaderMap};
use serde_json::Value;
use std::fmt;

/// A whole answer. The expectations panic, with the answer in their words.
pub(crate) struct Answer {
    request: String,
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Answer {
    /// Sends the request and reads everything that comes back.
    pub(crate) async fn to(request: RequestBuilder) -> Result<Self> {
        let (client, request) = request.build_split();
        let request = request.context("not a request")?;
        let sentence = format!("{} {}", request.method(), request.url().path());
        let response =
            client.execute(request).await.with_context(|| format!("{sentence}: no answer"))?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let body = response.text().await.with_context(|| format!("{sentence}: broken off"))?;
        Ok(Self { request: sentence, status, headers, body })
    }

    /// Expects this status.
    #[track_caller]
    pub(crate) fn is(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{self:?}");
        self
    }

    /// Expects a problem (RFC 9457) with this status and a stable code.
    #[track_caller]
    pub(crate) fn problem(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{self:?}");
        assert_eq!(self.header("content-type"), "application/problem+json", "{self:?}");
        let problem = self.json();
        assert_eq!(problem["status"], status, "{self:?}");
        for member in ["type", "title", "code"] {
            let text = problem[member].as_str().unwrap_or_default();
            assert!(!text.is_empty(), "a problem has {member}: {self:?}");
        }
        self
    }

    /// The value of a header, empty where there is none.
    #[track_caller]
    pub(crate) fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name).map(|value| value.to_str().expect("ASCII headers"));
        value.unwrap_or_default()
    }

    /// All values of `Set-Cookie`.
    pub(crate) fn cookies(&self) -> Vec<&str> {
        let values = self.headers.get_all("set-cookie").iter();
        values.filter_map(|value| value.to_str().ok()).collect()
    }

    /// The body as JSON.
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

/// What a failed expectation shows: enough to see what happened.
impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} was answered with {}", self.request, self.status)?;
        for (name, value) in &self.headers {
            writeln!(f, "  {name}: {}", String::from_utf8_lossy(value.as_bytes()))?;
        }
        let body: String = self.body.chars().take(1000).collect();
        write!(f, "  {body}")
    }
}
