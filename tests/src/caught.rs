//! Answers of the provider that did not reach the app yet, to do with as an
//! attacker or an impatient person would.

use crate::{answer::Answer, person::Person, scene::Scene};
use anyhow::{Context, Result, bail};
use reqwest::Method;
use url::{Url, form_urlencoded};

/// Where the provider's answers come.
const CALLBACK: &str = "/callback";
/// More redirects than any provider makes.
const MOST_REDIRECTS: u32 = 10;

/// Somebody whom the provider knows: it asks nothing more before it answers.
pub(crate) struct AtProvider {
    cookies: String,
}

impl AtProvider {
    /// Signs a stranger in with a browser and takes its cookies along.
    pub(crate) async fn sign_in(scene: &Scene) -> Result<Self> {
        let page = scene.signed_in(&Person::new(scene.target())).await?;
        let cookies = page.browser.all_cookies("").await?;
        let theirs = cookies.into_iter().filter(|cookie| !cookie.starts_with("__Host-s"));
        Ok(Self { cookies: theirs.collect::<Vec<_>>().join("; ") })
    }

    /// Begins another sign-in and holds the answer back.
    pub(crate) async fn catch(&self, scene: &Scene, return_to: &str) -> Result<Caught> {
        let (mut url, cookie) = begin(scene, return_to).await?;
        for _ in 0..MOST_REDIRECTS {
            let ours = url.origin() == scene.target().url.origin();
            let cookies = if ours { &cookie } else { &self.cookies };
            let request = scene.client.elsewhere(Method::GET, url.clone());
            let answer = Answer::to(request.header("cookie", cookies)).await?;
            url = url.join(answer.header("location"))?;
            if url.origin() == scene.target().url.origin() && url.path() == CALLBACK {
                let query = url.query().context("an answer has a query")?;
                return Ok(Caught { path: format!("{}?{query}", url.path()), cookie });
            }
        }
        bail!("the provider does not answer: {url}")
    }
}

/// An answer, and the cookie of the attempt that it belongs to.
pub(crate) struct Caught {
    pub(crate) path: String,
    pub(crate) cookie: String,
}

impl Caught {
    pub(crate) async fn deliver(&self, scene: &Scene) -> Result<Answer> {
        Answer::to(scene.client.get(&self.path).header("cookie", &self.cookie)).await
    }

    /// A parameter, as it is encoded in the query.
    pub(crate) fn parameter(&self, name: &str) -> Result<String> {
        let parts = self.path.split(['?', '&']);
        let value = parts.filter_map(|part| part.split_once('=')).find(|(key, _)| *key == name);
        Ok(value.with_context(|| format!("no {name}"))?.1.to_owned())
    }
}

/// Begins a sign-in: where it leads (to the provider, or by way of pushing the
/// request to it first) and the attempt's cookie.
pub(crate) async fn begin(scene: &Scene, return_to: &str) -> Result<(Url, String)> {
    let return_to: String = form_urlencoded::byte_serialize(return_to.as_bytes()).collect();
    let request = scene.client.get(&format!("/signin?return_to={return_to}"));
    let answer = Answer::to(request).await?.is(302);
    let cookies = answer.cookies();
    let cookie =
        cookies.first().and_then(|cookie| cookie.split(';').next()).context("no cookie")?;
    let url = scene.target().url.join(answer.header("location"))?;
    Ok((url, cookie.to_owned()))
}
