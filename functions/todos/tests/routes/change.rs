use serde_json::{Value, json};

use crate::world::{Answer, World, path_of};

async fn patch(world: &World, path: &str, body: &Value) -> Answer {
    let call = world.call("PATCH", path).bearer(&world.user("ada"));
    call.text("application/merge-patch+json", body.to_string()).send().await
}

#[tokio::test]
async fn a_patch_changes_what_it_names_and_nothing_else() {
    let world = World::new().await;
    let body = json!({"description": "old", "completed": true});
    let path = path_of(&world.create(&world.user("ada"), body).await);
    let answer = patch(&world, &path, &json!({"description": "new"})).await;
    assert_eq!(answer.header("etag"), "\"2\"");
    let todo = answer.ok();
    assert_eq!((&todo["description"], &todo["completed"]), (&json!("new"), &json!(true)));
    let todo = patch(&world, &path, &json!({"completed": false})).await.ok();
    assert_eq!((&todo["description"], &todo["completed"]), (&json!("new"), &json!(false)));
    assert_eq!(todo["version"], 3);
    assert_eq!(world.get(&path, &world.user("ada")).send().await.ok(), todo);
}

#[tokio::test]
async fn both_media_types_of_a_patch_are_taken_and_no_other() {
    let world = World::new().await;
    let path = world.created(&world.user("ada"), "x").await;
    for (content_type, status) in [
        ("application/merge-patch+json", 200),
        ("application/json", 200),
        ("application/json-patch+json", 415),
        ("text/plain", 415),
    ] {
        let call = world.call("PATCH", &path).bearer(&world.user("ada"));
        let answer = call.text(content_type, "{\"completed\":true}").send().await;
        assert_eq!(answer.status, status, "{content_type}");
        if status == 415 {
            let accepted = "application/merge-patch+json, application/json";
            assert_eq!(answer.header("accept-patch"), accepted);
        }
    }
}

#[tokio::test]
async fn a_patch_cannot_remove_a_field() {
    let world = World::new().await;
    let path = world.created(&world.user("ada"), "x").await;
    let body = json!({"description": null, "completed": null});
    let answer = patch(&world, &path, &body).await;
    let expected = [("/description", "required"), ("/completed", "required")];
    let expected = expected.map(|(pointer, code)| (pointer.to_owned(), code.to_owned()));
    assert_eq!(answer.errors(), expected);
    for (body, pointer, code) in [
        (json!({"description": ""}), "/description", "too_short"),
        (json!({"completed": 1}), "/completed", "wrong_type"),
        (json!({"id": null}), "/id", "read_only"),
        (json!({"x": null}), "/x", "unknown_member"),
        (json!([]), "", "wrong_type"),
    ] {
        let errors = patch(&world, &path, &body).await.errors();
        assert_eq!(errors, [(pointer.to_owned(), code.to_owned())]);
    }
}

#[tokio::test]
async fn a_patch_without_members_writes_nothing() {
    let world = World::new().await;
    let path = world.created(&world.user("ada"), "x").await;
    let answer = patch(&world, &path, &json!({})).await;
    assert_eq!(answer.header("etag"), "\"1\"");
    assert_eq!(answer.ok()["version"], 1);
    let call = world.call("PATCH", &path).bearer(&world.user("ada")).json(&json!({}));
    assert_eq!(call.header("if-match", "\"2\"").send().await.status, 412);
    let call = world.call("PATCH", &path).bearer(&world.user("grace")).json(&json!({}));
    assert_eq!(call.header("if-match", "\"2\"").send().await.status, 404);
}

#[tokio::test]
async fn if_match_is_honored_by_a_patch() {
    let world = World::new().await;
    let path = world.created(&world.user("ada"), "x").await;
    for (tag, status) in [("\"2\"", 412), ("\"1\"", 200), ("\"1\"", 412), ("*", 200), ("x", 400)] {
        let call = world.call("PATCH", &path).bearer(&world.user("ada"));
        let call = call.json(&json!({"completed": true})).header("if-match", tag);
        assert_eq!(call.send().await.status, status, "{tag}");
    }
}

#[tokio::test]
async fn twenty_patches_at_once_lose_nothing() {
    let world = World::new().await;
    let path = world.created(&world.user("ada"), "x").await;
    let mut tasks = tokio::task::JoinSet::new();
    for n in 0..20 {
        let body =
            if n % 2 == 0 { json!({"description": "new"}) } else { json!({"completed": true}) };
        tasks.spawn(world.call("PATCH", &path).bearer(&world.user("ada")).json(&body).send());
    }
    let mut versions: Vec<u64> = Vec::new();
    for answer in tasks.join_all().await {
        versions.push(answer.ok()["version"].as_u64().unwrap());
    }
    versions.sort_unstable();
    assert_eq!(versions, (2..=21).collect::<Vec<_>>(), "each write has its own version");
    let todo = world.get(&path, &world.user("ada")).send().await.ok();
    assert_eq!(todo["version"], 21);
    assert_eq!((&todo["description"], &todo["completed"]), (&json!("new"), &json!(true)));
}

#[tokio::test]
async fn no_write_brings_a_deleted_todo_back() {
    let world = World::new().await;
    let path = world.created(&world.user("ada"), "x").await;
    let mut tasks = tokio::task::JoinSet::new();
    for n in 0..20 {
        let method = ["PATCH", "PUT"][n % 2];
        let body = json!({"description": "back"});
        tasks.spawn(world.call(method, &path).bearer(&world.user("ada")).json(&body).send());
        if n == 10 {
            tasks.spawn(world.call("DELETE", &path).bearer(&world.user("ada")).send());
        }
    }
    for answer in tasks.join_all().await {
        assert!([200, 204, 404].contains(&answer.status.as_u16()), "{}", answer.body);
    }
    assert_eq!(world.get(&path, &world.user("ada")).send().await.status, 404);
    let rows = world.dynamodb.scan().table_name("TodosTable").send().await.unwrap();
    assert_eq!(rows.count(), 0);
}
