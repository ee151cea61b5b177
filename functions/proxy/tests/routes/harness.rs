use std::{
    ops::{Deref, DerefMut},
    sync::Arc,
};

use auth::HttpFetch;
use axum::Router;
use local_aws::http_api::{HttpApiRequest, HttpApiResponse};
use serde_json::{Value, json};
use serve::EventHandler;
use session::SystemRandom;
use test_support::{Backend, ManualClock, ScriptedProvider};

use crate::upstream::Upstream;

pub(crate) const POLICIES: &str = "
    GET,POST,PUT,DELETE /api/orders scope=ToDoList.ReadWrite scope=ToDoList.Read
    * /api/orders/{path+} scope=ToDoList.ReadWrite
    * /api/public anonymous
    * /api/public/{path+} anonymous
    GET /api/nowhere anonymous";

pub(crate) const DOMAIN: &str = "todos.example.com";

/// The function, its backend and an upstream.
pub(crate) struct Proxy {
    backend: Backend,
    pub(crate) upstream: Upstream,
    router: Router,
}

impl Deref for Proxy {
    type Target = Backend;

    fn deref(&self) -> &Backend {
        &self.backend
    }
}

impl DerefMut for Proxy {
    fn deref_mut(&mut self) -> &mut Backend {
        &mut self.backend
    }
}

impl Proxy {
    pub(crate) async fn new() -> Self {
        Self::with([]).await
    }

    pub(crate) async fn with<const N: usize>(settings: [(&str, &str); N]) -> Self {
        let mut backend = Backend::start(ScriptedProvider::entra(), ManualClock::running()).await;
        let upstream = Upstream::start().await;
        let upstreams = format!("/api/orders {0} /api/public {0}", upstream.url);
        backend.set([("ROUTE_POLICIES", POLICIES), ("UPSTREAMS", &upstreams)]);
        backend.set(settings);
        let router = router(&backend);
        Self { backend, upstream, router }
    }

    pub(crate) fn token(&self, name: &str) -> String {
        self.user_token(name).signed()
    }

    pub(crate) async fn session(&self, name: &str) -> String {
        self.session_with(&self.token(name)).await
    }

    pub(crate) fn call(&self, method: &'static str, path: &'static str) -> Call {
        Call { router: self.router.clone(), event: event(method, path) }
    }
}

fn router(backend: &Backend) -> Router {
    let config = proxy::Config::from_environment(&backend.environment).unwrap();
    let outbound = &backend.outbound;
    let fetch = HttpFetch::new(outbound.http().clone());
    let (dynamodb, random) = (backend.dynamodb.clone(), Arc::new(SystemRandom));
    let clock = backend.clock.clone();
    proxy::app(proxy::State::new(config, fetch, dynamodb, outbound, clock, random).unwrap())
}

fn event(method: &str, path: &str) -> Value {
    let request = HttpApiRequest {
        route_key: "ANY /api/{path+}",
        method,
        path,
        query: "",
        protocol: "HTTP/1.1",
        headers: Vec::new(),
        body: None,
        path_parameters: Vec::new(),
        source_ip: "192.0.2.1",
        domain_name: DOMAIN,
        scheme: "https",
        port: 443,
        request_id: "JKJaXmPLvHcESHA=",
    };
    request.into_event()
}

/// A request in the making.
pub(crate) struct Call {
    router: Router,
    event: Value,
}

impl Call {
    /// A header as API Gateway hands it over.
    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.event["headers"][name] = json!(value);
        self
    }

    pub(crate) fn bearer(self, token: &str) -> Self {
        self.header("authorization", &format!("Bearer {token}"))
    }

    /// A cookie, and `X-CSRF` as the page sends it.
    pub(crate) fn session(self, cookie: &str) -> Self {
        self.cookie(cookie).header("x-csrf", "1")
    }

    pub(crate) fn cookie(mut self, cookie: &str) -> Self {
        self.event["cookies"] = json!([cookie]);
        self
    }

    pub(crate) fn query(mut self, query: &str) -> Self {
        self.event["rawQueryString"] = json!(query);
        self
    }

    pub(crate) fn body(mut self, body: &str) -> Self {
        self.event["body"] = json!(body);
        self.header("content-length", &body.len().to_string())
    }

    pub(crate) fn base64(mut self, body: &str) -> Self {
        self.event["isBase64Encoded"] = json!(true);
        self.event["body"] = json!(body);
        self
    }

    pub(crate) async fn send(self) -> Answer {
        let response = EventHandler::new(self.router).invoke(&self.event.to_string()).await;
        Answer(HttpApiResponse::parse(&response.unwrap()).unwrap())
    }
}

/// What API Gateway sends to the client.
#[derive(Debug)]
pub(crate) struct Answer(pub(crate) HttpApiResponse);

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.0.headers.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
    }

    /// Status and code of a problem document; the code is empty if it is none.
    pub(crate) fn refusal(&self) -> (u16, String) {
        let is_problem = self.header("content-type") == Some("application/problem+json");
        let body: Value = serde_json::from_slice(&self.0.body).unwrap_or_default();
        let code = body["code"].as_str().filter(|_| is_problem).unwrap_or_default();
        (self.0.status, code.to_owned())
    }
}
