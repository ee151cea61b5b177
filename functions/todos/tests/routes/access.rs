//! Who is let in, and what refusals say.

use http::StatusCode;
use serde_json::json;

use crate::harness::{ORIGIN, Todos};

const METADATA: &str = "https://todos.example.com/.well-known/oauth-protected-resource";

#[tokio::test]
async fn without_credentials_it_is_401_and_says_where_to_get_some() {
    let todos = Todos::new().await;
    let (read, write) = ("api://todos/ToDoList.Read", "api://todos/ToDoList.ReadWrite");
    for (method, path, scope) in [
        ("GET", "/api/todos", read),
        ("HEAD", "/api/todos", read),
        ("POST", "/api/todos", write),
        ("GET", "/api/todos/x", read),
        ("PUT", "/api/todos/x", write),
        ("PATCH", "/api/todos/x", write),
        ("DELETE", "/api/todos/x", write),
    ] {
        let answer = todos.call(method, path).send().await;
        assert_eq!(answer.status, 401, "{method} {path}");
        let challenge = format!("Bearer scope=\"{scope}\", resource_metadata=\"{METADATA}\"");
        assert_eq!(answer.header("www-authenticate"), Some(&*challenge));
    }
}

#[tokio::test]
async fn a_token_in_the_query_or_the_body_or_another_scheme_is_none() {
    let (todos, token) = Todos::with_user().await;
    let path = format!("/api/todos?access_token={token}");
    assert_eq!(todos.call("GET", &path).send().await.refusal(), (401, "no_credentials"));
    let form = format!("access_token={token}");
    let call = todos.call("POST", "/api/todos").text("application/x-www-form-urlencoded", form);
    assert_eq!(call.send().await.refusal(), (401, "no_credentials"));
    let call = todos.call("GET", "/api/todos").header("authorization", format!("Basic {token}"));
    assert_eq!(call.send().await.refusal(), (401, "no_credentials"));
}

#[tokio::test]
async fn a_bad_token_is_401_and_a_malformed_header_400() {
    let todos = Todos::new().await;
    for token in [
        todos.token("ada").unsigned(),
        todos.token("ada").header("alg", "none").unsigned(),
        todos.token("ada").claim("aud", "another").signed(),
        todos.token("ada").claim("exp", 1_000_000_000).signed(),
        todos.token("ada").without("scp").signed(),
        "x".to_owned(),
        "x".repeat(20_000),
    ] {
        let answer = todos.get("/api/todos", &token).send().await;
        assert_eq!(answer.refusal(), (401, "invalid_token"), "{token}");
        assert!(answer.header("www-authenticate").unwrap().contains("error=\"invalid_token\""));
        assert!(answer.header("www-authenticate").unwrap().contains(METADATA));
    }
    let token = todos.user("ada");
    let twice = todos.get("/api/todos", &token).bearer(&token);
    assert_eq!(twice.send().await.refusal(), (400, "invalid_request"));
    for header in ["Bearer", "Bearer ", "Bearer a b", "Bearer a,b", "Bearer \u{e4}"] {
        let call = todos.call("GET", "/api/todos").header("authorization", header);
        assert_eq!(call.send().await.refusal(), (400, "invalid_request"), "{header}");
    }
}

#[tokio::test]
async fn the_scheme_is_written_in_any_case() {
    let todos = Todos::new().await;
    for scheme in ["bearer", "BEARER"] {
        let header = format!("{scheme} {}", todos.user("ada"));
        todos.call("GET", "/api/todos").header("authorization", header).send().await.ok();
    }
}

#[tokio::test]
async fn reading_takes_a_read_or_write_permission_and_writing_a_write_one() {
    let todos = Todos::new().await;
    let todo = json!({"description": "x", "owner": "ada"});
    let user = json!({"description": "x"});
    for (token, body, reads, writes) in [
        (todos.user_with("ada", "ToDoList.Read"), &user, true, false),
        (todos.user_with("ada", "ToDoList.ReadWrite"), &user, true, true),
        (todos.user_with("ada", "openid ToDoList.Read.All"), &user, false, false),
        (todos.user_with("ada", "todolist.read"), &user, false, false),
        (todos.app("daemon", "ToDoList.Read.All"), &todo, true, false),
        (todos.app("daemon", "ToDoList.ReadWrite.All"), &todo, true, true),
        (todos.app("daemon", "ToDoList.ReadWrite"), &todo, false, false),
    ] {
        let answer = todos.get("/api/todos", &token).send().await;
        assert_eq!(answer.status, if reads { 200 } else { 403 });
        let answer = todos.call("POST", "/api/todos").bearer(&token).json(body).send().await;
        assert_eq!(answer.status, if writes { 201 } else { 403 }, "{}", answer.body);
    }
}

