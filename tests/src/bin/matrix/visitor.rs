//! A browser without scripts in the hands of the first user of a target.

use std::{collections::BTreeMap, time::Duration};

use anyhow::{Context as _, Result, anyhow, bail, ensure};
use reqwest::{Client, Method, Response, redirect};
use serde_json::{Value, json};
use url::{Url, form_urlencoded};

/// Orders the provider to issue access tokens that have ended.
const ENDED: &str = "access_token_seconds=-3600";
const REFUSED: &str = "access_token_seconds=-3600&refresh_refused=on";

pub(crate) struct Visitor<'a> {
    target: &'a Value,
    http: Client,
    cookies: BTreeMap<String, String>,
    /// An ID token of a session that has ended, as another application could have one.
    id_token_hint: String,
    second_factors: usize,
}

/// A page, and where it is.
struct Page {
    url: Url,
    text: String,
}

impl<'a> Visitor<'a> {
    pub(crate) fn new(target: &'a Value) -> Self {
        let http = Client::builder()
            .redirect(redirect::Policy::none())
            // Longer than any request takes on a busy machine: only a hang reaches it.
            .timeout(Duration::from_mins(1))
            .build()
            .expect("the roots of this machine can be read");
        let (id_token_hint, second_factors) = (String::new(), 0);
        Self { target, http, cookies: BTreeMap::new(), id_token_hint, second_factors }
    }

    /// The provider takes the authorization request.
    pub(crate) async fn start(&mut self) -> Result<()> {
        let page = self.follow(&self.url("/signin")).await?;
        ensure!(page.asks_for_user(), "the browser ends at {}", page.shown());
        Ok(())
    }

    pub(crate) async fn sign_in(&mut self, query: &str) -> Result<()> {
        let page = self.walk(&self.url(&format!("/signin{query}"))).await?;
        let is_home = page.url.path() == "/" && page.url.query().is_none();
        ensure!(is_home, "the browser ends at {}", page.shown());
        let session = self.session().await?;
        ensure!(session["user"]["sub"].is_string(), "no user: {session}");
        Ok(())
    }

    pub(crate) async fn todos(&mut self) -> Result<()> {
        let url = self.url("/api/todos");
        let todo = json!({ "description": "a task" }).to_string();
        let answer = self.send(Method::POST, &url, Some(("application/json", todo))).await?;
        expect(answer, 201).await?;
        let listed = self.list(200).await?;
        ensure!(listed.contains("a task"), "not listed: {listed}");
        Ok(())
    }

    /// Twice with tokens that have ended, as the first one may bring another refresh token.
    pub(crate) async fn refresh(&mut self) -> Result<()> {
        self.order(ENDED).await?;
        self.sign_in("").await?;
        self.renew(204).await?;
        self.renew(204).await?;
        self.order("").await?;
        self.renew(204).await?;
        self.todos().await
    }

    /// An access token that has ended is of no use until it is replaced, and the session ends if the
    /// provider replaces it no more.
    pub(crate) async fn expiry(&mut self) -> Result<()> {
        self.order(ENDED).await?;
        self.sign_in("").await?;
        self.list(401).await?;
        self.order("").await?;
        self.renew(204).await?;
        self.list(200).await?;

        self.order(ENDED).await?;
        self.sign_in("").await?;
        self.order(REFUSED).await?;
        let refused = self.renew(401).await;
        self.order("").await?;
        refused?;
        self.list(401).await?;
        self.is_signed_out().await
    }

    /// `acr` is requested, and then in `claim`.
    pub(crate) async fn step_up(&mut self, (acr, claim): (&str, &str)) -> Result<()> {
        // The step before may have failed halfway.
        self.order("").await?;
        let before = self.second_factors;
        let query =
            form_urlencoded::Serializer::new(String::new()).append_pair("acr_values", acr).finish();
        self.sign_in(&format!("?{query}")).await?;
        ensure!(self.second_factors > before, "no second factor was asked for");
        let claims = self.session().await?["claims"].clone();
        let is_shown = [json!(acr), json!([acr])].contains(&claims[claim]);
        ensure!(is_shown, "{claim} doesn't show it: {claims}");
        Ok(())
    }

    /// A machine client calls the API.
    pub(crate) async fn machine(&self) -> Result<()> {
        let daemon = &self.target["provider"]["daemon"];
        let fields = ["client_id", "client_secret", "scope", "audience"];
        let form = form_urlencoded::Serializer::new(String::new())
            .append_pair("grant_type", "client_credentials")
            .extend_pairs(fields.iter().filter_map(|name| Some((name, daemon[name].as_str()?))))
            .finish();
        let endpoint = text(&self.target["provider"]["token_endpoint"])?;
        let answer = expect(self.post(endpoint, form).await?, 200).await?;
        let answer: Value = serde_json::from_str(&answer)?;
        let bearer = format!("Bearer {}", text(&answer["access_token"])?);
        let request = self.http.get(self.url("/api/todos")).header("authorization", bearer);
        expect(request.send().await?, 200).await.map(drop)
    }

