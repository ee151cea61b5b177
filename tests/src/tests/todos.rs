//! The todo API in use.

use crate::{
    answer::Answer,
    api::{Api, path_of},
    client::Body,
    test_context::TestContext,
    trial::trials,
};
use anyhow::Result;
use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

trials! {
    a_new_todo_is_whole_and_says_where_it_is,
    a_description_is_trimmed_and_kept_in_any_script,
    put_replaces_and_patch_merges,
    a_deleted_todo_is_gone,
    an_idempotency_key_makes_a_retry_harmless,
    a_machine_sees_every_owners_todos needs AppRoles,
    a_machine_must_name_an_owner needs AppRoles,
    a_machine_with_scopes_keeps_todos_of_its_own needs MachinesAreUsers,
    a_user_cannot_name_an_owner
        tries "Create a todo for another user",
    a_todo_of_somebody_else_is_not_found
        tries "Read, change or find another user's todo",
    an_idempotency_key_of_somebody_else_gives_nothing_away
        tries "Another caller's Idempotency-Key",
    nobody_sets_what_the_server_keeps
        tries "Mass assignment: id, version, times; and a member twice",
}

async fn a_new_todo_is_whole_and_says_where_it_is(test: &TestContext) -> Result<()> {
    let daemon = Api::daemon(test).await?;
    let answer = Answer::to(daemon.post(&daemon.todo("buy milk"))).await?.is(201);
    let todo = answer.json();
    assert_eq!(todo["description"], "buy milk");
    assert_eq!(todo["completed"], false);
    assert_eq!(todo["created_at"], todo["updated_at"]);
    assert!(todo["created_at"].as_str().is_some_and(|time| time.ends_with('Z')), "{todo}");
    assert!(todo["owner"].as_str().is_some_and(|owner| !owner.is_empty()), "{todo}");
    assert!(todo["version"].is_number(), "{todo}");
    let members: Vec<_> = todo.as_object().into_iter().flat_map(|todo| todo.keys()).collect();
    assert_eq!(members.len(), 7, "{todo}");
    assert!(answer.header("location").ends_with(&path_of(&todo)), "{answer:?}");
    assert_eq!(answer.header("etag"), format!("\"{}\"", todo["version"]));

    let again = Answer::to(daemon.get(&path_of(&todo))).await?.is(200);
    assert_eq!(again.json(), todo);
    assert_eq!(again.header("etag"), answer.header("etag"));
    Ok(())
}

async fn a_description_is_trimmed_and_kept_in_any_script(test: &TestContext) -> Result<()> {
    let daemon = Api::daemon(test).await?;
    for text in ["Käse & <b>Brot</b>", "買い物 🛒", "\"'; DROP TABLE todos; --", "a\nb"] {
        let todo = daemon.make(&format!("  {text}\n")).await?;
        assert_eq!(todo["description"], text);
        let found = Answer::to(daemon.get(&path_of(&todo))).await?.is(200).json();
        assert_eq!(found["description"], text);
    }
    let longest = "ä".repeat(1000);
    assert_eq!(daemon.make(&longest).await?["description"], longest);
    Ok(())
}

async fn put_replaces_and_patch_merges(test: &TestContext) -> Result<()> {
    let daemon = Api::daemon(test).await?;
    let todo = daemon.make("first").await?;
    let path = path_of(&todo);

    let change = daemon.request(Method::PATCH, &path).json_body(&json!({ "completed": true }));
    let patched = Answer::to(change).await?.is(200);
    assert_eq!(patched.json()["description"], "first");
    assert_eq!(patched.json()["completed"], true);
    assert_ne!(patched.json()["version"], todo["version"]);
    assert_eq!(patched.header("etag"), format!("\"{}\"", patched.json()["version"]));

    let merge = daemon
        .request(Method::PATCH, &path)
        .header("content-type", "application/merge-patch+json")
        .body(json!({ "description": "second" }).to_string());
    assert_eq!(Answer::to(merge).await?.is(200).json()["completed"], true);

    let put = json!({ "description": "third", "completed": false });
    let put = Answer::to(daemon.request(Method::PUT, &path).json_body(&put)).await?.is(200).json();
    assert_eq!((&put["description"], &put["completed"]), (&json!("third"), &json!(false)));
    assert_eq!(put["created_at"], todo["created_at"]);
    assert_eq!(put["id"], todo["id"]);
    Ok(())
}

async fn a_deleted_todo_is_gone(test: &TestContext) -> Result<()> {
    let daemon = Api::daemon(test).await?;
    let path = path_of(&daemon.make("short-lived").await?);
    let deleted = Answer::to(daemon.request(Method::DELETE, &path)).await?.is(204);
    assert_eq!(deleted.body, "");
    Answer::to(daemon.get(&path)).await?.problem(404);
    Answer::to(daemon.request(Method::DELETE, &path)).await?.problem(404);
    let change = daemon.request(Method::PATCH, &path).json_body(&json!({ "completed": true }));
    Answer::to(change).await?.problem(404);
    Ok(())
}

async fn an_idempotency_key_makes_a_retry_harmless(test: &TestContext) -> Result<()> {
    let daemon = Api::daemon(test).await?;
    let key = Uuid::new_v4().to_string();
    let post = || daemon.post(&daemon.todo("once")).header("idempotency-key", &key);
    let first = Answer::to(post()).await?.is(201).json();
    let second = Answer::to(post()).await?;
    assert!(matches!(second.status, 200 | 201), "{second:?}");
    assert_eq!(second.json()["id"], first["id"]);

    let other = daemon.post(&daemon.todo("something else")).header("idempotency-key", &key);
    let other = Answer::to(other).await?;
    assert!(matches!(other.status, 409 | 422), "the key was for another todo: {other:?}");
    Ok(())
}

