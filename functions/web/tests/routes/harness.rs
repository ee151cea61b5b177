use std::{
    ops::Deref,
    sync::Arc,
    time::{Duration, SystemTime},
};

use auth::Clock;
use axum::{
    Router,
    body::{Body, to_bytes},
};
use http::{HeaderMap, Method, Request, StatusCode, header, request::Builder};
use outbound::Timeouts;
use session::{
    Device, ProviderSessionKey, Random, SessionContents, SessionSecret, SignIn, SystemRandom,
    UserKey,
};
use test_support::{Backend, Endpoint, ManualClock, ScriptedProvider, cookie_pair};
pub(crate) use test_support::{ORIGIN, TestResponse};
use tower::ServiceExt as _;
use url::Url;
use web::{Config, RefreshTimeout, State};

/// How long the access tokens of [`Web::sign_in`] are good.
pub(crate) const GOOD_FOR: Duration = Duration::from_mins(10);

/// When the token has expired, a request waits until another one has refreshed the session.
const REFRESH_TIMEOUT: RefreshTimeout = RefreshTimeout {
    poll_interval: Duration::from_millis(10),
    polls_while_valid: 2,
    polls_when_expired: u32::MAX,
};

/// The function and its backend.
pub(crate) struct Web {
    backend: Backend,
    app: Router,
}

impl Deref for Web {
    type Target = Backend;

    fn deref(&self) -> &Backend {
        &self.backend
    }
}

impl Web {
    pub(crate) async fn new() -> Self {
        Self::with([]).await
    }

    /// With other or further settings.
    pub(crate) async fn with<const N: usize>(settings: [(&str, &str); N]) -> Self {
        Self::at(ScriptedProvider::start(), settings).await
    }

    pub(crate) async fn at<const N: usize>(
        provider: ScriptedProvider,
        settings: [(&str, &str); N],
    ) -> Self {
        // The provider's tokens follow the system's clock.
        let clock = ManualClock::stopped_at(SystemTime::now());
        let mut backend = Backend::start(provider, clock).await;
        backend.set(settings);
        let app = app(&backend, REFRESH_TIMEOUT, Arc::new(SystemRandom));
        Self { backend, app }
    }

    /// Changes or adds settings, as a new deployment does.
    pub(crate) fn configure<const N: usize>(&mut self, settings: [(&str, &str); N]) {
        self.backend.set(settings);
        self.app = self.instance();
    }

    /// With these timeouts.
    pub(crate) async fn with_timeouts(timeouts: Timeouts) -> Self {
        let mut web = Self::new().await;
        web.backend.set_timeouts(timeouts);
        web.app = web.instance();
        web
    }

    /// With a user who has just signed in.
    pub(crate) async fn signed_in() -> (Self, SessionSecret) {
        let web = Self::new().await;
        let secret = web.sign_in().await;
        (web, secret)
    }

    /// With a user who signed in this long ago.
    pub(crate) async fn signed_in_ago(time: Duration) -> (Self, SessionSecret) {
        let (web, secret) = Self::signed_in().await;
        web.clock.advance(time);
        (web, secret)
    }

    /// With a session of a provider that was configured before.
    pub(crate) async fn signed_in_at_another_provider() -> (Self, SessionSecret) {
        let web = Self::new().await;
        let other = |contents: &mut SessionContents| {
            contents.claims.insert("iss".to_owned(), "https://before.example".into());
        };
        let secret = web.sign_in_with(other).await;
        (web, secret)
    }

    /// One more instance, which knows nothing yet.
    pub(crate) fn instance(&self) -> Router {
        self.instance_with_timeout(REFRESH_TIMEOUT)
    }

    pub(crate) fn instance_with_timeout(&self, refresh_timeout: RefreshTimeout) -> Router {
        app(self, refresh_timeout, Arc::new(SystemRandom))
    }

    pub(crate) fn instance_with_random(&self, random: impl Random) -> Router {
        app(self, REFRESH_TIMEOUT, Arc::new(random))
    }

    /// A user who signed in, as `callback` leaves it behind.
    pub(crate) async fn sign_in(&self) -> SessionSecret {
        self.sign_in_with(|_| {}).await
    }

    /// The same, with something about the session changed.
    pub(crate) async fn sign_in_with(
        &self,
        change: impl FnOnce(&mut SessionContents),
    ) -> SessionSecret {
        let mut contents = self.new_contents();
        change(&mut contents);
        self.open_session(&contents, &self.sign_in_of("ada")).await
    }

