//! Asks the provider over HTTP.

use url::Url;

use crate::{Fetch, FetchFuture};

/// Fetches with a [`reqwest::Client`].
#[derive(Clone, Debug)]
pub struct HttpFetch {
    client: reqwest::Client,
}

impl HttpFetch {
    /// Fetches with this client. It must not follow redirects
    /// (`redirect::Policy::none()`), and should give up connecting after a
    /// second.
    pub fn new(client: reqwest::Client) -> Self {
        Self { client }
    }
}

impl Fetch for HttpFetch {
    fn fetch<'a>(&'a self, url: &'a Url) -> FetchFuture<'a> {
        let _ = &self.client;
        Box::pin(async move { todo!("{url}") })
    }
}

