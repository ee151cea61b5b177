use keys::Refreshed;
use serde_json::json;
use test_support::{Answer, Endpoint};

use crate::world::World;

#[tokio::test]
async fn it_writes_what_the_provider_publishes() {
    let world = World::new().await;
    assert_eq!(world.run().await.unwrap(), Refreshed::Stored);
    world.provider.stop().await;
    assert!(world.passes().await);
}

#[tokio::test]
async fn a_second_run_within_half_a_minute_asks_nothing() {
    let world = World::new().await;
    world.run().await.unwrap();
    assert_eq!(world.run().await.unwrap(), Refreshed::NothingToDo);
    assert_eq!(world.asked(), 2);
    world.clock.forward(30);
    assert_eq!(world.run().await.unwrap(), Refreshed::Stored);
}

#[tokio::test]
async fn of_runs_at_the_same_time_one_asks() {
    let world = World::new().await;
    let function = world.function();
    let mut runs = tokio::task::JoinSet::new();
    for _ in 0..10 {
        let function = function.clone();
        runs.spawn(async move { keys::refresh(&function).await.unwrap() });
    }
    let ended = runs.join_all().await;
    assert_eq!(ended.iter().filter(|run| **run == Refreshed::Stored).count(), 1);
    assert_eq!(world.asked(), 2);
}

#[tokio::test]
async fn what_nobody_could_use_is_not_written_over_what_they_can() {
    let bad = [
        (Endpoint::Discovery, Answer::json(&json!({ "issuer": "https://other.example" }))),
        (Endpoint::Discovery, Answer::status(500)),
        (Endpoint::Keys, Answer::json(&json!({ "keys": [] }))),
        (Endpoint::Keys, Answer::text("<html>")),
        (Endpoint::Keys, Answer::status(302).header("location", "/elsewhere")),
    ];
    for (endpoint, answer) in bad {
        let world = World::new().await;
        world.run().await.unwrap();
        world.clock.forward(60);
        world.provider.always(endpoint, answer);
        assert!(world.run().await.is_err());
        world.provider.stop().await;
        assert!(world.passes().await, "the copies of before are still there");
    }
}

#[tokio::test]
async fn a_failed_run_is_repeated_after_a_moment() {
    let world = World::new().await;
    world.provider.next(Endpoint::Discovery, Answer::status(500));
    assert!(world.run().await.is_err());
    assert_eq!(world.run().await.unwrap(), Refreshed::NothingToDo);
    world.clock.forward(15);
    assert_eq!(world.run().await.unwrap(), Refreshed::Stored);
}
