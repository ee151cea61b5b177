use serde_json::json;
use test_support::{Answer, Endpoint, SigningKey};

use crate::world::World;

#[tokio::test]
async fn with_copies_a_new_instance_asks_the_provider_nothing() {
    let world = World::new().await;
    world.run().await.unwrap();
    let before = world.asked();
    for _ in 0..5 {
        assert!(world.passes().await);
    }
    assert_eq!(world.asked(), before);
}

#[tokio::test]
async fn without_a_table_it_asks_the_provider() {
    let mut world = World::new().await;
    world.environment = world.environment.clone().without("KEYS_TABLE");
    assert!(world.passes().await);
    assert_eq!(world.asked(), 2);
}

#[tokio::test]
async fn with_an_empty_table_and_nobody_to_wake_it_asks_the_provider() {
    let world = World::new().await;
    assert!(world.passes().await);
    assert_eq!(world.asked(), 2);
}

#[tokio::test]
async fn with_a_table_that_is_away_it_asks_the_provider() {
    let world = World::new().await;
    world.run().await.unwrap();
    world.dynamodb.pause().await;
    assert!(world.passes().await);
    assert_eq!(world.asked(), 4);
}

#[tokio::test]
async fn a_token_by_a_key_that_is_not_in_the_copies_passes_at_once() {
    let world = World::new().await;
    world.run().await.unwrap();
    let next = SigningKey::generate("next");
    world.provider.publish([&next]);
    let token = world.provider.access_token().header("kid", next.id()).signed_by(&next);
    world.instance().verify(&token).await.unwrap();
}

#[tokio::test]
async fn copies_older_than_24_hours_are_refused_even_while_the_provider_is_away() {
    let world = World::new().await;
    world.run().await.unwrap();
    world.provider.stop().await;
    world.clock.forward(24 * 3600 - 60);
    let token = world.token().signed();
    assert!(world.instance().verify(&token).await.is_ok());
    world.clock.forward(61);
    let refused = world.instance().verify(&token).await.unwrap_err();
    assert!(matches!(refused, auth::VerifyError::Unavailable(_)), "{refused:?}");
}

#[tokio::test]
async fn a_provider_that_calls_its_keys_fresh_for_less_is_asked_sooner() {
    let world = World::new().await;
    let keys = Answer::json(&json!({ "keys": [SigningKey::first().jwk()] }));
    world.provider.always(Endpoint::Keys, keys.header("cache-control", "max-age=600"));
    world.run().await.unwrap();
    let asked = || world.provider.received(Endpoint::Keys).len();
    world.clock.forward(595);
    assert!(world.passes().await);
    assert_eq!(asked(), 1);
    world.clock.forward(10);
    assert!(world.passes().await);
    assert_eq!(asked(), 2);
}