    pub(crate) async fn sign_out(&mut self) -> Result<()> {
        self.sign_in("").await?;
        let session = self.cookies.get("__Host-session").cloned().unwrap_or_default();
        let answer = self.send(Method::POST, &self.url("/signout"), None).await?;
        let next = location(&answer)?.with_context(|| format!("answered {}", answer.status()))?;
        let hint = next.query_pairs().find(|(name, _)| name == "id_token_hint");
        self.id_token_hint = hint.map_or_else(String::new, |(_, hint)| hint.into_owned());
        let page = self.walk(next.as_str()).await?;
        ensure!(page.url.path() == "/signedout", "the browser ends at {}", page.shown());
        self.cookies.insert("__Host-session".to_owned(), session);
        self.is_signed_out().await?;
        let has_endpoint = self.metadata().await?["end_session_endpoint"].is_string();
        let page = self.follow(&self.url("/signin")).await?;
        ensure!(
            page.asks_for_user() || !has_endpoint,
            "still signed in at the provider: {}",
            page.shown()
        );
        Ok(())
    }

    /// The user signs out at the provider, as from another application.
    pub(crate) async fn sign_out_at_provider(&mut self) -> Result<()> {
        self.sign_in("").await?;
        let metadata = self.metadata().await?;
        let endpoint = text(&metadata["end_session_endpoint"]).context("no sign-out endpoint")?;
        let client_id = self.session().await?["claims"]["aud"].clone();
        let client_id = client_id.as_array().map_or(&client_id, |all| &all[0]);
        let signed_out = self.url("/signedout");
        let query = [
            ("client_id", text(client_id)?),
            ("id_token_hint", &self.id_token_hint),
            ("post_logout_redirect_uri", &signed_out),
            ("logout_uri", &signed_out),
        ];
        let query = query.into_iter().filter(|(_, value)| !value.is_empty());
        // It still has the cookie of the session that has ended, so `/signedout` sends it home.
        let page = self.walk(Url::parse_with_params(endpoint, query)?.as_str()).await?;
        ensure!(page.url.path() == "/", "the browser ends at {}", page.shown());
        self.is_signed_out().await
    }

    async fn is_signed_out(&mut self) -> Result<()> {
        ensure!(self.session().await?["user"].is_null(), "the session goes on");
        Ok(())
    }

    async fn session(&mut self) -> Result<Value> {
        let answer = self.send(Method::GET, &self.url("/session"), None).await?;
        Ok(serde_json::from_str(&expect(answer, 200).await?)?)
    }

    async fn list(&mut self, status: u16) -> Result<String> {
        expect(self.send(Method::GET, &self.url("/api/todos"), None).await?, status).await
    }

    async fn renew(&mut self, status: u16) -> Result<()> {
        let answer = self.send(Method::POST, &self.url("/session/refresh"), None).await?;
        expect(answer, status).await.map(drop)
    }

    async fn metadata(&self) -> Result<Value> {
        let issuer = text(&self.target["provider"]["issuer"]).map(|it| it.trim_end_matches('/'));
        let url = match text(&self.target["settings"]["OIDC_METADATA_URL"]) {
            Ok(url) => url.to_owned(),
            Err(_) => format!("{}/.well-known/openid-configuration", issuer?),
        };
        Ok(serde_json::from_str(&expect(self.http.get(url).send().await?, 200).await?)?)
    }

    /// What the provider is to do to the user from now on, as a form of `dev/idp`'s control page.
    async fn order(&self, form: &str) -> Result<()> {
        let user = text(&self.target["provider"]["users"][0]["username"])?;
        let url = format!("{}/users/{user}", text(&self.target["control"])?);
        expect(self.post(&url, form.to_owned()).await?, 200).await.map(drop)
    }

