//! The API as its callers meet it: the router in process, an embedded DynamoDB and a provider on
//! loopback ports.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::sync::Arc;

use auth::HttpFetch;
use axum::Router;
use serde_json::json;
use session::SystemRandom;
use test_support::{ApiCall, Backend, ManualClock, ORIGIN, ScriptedProvider};

const PATH: &str = "/api/orders-rust";

/// The function and what it uses.
struct Function {
    backend: Backend,
    router: Router,
}

impl Function {
    async fn new() -> Self {
        let backend = Backend::start(ScriptedProvider::entra(), ManualClock::running()).await;
        let config = orders_rust::Config::from_environment(&backend.environment).unwrap();
        let fetch = HttpFetch::new(backend.outbound.http().clone());
        let (dynamodb, clock) = (backend.dynamodb.clone(), backend.clock.clone());
        let state = orders_rust::State::new(config, fetch, dynamodb, clock, Arc::new(SystemRandom));
        let router = orders_rust::app(state.unwrap());
        Self { backend, router }
    }

    fn call(&self, method: &str, path: &str) -> ApiCall {
        ApiCall::new(&self.router, method, path)
    }

    /// An access token of the user ada.
    fn user(&self, scopes: &str) -> String {
        self.backend.user_token("ada").claim("scp", scopes).signed()
    }
}

#[tokio::test]
async fn without_credentials_it_is_401_and_names_the_metadata() {
    let function = Function::new().await;
    let response = function.call("GET", PATH).send().await;
    assert_eq!(response.refusal(), (401, "no_credentials"));
    let challenge = response.header("www-authenticate").unwrap();
    assert!(challenge.contains(&format!("{ORIGIN}/.well-known/oauth-protected-resource")));
}

#[tokio::test]
async fn a_user_with_the_scope_can_read() {
    let function = Function::new().await;
    let token = function.user("ToDoList.Read");
    let response = function.call("GET", PATH).bearer(&token).send().await;
    assert_eq!(response.ok(), json!({"items": []}));
}

#[tokio::test]
async fn a_user_without_the_scope_gets_403_with_its_name() {
    let function = Function::new().await;
    for scopes in ["Another.Scope", "ToDoList.Read.All"] {
        let response = function.call("GET", PATH).bearer(&function.user(scopes)).send().await;
        assert_eq!(response.refusal(), (403, "insufficient_scope"), "{scopes}");
        let challenge = response.header("www-authenticate").unwrap();
        assert!(challenge.contains("/ToDoList.Read\""), "{challenge}");
    }
}

#[tokio::test]
async fn an_application_needs_the_role() {
    let function = Function::new().await;
    for (role, status) in [("ToDoList.Read.All", 200), ("ToDoList.Read", 403)] {
        let token = function.backend.app_token("daemon", role);
        let response = function.call("GET", PATH).bearer(&token).send().await;
        assert_eq!(response.status, status, "{role}");
    }
}

#[tokio::test]
async fn a_session_replaces_the_token_and_needs_the_csrf_header() {
    let function = Function::new().await;
    let cookie = function.backend.session_with(&function.user("ToDoList.Read")).await;
    let response = function.call("GET", PATH).cookie(&cookie).send().await;
    assert_eq!(response.ok(), json!({"items": []}));
    let response = function.call("GET", PATH).header("cookie", &cookie).send().await;
    assert_eq!(response.status, 403);
}

#[tokio::test]
async fn other_paths_are_404_and_other_methods_405() {
    let function = Function::new().await;
    let token = function.user("ToDoList.Read");
    let path = format!("{PATH}/x");
    let response = function.call("GET", &path).bearer(&token).send().await;
    assert_eq!(response.refusal(), (404, "not_found"));
    let response = function.call("DELETE", PATH).bearer(&token).send().await;
    assert_eq!(response.refusal(), (405, "method_not_allowed"));
}

#[tokio::test]
async fn only_the_write_scope_can_write_and_orders_are_the_caller_s_own() {
    let function = Function::new().await;
    let token = |user, scope: &str| function.backend.user_token(user).claim("scp", scope).signed();
    let body = json!({"text": "Coffee"});
    for (scope, status) in [("ToDoList.Read", 403), ("ToDoList.ReadWrite", 201)] {
        let call = function.call("POST", PATH).bearer(&token("grace", scope)).json(&body);
        assert_eq!(call.send().await.status, status, "{scope}");
    }
    let order = json!({"id": 1, "text": "Coffee"});
    for (user, orders) in [("grace", json!([order])), ("another", json!([]))] {
        let call = function.call("GET", PATH).bearer(&token(user, "ToDoList.ReadWrite"));
        assert_eq!(call.send().await.ok(), json!({"items": orders}), "{user}");
    }
}

#[tokio::test]
async fn an_invalid_body_is_422_with_each_field() {
    let function = Function::new().await;
    let token = function.user("ToDoList.ReadWrite");
    let body = json!({"text": 1, "unknown": true});
    let response = function.call("POST", PATH).bearer(&token).json(&body).send().await;
    assert_eq!(response.status, 422);
    assert_eq!(response.errors(), [("/text", "wrong_type"), ("/unknown", "unknown_member")]);
}
