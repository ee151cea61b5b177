use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, SystemTime},
};

use auth::{Clock, SystemClock};
use axum::{Router, body::Body};
use callback::{Config, State, app};
use http::{Request, Response, StatusCode, header};
use http_body_util::BodyExt;
use local_aws::LocalDynamoDb;
use outbound::Outbound;
use relying_party::{AuthorizationRequest, ClientId, Endpoints, Interaction, RequestedScopes};
use serde_json::{Value, json};
use session::{Attempt, ReturnTo, Session, SessionSecret, Sessions, SessionsConfig, SystemRandom};
use settings::Environment;
use test_support::{Answer as Scripted, CLIENT_ID, Endpoint, ScriptedProvider};
use tower::ServiceExt;
use url::Url;

use crate::log;

pub(crate) const ORIGIN: &str = "https://todos.example.com";

/// The machine's time, moved ahead.
#[derive(Default)]
struct Ahead(AtomicU64);

impl Clock for Ahead {
    fn now(&self) -> SystemTime {
        SystemClock.now() + Duration::from_secs(self.0.load(Ordering::Relaxed))
    }
}

/// The function, its provider and its table.
pub(crate) struct Callback {
    pub(crate) provider: ScriptedProvider,
    pub(crate) store: LocalDynamoDb,
    pub(crate) sessions: Sessions,
    pub(crate) table: aws_sdk_dynamodb::Client,
    environment: Environment,
    clock: Arc<Ahead>,
    router: Router,
}

impl Callback {
    pub(crate) async fn new() -> Self {
        Self::at(ScriptedProvider::start()).await
    }

    pub(crate) async fn at(provider: ScriptedProvider) -> Self {
        log::keep();
        let store = LocalDynamoDb::in_memory().await.unwrap();
        let mut environment = Environment::of(provider.settings()).with("PUBLIC_URL", ORIGIN);
        for (name, value) in store.environment() {
            environment = environment.with(name, value);
        }
        let clock = Arc::new(Ahead::default());
        let config = Config::from_environment(&environment).unwrap();
        let outbound = Outbound::from_environment(&environment).unwrap();
        let random = Arc::new(SystemRandom);
        let state =
            State::new(config, &environment, &outbound, clock.clone(), random.clone()).unwrap();
        let table = outbound.dynamodb(&environment).unwrap();
        let config = SessionsConfig::from_environment(&environment).unwrap();
        let sessions = Sessions::new(table.clone(), config, clock.clone(), random);
        Self { provider, store, sessions, table, environment, clock, router: app(state) }
    }

    /// Another, cold instance of the function on the same table.
    pub(crate) fn cold(&self) -> Router {
        self.instance(&self.environment)
    }

    /// An instance whose table is at this address.
    pub(crate) fn with_table_at(&self, address: &str) -> Router {
        let environment = self.environment.clone().with("AWS_ENDPOINT_URL_DYNAMODB", address);
        // Its answers are about sessions only.
        self.instance(&environment.without("KEYS_TABLE"))
    }

    fn instance(&self, environment: &Environment) -> Router {
        let config = Config::from_environment(environment).unwrap();
        let outbound = Outbound::from_environment(environment).unwrap();
        let (clock, random) = (self.clock.clone(), Arc::new(SystemRandom));
        app(State::new(config, environment, &outbound, clock, random).unwrap())
    }

    /// Lets time pass.
    pub(crate) fn wait(&self, seconds: u64) {
        self.clock.0.fetch_add(seconds, Ordering::Relaxed);
    }

    pub(crate) fn now(&self) -> SystemTime {
        self.clock.now()
    }

    /// What `signin` does: an attempt in the browser's cookie, and the address to go to.
    pub(crate) fn begin(&self, browser: &mut Browser) -> String {
        self.begin_with(browser, "/todos?filter=open", None)
    }

