//! Our HTTP client for `openidconnect`.

use std::{pin::Pin, time::Duration};

use bytes::BytesMut;
use openidconnect::{AsyncHttpClient, HttpRequest, HttpResponse};
use url::Url;

/// In bytes. A response has a few kilobytes; the limit protects our memory.
const MAX_BYTES: usize = 256 * 1024;

/// Sends requests to one endpoint.
pub(super) struct Transport<'a> {
    /// Without a connection pool.
    pub(super) http: &'a reqwest::Client,
    pub(super) endpoint: &'a Url,
    /// For the whole request: connecting, twice if needed, and reading the body.
    pub(super) timeout: Duration,
}

/// The endpoint is not available.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TransportError {
    /// The connection failed.
    #[error("the connection failed")]
    Connection,
    /// No complete response before the timeout.
    #[error("no response before the timeout")]
    Timeout,
    /// 429 or 5xx.
    #[error("status {0}")]
    Status(u16),
    /// The response is larger than the limit (256 KiB for the token endpoint).
    #[error("the response is too large")]
    TooLarge,
    /// The provider's error document says that it is temporarily unavailable.
    #[error("the provider says that it is temporarily unavailable")]
    TemporarilyUnavailable,
}

impl TransportError {
    pub(crate) fn of(error: &reqwest::Error) -> Self {
        if error.is_timeout() { Self::Timeout } else { Self::Connection }
    }
}

impl<'c> AsyncHttpClient<'c> for Transport<'_> {
    type Error = TransportError;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, TransportError>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(async move {
            let response = tokio::time::timeout(self.timeout, self.send(request)).await;
            response.map_err(|_| TransportError::Timeout)?
        })
    }
}

impl Transport<'_> {
    /// Tries again, once, only when there was no connection to send anything over.
    ///
    /// # What breaks if more is sent again
    /// A connection that breaks later may have carried the request. A code or refresh token that
    /// the provider sees twice counts as stolen: it revokes all that came of it (RFC 6749, section
    /// 4.1.2; RFC 9700, section 4.14.2), and the user is signed out. So the client must be one
    /// that makes a connection for each request: one from the pool may have died while the
    /// instance was frozen, which shows only after the request was written to it.
    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, TransportError> {
        let (parts, body) = request.into_parts();
        let send = || {
            let request = self.http.post(self.endpoint.clone());
            request.headers(parts.headers.clone()).body(body.clone()).send()
        };
        let response = match send().await {
            Err(error) if error.is_connect() => send().await,
            first => first,
        };
        read(response.map_err(|error| TransportError::of(&error))?, MAX_BYTES).await
    }
}

/// Reads a response of at most `max_bytes`; 429 and 5xx are errors.
pub(crate) async fn read(
    mut response: reqwest::Response,
    max_bytes: usize,
) -> Result<HttpResponse, TransportError> {
    let status = response.status();
    if status.is_server_error() || status == http::StatusCode::TOO_MANY_REQUESTS {
        return Err(TransportError::Status(status.as_u16()));
    }
    let mut body = BytesMut::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| TransportError::of(&error))? {
        if body.len() + chunk.len() > max_bytes {
            return Err(TransportError::TooLarge);
        }
        body.extend_from_slice(&chunk);
    }
    let mut read = HttpResponse::new(body.into());
    *read.status_mut() = status;
    // `oauth2` refuses a document whose Content-Type is not JSON.
    *read.headers_mut() = std::mem::take(response.headers_mut());
    Ok(read)
}