#[tokio::test]
async fn a_missing_scope_is_403_and_names_what_would_do() {
    let (todos, path) = Todos::with_todo().await;
    let reader = todos.user_with("ada", "ToDoList.Read");
    let body = json!({"description": "y"});
    for method in ["PUT", "PATCH", "DELETE"] {
        let answer = todos.call(method, &path).bearer(&reader).json(&body).send().await;
        assert_eq!(answer.refusal(), (403, "insufficient_scope"), "{method}");
        let challenge = answer.header("www-authenticate").unwrap().to_owned();
        assert!(challenge.contains("error=\"insufficient_scope\""), "{challenge}");
        assert!(challenge.contains("scope=\"api://todos/ToDoList.ReadWrite\""), "{challenge}");
    }
    let stranger = todos.user_with("ada", "Files.Read");
    let answer = todos.get(&path, &stranger).send().await;
    let challenge = answer.header("www-authenticate").unwrap();
    assert!(challenge.contains("scope=\"api://todos/ToDoList.Read\""), "{challenge}");
}

#[tokio::test]
async fn a_user_s_token_with_an_all_role_opens_nothing_more() {
    let (todos, path) = Todos::with_todo().await;
    let roles = json!(["ToDoList.ReadWrite.All", "ToDoList.Read.All"]);
    let grace = todos.token("grace").claim("roles", roles.clone()).signed();
    assert_eq!(todos.get("/api/todos", &grace).send().await.ok()["items"], json!([]));
    for method in ["GET", "DELETE"] {
        assert_eq!(todos.call(method, &path).bearer(&grace).send().await.status, 404);
    }
    assert_eq!(todos.get("/api/todos?owner=ada", &grace).send().await.status, 422);
    // And without a scope it opens nothing at all.
    let other = todos.token("grace").claim("roles", roles).claim("scp", "x").signed();
    assert_eq!(todos.get("/api/todos", &other).send().await.status, 403);
}

#[tokio::test]
async fn a_user_without_an_oid_owns_by_sub() {
    let todos = Todos::at(test_support::ScriptedProvider::start()).await;
    let token = todos.provider.access_token().claim("sub", "auth0|ada").signed();
    let todo = todos.create(&token, json!({"description": "x"})).await;
    assert_eq!(todo["owner"], "auth0|ada");
}

#[tokio::test]
async fn a_subject_that_cannot_own_todos_is_403() {
    let todos = Todos::new().await;
    for oid in [" ada", "a\nb", &"x".repeat(256)] {
        let token = todos.token("ada").claim("oid", oid).signed();
        let answer = todos.get("/api/todos", &token).send().await;
        assert_eq!(answer.refusal(), (403, "no_owner"), "{oid}");
    }
}

#[tokio::test]
async fn the_host_header_changes_no_address() {
    let todos = Todos::new().await;
    let call = todos.call("GET", "/api/todos").header("host", "evil.example");
    let answer = call.header("x-forwarded-host", "evil.example").send().await;
    assert!(answer.header("www-authenticate").unwrap().contains(ORIGIN));
}

#[tokio::test]
async fn a_caller_who_cannot_own_todos_is_refused_before_the_body_is_read() {
    let todos = Todos::new().await;
    let token = todos.token("ada").claim("oid", " cannot own ").signed();
    let id = "/api/todos/0199f0a4-5c1e-7b3a-9d52-6f1f4f5a1c22";
    for (method, path) in [("POST", "/api/todos"), ("PUT", id), ("PATCH", id)] {
        for body in [r#"{"description":"x"}"#, "{", r#"{"a":1,"a":1}"#, r#"{"version":1}"#, "[]"] {
            let call = todos.call(method, path).bearer(&token).text("application/json", body);
            let response = call.send().await;
            assert_eq!(response.status, StatusCode::FORBIDDEN, "{method} {body}");
        }
    }
}
