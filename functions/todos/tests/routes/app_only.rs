//! Applications that act for themselves.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::harness::{Todos, path_of};

#[tokio::test]
async fn an_app_names_the_owner_of_what_it_creates() {
    let todos = Todos::new().await;
    let todo = todos.create(&todos.writer(), json!({"description": "x", "owner": "ada"})).await;
    assert_eq!(todo["owner"], "ada");
    let hers = todos.get(&path_of(&todo), &todos.user("ada")).send().await.ok();
    assert_eq!(hers, todo);
    assert_eq!(todos.get(&path_of(&todo), &todos.user("grace")).send().await.status, 404);
}

#[tokio::test]
async fn an_app_that_names_no_owner_or_no_proper_one_gets_422() {
    let todos = Todos::new().await;
    let long = "x".repeat(256);
    for (owner, code) in [
        (json!(null), "wrong_type"),
        (json!(7), "wrong_type"),
        (json!(""), "too_short"),
        (json!(long), "too_long"),
        (json!("a\u{0}b"), "bad_characters"),
        (json!(" a"), "bad_characters"),
    ] {
        let body = json!({"description": "x", "owner": owner});
        let call = todos.call("POST", "/api/todos").bearer(&todos.writer()).json(&body);
        let errors = call.send().await.errors();
        assert_eq!(errors, [("/owner", code)]);
    }
    let call = todos.call("POST", "/api/todos").bearer(&todos.writer());
    let answer = call.json(&json!({"description": "x"})).send().await;
    assert_eq!(answer.errors(), [("/owner", "required")]);
}

#[tokio::test]
async fn an_app_reads_changes_and_deletes_anybody_s_todo() {
    let todos = Todos::new().await;
    let app = todos.writer();
    let path = todos.created(&todos.user("ada"), "hers").await;
    assert_eq!(todos.get(&path, &app).send().await.ok()["owner"], "ada");
    let call = todos.call("PATCH", &path).bearer(&app).json(&json!({"completed": true}));
    assert_eq!(call.send().await.ok()["version"], 2);
    let call = todos.call("PUT", &path).bearer(&app).json(&json!({"description": "new"}));
    let call = call.header("if-match", "\"2\"");
    assert_eq!(call.send().await.ok()["owner"], "ada");
    assert_eq!(todos.call("DELETE", &path).bearer(&app).send().await.status, 204);
    for method in ["GET", "DELETE"] {
        assert_eq!(todos.call(method, &path).bearer(&app).send().await.status, 404);
    }
    let call = todos.call("PATCH", &path).bearer(&app).json(&json!({"completed": true}));
    assert_eq!(call.send().await.status, 404);
}

#[tokio::test]
async fn an_app_cannot_move_a_todo_to_another_owner() {
    let (todos, path) = Todos::with_todo().await;
    let body = json!({"description": "x", "owner": "grace"});
    for method in ["PUT", "PATCH"] {
        let call = todos.call(method, &path).bearer(&todos.writer()).json(&body);
        let errors = call.send().await.errors();
        assert_eq!(errors, [("/owner", "read_only")]);
    }
}

/// All pages from this path on; `limit` is in it.
async fn pages(todos: &Todos, token: &str, path: &str, limit: usize) -> Vec<Value> {
    let mut items = Vec::new();
    let mut next = Value::Null;
    loop {
        let cursor = next.as_str().map(|next| format!("&cursor={next}")).unwrap_or_default();
        let page = todos.get(&format!("{path}{cursor}"), token).send().await.ok();
        let found = page["items"].as_array().unwrap().clone();
        next = page["next"].clone();
        assert!(found.len() == limit || next.is_null(), "a page is needlessly short");
        items.extend(found);
        if next.is_null() {
            return items;
        }
    }
}

