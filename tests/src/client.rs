//! Requests as `curl` would send them: no redirects followed, no cookies kept.

use crate::target::Target;
use anyhow::{Context, Result};
use reqwest::{Method, RequestBuilder, redirect};
use serde_json::Value;
use std::time::Duration;
use url::Url;

#[derive(Clone)]
pub(crate) struct Client {
    http: reqwest::Client,
    url: Url,
}

impl Client {
    pub(crate) fn new(target: &Target) -> Result<Self> {
        let http = reqwest::Client::builder()
            .redirect(redirect::Policy::none())
            // Longer than any function takes on a busy machine: only a hang reaches it.
            .timeout(Duration::from_mins(1))
            .build()
            .context("cannot make an HTTP client")?;
        Ok(Self { http, url: target.url.clone() })
    }

    /// A request to a path of the target, with its query if it has one.
    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let url = self.url.join(path).unwrap_or_else(|error| panic!("{path}: {error}"));
        self.http.request(method, url)
    }

    pub(crate) fn get(&self, path: &str) -> RequestBuilder {
        self.request(Method::GET, path)
    }

    pub(crate) fn post(&self, path: &str) -> RequestBuilder {
        self.request(Method::POST, path)
    }

    /// The issuer whose tokens the API takes, from its metadata (RFC 9728).
    pub(crate) async fn published_issuer(&self) -> Result<String> {
        let request = self.get("/.well-known/oauth-protected-resource");
        let metadata = request.send().await?.error_for_status()?.text().await?;
        let metadata: Value = serde_json::from_str(&metadata)?;
        let issuer = metadata["authorization_servers"][0].as_str();
        Ok(issuer.with_context(|| format!("no issuer is named: {metadata}"))?.to_owned())
    }

    /// A request to somewhere else.
    pub(crate) fn elsewhere(&self, method: Method, url: Url) -> RequestBuilder {
        self.http.request(method, url)
    }
}

/// What this suite sends besides headers.
pub(crate) trait Body {
    /// A JSON document with its content type.
    fn json_body(self, body: &Value) -> Self;
}

impl Body for RequestBuilder {
    fn json_body(self, body: &Value) -> Self {
        self.header("content-type", "application/json").body(body.to_string())
    }
}
