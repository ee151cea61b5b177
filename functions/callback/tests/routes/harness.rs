use std::{
    ops::Deref,
    sync::Arc,
    time::{Duration, SystemTime},
};

use auth::Clock;
use axum::{Router, body::Body};
use callback::{Config, State, app};
use http::Request;
use outbound::Timeouts;
use relying_party::{
    AdditionalParams, AuthorizationRequest, Endpoints, Interaction, RequestedScopes,
};
use serde_json::{Value, json};
use session::{ReturnTo, Session, SignInTransaction, SystemRandom};
use settings::{Environment, StepUpMethod};
use test_support::{Backend, CLIENT_ID, Endpoint, ManualClock, MockResponse, ScriptedProvider};
pub(crate) use test_support::{Browser, ORIGIN, TestResponse};
use url::Url;

/// The function and its backend.
pub(crate) struct Callback {
    backend: Backend,
    router: Router,
}

impl Deref for Callback {
    type Target = Backend;

    fn deref(&self) -> &Backend {
        &self.backend
    }
}

impl Callback {
    pub(crate) async fn new() -> Self {
        Self::at(ScriptedProvider::start()).await
    }

    pub(crate) async fn at(provider: ScriptedProvider) -> Self {
        let backend = Backend::start(provider, ManualClock::running()).await;
        let router = instance(&backend, &backend.environment);
        Self { backend, router }
    }

    /// With other or further settings.
    pub(crate) async fn with<const N: usize>(settings: [(&str, &str); N]) -> Self {
        let mut callback = Self::new().await;
        callback.backend.set(settings);
        callback.router = callback.cold();
        callback
    }

    /// With a browser that has signed in at the provider, and the address it is sent back to.
    pub(crate) async fn returning() -> (Self, Browser, Url) {
        let (callback, mut browser) = (Self::new().await, Browser::default());
        let back = callback.provider.sign_in(&callback.begin(&mut browser));
        (callback, browser, back)
    }

    /// With a browser that has signed in.
    pub(crate) async fn signed_in() -> (Self, Browser) {
        let (callback, mut browser) = (Self::new().await, Browser::default());
        callback.sign_in(&mut browser).await.assert_goes_to("/todos?filter=open");
        (callback, browser)
    }

    /// With these timeouts.
    pub(crate) async fn with_timeouts(timeouts: Timeouts) -> Self {
        let mut callback = Self::new().await;
        callback.backend.set_timeouts(timeouts);
        callback.router = callback.cold();
        callback
    }

    /// Another, cold instance of the function on the same table.
    pub(crate) fn cold(&self) -> Router {
        instance(self, &self.environment)
    }

    /// An instance whose table is at this address.
    pub(crate) fn with_table_at(&self, address: &str) -> Router {
        let environment = self.environment.clone().with("AWS_ENDPOINT_URL_DYNAMODB", address);
        // Its answers are about sessions only.
        instance(self, &environment.without("KEYS_TABLE"))
    }

    /// Lets time pass.
    pub(crate) fn wait(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
    }

    pub(crate) fn now(&self) -> SystemTime {
        self.clock.now()
    }

    /// What `signin` does: a transaction in the browser's cookie, and the address to go to.
    pub(crate) fn begin(&self, browser: &mut Browser) -> String {
        self.begin_with(browser, "/todos?filter=open", None)
    }

    pub(crate) fn begin_with(
        &self,
        browser: &mut Browser,
        return_to: &str,
        max_age: Option<Duration>,
    ) -> String {
        self.leave(browser, &self.transaction(return_to, max_age))
    }

    pub(crate) fn transaction(
        &self,
        return_to: &str,
        max_age: Option<Duration>,
    ) -> SignInTransaction {
        SignInTransaction::begin(&SystemRandom, self.now(), ReturnTo::parse(return_to), max_age)
    }

    /// The browser leaves for the provider with this transaction.
    pub(crate) fn leave(&self, browser: &mut Browser, transaction: &SignInTransaction) -> String {
        browser.take(transaction.set_cookie().to_str().unwrap());
        let url = AuthorizationRequest {
            client_id: &CLIENT_ID.parse().unwrap(),
            redirect_uri: &Url::parse(ORIGIN).unwrap().join("/callback").unwrap(),
            scopes: &RequestedScopes::from_environment(&self.environment).unwrap(),
            additional_params: &AdditionalParams::from_environment(&self.environment).unwrap(),
            step_up: StepUpMethod::from_environment(&self.environment).unwrap(),
            transaction,
            interaction: &Interaction::default(),
        }
        .url(&Endpoints::of(self.provider.metadata().as_object().unwrap()));
        url.unwrap().into()
    }

    /// A whole round: begins, signs in at the provider, comes back.
    pub(crate) async fn sign_in(&self, browser: &mut Browser) -> TestResponse {
        self.sign_in_with(browser, &json!({})).await
    }

    /// A whole round in which the ID token has these claims as well.
    pub(crate) async fn sign_in_with(&self, browser: &mut Browser, claims: &Value) -> TestResponse {
        let back = self.provider.sign_in_with(&self.begin(browser), claims);
        self.come_back(browser, &back).await
    }

    /// A round in which the token endpoint gives this as the ID token.
    pub(crate) async fn sign_in_with_id_token(
        &self,
        browser: &mut Browser,
        token: impl FnOnce(&str) -> String,
    ) -> TestResponse {
        let begun = self.begin(browser);
        let nonce = parameter(&begun, "nonce");
        let tokens = self.provider.tokens().id_token(&token(&nonce));
        self.provider.next(Endpoint::Token, tokens.answer());
        self.come_back(browser, &self.provider.sign_in(&begun)).await
    }

    /// The browser opens this address of ours, with its cookies.
    pub(crate) async fn come_back(&self, browser: &mut Browser, back: &Url) -> TestResponse {
        let path = back.as_str().strip_prefix(ORIGIN).unwrap();
        self.get(browser, path).await
    }

    pub(crate) async fn get(&self, browser: &mut Browser, path: &str) -> TestResponse {
        let answer = self.send(browser.request(path)).await;
        browser.receive(&answer);
        answer
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> TestResponse {
        TestResponse::of(self.router.clone(), request).await
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
    pub(crate) async fn assert_nobody_signed_in(&self, answer: &TestResponse, browser: &Browser) {
        assert!(!answer.set_cookies().iter().any(|line| line.starts_with("__Host-session=")));
        assert!(self.session(browser).await.is_none());
        let rows = self.rows("SessionsTable").await;
        let sessions = rows.iter().filter(|row| row.contains_key("sealed")).count();
        assert_eq!(sessions, 0, "no session was made");
    }

    /// Scripts discovery with this member of the metadata changed.
    pub(crate) fn announce(&self, name: &str, value: impl Into<Value>) {
        let mut metadata = self.provider.metadata();
        metadata[name] = value.into();
        self.provider.always(Endpoint::Discovery, MockResponse::json(&metadata));
    }
}

fn instance(backend: &Backend, environment: &Environment) -> Router {
    let config = Config::from_environment(environment).unwrap();
    let (clock, random) = (backend.clock.clone(), Arc::new(SystemRandom));
    app(State::new(config, environment, &backend.outbound, clock, random).unwrap())
}

/// A parameter of an address.
pub(crate) fn parameter(url: &str, name: &str) -> String {
    let url = Url::parse(url).unwrap();
    let found = url.query_pairs().find(|(of, _)| of == name);
    found.map_or_else(|| panic!("no {name}"), |(_, value)| value.into_owned())
}
