use anyhow::{Context, Result, bail};
use on_lambda::Browser;
use reqwest::{Method, RequestBuilder, Response, header::LOCATION};
use serde_json::{Map, Value, json};
use std::time::Duration;
use url::{Url, form_urlencoded};

/// What each step came to.
pub(crate) struct Outcome {
    steps: Map<String, Value>,
    /// What each should come to. The first step that differs is the last one.
    expected: Value,
    pub(crate) differs: bool,
}

impl Outcome {
    pub(crate) fn new(expected: &Value) -> Self {
        Self { steps: Map::new(), expected: expected.clone(), differs: false }
    }

    pub(crate) fn note(&mut self, step: &str, value: impl Into<Value>) -> Result<()> {
        let value = value.into();
        self.differs = self.expected.is_object() && self.expected[step] != value;
        self.steps.insert(step.to_owned(), value);
        if self.differs {
            bail!("{step} differs");
        }
        Ok(())
    }

    pub(crate) fn status(&mut self, step: &str, response: Response) -> Result<Response> {
        self.note(step, response.status().as_u16())?;
        Ok(response)
    }

    pub(crate) fn into_json(self) -> Value {
        Value::Object(self.steps)
    }
}

/// A deployment and its provider, as the black-box suite's target describes them.
pub(crate) struct Deployment<'a> {
    target: &'a Value,
    url: Url,
}

impl<'a> Deployment<'a> {
    pub(crate) fn new(target: &'a Value) -> Result<Self> {
        Ok(Self { target, url: text(&target["url"])?.parse()? })
    }

    pub(crate) fn url(&self, path: &str) -> Result<Url> {
        Ok(self.url.join(path)?)
    }

    pub(crate) fn issuer(&self) -> Result<&str> {
        text(&self.target["provider"]["issuer"])
    }

    /// A request of the page: same origin, with the header that forms cannot send.
    pub(crate) fn own(
        &self,
        browser: &Browser,
        method: Method,
        path: &str,
    ) -> Result<RequestBuilder> {
        let request = browser.request(method, self.url(path)?).header("x-csrf", "1");
        Ok(request.header("sec-fetch-site", "same-origin"))
    }

    /// A browser with a session of that user, and the status of `/callback`.
    pub(crate) async fn sign_in(&self, user: usize) -> Result<(Browser, u16)> {
        let user = &self.target["provider"]["users"][user];
        let mut browser = Browser::new()?;
        let away = browser.send(browser.request(Method::GET, self.url("/signin")?)).await?;
        let Some(location) = away.headers().get(LOCATION) else {
            return Ok((browser, away.status().as_u16()));
        };
        let request = location.to_str()?.parse()?;
        let (username, password) = (text(&user["username"])?, text(&user["password"])?);
        let back = browser.sign_in(username, password, request).await?;
        let opened = browser.send(browser.request(Method::GET, back)).await?;
        Ok((browser, opened.status().as_u16()))
    }

    /// The access token of the machine that may read and write.
    pub(crate) async fn token(&self) -> Result<String> {
        let provider = &self.target["provider"];
        let daemon = &provider["daemon"];
        let form = form_urlencoded::Serializer::new(String::new())
            .append_pair("grant_type", "client_credentials")
            .append_pair("client_id", text(&daemon["client_id"])?)
            .append_pair("client_secret", text(&daemon["client_secret"])?)
            .append_pair("scope", text(&daemon["scope"])?)
            .finish();
        let mut browser = Browser::new()?;
        let endpoint = text(&provider["token_endpoint"])?.parse()?;
        let answer = json_of(browser.send(form_post(&browser, endpoint, form)).await?).await?;
        Ok(text(&answer["access_token"])?.to_owned())
    }

    /// Whether the browser's session is open.
    pub(crate) async fn is_signed_in(&self, browser: &mut Browser) -> Result<bool> {
        Ok(self.user(browser).await?.is_object())
    }

    /// The signed-in user, or null.
    async fn user(&self, browser: &mut Browser) -> Result<Value> {
        let request = self.own(browser, Method::GET, "/session")?;
        Ok(json_of(browser.send(request).await?).await?["user"].take())
    }

