//! Access tokens: got as a machine gets them, and spoiled in every way that
//! needs no key.

use crate::{
    answer::Answer,
    client::Client,
    target::{Machine, Target},
};
use anyhow::{Context, Result};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use reqwest::Method;
use serde_json::Value;
use std::collections::HashMap;
use tokio::sync::Mutex;
use url::form_urlencoded;

/// The tokens of this run, each fetched once.
#[derive(Default)]
pub(crate) struct Tokens(Mutex<HashMap<String, String>>);

impl Tokens {
    /// The token of a machine, by client credentials (RFC 6749, section 4.4).
    pub(crate) async fn of(
        &self,
        machine: &Machine,
        client: &Client,
        target: &Target,
    ) -> Result<String> {
        let mut kept = self.0.lock().await;
        let name = format!("{} {} {:?}", machine.client_id, machine.scope, machine.resource);
        if let Some(token) = kept.get(&name) {
            return Ok(token.clone());
        }
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.append_pair("grant_type", "client_credentials")
            .append_pair("client_id", &machine.client_id)
            .append_pair("client_secret", &machine.client_secret)
            .append_pair("scope", &machine.scope);
        if let Some(resource) = &machine.resource {
            form.append_pair("resource", resource);
        }
        let endpoint = target.provider.token_endpoint.clone().context("no token_endpoint")?;
        let request = client
            .elsewhere(Method::POST, endpoint)
            .header("content-type", "application/x-www-form-urlencoded")
            .body(form.finish());
        let answer = Answer::to(request).await?.is(200);
        let token = answer.json()["access_token"].as_str().context("no access_token")?.to_owned();
        kept.insert(name, token.clone());
        Ok(token)
    }
}

/// A token taken apart.
#[derive(Clone)]
pub(crate) struct Parts {
    pub(crate) header: Value,
    pub(crate) payload: Value,
    pub(crate) signature: Vec<u8>,
}

impl Parts {
    pub(crate) fn of(token: &str) -> Result<Self> {
        let mut parts = token.split('.').map(|part| URL_SAFE_NO_PAD.decode(part));
        let mut next = || parts.next().context("a token has three parts");
        let (header, payload, signature) = (next()??, next()??, next()??);
        Ok(Self {
            header: serde_json::from_slice(&header)?,
            payload: serde_json::from_slice(&payload)?,
            signature,
        })
    }

    /// What is signed (RFC 7515, section 5.1).
    pub(crate) fn signing_input(&self) -> String {
        let encode = |part: &Value| URL_SAFE_NO_PAD.encode(part.to_string());
        format!("{}.{}", encode(&self.header), encode(&self.payload))
    }

    /// The token again.
    pub(crate) fn token(&self) -> String {
        format!("{}.{}", self.signing_input(), URL_SAFE_NO_PAD.encode(&self.signature))
    }
}
