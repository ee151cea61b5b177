use std::{
    sync::{Arc, Mutex},
    time::{Duration, SystemTime},
};

use auth::Clock;
use axum::{Router, body::Body};
use http::{Method, Request, header, request::Builder};
use local_aws::LocalDynamoDb;
use outbound::Outbound;
use serde_json::{Value, json};
use session::{
    Device, ProviderSessionKey, Random, SessionContents, SessionSecret, Sessions, SessionsConfig,
    SignIn, SystemRandom, Token, UserKey,
};
use settings::Environment;
use test_support::ScriptedProvider;
use tower::ServiceExt;
use url::Url;
use web::{Config, Patience, State};

use crate::answer::Answer;

pub(crate) const ORIGIN: &str = "https://app.example";

/// RFC 7636, appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// How long the access tokens of [`World::sign_in`] are good.
pub(crate) const GOOD_FOR: Duration = Duration::from_mins(10);

/// Everything around the function, for one test.
pub(crate) struct World {
    pub(crate) provider: ScriptedProvider,
    pub(crate) store: LocalDynamoDb,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) sessions: Sessions,
    environment: Environment,
    outbound: Outbound,
    app: Router,
}

impl World {
    pub(crate) async fn new() -> Self {
        Self::with([("PUBLIC_URL", ORIGIN)]).await
    }

    /// With other or further settings.
    pub(crate) async fn with<const N: usize>(settings: [(&str, &str); N]) -> Self {
        let provider = ScriptedProvider::start();
        let store = LocalDynamoDb::in_memory().await.unwrap();
        let environment = Environment::of(store.environment());
        let set = |all: Environment, (name, value): (&str, &str)| all.with(name, value);
        let environment = provider
            .settings()
            .iter()
            .map(|(name, value)| (*name, &**value))
            .fold(environment, set);
        let environment = settings.into_iter().fold(environment, set);
        let outbound = Outbound::from_environment(&environment).unwrap();
        let clock = Arc::new(ManualClock::starting_now());
        let sessions = Sessions::new(
            outbound.dynamodb(&environment).unwrap(),
            SessionsConfig::from_environment(&environment).unwrap(),
            clock.clone(),
            Arc::new(SystemRandom),
        );
        let app = app(&environment, &outbound, &clock, PATIENCE, Arc::new(SystemRandom));
        Self { provider, store, clock, sessions, environment, outbound, app }
    }

    /// One more instance, which knows nothing yet.
    pub(crate) fn instance(&self) -> Router {
        self.patient_instance(PATIENCE)
    }

    pub(crate) fn patient_instance(&self, patience: Patience) -> Router {
        app(&self.environment, &self.outbound, &self.clock, patience, Arc::new(SystemRandom))
    }

    pub(crate) fn instance_with_random(&self, random: impl Random) -> Router {
        app(&self.environment, &self.outbound, &self.clock, PATIENCE, Arc::new(random))
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
        let mut contents = self.redeem().await;
        change(&mut contents);
        self.sessions.create(&contents, &self.sign_in_of("ada")).await.unwrap().secret().unwrap()
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
        let contents = self.redeem().await;
        self.sessions.create(&contents, sign_in).await.unwrap().secret().unwrap()
    }

    async fn redeem(&self) -> SessionContents {
        let issuer = self.provider.issuer();
        let back = self.provider.sign_in(&format!(
            "{issuer}/authorize?redirect_uri={ORIGIN}/callback&state=s&nonce=n&code_challenge={CHALLENGE}"
        ));
        let code = back.query_pairs().find(|(name, _)| name == "code").unwrap().1;
        let form = format!(
            "grant_type=authorization_code&code={code}&code_verifier={VERIFIER}&redirect_uri={ORIGIN}/callback"
        );
        let request = self.outbound.http().post(format!("{issuer}/token")).body(form);
        let answer = request.send().await.unwrap().bytes().await.unwrap();
        let tokens: Value = serde_json::from_slice(&answer).unwrap();
        let token = |name: &str| Token::from(tokens[name].as_str().unwrap());
        let now = self.clock.now();
        SessionContents {
            access_token: token("access_token"),
            access_expires_at: Some(now + GOOD_FOR),
            obtained_at: now,
            refresh_token: Some(token("refresh_token")),
            id_token: token("id_token"),
            claims: claims(issuer),
            userinfo: serde_json::Map::new(),
        }
    }

    /// What a session holds now; none when it is over.
    pub(crate) async fn contents(&self, secret: &SessionSecret) -> Option<SessionContents> {
        let session = self.sessions.read(secret).await.unwrap();
        session.map(session::Session::into_contents)
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(request(Method::GET, path)).await
    }

    pub(crate) async fn get_as(&self, path: &str, secret: &SessionSecret) -> Answer {
        self.send(request(Method::GET, path).header(header::COOKIE, cookie(secret))).await
    }

    /// A call by our own page, as its scripts make it.
    pub(crate) async fn call_as(&self, method: Method, path: &str, who: &SessionSecret) -> Answer {
        let request = request(method, path).header(header::COOKIE, cookie(who));
        self.send(request.header("x-csrf", "1").header("sec-fetch-site", "same-origin")).await
    }

    /// A post by our own page.
    pub(crate) async fn post_as(&self, path: &str, secret: &SessionSecret) -> Answer {
        self.send(own_post(path).header(header::COOKIE, cookie(secret))).await
    }

    pub(crate) async fn send(&self, request: Builder) -> Answer {
        send(&self.app, request).await
    }
}

/// Short enough for a test to wait for, long enough for whoever is waited for.
const PATIENCE: Patience =
    Patience { interval: Duration::from_millis(10), looks: 2, looks_in_need: 500 };

fn app(
    environment: &Environment,
    outbound: &Outbound,
    clock: &Arc<ManualClock>,
    patience: Patience,
    random: Arc<dyn Random>,
) -> Router {
    let config = Config::from_environment(environment).unwrap();
    web::app(State::new(config, environment, outbound, clock.clone(), random, patience).unwrap())
}

pub(crate) async fn send(app: &Router, request: Builder) -> Answer {
    let request = request.body(Body::empty()).unwrap();
    Answer::read(app.clone().oneshot(request).await.unwrap()).await
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
    secret.set_cookie().to_str().unwrap().split(';').next().unwrap().to_owned()
}

/// The claims of the scripted provider's ID token, as far as they matter.
fn claims(issuer: &str) -> serde_json::Map<String, Value> {
    let claims = json!({
        "iss": issuer,
        "sub": "ada",
        "name": "Ada Lovelace",
        "preferred_username": "ada@example.com",
        "email": "ada@example.com",
        "nonce": "n",
    });
    claims.as_object().unwrap().clone()
}

pub(crate) fn query(url: &Url, name: &str) -> Option<String> {
    url.query_pairs().find(|(other, _)| other == name).map(|(_, value)| value.into_owned())
}

/// A clock that starts with the machine's, because the scripted provider goes by that, and then
/// goes when it is told to.
pub(crate) struct ManualClock(Mutex<SystemTime>);

impl ManualClock {
    fn starting_now() -> Self {
        Self(Mutex::new(SystemTime::now()))
    }

    pub(crate) fn advance(&self, by: Duration) {
        *self.0.lock().unwrap() += by;
    }
}

impl Clock for ManualClock {
    fn now(&self) -> SystemTime {
        *self.0.lock().unwrap()
    }
}