    pub(crate) fn begin_with(
        &self,
        browser: &mut Browser,
        return_to: &str,
        max_age: Option<Duration>,
    ) -> String {
        self.leave(browser, &self.attempt(return_to, max_age))
    }

    pub(crate) fn attempt(&self, return_to: &str, max_age: Option<Duration>) -> Attempt {
        Attempt::begin(&SystemRandom, self.clock.now(), ReturnTo::parse(return_to), max_age)
    }

    /// The browser leaves for the provider with this attempt.
    pub(crate) fn leave(&self, browser: &mut Browser, attempt: &Attempt) -> String {
        browser.take(attempt.set_cookie().to_str().unwrap());
        let url = AuthorizationRequest {
            client_id: &ClientId::parse(CLIENT_ID).unwrap(),
            redirect_uri: &Url::parse(ORIGIN).unwrap().join("/callback").unwrap(),
            scopes: &RequestedScopes::from_environment(&self.environment).unwrap(),
            state: attempt.state().as_str(),
            nonce: attempt.nonce(),
            code_verifier: attempt.verifier(),
            interaction: &Interaction::default(),
            max_age: attempt.max_age(),
            acr_values: attempt.acr_values(),
        }
        .url(&Endpoints::of(self.provider.metadata().as_object().unwrap()));
        url.unwrap().into()
    }

    /// A whole round: begins, signs in at the provider, comes back.
    pub(crate) async fn sign_in(&self, browser: &mut Browser) -> Answer {
        self.sign_in_with(browser, &json!({})).await
    }

    /// A whole round in which the ID token has these claims as well.
    pub(crate) async fn sign_in_with(&self, browser: &mut Browser, claims: &Value) -> Answer {
        let back = self.provider.sign_in_with(&self.begin(browser), claims);
        self.come_back(browser, &back).await
    }

    /// A round in which the token endpoint gives this as the ID token.
    pub(crate) async fn sign_in_with_id_token(
        &self,
        browser: &mut Browser,
        token: impl FnOnce(&str) -> String,
    ) -> Answer {
        let begun = self.begin(browser);
        let nonce = parameter(&begun, "nonce");
        let tokens = self.provider.tokens().id_token(&token(&nonce));
        self.provider.next(Endpoint::Token, tokens.answer());
        self.come_back(browser, &self.provider.sign_in(&begun)).await
    }

    /// The browser opens this address of ours, with its cookies.
    pub(crate) async fn come_back(&self, browser: &mut Browser, back: &Url) -> Answer {
        let path = back.as_str().strip_prefix(ORIGIN).unwrap();
        self.get(browser, path).await
    }

    pub(crate) async fn get(&self, browser: &mut Browser, path: &str) -> Answer {
        let answer = self.send(browser.request(path)).await;
        answer.set_cookies().into_iter().for_each(|line| browser.take(line));
        answer
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        Answer::of(self.router.clone(), request).await
    }

    /// How often the token endpoint was asked.
    pub(crate) fn redeemed(&self) -> usize {
        self.provider.received(Endpoint::Token).len()
    }

    /// The live session of this browser.
    pub(crate) async fn session(&self, browser: &Browser) -> Option<Session> {
        self.sessions.read(&browser.secret()?).await.unwrap()
    }

    /// Fails unless nobody got a session by this answer.
    pub(crate) async fn assert_nobody_signed_in(&self, answer: &Answer, browser: &Browser) {
        assert!(!answer.set_cookies().iter().any(|line| line.starts_with("__Host-session=")));
        assert!(self.session(browser).await.is_none());
        let rows = self.table.scan().table_name("SessionsTable").send().await.unwrap();
        let sessions = rows.items().iter().filter(|row| row.contains_key("sealed")).count();
        assert_eq!(sessions, 0, "no session was made");
    }

    /// Scripts discovery with this member of the metadata changed.
    pub(crate) fn announce(&self, name: &str, value: impl Into<Value>) {
        let mut metadata = self.provider.metadata();
        metadata[name] = value.into();
        self.provider.always(Endpoint::Discovery, Scripted::json(&metadata));
    }
}

