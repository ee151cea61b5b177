use serde_json::json;

use crate::harness::{TestResponse, Todos, path_of};

async fn post(todos: &Todos, body: &serde_json::Value) -> TestResponse {
    todos.call("POST", "/api/todos").bearer(&todos.user("ada")).json(body).send().await
}

#[tokio::test]
async fn a_todo_is_created_whole() {
    let todos = Todos::new().await;
    let answer = post(&todos, &json!({"description": "  Buy milk \n"})).await;
    assert_eq!(answer.status, 201);
    let todo = answer.json();
    assert_eq!(todo["description"], "Buy milk");
    assert_eq!(todo["completed"], false);
    assert_eq!(todo["owner"], "ada");
    assert_eq!(todo["version"], 1);
    assert_eq!(todo["created_at"], todo["updated_at"]);
    assert!(todo["created_at"].as_str().unwrap().ends_with('Z'));
    assert_eq!(todo.as_object().unwrap().len(), 7);
    assert_eq!(answer.header("etag"), Some("\"1\""));
    assert_eq!(answer.header("location"), Some(&*path_of(&todo)));
    let read = todos.get(&path_of(&todo), &todos.user("ada")).send().await.ok();
    assert_eq!(read, todo);
}

#[tokio::test]
async fn a_todo_can_be_born_completed() {
    let todos = Todos::new().await;
    let answer = post(&todos, &json!({"description": "x", "completed": true})).await;
    assert_eq!(answer.json()["completed"], true);
}

#[tokio::test]
async fn a_description_has_1_to_1000_characters() {
    let todos = Todos::new().await;
    let longest = "😀".repeat(1000);
    assert_eq!(post(&todos, &json!({"description": longest})).await.json()["description"], longest);
    for (description, code) in [
        (json!(""), "too_short"),
        (json!(" \n\u{3000}"), "too_short"),
        (json!("x".repeat(1001)), "too_long"),
        (json!(7), "wrong_type"),
        (json!(null), "wrong_type"),
        (json!(["x"]), "wrong_type"),
    ] {
        let answer = post(&todos, &json!({"description": description})).await;
        assert_eq!(answer.refusal(), (422, "invalid_fields"));
        assert_eq!(answer.errors(), [("/description", code)]);
    }
}

#[tokio::test]
async fn every_wrong_member_is_named_at_once() {
    let todos = Todos::new().await;
    let body = json!({
        "completed": "yes", "owner": "grace", "id": "x", "version": 3, "titel": "x",
    });
    let answer = post(&todos, &body).await;
    let mut errors = answer.errors();
    errors.sort_unstable();
    let expected = [
        ("/completed", "wrong_type"),
        ("/description", "required"),
        ("/id", "read_only"),
        ("/owner", "not_allowed"),
        ("/titel", "unknown_member"),
        ("/version", "read_only"),
    ];
    assert_eq!(errors, expected);
}

#[tokio::test]
async fn a_body_that_is_no_object_is_422() {
    let todos = Todos::new().await;
    for body in [json!(null), json!([]), json!("x"), json!(1), json!([{"description": "x"}])] {
        let errors = post(&todos, &body).await.errors();
        assert_eq!(errors, [("", "wrong_type")]);
    }
}

#[tokio::test]
async fn a_body_that_is_not_json_is_400() {
    let todos = Todos::new().await;
    let deep = format!("{{\"description\":{}", "[".repeat(100_000));
    for (body, code) in [
        ("", "malformed_json"),
        ("{", "malformed_json"),
        ("{'description': 'x'}", "malformed_json"),
        ("{\"description\": \"x\"} {}", "malformed_json"),
        ("{\"description\": \"\\ud800\"}", "malformed_json"),
        (&deep, "malformed_json"),
        ("{\"description\": \"x\", \"description\": \"x\"}", "repeated_member"),
        ("{\"description\": {\"a\": 1, \"a\": 1}}", "repeated_member"),
    ] {
        let call = todos.call("POST", "/api/todos").bearer(&todos.user("ada"));
        let answer = call.text("application/json", body.to_owned()).send().await;
        assert_eq!(answer.refusal(), (400, code), "{body:.60}");
    }
    let call = todos.call("POST", "/api/todos").bearer(&todos.user("ada"));
    let answer =
        call.text("application/json", b"{\"description\": \"\xff\"}".to_vec()).send().await;
    assert_eq!(answer.refusal(), (400, "malformed_json"));
}

#[tokio::test]
async fn another_media_type_is_415() {
    let todos = Todos::new().await;
    let body = json!({"description": "x"}).to_string();
    for content_type in
        ["text/plain", "application/x-www-form-urlencoded", "application/merge-patch+json", ""]
    {
        let call = todos.call("POST", "/api/todos").bearer(&todos.user("ada"));
        let answer = call.text(content_type, body.clone()).send().await;
        assert_eq!(answer.refusal(), (415, "unsupported_media_type"), "{content_type}");
        assert_eq!(answer.header("accept"), Some("application/json"));
    }
    let without = todos.call("POST", "/api/todos").bearer(&todos.user("ada")).body(body.clone());
    assert_eq!(without.send().await.status, 415);
    let call = todos.call("POST", "/api/todos").bearer(&todos.user("ada"));
    let call = call.header("content-encoding", "gzip").text("application/json", body.clone());
    assert_eq!(call.send().await.status, 415);
    let call = todos.call("POST", "/api/todos").bearer(&todos.user("ada"));
    let call = call.text("Application/JSON; charset=UTF-8", body);
    assert_eq!(call.send().await.status, 201);
}

#[tokio::test]
async fn a_body_over_256_kib_is_413() {
    let todos = Todos::new().await;
    let body = |length: usize| {
        let empty = json!({"description": "x", "padding": ""}).to_string().len();
        json!({"description": "x", "padding": "x".repeat(length - empty)})
    };
    assert_eq!(post(&todos, &body(256 * 1024)).await.status, 422);
    let answer = post(&todos, &body(256 * 1024 + 1)).await;
    assert_eq!(answer.refusal(), (413, "too_large"));
}

#[tokio::test]
async fn two_todos_made_at_the_same_moment_sort_by_their_creation() {
    let (todos, ada) = Todos::with_user().await;
    let mut ids = Vec::new();
    for n in 0..50 {
        let todo = todos.create(&ada, json!({"description": n.to_string()})).await;
        ids.push(todo["id"].as_str().unwrap().to_owned());
    }
    assert!(ids.is_sorted());
}