async fn a_machine_sees_every_owners_todos(test: &TestContext) -> Result<()> {
    let (one, two) = (Api::daemon(test).await?, Api::daemon(test).await?);
    let (mine, theirs) = (one.make("mine").await?, two.make("theirs").await?);
    assert_ne!(mine["owner"], theirs["owner"]);
    let own = Answer::to(one.list("")).await?.is(200).json();
    assert_eq!(own["items"], json!([mine]));
    // Without an owner the list is everybody's, in no order and over many pages.
    let mut found = Vec::new();
    let mut query = "limit=100".to_owned();
    loop {
        let page = Answer::to(one.get(&format!("/api/todos?{query}"))).await?.is(200).json();
        found.extend(page["items"].as_array().cloned().unwrap_or_default());
        let Some(next) = page["next"].as_str() else { break };
        query = format!("limit=100&cursor={next}");
    }
    assert!(found.contains(&mine) && found.contains(&theirs));
    Ok(())
}

async fn a_machine_must_name_an_owner(test: &TestContext) -> Result<()> {
    let daemon = Api::daemon(test).await?;
    let answer = Answer::to(daemon.post(&json!({ "description": "whose?" }))).await?.problem(422);
    assert_eq!(pointers(&answer.json()), ["/owner"]);
    Ok(())
}

async fn a_machine_with_scopes_keeps_todos_of_its_own(test: &TestContext) -> Result<()> {
    let daemon = Api::daemon(test).await?;
    let todo = daemon.make("a machine's").await?;
    let reader = Api::reader(test).await?;
    Answer::to(reader.get(&path_of(&todo))).await?.problem(404);
    Ok(())
}

async fn a_user_cannot_name_an_owner(test: &TestContext) -> Result<()> {
    let session = Api::session(test).await?;
    let body = json!({ "description": "not mine", "owner": "somebody" });
    let answer = Answer::to(session.post(&body)).await?.problem(422);
    assert_eq!(pointers(&answer.json()), ["/owner"]);
    Ok(())
}

/// 404 and not 403: nobody learns which ids exist.
async fn a_todo_of_somebody_else_is_not_found(test: &TestContext) -> Result<()> {
    let daemon = Api::daemon(test).await?;
    let theirs = path_of(&daemon.make("a secret").await?);
    let session = Api::session(test).await?;
    let there = Answer::to(session.get(&theirs)).await?.problem(404);
    let nowhere = "/api/todos/01890000-0000-7000-8000-000000000000";
    let nowhere = Answer::to(session.get(nowhere)).await?.problem(404);
    assert_eq!(there.body, nowhere.body);
    let change = json!({ "description": "taken over" });
    for method in [Method::PUT, Method::PATCH, Method::DELETE] {
        // Nor does a precondition tell whether it exists.
        for tag in ["*", "\"1\"", "\"9\""] {
            let request = session.request(method.clone(), &theirs).json_body(&change);
            Answer::to(request.header("if-match", tag)).await?.problem(404);
        }
        let request = session.request(method, &theirs).json_body(&change);
        Answer::to(request).await?.problem(404);
    }
    let now = Answer::to(daemon.get(&theirs)).await?.is(200).json();
    assert_eq!((&now["description"], &now["version"]), (&json!("a secret"), &json!(1)));
    Ok(())
}

async fn an_idempotency_key_of_somebody_else_gives_nothing_away(test: &TestContext) -> Result<()> {
    let (daemon, session) = (Api::daemon(test).await?, Api::session(test).await?);
    let key = Uuid::new_v4().to_string();
    let post = |api: &Api| api.post(&api.todo("a secret")).header("idempotency-key", &key);
    let theirs = Answer::to(post(&daemon)).await?.is(201).json();
    let mine = Answer::to(post(&session)).await?.is(201).json();
    assert_ne!(mine["id"], theirs["id"]);
    assert_ne!(mine["owner"], theirs["owner"]);
    Ok(())
}

async fn nobody_sets_what_the_server_keeps(test: &TestContext) -> Result<()> {
    let daemon = Api::daemon(test).await?;
    let todo = daemon.make("mine").await?;
    for (name, value) in [
        ("id", json!("01890000-0000-7000-8000-000000000000")),
        ("version", json!(9)),
        ("created_at", json!("2000-01-01T00:00:00Z")),
        ("updated_at", json!("2000-01-01T00:00:00Z")),
        ("issuer", json!("https://evil.example")),
        ("__proto__", json!({})),
    ] {
        let mut body = daemon.todo("theirs");
        body[name] = value.clone();
        Answer::to(daemon.post(&body)).await?.problem(422);
        let change = daemon.request(Method::PATCH, &path_of(&todo));
        Answer::to(change.json_body(&json!({ name: value }))).await?.problem(422);
    }
    // Of two members of one name, a filter in front may judge the other one.
    let twice = daemon.request(Method::PATCH, &path_of(&todo));
    let twice = twice.header("content-type", "application/json");
    let answer = Answer::to(twice.body(r#"{"description":"a","description":"b"}"#)).await?;
    assert!((400..500).contains(&answer.status), "{answer:?}");
    assert_eq!(Answer::to(daemon.get(&path_of(&todo))).await?.is(200).json(), todo);
    Ok(())
}

/// Which fields a 422 complains about.
pub(super) fn pointers(problem: &Value) -> Vec<&str> {
    let errors = problem["errors"].as_array().map(Vec::as_slice).unwrap_or_default();
    errors.iter().filter_map(|error| error["pointer"].as_str()).collect()
}
