//! The tower layer.

use std::{
    convert::Infallible,
    future::{Ready, ready},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll},
};

use http::{HeaderMap, Request, Response, StatusCode};
use oidc_resource_server::{
    Authorized, Caller, Policy, Resource, Role, Scope, tower::AuthorizeLayer,
};
use serde_json::{Value, json};
use tower::{Layer, Service, ServiceExt};

use crate::harness::Harness;

/// The permission that the layer is for.
struct Read;

/// Another one.
struct Write;

fn layer(harness: &Harness) -> AuthorizeLayer<Read> {
    let scopes = vec![Scope::parse("ToDoList.Read").unwrap()];
    let policy = Policy::any_of(scopes, vec![Role::parse("ToDoList.Read.All").unwrap()]);
    AuthorizeLayer::new(harness.verifier.clone(), policy.unwrap())
}

fn bearer(harness: &Harness, changes: &Value) -> String {
    format!("Bearer {}", harness.signer.token(&harness.claims_but(changes)))
}

fn request(authorization: &str) -> Request<String> {
    Request::get("/todos").header("authorization", authorization).body("a body".into()).unwrap()
}

/// A service that says who called, counts how often, and must be found ready
/// before each call: it is the very instance that was that is called.
struct Inner {
    calls: Arc<AtomicUsize>,
    is_ready: bool,
}

impl Inner {
    fn new() -> (Self, Arc<AtomicUsize>) {
        let calls = Arc::new(AtomicUsize::new(0));
        (Self { calls: calls.clone(), is_ready: false }, calls)
    }
}

impl Clone for Inner {
    fn clone(&self) -> Self {
        Self { calls: self.calls.clone(), is_ready: false }
    }
}

impl Service<Request<String>> for Inner {
    type Response = Response<String>;
    type Error = &'static str;
    type Future = Ready<Result<Response<String>, &'static str>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), &'static str>> {
        self.is_ready = true;
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<String>) -> Self::Future {
        assert!(std::mem::take(&mut self.is_ready), "called without having been found ready");
        self.calls.fetch_add(1, Ordering::Relaxed);
        assert!(request.extensions().get::<Authorized<Write>>().is_none());
        ready(match request.extensions().get::<Authorized<Read>>() {
            Some(Authorized { caller: Caller::User(user), .. }) => {
                Ok(Response::new(format!("{} sent {}", user.owner, request.body())))
            }
            Some(_) => Err("no user"),
            None => panic!("nobody authorized this"),
        })
    }
}

