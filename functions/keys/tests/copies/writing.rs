use std::time::Duration;

use keys::Refreshed;
use serde_json::json;
use test_support::{Endpoint, MockResponse};

use crate::harness::Keys;

#[tokio::test]
async fn it_writes_what_the_provider_publishes() {
    let keys = Keys::new().await;
    assert_eq!(keys.run().await.unwrap(), Refreshed::Stored);
    keys.provider.stop().await;
    assert!(keys.passes().await);
}

#[tokio::test]
async fn a_snapshot_has_no_endpoint_that_receives_secrets() {
    let keys = Keys::new().await;
    keys.run().await.unwrap();
    let rows = format!("{:?}", keys.rows("KeysTable").await);
    let metadata = keys.provider.metadata();
    for name in ["token_endpoint", "userinfo_endpoint"] {
        assert!(!rows.contains(metadata[name].as_str().unwrap()), "{name}: {rows}");
    }
    assert!(rows.contains(metadata["jwks_uri"].as_str().unwrap()), "{rows}");
}

#[tokio::test]
async fn a_second_run_within_half_a_minute_asks_nothing() {
    let keys = Keys::new().await;
    keys.run().await.unwrap();
    assert_eq!(keys.run().await.unwrap(), Refreshed::NothingToDo);
    assert_eq!(keys.asked(), 2);
    keys.clock.advance(Duration::from_secs(30));
    assert_eq!(keys.run().await.unwrap(), Refreshed::Stored);
}

#[tokio::test]
async fn of_runs_at_the_same_time_one_asks() {
    let keys = Keys::new().await;
    let function = keys.function();
    let mut runs = tokio::task::JoinSet::new();
    for _ in 0..10 {
        let function = function.clone();
        runs.spawn(async move { keys::refresh(&function).await.unwrap() });
    }
    let ended = runs.join_all().await;
    assert_eq!(ended.iter().filter(|run| **run == Refreshed::Stored).count(), 1);
    assert_eq!(keys.asked(), 2);
}

#[tokio::test]
async fn what_nobody_could_use_is_not_written_over_what_they_can() {
    let bad = [
        (Endpoint::Discovery, MockResponse::json(&json!({ "issuer": "https://other.example" }))),
        (Endpoint::Discovery, MockResponse::status(500)),
        (Endpoint::Keys, MockResponse::json(&json!({ "keys": [] }))),
        (Endpoint::Keys, MockResponse::text("<html>")),
        (Endpoint::Keys, MockResponse::status(302).header("location", "/elsewhere")),
    ];
    for (endpoint, answer) in bad {
        let keys = Keys::new().await;
        keys.run().await.unwrap();
        keys.clock.advance(Duration::from_mins(1));
        keys.provider.always(endpoint, answer);
        assert!(keys.run().await.is_err());
        keys.provider.stop().await;
        assert!(keys.passes().await, "the copies of before are still there");
    }
}

#[tokio::test]
async fn a_failed_run_is_repeated_after_a_moment() {
    let keys = Keys::new().await;
    keys.provider.next(Endpoint::Discovery, MockResponse::status(500));
    assert!(keys.run().await.is_err());
    assert_eq!(keys.run().await.unwrap(), Refreshed::NothingToDo);
    keys.clock.advance(Duration::from_secs(15));
    assert_eq!(keys.run().await.unwrap(), Refreshed::Stored);
}