    pub(crate) fn sign_in_of(&self, subject: &str) -> SignIn {
        let issuer = self.provider.issuer();
        SignIn {
            user: UserKey::new(issuer, subject),
            provider_session: Some(ProviderSessionKey::new(issuer, "sid")),
            began_at: self.clock.now(),
            device: Device::default(),
        }
    }

    /// A session of somebody else, or one that another browser opened.
    pub(crate) async fn open(&self, sign_in: &SignIn) -> SessionSecret {
        self.open_session(&self.new_contents(), sign_in).await
    }

    fn new_contents(&self) -> SessionContents {
        let tokens = self.provider.tokens();
        let id_token = self.provider.id_token().claim("nonce", "n");
        let now = self.clock.now();
        SessionContents {
            access_token: tokens.text("access_token").into(),
            access_expires_at: Some(now + GOOD_FOR),
            obtained_at: now,
            refresh_token: Some(tokens.text("refresh_token").into()),
            claims: id_token.claims().clone(),
            id_token: (&*id_token.signed()).into(),
            userinfo: serde_json::Map::new(),
            scopes: None,
        }
    }

    /// What a session holds now; none when it is over.
    pub(crate) async fn contents(&self, secret: &SessionSecret) -> Option<SessionContents> {
        let session = self.sessions.read(secret).await.unwrap();
        session.map(session::Session::into_contents)
    }

    /// How often the provider was asked for another access token.
    pub(crate) fn refreshes(&self) -> usize {
        let received = self.provider.received(Endpoint::Token);
        received.iter().filter(|it| it.form()["grant_type"] == "refresh_token").count()
    }

    pub(crate) async fn get(&self, path: &str) -> TestResponse {
        self.send(request(Method::GET, path)).await
    }

    pub(crate) async fn get_as(&self, path: &str, secret: &SessionSecret) -> TestResponse {
        self.send(request(Method::GET, path).header(header::COOKIE, cookie(secret))).await
    }

    /// A call by our own page, as its scripts make it.
    pub(crate) async fn call_as(
        &self,
        method: Method,
        path: &str,
        who: &SessionSecret,
    ) -> TestResponse {
        let request = request(method, path).header(header::COOKIE, cookie(who));
        self.send(request.header("x-csrf", "1").header("sec-fetch-site", "same-origin")).await
    }

    /// A post by our own page.
    pub(crate) async fn post_as(&self, path: &str, secret: &SessionSecret) -> TestResponse {
        self.send(own_post(path).header(header::COOKIE, cookie(secret))).await
    }

    pub(crate) async fn send(&self, request: Builder) -> TestResponse {
        send(&self.app, request).await
    }

    /// The headers and the body of a response that is no text.
    pub(crate) async fn send_for_bytes(&self, request: Builder) -> (HeaderMap, Vec<u8>) {
        let Ok(response) = self.app.clone().oneshot(request.body(Body::empty()).unwrap()).await;
        let (parts, body) = response.into_parts();
        (parts.headers, to_bytes(body, usize::MAX).await.unwrap().to_vec())
    }
}

fn app(backend: &Backend, refresh_timeout: RefreshTimeout, random: Arc<dyn Random>) -> Router {
    let Backend { environment, outbound, clock, .. } = backend;
    let config = Config::from_environment(environment).unwrap();
    let clock = clock.clone();
    let state = State::new(config, environment, outbound, clock, random, refresh_timeout);
    web::app(state.unwrap())
}

pub(crate) async fn send(app: &Router, request: Builder) -> TestResponse {
    TestResponse::of(app.clone(), request.body(Body::empty()).unwrap()).await
}

/// Fails unless this is a 503 after which the browser still has its cookie: the session may live.
pub(crate) fn assert_unavailable(answer: &TestResponse) {
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(answer.header("retry-after").is_some());
    assert!(answer.cleared_cookies().is_empty());
}

pub(crate) fn request(method: Method, path: &str) -> Builder {
    Request::builder().method(method).uri(path)
}

/// A post as a browser sends it from our own page.
pub(crate) fn own_post(path: &str) -> Builder {
    request(Method::POST, path)
        .header(header::ORIGIN, ORIGIN)
        .header("sec-fetch-site", "same-origin")
}

pub(crate) fn cookie(secret: &SessionSecret) -> String {
    cookie_pair(&secret.set_cookie())
}

pub(crate) fn query(url: &Url, name: &str) -> Option<String> {
    url.query_pairs().find(|(other, _)| other == name).map(|(_, value)| value.into_owned())
}
