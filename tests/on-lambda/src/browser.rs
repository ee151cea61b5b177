use anyhow::{Context, Result, ensure};
use reqwest::{
    Client, RequestBuilder, Response,
    header::{COOKIE, LOCATION, SET_COOKIE},
    redirect,
};
use url::{Url, form_urlencoded};

use crate::Machine;

/// The most pages and redirects on the way.
const MOST_STEPS: u32 = 12;

/// Signs the first demo user in at the provider, from the authorization request
/// on, and gives the query that it sends the browser back to `/callback` with.
///
/// # Errors
/// When the provider's pages are not what they were.
pub async fn sign_in(machine: &Machine, authorization_request: &str) -> Result<String> {
    // Another test of this process may have been first.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let http = Client::builder().redirect(redirect::Policy::none()).build()?;
    let user = machine.idp.demo_users()[0];
    let mut cookies: Vec<String> = Vec::new();
    let mut url = Url::parse(authorization_request)?;
    let mut form = None;
    for _ in 0..MOST_STEPS {
        let request = match form.take() {
            Some(form) => posted(http.post(url.clone()), form),
            None => http.get(url.clone()),
        };
        let response = request.header(COOKIE, cookies.join("; ")).send().await?;
        keep(&mut cookies, &response);
        if let Some(location) = response.headers().get(LOCATION) {
            url = url.join(location.to_str()?)?;
            if url.path() == "/callback" {
                return Ok(url.query().context("an answer has a query")?.to_owned());
            }
            continue;
        }
        let page = response.text().await?;
        let csrf = between(&page, "name=\"csrf\" value=\"", "\"")
            .with_context(|| format!("a page without a form: {page}"))?;
        form = Some(if page.contains("id=\"consent-accept\"") {
            vec![("csrf", csrf), ("decision", "accept".to_owned())]
        } else {
            ensure!(page.contains("id=\"sign-in\""), "an unknown page: {page}");
            let (username, password) = (user.username.to_owned(), user.password.to_owned());
            vec![("csrf", csrf), ("username", username), ("password", password)]
        });
    }
    anyhow::bail!("the provider goes round in circles")
}

fn posted(request: RequestBuilder, form: Vec<(&str, String)>) -> RequestBuilder {
    let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
    request.header("content-type", "application/x-www-form-urlencoded").body(body)
}

fn keep(cookies: &mut Vec<String>, response: &Response) {
    for cookie in response.headers().get_all(SET_COOKIE) {
        let Some(pair) = cookie.to_str().ok().and_then(|cookie| cookie.split(';').next()) else {
            continue;
        };
        let name = pair.split('=').next().unwrap_or_default();
        cookies.retain(|kept| kept.split('=').next() != Some(name));
        cookies.push(pair.to_owned());
    }
}

fn between(text: &str, start: &str, end: &str) -> Option<String> {
    Some(text.split_once(start)?.1.split_once(end)?.0.to_owned())
}
