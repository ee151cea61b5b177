//! Applications that act for themselves.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::world::{World, path_of};

#[tokio::test]
async fn an_app_names_the_owner_of_what_it_creates() {
    let world = World::new().await;
    let todo = world.create(&world.writer(), json!({"description": "x", "owner": "ada"})).await;
    assert_eq!(todo["owner"], "ada");
    let hers = world.get(&path_of(&todo), &world.user("ada")).send().await.ok();
    assert_eq!(hers, todo);
    assert_eq!(world.get(&path_of(&todo), &world.user("grace")).send().await.status, 404);
}

#[tokio::test]
async fn an_app_that_names_no_owner_or_no_proper_one_gets_422() {
    let world = World::new().await;
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
        let call = world.call("POST", "/api/todos").bearer(&world.writer()).json(&body);
        let errors = call.send().await.errors();
        assert_eq!(errors, [("/owner".to_owned(), code.to_owned())]);
    }
    let call = world.call("POST", "/api/todos").bearer(&world.writer());
    let answer = call.json(&json!({"description": "x"})).send().await;
    assert_eq!(answer.errors(), [("/owner".to_owned(), "required".to_owned())]);
}

#[tokio::test]
async fn an_app_reads_changes_and_deletes_anybody_s_todo() {
    let world = World::new().await;
    let app = world.writer();
    let path = world.created(&world.user("ada"), "hers").await;
    assert_eq!(world.get(&path, &app).send().await.ok()["owner"], "ada");
    let call = world.call("PATCH", &path).bearer(&app).json(&json!({"completed": true}));
    assert_eq!(call.send().await.ok()["version"], 2);
    let call = world.call("PUT", &path).bearer(&app).json(&json!({"description": "new"}));
    let call = call.header("if-match", "\"2\"");
    assert_eq!(call.send().await.ok()["owner"], "ada");
    assert_eq!(world.call("DELETE", &path).bearer(&app).send().await.status, 204);
    for method in ["GET", "DELETE"] {
        assert_eq!(world.call(method, &path).bearer(&app).send().await.status, 404);
    }
    let call = world.call("PATCH", &path).bearer(&app).json(&json!({"completed": true}));
    assert_eq!(call.send().await.status, 404);
}

#[tokio::test]
async fn an_app_cannot_move_a_todo_to_another_owner() {
    let world = World::new().await;
    let path = world.created(&world.user("ada"), "hers").await;
    let body = json!({"description": "x", "owner": "grace"});
    for method in ["PUT", "PATCH"] {
        let call = world.call(method, &path).bearer(&world.writer()).json(&body);
        let errors = call.send().await.errors();
        assert_eq!(errors, [("/owner".to_owned(), "read_only".to_owned())]);
    }
}

