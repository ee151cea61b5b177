//! The store or the provider is away.

use serde_json::json;
use test_support::{Endpoint, LogCapture, MockResponse};
use tracing_subscriber::filter::LevelFilter;

use crate::harness::Todos;

#[tokio::test]
async fn without_the_store_every_route_is_503_and_works_again_afterwards() {
    let (todos, path) = Todos::with_todo().await;
    let ada = todos.user("ada");
    todos.store.pause().await;
    let body = json!({"description": "y", "owner": "ada"});
    let own = json!({"description": "y"});
    for (method, path, token, body) in [
        ("GET", "/api/todos", &ada, &own),
        ("POST", "/api/todos", &ada, &own),
        ("GET", &*path, &ada, &own),
        ("PUT", &*path, &ada, &own),
        ("PATCH", &*path, &ada, &own),
        ("DELETE", &*path, &ada, &own),
        ("GET", "/api/todos", &todos.writer(), &body),
        ("POST", "/api/todos", &todos.writer(), &body),
        ("DELETE", &*path, &todos.writer(), &body),
    ] {
        let call = todos.call(method, path).bearer(token).header("idempotency-key", "k");
        let answer = call.json(body).send().await;
        assert_eq!(answer.refusal(), (503, "unavailable"), "{method} {path}");
        let problem = answer.body.to_lowercase();
        assert!(!problem.contains("dynamo") && !problem.contains("127.0.0.1"), "{problem}");
    }
    todos.store.resume().await.unwrap();
    assert_eq!(todos.get(&path, &ada).send().await.ok()["description"], "x");
}

/// As a lost connection: the next attempt may succeed.
#[tokio::test]
async fn a_response_of_the_store_that_is_damaged_is_503_for_reads_and_writes() {
    let damaged = axum::Router::new().fallback(async || r#"{"Item":{"id":{"S":"#);
    assert_unavailable(damaged, "DynamoDB is unavailable").await;
}

#[tokio::test]
async fn a_store_that_denies_access_is_503_and_the_log_suspects_a_permission() {
    let denied = axum::Router::new().fallback(async || {
        let error = json!({"__type": "AccessDeniedException", "message": "not authorized"});
        (http::StatusCode::BAD_REQUEST, error.to_string())
    });
    assert_unavailable(denied, "a permission may be missing").await;
}

/// Reads and writes with that store are 503, and each is logged once with that cause.
async fn assert_unavailable(store: axum::Router, cause: &str) {
    let (todos, path) = Todos::with_todo().await;
    let ada = todos.user("ada");
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, store).await });
    let environment = todos.environment.clone().with("AWS_ENDPOINT_URL_DYNAMODB", &address);
    let config = todos::Config::from_environment(&environment).unwrap();
    let state = todos::State::start(config, &environment, &todos.outbound).await.unwrap();
    let app = todos::app(state);
    let body = json!({"description": "y"});
    for (method, path) in
        [("GET", "/api/todos"), ("GET", &*path), ("POST", "/api/todos"), ("PATCH", &*path)]
    {
        let log = LogCapture::start(LevelFilter::ERROR);
        let call = todos.call(method, path).on(&app).bearer(&ada);
        let answer = call.json(&body).send().await;
        assert_eq!(answer.refusal(), (503, "unavailable"), "{method} {path}");
        assert!(answer.header("retry-after").is_some(), "{method} {path}");
        let text = log.text();
        let lines: Vec<&str> = text.lines().filter(|it| it.contains("table_unavailable")).collect();
        assert_eq!(lines.len(), 1, "{text}");
        assert!(lines[0].contains("todos table") && lines[0].contains(cause), "{text}");
    }
}

#[tokio::test]
async fn a_session_is_not_judged_without_the_store() {
    let (todos, cookie) = Todos::with_session().await;
    todos.store.pause().await;
    let answer = todos.call("GET", "/api/todos").cookie(&cookie).send().await;
    assert_eq!(answer.refusal(), (503, "unavailable"));
    todos.store.resume().await.unwrap();
    todos.call("GET", "/api/todos").cookie(&cookie).send().await.ok();
}

#[tokio::test]
async fn without_keys_a_token_is_not_judged() {
    let todos = Todos::new().await;
    todos.provider.always(Endpoint::Keys, MockResponse::status(500));
    let answer = todos.get("/api/todos", &todos.user("ada")).send().await;
    assert_eq!(answer.status, 503);
}

#[tokio::test]
async fn what_nobody_expected_is_a_500_that_says_nothing() {
    let (todos, path) = Todos::with_todo().await;
    let ada = todos.user("ada");
    let rows = todos.rows("TodosTable").await;
    let mut row = rows[0].clone();
    row.remove("version");
    let put = todos.dynamodb.put_item().table_name("TodosTable").set_item(Some(row));
    put.send().await.unwrap();
    let answer = todos.get(&path, &ada).send().await;
    assert_eq!(answer.refusal(), (500, "internal_error"));
    assert!(!answer.body.contains("version") && !answer.body.contains("row"), "{}", answer.body);
}