#[tokio::test]
async fn an_app_sees_every_owner_s_todos_page_by_page_and_nothing_else() {
    let todos = Todos::new().await;
    let mut made = BTreeSet::new();
    for n in 0..40 {
        let token = todos.user(&format!("user-{}", n % 7));
        // Each leaves an idempotency record in the same table.
        let call = todos.call("POST", "/api/todos").bearer(&token);
        let call = call.header("idempotency-key", format!("key-{n}"));
        let todo = call.json(&json!({"description": n.to_string()})).send().await.json();
        made.insert(todo["id"].as_str().unwrap().to_owned());
    }
    let reader = todos.app("reader", "ToDoList.Read.All");
    for limit in [1, 7, 40, 100] {
        let items = pages(&todos, &reader, &format!("/api/todos?limit={limit}"), limit).await;
        let seen = items.iter().map(|todo| todo["id"].as_str().unwrap().to_owned());
        assert_eq!(items.len(), 40, "limit {limit}");
        assert_eq!(seen.collect::<BTreeSet<_>>(), made, "limit {limit}");
    }
}

#[tokio::test]
async fn an_app_narrows_its_list_to_one_owner_newest_first() {
    let todos = Todos::new().await;
    for n in 0..5 {
        for name in ["ada", "grace"] {
            todos.created(&todos.user(name), &format!("{name} {n}")).await;
        }
    }
    let app = todos.writer();
    let items = pages(&todos, &app, "/api/todos?owner=ada&limit=2", 2).await;
    let texts: Vec<&str> = items.iter().map(|todo| todo["description"].as_str().unwrap()).collect();
    assert_eq!(texts, ["ada 4", "ada 3", "ada 2", "ada 1", "ada 0"]);
    let nobody = todos.get("/api/todos?owner=nobody", &app).send().await.ok();
    assert_eq!(nobody, json!({"items": [], "next": null}));
}

#[tokio::test]
async fn an_owner_that_cannot_be_is_400_in_a_query() {
    let todos = Todos::new().await;
    for owner in ["", "%00", "%20x", "%ff"] {
        let answer = todos.get(&format!("/api/todos?owner={owner}"), &todos.writer()).send().await;
        assert_eq!(answer.status, 400, "{owner}");
    }
}

#[tokio::test]
async fn a_cursor_is_good_for_its_own_filter_alone() {
    let todos = Todos::new().await;
    let app = todos.writer();
    for n in 0..3 {
        for name in ["ada", "grace"] {
            todos.created(&todos.user(name), &n.to_string()).await;
        }
    }
    let cursor = async |filter: &str| {
        let page = todos.get(&format!("/api/todos?limit=1{filter}"), &app).send().await.ok();
        page["next"].as_str().unwrap().to_owned()
    };
    let (all, ada) = (cursor("").await, cursor("&owner=ada").await);
    for path in [
        format!("/api/todos?cursor={ada}"),
        format!("/api/todos?owner=grace&cursor={ada}"),
        format!("/api/todos?owner=ada&cursor={all}"),
    ] {
        assert_eq!(todos.get(&path, &app).send().await.refusal(), (400, "bad_cursor"), "{path}");
    }
    todos.get(&format!("/api/todos?cursor={all}"), &app).send().await.ok();
}

#[tokio::test]
async fn an_app_is_told_by_idtyp_or_by_roles_without_scp() {
    let todos = Todos::new().await;
    todos.created(&todos.user("ada"), "hers").await;
    let roles = json!(["ToDoList.Read.All"]);
    let bare = todos.token("daemon").without("scp").claim("roles", roles.clone()).signed();
    let page = todos.get("/api/todos", &bare).send().await.ok();
    assert_eq!(page["items"].as_array().unwrap().len(), 1);
    let user = todos.token("daemon").without("scp").claim("roles", roles).claim("idtyp", "user");
    assert_eq!(todos.get("/api/todos", &user.signed()).send().await.status, 403);
}

#[tokio::test]
async fn a_user_who_names_an_owner_gets_422() {
    let (todos, ada) = Todos::with_user().await;
    for path in ["/api/todos?owner=ada", "/api/todos?owner=grace", "/api/todos?owner="] {
        let answer = todos.get(path, &ada).send().await;
        assert_eq!(answer.refusal(), (422, "owner_not_allowed"), "{path}");
    }
    let path = todos.created(&ada, "x").await;
    let body = json!({"description": "y", "owner": "ada"});
    let answer = todos.call("POST", "/api/todos").bearer(&ada).json(&body).send().await;
    assert_eq!(answer.errors(), [("/owner", "not_allowed")]);
    for method in ["PUT", "PATCH"] {
        let answer = todos.call(method, &path).bearer(&ada).json(&body).send().await;
        assert_eq!(answer.errors(), [("/owner", "read_only")]);
    }
}