    /// An address of the application.
    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.target["url"].as_str().unwrap_or_default())
    }

    /// Goes to an address and gives the provider's pages what they ask for, until the browser is at
    /// the application.
    async fn walk(&mut self, url: &str) -> Result<Page> {
        let mut page = self.follow(url).await?;
        for _ in 0..10 {
            if page.url.as_str().starts_with(&self.url("/")) {
                return Ok(page);
            }
            page = match page.text.split_once("\" id=\"continue\"") {
                Some((before, _)) => self.leave(before).await?,
                None => self.submit(&page).await?,
            };
        }
        bail!("the provider goes round in circles")
    }

    /// Loads the frames of the page that signs out of applications, and goes on by its last link.
    async fn leave(&mut self, page: &str) -> Result<Page> {
        for frame in page.split("<iframe src=\"").skip(1) {
            let frame = unescaped(frame.split('"').next().unwrap_or_default());
            // A frame of another site comes without our cookies.
            self.http.get(frame).send().await?;
        }
        let (_, next) = page.rsplit_once("href=\"").context("the link has no address")?;
        self.follow(&unescaped(next)).await
    }

    /// Fills in the page's form and presses its first button.
    async fn submit(&mut self, page: &Page) -> Result<Page> {
        let shown = || anyhow!("the provider shows {}", page.shown());
        let user = &self.target["provider"]["users"][0];
        let (form, _) = between(&page.text, "<form", "</form>").ok_or_else(shown)?;
        let mut fields = Vec::new();
        for input in tags(form, "<input") {
            let Some(name) = attribute(input, "name") else { continue };
            let value = match (attribute(input, "type").as_deref(), &*name) {
                (Some("hidden"), _) => attribute(input, "value").unwrap_or_default(),
                (Some("password"), _) => text(&user["password"])?.to_owned(),
                (_, "code") => {
                    self.second_factors += 1;
                    let code = between(&page.text, "id=\"second-factor\">", "<");
                    code.ok_or_else(shown)?.0.to_owned()
                }
                _ => text(&user["username"])?.to_owned(),
            };
            fields.push((name, value));
        }
        // It may be outside of the form.
        let button = tags(&page.text, "<button").find_map(|it| Some((attribute(it, "name")?, it)));
        fields.extend(button.map(|(name, it)| (name, attribute(it, "value").unwrap_or_default())));
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let tag = form.split('>').next().unwrap_or_default();
        let url = page.url.join(&attribute(tag, "action").unwrap_or_default())?;
        let kind = "application/x-www-form-urlencoded";
        let answer = self.send(Method::POST, url.as_str(), Some((kind, body))).await?;
        match location(&answer)? {
            Some(next) => self.follow(next.as_str()).await,
            None => Ok(Page { url, text: answer.text().await? }),
        }
    }

    async fn follow(&mut self, url: &str) -> Result<Page> {
        let mut url = Url::parse(url)?;
        loop {
            let answer = self.send(Method::GET, url.as_str(), None).await?;
            match location(&answer)? {
                Some(next) => url = next,
                None => return Ok(Page { url, text: answer.text().await? }),
            }
        }
    }

    /// Sends a request as a page of the same origin does, and keeps cookies.
    async fn send(
        &mut self,
        method: Method,
        url: &str,
        body: Option<(&str, String)>,
    ) -> Result<Response> {
        let cookies: Vec<_> = self.cookies.iter().map(|(k, v)| format!("{k}={v}")).collect();
        let mut request = self
            .http
            .request(method, url)
            .header("cookie", cookies.join("; "))
            .header("sec-fetch-site", "same-origin")
            .header("x-csrf", "1");
        if let Some((kind, body)) = body {
            request = request.header("content-type", kind).body(body);
        }
        let answer = request.send().await?;
        for cookie in answer.headers().get_all("set-cookie") {
            let cookie = cookie.to_str()?;
            let pair = cookie.split(';').next().unwrap_or_default();
            let (name, value) = pair.split_once('=').context("a cookie has a name")?;
            let attributes = cookie.to_ascii_lowercase();
            if attributes.contains("max-age=0") || attributes.contains("jan 1970") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        Ok(answer)
    }

    async fn post(&self, url: &str, form: String) -> Result<Response> {
        let kind = "application/x-www-form-urlencoded";
        Ok(self.http.post(url).header("content-type", kind).body(form).send().await?)
    }
}

impl Page {
    fn asks_for_user(&self) -> bool {
        tags(&self.text, "<input").any(|it| attribute(it, "type").as_deref() != Some("hidden"))
    }

    /// Its address and what it says.
    fn shown(&self) -> String {
        let heading = between(&self.text, "<h1>", "</h1>").map_or(&*self.text, |(it, _)| it);
        let lead = between(&self.text, "class=\"lead\">", "</p>").map_or("", |(it, _)| it);
        format!("{}: {heading} {lead}", self.url)
    }
}

async fn expect(answer: Response, status: u16) -> Result<String> {
    let actual = answer.status();
    let challenge = answer.headers().get("www-authenticate").cloned();
    let (url, text) = (answer.url().path().to_owned(), answer.text().await?);
    ensure!(actual == status, "{url} answered {actual}, {challenge:?}: {text}");
    Ok(text)
}

fn location(answer: &Response) -> Result<Option<Url>> {
    let location = answer.headers().get("location").filter(|_| answer.status().is_redirection());
    location.map(|it| Ok(answer.url().join(it.to_str()?)?)).transpose()
}

fn text(value: &Value) -> Result<&str> {
    value.as_str().context("the target does not say it")
}

/// The first text between these two, and what comes after.
fn between<'a>(text: &'a str, before: &str, after: &str) -> Option<(&'a str, &'a str)> {
    text.split_once(before)?.1.split_once(after)
}

/// The tags that begin so.
fn tags<'a>(page: &'a str, begin: &'a str) -> impl Iterator<Item = &'a str> {
    page.split(begin).skip(1).filter_map(|it| it.split('>').next())
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let begin = format!("{name}=\"");
    let is_whole = |at: usize| tag[..at].ends_with(|it: char| it.is_ascii_whitespace());
    let (at, _) = tag.match_indices(&begin).find(|(at, _)| is_whole(*at))?;
    tag[at + begin.len()..].split_once('"').map(|(value, _)| unescaped(value))
}

fn unescaped(text: &str) -> String {
    let entities = [("&#38;", "&"), ("&#x27;", "'"), ("&quot;", "\""), ("&amp;", "&")];
    entities.iter().fold(text.to_owned(), |text, (entity, it)| text.replace(entity, it))
}
