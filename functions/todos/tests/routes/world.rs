//! What the tests run against.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, SystemTime},
};

use ::session::{Device, SessionContents, Sessions, SessionsConfig, SignIn, SystemRandom, UserKey};
use auth::{Clock, HttpFetch};
use axum::{Router, body::Body};
use http::{HeaderMap, Method, Request, StatusCode};
use http_body_util::BodyExt;
use local_aws::LocalDynamoDb;
use outbound::Outbound;
use serde_json::{Map, Value, json};
use settings::Environment;
use test_support::{ScriptedProvider, TokenBuilder};
use tower::ServiceExt;

pub(crate) const ORIGIN: &str = "https://todos.example.com";

pub(crate) struct World {
    pub(crate) store: LocalDynamoDb,
    pub(crate) provider: ScriptedProvider,
    pub(crate) clock: Arc<Shifted>,
    pub(crate) dynamodb: aws_sdk_dynamodb::Client,
    pub(crate) environment: Environment,
    pub(crate) outbound: Outbound,
    router: Router,
}

/// The machine's clock, moved on by what a test says.
#[derive(Default)]
pub(crate) struct Shifted(AtomicU64);

impl Shifted {
    pub(crate) fn advance(&self, by: Duration) {
        self.0.fetch_add(by.as_secs(), Ordering::Relaxed);
    }
}

impl Clock for Shifted {
    fn now(&self) -> SystemTime {
        SystemTime::now() + Duration::from_secs(self.0.load(Ordering::Relaxed))
    }
}

impl World {
    pub(crate) async fn new() -> Self {
        Self::at(ScriptedProvider::entra()).await
    }

    pub(crate) async fn at(provider: ScriptedProvider) -> Self {
        let store = LocalDynamoDb::in_memory().await.unwrap();
        let environment = store.environment().into_iter().chain(
            [
                ("OIDC_ISSUER", provider.issuer()),
                ("API_AUDIENCE", "api"),
                ("TODOS_READ_SCOPE", "ToDoList.Read"),
                ("TODOS_WRITE_SCOPE", "ToDoList.ReadWrite"),
                ("TODOS_READ_ROLE", "ToDoList.Read.All"),
                ("TODOS_WRITE_ROLE", "ToDoList.ReadWrite.All"),
                ("PUBLIC_URL", ORIGIN),
            ]
            .map(|(name, value)| (name.to_owned(), value.to_owned())),
        );
        let environment = Environment::of(environment);
        let outbound = Outbound::from_environment(&environment).unwrap();
        let dynamodb = outbound.dynamodb(&environment).unwrap();
        let clock = Arc::new(Shifted::default());
        let router = router(&environment, &outbound, &dynamodb, &clock);
        Self { store, provider, clock, dynamodb, environment, outbound, router }
    }

    /// Another instance over the same tables, with nothing cached.
    pub(crate) fn another_instance(&self) -> Router {
        router(&self.environment, &self.outbound, &self.dynamodb, &self.clock)
    }

    /// A good token of a user with both scopes, in the making.
    pub(crate) fn token(&self, name: &str) -> TokenBuilder {
        let sub = format!("{name}-at-the-api");
        self.provider.access_token().claim("oid", name).claim("sub", sub)
    }

    pub(crate) fn user(&self, name: &str) -> String {
        self.token(name).signed()
    }

    pub(crate) fn user_with(&self, name: &str, scopes: &str) -> String {
        self.token(name).claim("scp", scopes).signed()
    }

    /// A token of an application that acts for itself.
    pub(crate) fn app(&self, name: &str, role: &str) -> String {
        self.token(name).without("scp").claim("roles", json!([role])).claim("idtyp", "app").signed()
    }

    pub(crate) fn writer(&self) -> String {
        self.app("daemon", "ToDoList.ReadWrite.All")
    }

    pub(crate) fn call(&self, method: &str, path: &str) -> Call {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        let request = Request::builder().method(method).uri(path);
        Call { router: self.router.clone(), request, body: Body::empty() }
    }

    pub(crate) fn get(&self, path: &str, token: &str) -> Call {
        self.call("GET", path).bearer(token)
    }

    /// Creates a todo and gives it back.
    pub(crate) async fn create(&self, token: &str, todo: Value) -> Value {
        let answer = self.call("POST", "/api/todos").bearer(token).json(&todo).send().await;
        assert_eq!(answer.status, StatusCode::CREATED, "{:?}", answer.body);
        answer.json()
    }

    /// Creates one and gives its path.
    pub(crate) async fn created(&self, token: &str, description: &str) -> String {
        path_of(&self.create(token, json!({ "description": description })).await)
    }

    pub(crate) fn sessions(&self) -> Sessions {
        let config = SessionsConfig::from_environment(&self.environment).unwrap();
        let clock: Arc<dyn Clock> = self.clock.clone();
        Sessions::new(self.dynamodb.clone(), config, clock, Arc::new(SystemRandom))
    }

