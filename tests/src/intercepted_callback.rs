//! Authorization responses that the app has not received yet, so that a test can change, repeat or
//! reorder them.

use crate::{answer::Answer, test_context::TestContext};
use anyhow::{Context, Result, bail};
use reqwest::Method;
use url::{Url, form_urlencoded};

/// The path of the redirect URI.
const CALLBACK: &str = "/callback";
/// More redirects than any provider makes.
const MOST_REDIRECTS: u32 = 10;

/// An authorization response, and the cookie of the transaction that it belongs to.
pub(crate) struct InterceptedCallback {
    pub(crate) path: String,
    pub(crate) cookie: String,
}

/// Begins another sign-in of a user who is signed in at the provider, and keeps the response.
pub(crate) async fn intercept(test: &TestContext, return_to: &str) -> Result<InterceptedCallback> {
    intercept_from(test, &sign_in(return_to)).await
}

/// The same for a sign-in that begins at this path.
pub(crate) async fn intercept_from(test: &TestContext, path: &str) -> Result<InterceptedCallback> {
    let provider_cookies = test.provider_cookies().await?;
    let (mut url, cookie) = begin(test, path).await?;
    for _ in 0..MOST_REDIRECTS {
        let is_app = url.origin() == test.target().url.origin();
        let cookies = if is_app { &cookie } else { provider_cookies };
        let request = test.client.elsewhere(Method::GET, url.clone());
        let answer = Answer::to(request.header("cookie", cookies)).await?;
        url = url.join(answer.header("location"))?;
        if url.origin() == test.target().url.origin() && url.path() == CALLBACK {
            let query = url.query().context("an authorization response has a query")?;
            return Ok(InterceptedCallback { path: format!("{}?{query}", url.path()), cookie });
        }
    }
    bail!("the provider sends no authorization response: {url}")
}

impl InterceptedCallback {
    pub(crate) async fn deliver(&self, test: &TestContext) -> Result<Answer> {
        Answer::to(test.client.get(&self.path).header("cookie", &self.cookie)).await
    }

    /// A parameter, as it is encoded in the query.
    pub(crate) fn parameter(&self, name: &str) -> Result<String> {
        let parts = self.path.split(['?', '&']);
        let value = parts.filter_map(|part| part.split_once('=')).find(|(key, _)| *key == name);
        Ok(value.with_context(|| format!("no {name}"))?.1.to_owned())
    }
}

fn sign_in(return_to: &str) -> String {
    let return_to: String = form_urlencoded::byte_serialize(return_to.as_bytes()).collect();
    format!("/signin?return_to={return_to}")
}

/// Begins a sign-in: where it leads (to the provider, or by way of pushing the
/// request to it first) and the attempt's cookie.
pub(crate) async fn begin(test: &TestContext, path: &str) -> Result<(Url, String)> {
    let answer = Answer::to(test.client.get(path)).await?.is(302);
    let cookies = answer.cookies();
    let cookie =
        cookies.first().and_then(|cookie| cookie.split(';').next()).context("no cookie")?;
    let url = test.target().url.join(answer.header("location"))?;
    Ok((url, cookie.to_owned()))
}