/// A parameter of an address.
pub(crate) fn parameter(url: &str, name: &str) -> String {
    let url = Url::parse(url).unwrap();
    let found = url.query_pairs().find(|(of, _)| of == name);
    found.map_or_else(|| panic!("no {name}"), |(_, value)| value.into_owned())
}

/// A cookie jar.
#[derive(Clone, Default)]
pub(crate) struct Browser(BTreeMap<String, String>);

impl Browser {
    /// Takes a `Set-Cookie` line as a browser does.
    pub(crate) fn take(&mut self, line: &str) {
        let (pair, attributes) = line.split_once(';').unwrap();
        let (name, value) = pair.split_once('=').unwrap();
        if attributes.split("; ").any(|attribute| attribute == "Max-Age=0") {
            self.0.remove(name);
        } else {
            self.0.insert(name.to_owned(), value.to_owned());
        }
    }

    pub(crate) fn put(&mut self, name: &str, value: &str) {
        self.0.insert(name.to_owned(), value.to_owned());
    }

    /// The names of its attempts' cookies.
    pub(crate) fn attempts(&self) -> Vec<String> {
        let is_attempt = |name: &&String| name.starts_with("__Host-signin-") && name.len() == 30;
        self.0.keys().filter(is_attempt).cloned().collect()
    }

    pub(crate) fn value(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    pub(crate) fn secret(&self) -> Option<SessionSecret> {
        SessionSecret::parse(self.value("__Host-session")?)
    }

    pub(crate) fn request(&self, path: &str) -> Request<Body> {
        let pairs: Vec<_> = self.0.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let mut request = Request::get(path);
        if !pairs.is_empty() {
            request = request.header(header::COOKIE, pairs.join("; "));
        }
        request.body(Body::empty()).unwrap()
    }
}

#[derive(Debug)]
pub(crate) struct Answer(Response<String>);

impl Answer {
    pub(crate) async fn of(router: Router, request: Request<Body>) -> Self {
        let (parts, body) = router.oneshot(request).await.unwrap().into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        Self(Response::from_parts(parts, String::from_utf8(body.to_vec()).unwrap()))
    }

    pub(crate) fn status(&self) -> StatusCode {
        self.0.status()
    }

    pub(crate) fn body(&self) -> &str {
        self.0.body()
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.0.headers().get(name)?.to_str().ok()
    }

    pub(crate) fn set_cookies(&self) -> Vec<&str> {
        let cookies = self.0.headers().get_all(header::SET_COOKIE);
        cookies.iter().map(|value| value.to_str().unwrap()).collect()
    }

    /// Fails unless the browser is sent there with 303.
    pub(crate) fn assert_goes_to(&self, location: &str) {
        assert_eq!(self.status(), StatusCode::SEE_OTHER, "{}", self.body());
        assert_eq!(self.header("location"), Some(location));
        assert_eq!(self.header("cache-control"), Some("no-store"));
    }

    /// Fails unless it is the error page with this status and code.
    pub(crate) fn assert_is_page(&self, status: u16, code: &str) {
        let body = self.body();
        assert_eq!(self.status().as_u16(), status, "{body}");
        assert!(body.contains(&format!("data-test=\"error-code\">{code}<")), "{code}: {body}");
        assert!(self.header("content-type").unwrap().starts_with("text/html"));
        assert_eq!(self.header("cache-control"), Some("no-store"));
        assert_eq!(self.header("location"), None);
        assert!(body.contains("href=\"/\""), "there is a way on");
        assert_eq!(self.header("retry-after").is_some(), status == 503);
    }

    /// Whether the page offers to begin again.
    pub(crate) fn offers_to_try_again(&self) -> bool {
        self.body().contains("href=\"/signin")
    }
}
