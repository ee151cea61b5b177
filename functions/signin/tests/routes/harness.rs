use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use auth::Clock;
use axum::body::Body;
use http::{Request, Response, StatusCode, header};
use http_body_util::BodyExt;
use outbound::Outbound;
use session::SystemRandom;
use settings::Environment;
use signin::{Config, State, app};
use test_support::ScriptedProvider;
use tower::ServiceExt;
use url::Url;

pub(crate) const ORIGIN: &str = "https://todos.example.com";
pub(crate) const NOON: u64 = 1_800_000_000;

/// A clock that shows noon until it is moved.
#[derive(Default)]
struct FromNoon(AtomicU64);

impl Clock for FromNoon {
    fn now(&self) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(NOON + self.0.load(Ordering::Relaxed))
    }
}

/// The function, at noon.
pub(crate) struct Signin {
    pub(crate) provider: ScriptedProvider,
    clock: Arc<FromNoon>,
    router: axum::Router,
}

impl Signin {
    pub(crate) fn new() -> Self {
        let provider = ScriptedProvider::start();
        let environment = Environment::of(provider.settings()).with("PUBLIC_URL", ORIGIN);
        let config = Config::from_environment(&environment).unwrap();
        let outbound = Outbound::from_environment(&environment).unwrap();
        let clock = Arc::new(FromNoon::default());
        let state = State::new(config, &outbound, clock.clone(), Arc::new(SystemRandom));
        Self { provider, clock, router: app(state) }
    }

    /// Lets time pass.
    pub(crate) fn wait(&self, seconds: u64) {
        self.clock.0.fetch_add(seconds, Ordering::Relaxed);
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(Request::get(path).body(Body::empty()).unwrap()).await
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        let (parts, body) = self.router.clone().oneshot(request).await.unwrap().into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        let body = String::from_utf8(body.to_vec()).unwrap();
        Answer(Response::from_parts(parts, body))
    }
}

pub(crate) struct Answer(Response<String>);

impl Answer {
    pub(crate) fn status(&self) -> StatusCode {
        self.0.status()
    }

    pub(crate) fn body(&self) -> &str {
        self.0.body()
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.0.headers().get(name)?.to_str().ok()
    }

    /// Where the browser is sent.
    pub(crate) fn location(&self) -> Url {
        Url::parse(self.header("location").expect("a redirect")).unwrap()
    }

    /// The parameters of the authorization request.
    pub(crate) fn query(&self) -> BTreeMap<String, String> {
        self.location().query_pairs().into_owned().collect()
    }

    /// The cookies that it sets or clears.
    pub(crate) fn set_cookies(&self) -> Vec<&str> {
        let cookies = self.0.headers().get_all(header::SET_COOKIE);
        cookies.iter().map(|value| value.to_str().unwrap()).collect()
    }
}
