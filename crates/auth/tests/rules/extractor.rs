//! The axum extractor.

use axum::{
    Router,
    body::Body,
    extract::FromRef,
    http::{Request, Response, StatusCode},
    routing::get,
};
use http_body_util::BodyExt;
use oidc_resource_server::{
    Caller, Policy, Resource, Role, Scope, Verifier,
    axum::{Authorized, Permission},
};
use std::{cell::RefCell, io::Write, sync::Once};

use serde_json::{Value, json};
use tower::ServiceExt;

use crate::harness::Harness;

#[derive(Clone)]
struct App {
    tokens: Verifier,
    read: Policy,
}

impl FromRef<App> for Verifier {
    fn from_ref(app: &App) -> Self {
        app.tokens.clone()
    }
}

struct Read;

impl Permission<App> for Read {
    fn policy(app: &App) -> &Policy {
        &app.read
    }
}

async fn whoami(Authorized { caller, .. }: Authorized<Read>) -> String {
    match caller {
        Caller::User(user) => user.owner,
        Caller::App(app) => app.subject,
    }
}

async fn call(harness: &Harness, request: Request<Body>) -> Response<Body> {
    listen();
    let read = Policy::any_of(
        vec![Scope::parse("ToDoList.Read").unwrap()],
        vec![Role::parse("ToDoList.Read.All").unwrap()],
    );
    let app = App { tokens: harness.verifier.clone(), read: read.unwrap() };
    Router::new().route("/", get(whoami)).with_state(app).oneshot(request).await.unwrap()
}

async fn call_with(harness: &Harness, changes: Value) -> Response<Body> {
    let token = harness.signer.token(&harness.claims_but(&changes));
    let request = Request::get("/").header("authorization", format!("Bearer {token}"));
    call(harness, request.body(Body::empty()).unwrap()).await
}

async fn problem(response: Response<Body>) -> Value {
    assert_eq!(response.headers()["content-type"], "application/problem+json");
    assert_eq!(response.headers()["cache-control"], "no-store");
    serde_json::from_slice(&response.into_body().collect().await.unwrap().to_bytes()).unwrap()
}

#[tokio::test]
async fn a_caller_with_permission_reaches_the_handler() {
    let response = call_with(&Harness::new(), json!({})).await;
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(response.into_body().collect().await.unwrap().to_bytes(), "user-1");
}

#[tokio::test]
async fn without_a_token_the_answer_says_where_to_get_one() {
    let request = Request::get("/?access_token=x")
        .header("host", "evil.example")
        .header("x-forwarded-host", "evil.example")
        .extension(Resource::parse("https://todos.example").unwrap());
    let response = call(&Harness::new(), request.body(Body::empty()).unwrap()).await;
    assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(
        response.headers()["www-authenticate"],
        "Bearer resource_metadata=\"https://todos.example/.well-known/oauth-protected-resource\""
    );
    let problem = problem(response).await;
    assert_eq!(problem["code"], "no_credentials");
    assert_eq!((&problem["type"], &problem["status"]), (&json!("about:blank"), &json!(401)));
}

#[tokio::test]
async fn a_bad_token_is_401_and_a_missing_scope_403() {
    let harness = Harness::new();
    let response = call_with(&harness, json!({"exp": 0})).await;
    assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(problem(response).await["code"], "invalid_token");

    let response = call_with(&harness, json!({"scp": "other"})).await;
    assert_eq!(response.status(), StatusCode::FORBIDDEN);
    let challenge = response.headers()["www-authenticate"].to_str().unwrap().to_owned();
    assert!(
        challenge.contains("error=\"insufficient_scope\"")
            && challenge.contains("scope=\"ToDoList.Read\"")
    );
    assert_eq!(problem(response).await["code"], "insufficient_scope");
}

#[tokio::test]
async fn two_authorization_headers_are_400() {
    let request =
        Request::get("/").header("authorization", "Bearer a").header("authorization", "Bearer b");
    let response = call(&Harness::new(), request.body(Body::empty()).unwrap()).await;
    assert_eq!(response.status(), StatusCode::BAD_REQUEST);
    assert_eq!(problem(response).await["code"], "invalid_request");
}

#[tokio::test]
async fn an_outage_is_503_with_retry_after() {
    let harness = Harness::new();
    harness.script.go_down();
    let response = call_with(&harness, json!({})).await;
    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(response.headers()["retry-after"], "5");
    assert!(!response.headers().contains_key("www-authenticate"));
    let problem = problem(response).await;
    assert_eq!(problem["code"], "keys_unavailable");
    assert!(!problem.to_string().contains("refused"), "a 503 says nothing of its cause");
}

thread_local! {
    static LOG: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// Each test has a thread of its own, and so a log of its own.
struct Log;

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        LOG.with_borrow_mut(|log| log.write(bytes))
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// For the whole process, before anything is refused: `tracing` remembers a
/// place in the code as one where nobody listens, if nobody did at first.
fn listen() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let log = tracing_subscriber::fmt().with_ansi(false).with_writer(|| Log).finish();
        tracing::subscriber::set_global_default(log).unwrap();
    });
}

#[tokio::test]
async fn each_refusal_is_logged_once_with_its_fact_and_never_the_token() {
    let harness = Harness::new();
    let token = harness
        .signer
        .token(&harness.claims_but(&json!({"aud": "other", "email": "ada@example.com"})));
    let request = Request::get("/").header("authorization", format!("Bearer {token}"));
    call(&harness, request.body(Body::empty()).unwrap()).await;
    let lines = String::from_utf8(LOG.take()).unwrap();
    assert_eq!(lines.lines().count(), 1, "{lines}");
    assert!(lines.contains("code=\"invalid_token\" variant=\"wrong_audience\""), "{lines}");
    assert!(lines.contains("other"), "{lines}");
    for secret in token.split('.').chain(["ada@example.com", "pairwise-1"]) {
        assert!(!lines.contains(secret), "{lines}");
    }
}

#[tokio::test]
async fn the_user_of_a_session_takes_the_place_of_a_token_and_never_stands_beside_one() {
    let harness = Harness::new();
    let claims = harness.id_claims_but(&json!({}));
    let scopes = |scope| [Scope::parse(scope).unwrap()];
    let user =
        |scope| harness.verifier.session_user(claims.as_object().unwrap(), &scopes(scope)).unwrap();
    let request = |scope| Request::get("/").extension(user(scope));
    let whoami = async |request: axum::http::request::Builder| {
        let response = call(&harness, request.body(Body::empty()).unwrap()).await;
        let status = response.status();
        (status, response.into_body().collect().await.unwrap().to_bytes())
    };
    assert_eq!(whoami(request("ToDoList.Read")).await, (StatusCode::OK, "user-1".into()));
    assert_eq!(whoami(request("ToDoList.Read.All")).await.0, StatusCode::FORBIDDEN);

    let other = harness.signer.token(&harness.claims_but(&json!({"oid": "user-2"})));
    let beside =
        |credentials: String| request("ToDoList.Read").header("authorization", credentials);
    let whoever = whoami(beside(format!("Bearer {other}"))).await;
    assert_eq!(whoever, (StatusCode::OK, "user-2".into()));
    let weak = harness.signer.token(&harness.claims_but(&json!({"scp": "other"})));
    assert_eq!(whoami(beside(format!("Bearer {weak}"))).await.0, StatusCode::FORBIDDEN);
    for bad in ["Bearer x", "Bearer", "Basic YTpi", ""] {
        assert_ne!(whoami(beside(bad.to_owned())).await.0, StatusCode::OK, "{bad}");
    }
}