/// All pages from this path on; `limit` is in it.
async fn pages(world: &World, token: &str, path: &str, limit: usize) -> Vec<Value> {
    let mut items = Vec::new();
    let mut next = Value::Null;
    loop {
        let cursor = next.as_str().map(|next| format!("&cursor={next}")).unwrap_or_default();
        let page = world.get(&format!("{path}{cursor}"), token).send().await.ok();
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
    let world = World::new().await;
    let mut made = BTreeSet::new();
    for n in 0..40 {
        let token = world.user(&format!("user-{}", n % 7));
        // Each leaves an idempotency record in the same table.
        let call = world.call("POST", "/api/todos").bearer(&token);
        let call = call.header("idempotency-key", format!("key-{n}"));
        let todo = call.json(&json!({"description": n.to_string()})).send().await.json();
        made.insert(todo["id"].as_str().unwrap().to_owned());
    }
    let reader = world.app("reader", "ToDoList.Read.All");
    for limit in [1, 7, 40, 100] {
        let items = pages(&world, &reader, &format!("/api/todos?limit={limit}"), limit).await;
        let seen = items.iter().map(|todo| todo["id"].as_str().unwrap().to_owned());
        assert_eq!(items.len(), 40, "limit {limit}");
        assert_eq!(seen.collect::<BTreeSet<_>>(), made, "limit {limit}");
    }
}

#[tokio::test]
async fn an_app_narrows_its_list_to_one_owner_newest_first() {
    let world = World::new().await;
    for n in 0..5 {
        for name in ["ada", "grace"] {
            world.created(&world.user(name), &format!("{name} {n}")).await;
        }
    }
    let app = world.writer();
    let items = pages(&world, &app, "/api/todos?owner=ada&limit=2", 2).await;
    let texts: Vec<&str> = items.iter().map(|todo| todo["description"].as_str().unwrap()).collect();
    assert_eq!(texts, ["ada 4", "ada 3", "ada 2", "ada 1", "ada 0"]);
    let nobody = world.get("/api/todos?owner=nobody", &app).send().await.ok();
    assert_eq!(nobody, json!({"items": [], "next": null}));
}

#[tokio::test]
async fn an_owner_that_cannot_be_is_400_in_a_query() {
    let world = World::new().await;
    for owner in ["", "%00", "%20x", "%ff"] {
        let answer = world.get(&format!("/api/todos?owner={owner}"), &world.writer()).send().await;
        assert_eq!(answer.status, 400, "{owner}");
    }
}

#[tokio::test]
async fn a_cursor_is_good_for_its_own_filter_alone() {
    let world = World::new().await;
    let app = world.writer();
    for n in 0..3 {
        for name in ["ada", "grace"] {
            world.created(&world.user(name), &n.to_string()).await;
        }
    }
    let cursor = async |filter: &str| {
        let page = world.get(&format!("/api/todos?limit=1{filter}"), &app).send().await.ok();
        page["next"].as_str().unwrap().to_owned()
    };
    let (all, ada) = (cursor("").await, cursor("&owner=ada").await);
    for path in [
        format!("/api/todos?cursor={ada}"),
        format!("/api/todos?owner=grace&cursor={ada}"),
        format!("/api/todos?owner=ada&cursor={all}"),
    ] {
        assert_eq!(world.get(&path, &app).send().await.refusal(), (400, "bad_cursor"), "{path}");
    }
    world.get(&format!("/api/todos?cursor={all}"), &app).send().await.ok();
}

#[tokio::test]
async fn an_app_is_told_by_idtyp_or_by_roles_without_scp() {
    let world = World::new().await;
    world.created(&world.user("ada"), "hers").await;
    let roles = json!(["ToDoList.Read.All"]);
    let bare = world.token("daemon").without("scp").claim("roles", roles.clone()).signed();
    let page = world.get("/api/todos", &bare).send().await.ok();
    assert_eq!(page["items"].as_array().unwrap().len(), 1);
    let user = world.token("daemon").without("scp").claim("roles", roles).claim("idtyp", "user");
    assert_eq!(world.get("/api/todos", &user.signed()).send().await.status, 403);
}

#[tokio::test]
async fn a_user_who_names_an_owner_gets_422() {
    let world = World::new().await;
    let ada = world.user("ada");
    for path in ["/api/todos?owner=ada", "/api/todos?owner=grace", "/api/todos?owner="] {
        let answer = world.get(path, &ada).send().await;
        assert_eq!(answer.refusal(), (422, "owner_not_allowed"), "{path}");
    }
    let path = world.created(&ada, "x").await;
    let body = json!({"description": "y", "owner": "ada"});
    let answer = world.call("POST", "/api/todos").bearer(&ada).json(&body).send().await;
    assert_eq!(answer.errors(), [("/owner".to_owned(), "not_allowed".to_owned())]);
    for method in ["PUT", "PATCH"] {
        let answer = world.call(method, &path).bearer(&ada).json(&body).send().await;
        assert_eq!(answer.errors(), [("/owner".to_owned(), "read_only".to_owned())]);
    }
}