/// A service that is never ready, for this reason.
#[derive(Clone)]
struct Never(Poll<Result<(), &'static str>>);

impl Service<Request<String>> for Never {
    type Response = Response<String>;
    type Error = &'static str;
    type Future = Ready<Result<Response<String>, &'static str>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), &'static str>> {
        self.0
    }

    fn call(&mut self, _: Request<String>) -> Self::Future {
        panic!("a service that is not ready was called")
    }
}

/// The refusal of a request, which the service inside never saw.
async fn error_of(harness: &Harness, request: Request<String>) -> (StatusCode, HeaderMap, Value) {
    let (inner, calls) = Inner::new();
    let response = layer(harness).layer(inner).oneshot(request).await.unwrap();
    assert_eq!(calls.load(Ordering::Relaxed), 0, "the service inside was called");
    let (parts, body) = response.into_parts();
    assert_eq!(parts.headers["content-type"], "application/problem+json");
    assert_eq!(parts.headers["cache-control"], "no-store");
    (parts.status, parts.headers, serde_json::from_str(&body).unwrap())
}

#[tokio::test]
async fn a_caller_with_permission_reaches_the_service_with_the_whole_request() {
    let harness = Harness::new();
    let (inner, calls) = Inner::new();
    let mut service = layer(&harness).layer(inner);
    for round in 1..=3 {
        let request = request(&bearer(&harness, &json!({})));
        let response = service.ready().await.unwrap().call(request).await.unwrap();
        assert_eq!(response.body(), "user-1 sent a body");
        assert_eq!(calls.load(Ordering::Relaxed), round);
    }
}

#[tokio::test]
async fn what_an_outer_service_put_into_the_extensions_counts_for_nothing() {
    // The caller of an earlier request, for instance.
    let harness = Harness::new();
    let (stolen, keep) = std::sync::mpsc::channel();
    let thief = tower::service_fn(move |request: Request<String>| {
        stolen.send(request.extensions().get::<Authorized<Read>>().unwrap().clone()).unwrap();
        ready(Ok::<_, Infallible>(Response::new(String::new())))
    });
    layer(&harness).layer(thief).oneshot(request(&bearer(&harness, &json!({})))).await.unwrap();
    let earlier = keep.recv().unwrap();

    let mut request = request("Bearer x");
    request.extensions_mut().insert(earlier);
    assert_eq!(error_of(&harness, request).await.0, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn without_a_token_the_answer_is_401_without_error() {
    let harness = Harness::new();
    let request = Request::get("/").body(String::new()).unwrap();
    let (status, headers, problem) = error_of(&harness, request).await;
    assert_eq!(status, StatusCode::UNAUTHORIZED);
    assert_eq!(headers["www-authenticate"], "Bearer");
    assert_eq!(
        problem,
        json!({"type": "about:blank", "title": "Unauthorized", "status": 401,
               "detail": "This needs an access token.", "code": "no_credentials"})
    );
}

#[tokio::test]
async fn a_bad_token_is_401_and_a_missing_scope_403() {
    let harness = Harness::new();
    let expired = bearer(&harness, &json!({"exp": 0}));
    let (status, headers, problem) = error_of(&harness, request(&expired)).await;
    assert_eq!(status, StatusCode::UNAUTHORIZED);
    assert_eq!(
        headers["www-authenticate"],
        "Bearer error=\"invalid_token\", error_description=\"The token has expired.\""
    );
    assert_eq!((&problem["code"], &problem["status"]), (&json!("invalid_token"), &json!(401)));

    let other = bearer(&harness, &json!({"scp": "other"}));
    let (status, headers, problem) = error_of(&harness, request(&other)).await;
    assert_eq!(status, StatusCode::FORBIDDEN);
    assert_eq!(
        headers["www-authenticate"],
        "Bearer error=\"insufficient_scope\", error_description=\"This needs ToDoList.Read.\", \
         scope=\"ToDoList.Read\""
    );
    assert_eq!((&problem["code"], &problem["status"]), (&json!("insufficient_scope"), &json!(403)));
}

#[tokio::test]
async fn an_outage_is_503_with_retry_after_and_without_challenge() {
    let harness = Harness::new();
    harness.script.go_down();
    let (status, headers, problem) =
        error_of(&harness, request(&bearer(&harness, &json!({})))).await;
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(headers["retry-after"], "5");
    assert!(!headers.contains_key("www-authenticate"));
    assert_eq!(problem["code"], "keys_unavailable");
}

#[tokio::test]
async fn two_authorization_headers_are_400() {
    let harness = Harness::new();
    let mut request = request(&bearer(&harness, &json!({})));
    request.headers_mut().append("authorization", "Bearer x".parse().unwrap());
    let (status, _, problem) = error_of(&harness, request).await;
    assert_eq!((status, &problem["code"]), (StatusCode::BAD_REQUEST, &json!("invalid_request")));
}

#[tokio::test]
async fn the_resource_in_the_extensions_names_its_metadata() {
    let mut harness = Harness::new();
    let own = |harness: &Harness| {
        let resource = Resource::parse("https://todos.example/v1").unwrap();
        let mut request = request(&bearer(harness, &json!({"exp": 0})));
        request.extensions_mut().insert(resource);
        request
    };
    let named = |headers: HeaderMap| headers["www-authenticate"].to_str().unwrap().to_owned();
    let metadata =
        ", resource_metadata=\"https://todos.example/.well-known/oauth-protected-resource/v1\"";
    assert!(named(error_of(&harness, own(&harness)).await.1).ends_with(metadata));

    // It goes before the verifier's own.
    harness.verifier =
        harness.verifier.with_resource(Resource::parse("https://other.example").unwrap());
    assert!(named(error_of(&harness, own(&harness)).await.1).ends_with(metadata));
    let (_, headers, _) = error_of(&harness, request("Bearer x")).await;
    assert!(named(headers).contains("\"https://other.example/.well-known/"));
}

#[tokio::test]
async fn the_error_of_the_service_passes_through() {
    let harness = Harness::new();
    let app = bearer(&harness, &json!({"scp": null, "roles": ["ToDoList.Read.All"]}));
    let verdict = layer(&harness).layer(Inner::new().0).oneshot(request(&app)).await;
    assert_eq!(verdict.unwrap_err(), "no user");

    let verdict =
        layer(&harness).layer(Never(Poll::Ready(Err("broken")))).oneshot(request("Bearer x")).await;
    assert_eq!(verdict.unwrap_err(), "broken");
}

#[tokio::test]
async fn a_service_that_is_not_ready_is_waited_for() {
    let harness = Harness::new();
    let mut service = layer(&harness).layer(Never(Poll::Pending));
    let mut context = Context::from_waker(std::task::Waker::noop());
    assert!(service.poll_ready(&mut context).is_pending());
}

#[cfg(feature = "axum")]
#[tokio::test]
async fn a_router_is_protected_route_by_route() {
    use axum::{Extension, Router, body::Body, routing::get};
    use http_body_util::BodyExt;

    async fn whoami(Extension(authorized): Extension<Authorized<Read>>) -> String {
        match authorized.caller {
            Caller::User(user) => user.subject,
            Caller::App(app) => app.subject,
        }
    }

    let harness = Harness::new();
    let app = Router::new()
        .route("/todos", get(whoami))
        .route_layer(layer(&harness))
        .route("/health", get(async || "well"));
    let call = async |path: &str, authorization: &str| {
        let request = Request::get(path).header("authorization", authorization);
        let response = app.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        (parts.status.as_u16(), String::from_utf8(body.to_vec()).unwrap())
    };
    assert_eq!(call("/todos", &bearer(&harness, &json!({}))).await, (200, "pairwise-1".into()));
    let (status, problem) = call("/todos", &bearer(&harness, &json!({"scp": "other"}))).await;
    assert!(status == 403 && problem.contains("insufficient_scope"), "{problem}");
    assert_eq!(call("/todos", "Bearer x").await.0, 401);
    assert_eq!(call("/health", "Bearer x").await, (200, "well".into()));
}

#[test]
fn for_debugging_a_layer_shows_its_policy_and_a_service_what_is_inside() {
    let layer = layer(&Harness::new());
    let shown = format!("{layer:?}");
    assert!(shown.contains("AuthorizeLayer") && shown.contains("ToDoList.Read.All"), "{shown}");
    assert_eq!(format!("{:?}", layer.layer("inside")), "Authorize { inner: \"inside\", .. }");
}
