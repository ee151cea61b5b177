use anyhow::{Context, Result, bail, ensure};
use reqwest::{
    Client, Method, RequestBuilder, Response,
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
    let user = machine.idp.demo_users()[0];
    let mut browser = Browser::new()?;
    let request = Url::parse(authorization_request)?;
    let back = browser.sign_in(user.username, user.password, request).await?;
    Ok(back.query().context("an answer has a query")?.to_owned())
}

/// What a test needs of a browser: cookies for each origin, and the provider's forms.
pub struct Browser {
    http: Client,
    /// Origins, and the cookies of each as `name=value`.
    cookies: Vec<(String, String)>,
}

impl Browser {
    /// One without cookies.
    ///
    /// # Errors
    /// When there is no TLS.
    pub fn new() -> Result<Self> {
        // Another test of this process may have been first.
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let http = Client::builder().redirect(redirect::Policy::none()).build()?;
        Ok(Self { http, cookies: Vec::new() })
    }

    /// A request for [`Self::send`].
    pub fn request(&self, method: Method, url: Url) -> RequestBuilder {
        self.http.request(method, url)
    }

    /// Sends a request with this browser's cookies and keeps those of the response.
    ///
    /// # Errors
    /// When there is no response.
    pub async fn send(&mut self, request: RequestBuilder) -> Result<Response> {
        let mut request = request.build()?;
        let origin = request.url().origin().ascii_serialization();
        let own = self.cookies.iter().filter(|(of, _)| *of == origin);
        let own: Vec<_> = own.map(|(_, pair)| pair.as_str()).collect();
        if !own.is_empty() {
            request.headers_mut().insert(COOKIE, own.join("; ").parse()?);
        }
        let response = self.http.execute(request).await?;
        self.keep(&origin, &response);
        Ok(response)
    }

    /// Goes through the provider's pages, from the authorization request on, and returns where the
    /// provider sends the browser: `/callback` of the app with the answer.
    ///
    /// # Errors
    /// When the provider's pages are not what they were.
    pub async fn sign_in(&mut self, username: &str, password: &str, request: Url) -> Result<Url> {
        let mut url = request;
        let mut form = None;
        for _ in 0..MOST_STEPS {
            let request = match form.take() {
                Some(form) => posted(self.http.post(url.clone()), form),
                None => self.http.get(url.clone()),
            };
            let response = self.send(request).await?;
            if let Some(location) = response.headers().get(LOCATION) {
                url = url.join(location.to_str()?)?;
                if url.path() == "/callback" {
                    return Ok(url);
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
                let (username, password) = (username.to_owned(), password.to_owned());
                vec![("csrf", csrf), ("username", username), ("password", password)]
            });
        }
        bail!("the provider goes round in circles")
    }

    fn keep(&mut self, origin: &str, response: &Response) {
        for cookie in response.headers().get_all(SET_COOKIE) {
            let Some(pair) = cookie.to_str().ok().and_then(|cookie| cookie.split(';').next())
            else {
                continue;
            };
            let name = pair.split('=').next();
            self.cookies.retain(|(of, kept)| of != origin || kept.split('=').next() != name);
            self.cookies.push((origin.to_owned(), pair.to_owned()));
        }
    }
}

fn posted(request: RequestBuilder, form: Vec<(&str, String)>) -> RequestBuilder {
    let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
    request.header("content-type", "application/x-www-form-urlencoded").body(body)
}

fn between(text: &str, start: &str, end: &str) -> Option<String> {
    Some(text.split_once(start)?.1.split_once(end)?.0.to_owned())
}
