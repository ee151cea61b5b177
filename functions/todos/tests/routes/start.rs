//! The start of the function.

use std::time::Duration;

use test_support::{Answer, Endpoint};

use crate::world::World;

async fn start(world: &World) -> axum::Router {
    let config = todos::Config::from_environment(&world.environment).unwrap();
    let started = todos::State::start(config, &world.environment, &world.outbound).await;
    todos::app(started.unwrap())
}

#[tokio::test]
async fn keys_are_loaded_while_the_function_starts() {
    let world = World::new().await;
    let app = start(&world).await;
    assert_eq!(world.provider.received(Endpoint::Keys).len(), 1);
    world.get("/api/todos", &world.user("ada")).on(&app).send().await.ok();
    assert_eq!(world.provider.received(Endpoint::Keys).len(), 1, "the first request asked again");
}

#[tokio::test]
async fn a_start_without_provider_and_store_is_no_failure() {
    let world = World::new().await;
    world.provider.stop().await;
    world.store.pause().await;
    let app = start(&world).await;
    let answer = world.get("/api/todos", &world.user("ada")).on(&app).send().await;
    assert_eq!(answer.status, 503);
    // What needs neither works all along.
    world.call("GET", "/api/openapi.json").on(&app).send().await.ok();
}

#[tokio::test]
async fn a_provider_that_never_answers_does_not_hold_up_the_start() {
    let world = World::new().await;
    for endpoint in [Endpoint::Discovery, Endpoint::Keys] {
        world.provider.always(endpoint, Answer::never());
    }
    let started = tokio::time::timeout(Duration::from_secs(10), start(&world)).await;
    assert!(started.is_ok(), "Lambda's init phase ends after ten seconds");
}

#[tokio::test]
async fn without_aws_settings_there_is_no_start() {
    let world = World::new().await;
    for name in ["AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"] {
        let environment = world.environment.clone().without(name);
        let config = todos::Config::from_environment(&environment).unwrap();
        let started = todos::State::start(config, &environment, &world.outbound).await;
        let line = started.err().unwrap().to_string();
        assert!(line.starts_with(&format!("{name} is not set; for example {name}=")), "{line}");
    }
}