    /// The provider's control page of a user.
    pub(crate) fn control(&self, user: usize, more: &str) -> Result<Url> {
        let provider = &self.target["provider"];
        let username = text(&provider["users"][user]["username"])?;
        let control = text(&provider["control"])?;
        Ok(format!("{control}/users/{username}{more}").parse()?)
    }

    /// One more session of a user, who may have too many.
    pub(crate) async fn opens_a_session(&self, outcome: &mut Outcome) -> Result<()> {
        let (mut browser, status) = self.sign_in(1).await?;
        outcome.note("callback", status)?;
        let user = self.user(&mut browser).await?;
        outcome.note("signed in", user.is_object())?;
        outcome.note("sub", user["sub"].clone())
    }

    /// The provider signs a user out and tells the app by the back channel.
    pub(crate) async fn back_channel_logout(&self, outcome: &mut Outcome) -> Result<()> {
        self.opens_a_session(outcome).await?;
        let (mut browser, _) = self.sign_in(1).await?;
        let sign_out = form_post(&browser, self.control(1, "/sign-out")?, String::new());
        outcome.status("control", browser.send(sign_out).await?)?;
        outcome.note("still signed in", self.is_signed_in(&mut browser).await?)
    }

    /// The first request that a new instance of this route's function gets, and no other function any.
    pub(crate) async fn api_alone(&self, path: &str, outcome: &mut Outcome) -> Result<()> {
        let token = self.token().await?;
        let mut browser = Browser::new()?;
        let request = browser.request(Method::GET, self.url(path)?).bearer_auth(token);
        outcome.status("read", browser.send(request).await?)?;
        self.rest().await;
        Ok(())
    }

    /// A machine adds a todo, which stays.
    pub(crate) async fn adds_a_todo(&self, outcome: &mut Outcome) -> Result<()> {
        let token = self.token().await?;
        let mut browser = Browser::new()?;
        let create = browser.request(Method::POST, self.url("/api/todos")?).bearer_auth(token);
        let create = with_json(create, &json!({ "description": "stays", "owner": "somebody" }));
        outcome.status("create", browser.send(create).await?)?;
        Ok(())
    }

    /// How many todos there are.
    pub(crate) async fn counts_todos(&self, outcome: &mut Outcome) -> Result<()> {
        let token = self.token().await?;
        let mut browser = Browser::new()?;
        let request = browser.request(Method::GET, self.url("/api/todos")?).bearer_auth(token);
        let todos = json_of(browser.send(request).await?).await?;
        outcome.note("todos", todos["items"].as_array().map(Vec::len))
    }

    /// The same for `web`. It verifies an ID token at a refresh, so there must be a session.
    pub(crate) async fn web_alone(&self, outcome: &mut Outcome) -> Result<()> {
        let (mut browser, _) = self.sign_in(0).await?;
        self.make_cold(&mut browser).await?;
        let request = self.own(&browser, Method::POST, "/session/refresh")?;
        outcome.status("refresh", browser.send(request).await?)?;
        self.rest().await;
        Ok(())
    }

    /// Has the emulator end all instances and empty the keys table.
    async fn make_cold(&self, browser: &mut Browser) -> Result<()> {
        let address = text(&self.target["cold"])?.parse()?;
        browser.send(browser.request(Method::POST, address)).await?.error_for_status()?;
        Ok(())
    }

    /// What a function invokes beside its response needs a moment.
    pub(crate) async fn rest(&self) {
        tokio::time::sleep(Duration::from_millis(300)).await;
    }
}

pub(crate) fn form_post(browser: &Browser, url: Url, form: String) -> RequestBuilder {
    let request = browser.request(Method::POST, url).body(form);
    request.header("content-type", "application/x-www-form-urlencoded")
}

pub(crate) fn with_json(request: RequestBuilder, body: &Value) -> RequestBuilder {
    request.header("content-type", "application/json").body(body.to_string())
}

/// The body, null if it is no JSON.
pub(crate) async fn json_of(response: Response) -> Result<Value> {
    let body = response.bytes().await?;
    Ok(serde_json::from_slice(&body).unwrap_or(json!(null)))
}

pub(crate) fn text(value: &Value) -> Result<&str> {
    value.as_str().with_context(|| format!("no text: {value}"))
}
