//! Questions over HTTP, and why there was no answer.

use std::{error::Error as _, time::Duration};

use http::{HeaderMap, StatusCode};
use reqwest::{Client, RequestBuilder};
use url::Url;

/// How long one answer may take.
const TIMEOUT: Duration = Duration::from_secs(10);

/// More of a body than this is not read: no document that is asked for is larger.
const LIMIT: usize = 1 << 20;

/// What was answered.
#[derive(Debug)]
pub(crate) struct HttpResponse {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

/// Why nothing was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum RequestError {
    #[error("the name does not resolve")]
    UnknownHost,
    #[error("there is no TLS connection that can be trusted")]
    Tls,
    #[error("no connection, or no answer within 10 seconds")]
    Unreachable,
}

impl HttpResponse {
    /// A header's value; nothing when it is absent or no text.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// Where it redirects to, relative to what was asked.
    pub(crate) fn location(&self, asked: &Url) -> Option<Url> {
        asked.join(self.header("location")?).ok()
    }
}

pub(crate) async fn get(http: &Client, url: &Url) -> Result<HttpResponse, RequestError> {
    send(http.get(url.clone())).await
}

pub(crate) async fn send(request: RequestBuilder) -> Result<HttpResponse, RequestError> {
    let sent = request.timeout(TIMEOUT).send().await;
    let mut response = sent.map_err(|error| request_error(&error))?;
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| request_error(&error))? {
        body.extend_from_slice(&chunk);
        if body.len() > LIMIT {
            break;
        }
    }
    Ok(HttpResponse {
        status: response.status(),
        headers: response.headers().clone(),
        body: String::from_utf8_lossy(&body).into_owned(),
    })
}

fn request_error(error: &reqwest::Error) -> RequestError {
    classify(&error.source().map(outbound::causes).unwrap_or_default())
}

/// The libraries keep these kinds to themselves; their words are all there is.
fn classify(chain: &str) -> RequestError {
    let chain = chain.to_ascii_lowercase();
    let says = |words: &[&str]| words.iter().any(|word| chain.contains(word));
    if says(&["dns error", "failed to lookup address"]) {
        RequestError::UnknownHost
    } else if says(&["certificate", "corrupt message", "tls", "handshake", "fatal alert"]) {
        RequestError::Tls
    } else {
        RequestError::Unreachable
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dns_tls_and_silence_are_told_apart() {
        for (chain, expected) in [
            ("dns error: failed to lookup address information", RequestError::UnknownHost),
            ("invalid peer certificate: Expired", RequestError::Tls),
            ("tcp connect error: Connection refused", RequestError::Unreachable),
        ] {
            assert_eq!(classify(chain), expected, "{chain}");
        }
    }
}
