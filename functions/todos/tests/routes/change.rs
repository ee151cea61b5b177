use serde_json::{Value, json};

use crate::harness::{TestResponse, Todos, path_of};

async fn patch(todos: &Todos, path: &str, body: &Value) -> TestResponse {
    let call = todos.call("PATCH", path).bearer(&todos.user("ada"));
    call.text("application/merge-patch+json", body.to_string()).send().await
}

#[tokio::test]
async fn a_patch_changes_what_it_names_and_nothing_else() {
    let todos = Todos::new().await;
    let body = json!({"description": "old", "completed": true});
    let path = path_of(&todos.create(&todos.user("ada"), body).await);
    let answer = patch(&todos, &path, &json!({"description": "new"})).await;
    assert_eq!(answer.header("etag"), Some("\"2\""));
    let todo = answer.ok();
    assert_eq!((&todo["description"], &todo["completed"]), (&json!("new"), &json!(true)));
    let todo = patch(&todos, &path, &json!({"completed": false})).await.ok();
    assert_eq!((&todo["description"], &todo["completed"]), (&json!("new"), &json!(false)));
    assert_eq!(todo["version"], 3);
    assert_eq!(todos.get(&path, &todos.user("ada")).send().await.ok(), todo);
}

#[tokio::test]
async fn both_media_types_of_a_patch_are_taken_and_no_other() {
    let (todos, path) = Todos::with_todo().await;
    for (content_type, status) in [
        ("application/merge-patch+json", 200),
        ("application/json", 200),
        ("application/json-patch+json", 415),
        ("text/plain", 415),
    ] {
        let call = todos.call("PATCH", &path).bearer(&todos.user("ada"));
        let answer = call.text(content_type, "{\"completed\":true}").send().await;
        assert_eq!(answer.status, status, "{content_type}");
        if status == 415 {
            let accepted = "application/merge-patch+json, application/json";
            assert_eq!(answer.header("accept-patch"), Some(accepted));
        }
    }
}

#[tokio::test]
async fn a_patch_cannot_remove_a_field() {
    let (todos, path) = Todos::with_todo().await;
    let body = json!({"description": null, "completed": null});
    let answer = patch(&todos, &path, &body).await;
    assert_eq!(answer.errors(), [("/description", "required"), ("/completed", "required")]);
    for (body, pointer, code) in [
        (json!({"description": ""}), "/description", "too_short"),
        (json!({"completed": 1}), "/completed", "wrong_type"),
        (json!({"id": null}), "/id", "read_only"),
        (json!({"x": null}), "/x", "unknown_member"),
        (json!([]), "", "wrong_type"),
    ] {
        let errors = patch(&todos, &path, &body).await.errors();
        assert_eq!(errors, [(pointer, code)]);
    }
}

#[tokio::test]
async fn a_patch_without_members_writes_nothing() {
    let (todos, path) = Todos::with_todo().await;
    let answer = patch(&todos, &path, &json!({})).await;
    assert_eq!(answer.header("etag"), Some("\"1\""));
    assert_eq!(answer.ok()["version"], 1);
    let call = todos.call("PATCH", &path).bearer(&todos.user("ada")).json(&json!({}));
    assert_eq!(call.header("if-match", "\"2\"").send().await.status, 412);
    let call = todos.call("PATCH", &path).bearer(&todos.user("grace")).json(&json!({}));
    assert_eq!(call.header("if-match", "\"2\"").send().await.status, 404);
}

#[tokio::test]
async fn if_match_is_honored_by_a_patch() {
    let (todos, path) = Todos::with_todo().await;
    for (tag, status) in [("\"2\"", 412), ("\"1\"", 200), ("\"1\"", 412), ("*", 200), ("x", 400)] {
        let call = todos.call("PATCH", &path).bearer(&todos.user("ada"));
        let call = call.json(&json!({"completed": true})).header("if-match", tag);
        assert_eq!(call.send().await.status, status, "{tag}");
    }
}

#[tokio::test]
async fn twenty_patches_at_once_lose_nothing() {
    let (todos, path) = Todos::with_todo().await;
    let mut tasks = tokio::task::JoinSet::new();
    for n in 0..20 {
        let body =
            if n % 2 == 0 { json!({"description": "new"}) } else { json!({"completed": true}) };
        tasks.spawn(todos.call("PATCH", &path).bearer(&todos.user("ada")).json(&body).send());
    }
    let mut versions: Vec<u64> = Vec::new();
    for answer in tasks.join_all().await {
        versions.push(answer.ok()["version"].as_u64().unwrap());
    }
    versions.sort_unstable();
    assert_eq!(versions, (2..=21).collect::<Vec<_>>(), "each write has its own version");
    let todo = todos.get(&path, &todos.user("ada")).send().await.ok();
    assert_eq!(todo["version"], 21);
    assert_eq!((&todo["description"], &todo["completed"]), (&json!("new"), &json!(true)));
}

#[tokio::test]
async fn no_write_brings_a_deleted_todo_back() {
    let (todos, path) = Todos::with_todo().await;
    let mut tasks = tokio::task::JoinSet::new();
    for n in 0..20 {
        let method = ["PATCH", "PUT"][n % 2];
        let body = json!({"description": "back"});
        tasks.spawn(todos.call(method, &path).bearer(&todos.user("ada")).json(&body).send());
        if n == 10 {
            tasks.spawn(todos.call("DELETE", &path).bearer(&todos.user("ada")).send());
        }
    }
    for answer in tasks.join_all().await {
        assert!([200, 204, 404].contains(&answer.status.as_u16()), "{}", answer.body);
    }
    assert_eq!(todos.get(&path, &todos.user("ada")).send().await.status, 404);
    assert_eq!(todos.rows("TodosTable").await, []);
}
