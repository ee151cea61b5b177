//! Asks the provider over HTTP.

use std::time::Duration;

use http::{StatusCode, header};
use reqwest::{Client, Response};
use url::Url;

use crate::{Fetch, FetchError, FetchFuture, FetchRequest, Fetched, max_age};

/// How long a document may take by default, retry included. A request waits for
/// this, and Lambda bills it.
const TIME_LIMIT: Duration = Duration::from_secs(2);

/// The most bytes of a document, counted after decompression: without a bound,
/// an attacker in place of the provider can end the instance.
const SIZE_LIMIT: usize = 512 * 1024;

/// Fetches with a [`reqwest::Client`]: at most 2 seconds by default and 512 KiB,
/// one retry when the connection fails.
#[derive(Clone, Debug)]
pub struct HttpFetch {
    client: Client,
    time_limit: Duration,
}

impl HttpFetch {
    /// Fetches with this client. It must not follow redirects
    /// (`redirect::Policy::none()`; an answer that came by one is refused), and
    /// should give up connecting after a second.
    pub fn new(client: Client) -> Self {
        Self { client, time_limit: TIME_LIMIT }
    }

    /// Sets how long a document may take, retry included. 2 seconds by default.
    #[must_use]
    pub fn with_time_limit(self, time_limit: Duration) -> Self {
        Self { time_limit, ..self }
    }

    async fn fetch_twice(&self, url: &Url) -> Result<Fetched, FetchError> {
        match self.fetch_once(url).await {
            // A kept connection may be dead after a freeze.
            Err(FetchError::Connection { .. }) => self.fetch_once(url).await,
            result => result,
        }
    }

    async fn fetch_once(&self, url: &Url) -> Result<Fetched, FetchError> {
        let request = self.client.get(url.clone()).header(header::ACCEPT, "application/json");
        let response = request.send().await.map_err(|error| connection(url, &error))?;
        if response.status() != StatusCode::OK || response.url() != url {
            return Err(FetchError::Status { host: host(url), status: response.status().as_u16() });
        }
        let values = response.headers().get_all(header::CACHE_CONTROL);
        let max_age = max_age(values.iter().filter_map(|value| value.to_str().ok()));
        Ok(Fetched { body: read(response, url).await?, max_age, age: None })
    }
}

impl Fetch for HttpFetch {
    fn fetch<'a>(&'a self, wanted: FetchRequest<'a>) -> FetchFuture<'a> {
        let url = wanted.url;
        Box::pin(async move {
            let timeout = FetchError::Timeout { host: host(url), limit: self.time_limit };
            let fetched = tokio::time::timeout(self.time_limit, self.fetch_twice(url));
            fetched.await.unwrap_or(Err(timeout))
        })
    }
}

async fn read(mut response: Response, url: &Url) -> Result<Vec<u8>, FetchError> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| connection(url, &error))? {
        if body.len() + chunk.len() > SIZE_LIMIT {
            return Err(FetchError::TooLarge { host: host(url), limit: SIZE_LIMIT });
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// The innermost cause: the outer ones only say that there was one.
fn connection(url: &Url, error: &reqwest::Error) -> FetchError {
    let mut innermost: &dyn std::error::Error = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    FetchError::Connection { host: host(url), reason: innermost.to_string() }
}

fn host(url: &Url) -> String {
    url.host_str().unwrap_or_default().to_owned()
}
