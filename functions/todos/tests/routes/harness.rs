use std::{ops::Deref, sync::Arc};

use ::session::{Device, SessionContents, SignIn, SystemRandom, UserKey};
use auth::{Clock, HttpFetch};
use axum::{Router, body::Body};
use http::{Method, Request, StatusCode};
use serde_json::{Map, Value, json};
use test_support::{Backend, ManualClock, ScriptedProvider, TokenBuilder, cookie_pair};
pub(crate) use test_support::{ORIGIN, TestResponse};

/// The function and its backend.
pub(crate) struct Todos {
    backend: Backend,
    router: Router,
}

impl Deref for Todos {
    type Target = Backend;

    fn deref(&self) -> &Backend {
        &self.backend
    }
}

impl Todos {
    pub(crate) async fn new() -> Self {
        Self::at(ScriptedProvider::entra()).await
    }

    pub(crate) async fn at(provider: ScriptedProvider) -> Self {
        let backend = Backend::start(provider, ManualClock::running()).await;
        let router = router(&backend);
        Self { backend, router }
    }

    /// Another instance over the same tables, with nothing cached.
    pub(crate) fn another_instance(&self) -> Router {
        router(self)
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
        assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.body);
        answer.json()
    }

    /// Creates one and gives its path.
    pub(crate) async fn created(&self, token: &str, description: &str) -> String {
        path_of(&self.create(token, json!({ "description": description })).await)
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
        cookie_pair(&self.open_session(&contents, &sign_in).await.set_cookie())
    }
}

fn router(backend: &Backend) -> Router {
    let config = todos::Config::from_environment(&backend.environment).unwrap();
    let fetch = HttpFetch::new(backend.outbound.http().clone());
    let (clock, random) = (backend.clock.clone(), Arc::new(SystemRandom));
    todos::app(todos::State::new(config, fetch, backend.dynamodb.clone(), clock, random).unwrap())
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
    pub(crate) async fn send(self) -> TestResponse {
        let request = self.request.body(self.body).unwrap();
        let head = request.method() == Method::HEAD;
        let answer = TestResponse::of(self.router, request).await;
        check(&answer, head);
        answer
    }
}

/// Checks what holds for every answer.
fn check(answer: &TestResponse, head: bool) {
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
    let (_, code) = answer.refusal();
    if head {
        assert_eq!(answer.body, "");
    } else if !answer.status.is_success() {
        let content_type = answer.header("content-type");
        assert_eq!(content_type, Some("application/problem+json"), "{}", answer.body);
        assert_eq!(answer.json()["status"], answer.status.as_u16());
        assert!(!code.is_empty() && answer.json()["detail"].is_string());
    }
    let has = |name: &str| answer.headers.contains_key(name);
    let challenged = !head && ["insufficient_scope", "invalid_request"].contains(&code);
    let unauthorized = answer.status == StatusCode::UNAUTHORIZED;
    assert_eq!(has("www-authenticate"), unauthorized || challenged);
    assert_eq!(has("allow"), answer.status == StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(has("retry-after"), answer.status == StatusCode::SERVICE_UNAVAILABLE);
}
