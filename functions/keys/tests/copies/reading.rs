use std::time::Duration;

use serde_json::json;
use test_support::{Endpoint, MockResponse, SigningKey};

use crate::harness::Keys;

#[tokio::test]
async fn with_copies_a_new_instance_asks_the_provider_nothing() {
    let keys = Keys::new().await;
    keys.run().await.unwrap();
    let before = keys.asked();
    for _ in 0..5 {
        assert!(keys.passes().await);
    }
    assert_eq!(keys.asked(), before);
}

#[tokio::test]
async fn without_a_table_it_asks_the_provider() {
    let mut keys = Keys::new().await;
    keys.environment = keys.environment.clone().without("KEYS_TABLE");
    assert!(keys.passes().await);
    assert_eq!(keys.asked(), 2);
}

#[tokio::test]
async fn with_an_empty_table_and_nobody_to_wake_it_asks_the_provider() {
    let keys = Keys::new().await;
    assert!(keys.passes().await);
    assert_eq!(keys.asked(), 2);
}

#[tokio::test]
async fn with_a_table_that_is_away_it_asks_the_provider() {
    let keys = Keys::new().await;
    keys.run().await.unwrap();
    keys.store.pause().await;
    assert!(keys.passes().await);
    assert_eq!(keys.asked(), 4);
}

#[tokio::test]
async fn a_token_by_a_key_that_is_not_in_the_copies_passes_at_once() {
    let keys = Keys::new().await;
    keys.run().await.unwrap();
    let next = SigningKey::generate("next");
    keys.provider.publish([&next]);
    let token = keys.provider.access_token().header("kid", next.id()).signed_by(&next);
    keys.instance().verify(&token).await.unwrap();
}

#[tokio::test]
async fn copies_older_than_24_hours_are_refused_even_while_the_provider_is_away() {
    let keys = Keys::new().await;
    keys.run().await.unwrap();
    keys.provider.stop().await;
    keys.clock.advance(Duration::from_mins(24 * 60 - 1));
    let token = keys.token().signed();
    assert!(keys.instance().verify(&token).await.is_ok());
    keys.clock.advance(Duration::from_secs(61));
    let refused = keys.instance().verify(&token).await.unwrap_err();
    assert!(matches!(refused, auth::VerifyError::Unavailable(_)), "{refused:?}");
}

#[tokio::test]
async fn a_provider_that_calls_its_keys_fresh_for_less_is_asked_sooner() {
    let keys = Keys::new().await;
    let published = MockResponse::json(&json!({ "keys": [SigningKey::first().jwk()] }));
    keys.provider.always(Endpoint::Keys, published.header("cache-control", "max-age=600"));
    keys.run().await.unwrap();
    let asked = || keys.provider.received(Endpoint::Keys).len();
    keys.clock.advance(Duration::from_secs(595));
    assert!(keys.passes().await);
    assert_eq!(asked(), 1);
    keys.clock.advance(Duration::from_secs(10));
    assert!(keys.passes().await);
    assert_eq!(asked(), 2);
}
