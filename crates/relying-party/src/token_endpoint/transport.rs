//! Our HTTP client as `openidconnect` wants one.

use std::{pin::Pin, time::Duration};

use bytes::BytesMut;
use openidconnect::{AsyncHttpClient, HttpRequest, HttpResponse};
use url::Url;

/// An answer is a few kilobytes. More would only be a way to fill our memory.
const LARGEST: usize = 256 * 1024;

/// Sends requests to one endpoint.
pub(super) struct To<'a> {
    /// One without a pool.
    pub(super) http: &'a reqwest::Client,
    pub(super) endpoint: &'a Url,
    /// For all of it: connecting, twice if need be, and the whole body.
    pub(super) timeout: Duration,
}

/// The endpoint could not be asked, or could not answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// No connection, or it broke.
    #[error("no connection, or it broke")]
    Connection,
    /// No whole answer in time.
    #[error("no answer in time")]
    Timeout,
    /// 429 or a status from 500 on.
    #[error("status {0}")]
    Status(u16),
    /// More than 256 KiB, or whatever else is the most that is read.
    #[error("an answer that is too large")]
    TooLarge,
    /// The provider says that it cannot answer now, in an error document.
    #[error("the provider says that it cannot answer now")]
    SaysSo,
}

impl Failure {
    pub(crate) fn of(error: &reqwest::Error) -> Self {
        if error.is_timeout() { Self::Timeout } else { Self::Connection }
    }
}

impl<'c> AsyncHttpClient<'c> for To<'_> {
    type Error = Failure;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, Failure>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(async move {
            let answer = tokio::time::timeout(self.timeout, self.send(request)).await;
            answer.map_err(|_| Failure::Timeout)?
        })
    }
}

impl To<'_> {
    /// Tries again, once, only when there was no connection to send anything over.
    ///
    /// # What breaks if more is sent again
    /// A connection that breaks later may have carried the request. A code or refresh token that
    /// the provider sees twice counts as stolen: it revokes all that came of it (RFC 6749, section
    /// 4.1.2; RFC 9700, section 4.14.2), and the user is signed out. So the client must be one
    /// that makes a connection for each request: one from the pool may have died while the
    /// instance was frozen, which shows only after the request was written to it.
    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, Failure> {
        let (parts, body) = request.into_parts();
        let send = || {
            let request = self.http.post(self.endpoint.clone());
            request.headers(parts.headers.clone()).body(body.clone()).send()
        };
        let answer = match send().await {
            Err(error) if error.is_connect() => send().await,
            first => first,
        };
        read(answer.map_err(|error| Failure::of(&error))?, LARGEST).await
    }
}

/// Reads an answer of at most that many bytes, unless its status says that there is none.
pub(crate) async fn read(
    mut answer: reqwest::Response,
    largest: usize,
) -> Result<HttpResponse, Failure> {
    let status = answer.status();
    if status.is_server_error() || status == http::StatusCode::TOO_MANY_REQUESTS {
        return Err(Failure::Status(status.as_u16()));
    }
    let mut body = BytesMut::new();
    while let Some(chunk) = answer.chunk().await.map_err(|error| Failure::of(&error))? {
        if body.len() + chunk.len() > largest {
            return Err(Failure::TooLarge);
        }
        body.extend_from_slice(&chunk);
    }
    let mut response = HttpResponse::new(body.into());
    *response.status_mut() = status;
    *response.headers_mut() = std::mem::take(answer.headers_mut());
    Ok(response)
}
