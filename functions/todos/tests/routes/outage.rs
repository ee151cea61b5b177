//! The store or the provider is away.

use serde_json::json;
use test_support::{Answer, Endpoint};

use crate::world::World;

#[tokio::test]
async fn without_the_store_every_route_is_503_and_works_again_afterwards() {
    let world = World::new().await;
    let ada = world.user("ada");
    let path = world.created(&ada, "x").await;
    world.store.pause().await;
    let body = json!({"description": "y", "owner": "ada"});
    let own = json!({"description": "y"});
    for (method, path, token, body) in [
        ("GET", "/api/todos", &ada, &own),
        ("POST", "/api/todos", &ada, &own),
        ("GET", &*path, &ada, &own),
        ("PUT", &*path, &ada, &own),
        ("PATCH", &*path, &ada, &own),
        ("DELETE", &*path, &ada, &own),
        ("GET", "/api/todos", &world.writer(), &body),
        ("POST", "/api/todos", &world.writer(), &body),
        ("DELETE", &*path, &world.writer(), &body),
    ] {
        let call = world.call(method, path).bearer(token).header("idempotency-key", "k");
        let answer = call.json(body).send().await;
        assert_eq!(answer.refusal(), (503, "unavailable"), "{method} {path}");
        let problem = answer.body.to_lowercase();
        assert!(!problem.contains("dynamo") && !problem.contains("127.0.0.1"), "{problem}");
    }
    world.store.resume().await.unwrap();
    assert_eq!(world.get(&path, &ada).send().await.ok()["description"], "x");
}

#[tokio::test]
async fn a_session_is_not_judged_without_the_store() {
    let world = World::new().await;
    let cookie = world.signed_in(&world.user("ada")).await;
    world.store.pause().await;
    let answer = world.call("GET", "/api/todos").cookie(&cookie).send().await;
    assert_eq!(answer.refusal(), (503, "unavailable"));
    world.store.resume().await.unwrap();
    world.call("GET", "/api/todos").cookie(&cookie).send().await.ok();
}

#[tokio::test]
async fn without_keys_a_token_is_not_judged() {
    let world = World::new().await;
    world.provider.always(Endpoint::Keys, Answer::status(500));
    let answer = world.get("/api/todos", &world.user("ada")).send().await;
    assert_eq!(answer.status, 503);
}

#[tokio::test]
async fn what_nobody_expected_is_a_500_that_says_nothing() {
    let world = World::new().await;
    let ada = world.user("ada");
    let path = world.created(&ada, "x").await;
    let rows = world.dynamodb.scan().table_name("TodosTable").send().await.unwrap();
    let mut row = rows.items()[0].clone();
    row.remove("version");
    let put = world.dynamodb.put_item().table_name("TodosTable").set_item(Some(row));
    put.send().await.unwrap();
    let answer = world.get(&path, &ada).send().await;
    assert_eq!(answer.refusal(), (500, "internal_error"));
    assert!(!answer.body.contains("version") && !answer.body.contains("row"), "{}", answer.body);
}
