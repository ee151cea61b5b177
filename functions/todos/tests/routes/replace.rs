use serde_json::{Value, json};

use crate::harness::{TestResponse, Todos};

async fn put(
    todos: &Todos,
    path: &str,
    name: &str,
    if_match: &[&str],
    body: &Value,
) -> TestResponse {
    let call = todos.call("PUT", path).bearer(&todos.user(name)).json(body);
    if_match.iter().fold(call, |call, tag| call.header("if-match", tag)).send().await
}

#[tokio::test]
async fn a_todo_is_replaced_whole() {
    let todos = Todos::new().await;
    let body = json!({"description": "old", "completed": true});
    let old = todos.create(&todos.user("ada"), body).await;
    let path = crate::harness::path_of(&old);
    todos.clock.advance(std::time::Duration::from_secs(5));
    let answer = put(&todos, &path, "ada", &[], &json!({"description": " new "})).await;
    assert_eq!(answer.header("etag"), Some("\"2\""));
    let new = answer.ok();
    assert_eq!(new["description"], "new");
    assert_eq!(new["completed"], false, "what is left out gets its default");
    assert_eq!(new["version"], 2);
    for same in ["id", "owner", "created_at"] {
        assert_eq!(new[same], old[same]);
    }
    assert!(new["updated_at"].as_str() > old["updated_at"].as_str());
    assert_eq!(todos.get(&path, &todos.user("ada")).send().await.ok(), new);
}

#[tokio::test]
async fn a_replacement_needs_a_description_and_takes_no_other_members() {
    let (todos, path) = Todos::with_todo().await;
    for (body, pointer, code) in [
        (json!({"completed": true}), "/description", "required"),
        (json!({"description": null}), "/description", "wrong_type"),
        (json!({"description": "x", "completed": null}), "/completed", "wrong_type"),
        (json!({"description": "x", "version": 1}), "/version", "read_only"),
        (json!({"description": "x", "x": 1}), "/x", "unknown_member"),
    ] {
        let errors = put(&todos, &path, "ada", &[], &body).await.errors();
        assert_eq!(errors, [(pointer, code)]);
    }
}

#[tokio::test]
async fn a_replacement_creates_nothing() {
    let todos = Todos::new().await;
    let body = json!({"description": "x"});
    let hers = todos.created(&todos.user("ada"), "x").await;
    let missing = "/api/todos/0199f0a4-5c1e-7b3a-9d52-6f1f4f5a1c22";
    for path in [missing, &hers] {
        for if_match in [&[][..], &["*"], &["\"1\""]] {
            let answer = put(&todos, path, "grace", if_match, &body).await;
            assert_eq!(answer.refusal(), (404, "not_found"));
        }
    }
    let page = todos.get("/api/todos", &todos.writer()).send().await.ok();
    assert_eq!(page["items"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn if_match_is_honored() {
    let (todos, path) = Todos::with_todo().await;
    let body = json!({"description": "y"});
    for (if_match, status) in [
        (&["\"2\""][..], 412),
        (&["W/\"1\""], 412),
        (&["\"0\"", "\"x\""], 412),
        (&["\"1\""], 200),
        (&["\"1\""], 412),
        (&["\"1\", \"2\""], 200),
        (&["\"7\"", "\"3\""], 200),
        (&["*"], 200),
        (&["2"], 400),
        (&[""], 400),
        (&["*, \"5\""], 400),
        (&["\"5"], 400),
    ] {
        let answer = put(&todos, &path, "ada", if_match, &body).await;
        assert_eq!(answer.status, status, "{if_match:?} {}", answer.body);
    }
    let todo = todos.get(&path, &todos.user("ada")).send().await.ok();
    assert_eq!(todo["version"], 5);
}

#[tokio::test]
async fn of_many_replacements_of_one_version_one_gets_through() {
    let (todos, path) = Todos::with_todo().await;
    let bodies: Vec<Value> = (0..10).map(|n| json!({"description": n.to_string()})).collect();
    let mut tasks = tokio::task::JoinSet::new();
    for body in bodies {
        let call = todos.call("PUT", &path).bearer(&todos.user("ada")).json(&body);
        tasks.spawn(call.header("if-match", "\"1\"").send());
    }
    let mut statuses: Vec<u16> =
        tasks.join_all().await.iter().map(|answer| answer.status.as_u16()).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [[200].as_slice(), &[412; 9]].concat());
}
