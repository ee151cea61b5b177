use std::{
    collections::BTreeMap,
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use axum::{Router, body::Body};
use http::Request;
use outbound::{Outbound, Timeouts};
use session::SystemRandom;
use settings::Environment;
use signin::{Config, State, app};
use test_support::{ManualClock, ScriptedProvider};
pub(crate) use test_support::{ORIGIN, TestResponse};

/// When every test begins.
pub(crate) fn noon() -> SystemTime {
    UNIX_EPOCH + Duration::from_hours(500_000)
}

/// The function, at noon. It needs no tables.
pub(crate) struct Signin {
    pub(crate) provider: ScriptedProvider,
    pub(crate) clock: Arc<ManualClock>,
    router: Router,
}

impl Signin {
    pub(crate) fn new() -> Self {
        Self::with([])
    }

    /// With other or further settings.
    pub(crate) fn with<const N: usize>(settings: [(&str, &str); N]) -> Self {
        let provider = ScriptedProvider::start();
        let environment = Environment::of(provider.settings()).with("PUBLIC_URL", ORIGIN);
        let environment =
            settings.into_iter().fold(environment, |all, (name, value)| all.with(name, value));
        let config = Config::from_environment(&environment).unwrap();
        let outbound = Outbound::with_timeouts(&environment, Timeouts::NONE).unwrap();
        let clock = Arc::new(ManualClock::stopped_at(noon()));
        let state = State::new(config, &outbound, clock.clone(), Arc::new(SystemRandom));
        Self { provider, clock, router: app(state) }
    }

    pub(crate) async fn get(&self, path: &str) -> TestResponse {
        self.send(Request::get(path).body(Body::empty()).unwrap()).await
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> TestResponse {
        TestResponse::of(self.router.clone(), request).await
    }
}

/// The parameters of the authorization request that the browser is sent away with.
pub(crate) fn query(answer: &TestResponse) -> BTreeMap<String, String> {
    answer.location().query_pairs().into_owned().collect()
}
