//! What is written to the log, and what must not be.

use serde_json::json;
use test_support::LogCapture;
use tracing_subscriber::filter::LevelFilter;

use crate::harness::Todos;

#[tokio::test]
async fn a_5xx_is_logged_once_with_its_cause() {
    let (todos, ada) = Todos::with_user().await;
    let cookie = todos.signed_in(&ada).await;
    todos.get("/api/todos", &ada).send().await.ok();
    todos.store.pause().await;
    let page = todos.call("GET", "/api/todos").cookie(&cookie);
    for (call, code) in
        [(todos.get("/api/todos", &ada), "table_unavailable"), (page, "sessions_unavailable")]
    {
        let log = LogCapture::start(LevelFilter::WARN);
        assert_eq!(call.send().await.status, 503);
        let text = log.text();
        let lines: Vec<&str> = text.lines().filter(|line| line.contains("ERROR")).collect();
        assert_eq!(lines.len(), 1, "{text}");
        assert!(lines[0].contains(code), "{text}");
    }
}

#[tokio::test]
async fn tokens_cookies_and_todos_are_never_logged() {
    let todos = Todos::new().await;
    let log = LogCapture::start(LevelFilter::TRACE);
    let expired = todos.token("ada").claim("exp", 1_000_000_000).signed();
    let tokens = [todos.user("ada"), todos.user_with("ada", "x"), expired];
    let cookies = [todos.signed_in(&tokens[0]).await, todos.signed_in(&tokens[2]).await];
    let body = json!({"description": "a private matter"});
    let calls = || {
        let bearers = tokens.iter().map(|token| todos.call("POST", "/api/todos").bearer(token));
        let pages = cookies.iter().map(|cookie| todos.call("POST", "/api/todos").cookie(cookie));
        let calls = bearers.chain(pages).map(|call| call.header("idempotency-key", "my-key"));
        calls.map(|call| call.json(&body)).collect::<Vec<_>>()
    };
    for call in calls() {
        call.send().await;
    }
    todos.store.pause().await;
    for call in calls() {
        call.send().await;
    }
    let text = log.text();
    assert!(text.contains("table_unavailable"), "nothing was logged");
    let secrets = cookies.iter().map(|cookie| cookie.split_once('=').unwrap().1);
    for secret in tokens.iter().map(String::as_str).chain(secrets) {
        assert!(!text.contains(secret));
        assert!(!text.contains(secret.rsplit('.').next().unwrap()), "a signature");
    }
    for private in ["a private matter", "my-key"] {
        assert!(!text.contains(private), "{private}");
    }
}
