//! Calls of the page: a session's cookie in place of a token.

use std::time::Duration;

use serde_json::json;

use crate::harness::{ORIGIN, Todos};

#[tokio::test]
async fn a_session_stands_in_for_its_access_token() {
    let (todos, cookie) = Todos::with_session().await;
    let body = json!({"description": "from the page"});
    let call = todos.call("POST", "/api/todos").cookie(&cookie).json(&body);
    assert_eq!(call.send().await.json()["owner"], "ada");
    let call = todos.call("GET", "/api/todos").cookie(&format!("a=1; {cookie}; b=2"));
    assert_eq!(call.send().await.ok()["items"][0]["description"], "from the page");
}

#[tokio::test]
async fn a_session_has_no_more_permissions_than_its_token() {
    let todos = Todos::new().await;
    let cookie = todos.signed_in(&todos.user_with("ada", "ToDoList.Read")).await;
    let call = todos.call("POST", "/api/todos").cookie(&cookie).json(&json!({"description": "x"}));
    assert_eq!(call.send().await.refusal(), (403, "insufficient_scope"));
}

#[tokio::test]
async fn a_cookie_without_the_csrf_header_is_403_on_get_too() {
    let (todos, cookie) = Todos::with_session().await;
    for method in ["GET", "HEAD", "POST"] {
        for csrf in [None, Some("0"), Some(""), Some("true")] {
            let call = todos.call(method, "/api/todos").header("cookie", &cookie);
            let call = csrf.into_iter().fold(call, |call, value| call.header("x-csrf", value));
            // Not even what the browser itself says takes its place.
            let call = call.header("sec-fetch-site", "same-origin").header("origin", ORIGIN);
            assert_eq!(call.send().await.status, 403, "{method} {csrf:?}");
        }
    }
}

#[tokio::test]
async fn a_cookie_from_another_site_is_403_even_with_the_csrf_header() {
    let (todos, cookie) = Todos::with_session().await;
    for (name, value) in [
        ("origin", "https://evil.example"),
        ("origin", "null"),
        ("origin", "http://todos.example.com"),
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
    ] {
        let call = todos.call("GET", "/api/todos").cookie(&cookie).header(name, value);
        assert_eq!(call.send().await.refusal(), (403, "cross_site_request"), "{name}: {value}");
    }
    let call = todos.call("GET", "/api/todos").cookie(&cookie).header("origin", ORIGIN);
    call.header("sec-fetch-site", "same-origin").send().await.ok();
}

#[tokio::test]
async fn a_bearer_request_ignores_cookies() {
    let (todos, cookie) = Todos::with_session().await;
    todos.created(&todos.user("ada"), "hers").await;
    let call = todos.get("/api/todos", &todos.user("grace")).header("cookie", &cookie);
    let page = call.header("origin", "https://elsewhere.example").send().await.ok();
    assert_eq!(page["items"], json!([]));
    // A bad token is not rescued by a good session.
    let call = todos.get("/api/todos", "x").cookie(&cookie);
    assert_eq!(call.send().await.refusal(), (401, "invalid_token"));
    let call = todos.call("GET", "/api/todos").header("authorization", "Basic eA==");
    assert_eq!(call.cookie(&cookie).send().await.refusal(), (401, "no_credentials"));
}

#[tokio::test]
async fn a_session_that_is_not_there_is_like_no_credentials() {
    let (todos, cookie) = Todos::with_session().await;
    let unknown = format!("__Host-session={}", "A".repeat(43));
    for cookie in [&unknown, "__Host-session=", "__Host-session=x", &format!("{cookie}; {cookie}")]
    {
        let answer = todos.call("GET", "/api/todos").cookie(cookie).send().await;
        assert_eq!(answer.refusal(), (401, "no_credentials"), "{cookie}");
    }
}

#[tokio::test]
async fn a_session_past_its_idle_limit_is_401() {
    let (todos, cookie) = Todos::with_session().await;
    todos.clock.advance(Duration::from_mins(61));
    let answer = todos.call("GET", "/api/todos").cookie(&cookie).send().await;
    assert_eq!(answer.refusal(), (401, "no_credentials"));
}

#[tokio::test]
async fn a_session_whose_access_token_has_expired_is_401() {
    let todos = Todos::new().await;
    let expired = todos.token("ada").claim("exp", 1_000_000_000).signed();
    let cookie = todos.signed_in(&expired).await;
    let answer = todos.call("GET", "/api/todos").cookie(&cookie).send().await;
    assert_eq!(answer.refusal(), (401, "invalid_token"));
}

#[tokio::test]
async fn the_api_only_reads_sessions() {
    let (todos, cookie) = Todos::with_session().await;
    let before = todos.rows("SessionsTable").await;
    todos.clock.advance(Duration::from_mins(30));
    todos.call("GET", "/api/todos").cookie(&cookie).send().await.ok();
    assert_eq!(todos.rows("SessionsTable").await, before);
}