    /// Opens a session that holds this access token, and gives its `Cookie` header.
    pub(crate) async fn signed_in(&self, access_token: &str) -> String {
        let contents = SessionContents {
            access_token: access_token.into(),
            access_expires_at: None,
            obtained_at: self.clock.now(),
            refresh_token: None,
            id_token: "id".into(),
            claims: Map::new(),
            userinfo: Map::new(),
        };
        let sign_in = SignIn {
            user: UserKey::new("https://issuer.example", "ada"),
            provider_session: None,
            began_at: self.clock.now(),
            device: Device::default(),
        };
        let created = self.sessions().create(&contents, &sign_in).await.unwrap();
        let secret = created.secret().unwrap();
        let cookie = secret.set_cookie();
        cookie.to_str().unwrap().split(';').next().unwrap().to_owned()
    }
}

fn router(
    environment: &Environment,
    outbound: &Outbound,
    dynamodb: &aws_sdk_dynamodb::Client,
    clock: &Arc<Shifted>,
) -> Router {
    let config = todos::Config::from_environment(environment).unwrap();
    let fetch = HttpFetch::new(outbound.http().clone());
    let clock: Arc<dyn Clock> = clock.clone();
    let random = Arc::new(SystemRandom);
    let state = todos::State::new(config, fetch, dynamodb.clone(), clock, random).unwrap();
    todos::app(state)
}

pub(crate) fn path_of(todo: &Value) -> String {
    format!("/api/todos/{}", todo["id"].as_str().unwrap())
}

/// A request in the making.
pub(crate) struct Call {
    router: Router,
    request: http::request::Builder,
    body: Body,
}

impl Call {
    pub(crate) fn on(mut self, router: &Router) -> Self {
        self.router = router.clone();
        self
    }

    pub(crate) fn header(mut self, name: &str, value: impl AsRef<[u8]>) -> Self {
        self.request = self.request.header(name, value.as_ref());
        self
    }

    pub(crate) fn bearer(self, token: &str) -> Self {
        self.header("authorization", format!("Bearer {token}"))
    }

    /// From the page: with the session's cookie.
    pub(crate) fn cookie(self, cookie: &str) -> Self {
        self.header("cookie", cookie).header("x-csrf", "1")
    }

    pub(crate) fn json(self, body: &Value) -> Self {
        self.text("application/json", body.to_string())
    }

    pub(crate) fn text(self, content_type: &str, body: impl Into<Body>) -> Self {
        self.header("content-type", content_type).body(body)
    }

    pub(crate) fn body(mut self, body: impl Into<Body>) -> Self {
        self.body = body.into();
        self
    }

    /// Sends it, and checks what holds for every answer.
    pub(crate) async fn send(self) -> Answer {
        let request = self.request.body(self.body).unwrap();
        let head = request.method() == Method::HEAD;
        let (parts, body) = self.router.oneshot(request).await.unwrap().into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        let body = String::from_utf8(body.to_vec()).unwrap();
        let answer = Answer { status: parts.status, headers: parts.headers, body };
        answer.check(head);
        answer
    }
}

#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Answer {
    fn check(&self, head: bool) {
        assert_eq!(self.header("cache-control"), "no-store");
        assert_eq!(self.header("x-content-type-options"), "nosniff");
        if head {
            assert_eq!(self.body, "");
        } else if !self.status.is_success() {
            assert_eq!(self.header("content-type"), "application/problem+json", "{}", self.body);
            assert_eq!(self.json()["status"], self.status.as_u16());
            assert!(self.json()["code"].is_string() && self.json()["detail"].is_string());
        }
        let has = |name: &str| self.headers.contains_key(name);
        assert_eq!(
            has("www-authenticate"),
            self.status == StatusCode::UNAUTHORIZED || {
                let codes = ["insufficient_scope", "invalid_request"];
                !head && codes.contains(&self.code())
            }
        );
        assert_eq!(has("allow"), self.status == StatusCode::METHOD_NOT_ALLOWED);
        assert_eq!(has("retry-after"), self.status == StatusCode::SERVICE_UNAVAILABLE);
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map(|value| value.to_str().unwrap()).unwrap_or_default()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("no JSON: {}", self.body))
    }

    /// The stable code of a problem.
    pub(crate) fn code(&self) -> &'static str {
        let code = self.json_or_null()["code"].as_str().unwrap_or_default().to_owned();
        code.leak()
    }

    fn json_or_null(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_default()
    }

    /// What a refusal is told by.
    pub(crate) fn refusal(&self) -> (u16, &'static str) {
        (self.status.as_u16(), self.code())
    }

    /// Pointer and code of each wrong member.
    pub(crate) fn errors(&self) -> Vec<(String, String)> {
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let pair = |error: &Value| (text(&error["pointer"]), text(&error["code"]));
        self.json()["errors"].as_array().unwrap().iter().map(pair).collect()
    }

    pub(crate) fn ok(self) -> Value {
        assert_eq!(self.status, StatusCode::OK, "{}", self.body);
        self.json()
    }
}
