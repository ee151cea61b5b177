//! What `Provider::status` says of the cache.

use std::time::Duration;

use oidc_resource_server::FetchError;
use serde_json::json;

use crate::harness::Harness;

const HOUR: u64 = 3600;

fn refused_connection() -> FetchError {
    FetchError::Connection { host: "provider".into(), reason: "refused".into() }
}

#[test]
fn before_anything_was_asked_there_is_nothing() {
    let harness = Harness::new();
    let status = harness.provider.status();
    for document in [&status.metadata, &status.keys] {
        assert_eq!(document.age, None);
        assert!(!document.is_fresh && !document.is_usable);
        assert_eq!((document.fetches, document.failures), (0, 0));
        assert_eq!(document.last_error, None);
    }
    assert!(harness.script.asked().is_empty(), "status sends no request");
}

#[tokio::test]
async fn after_a_fetch_there_is_its_age_by_the_clock() {
    let harness = Harness::new();
    harness.provider.warm().await.unwrap();
    let status = harness.provider.status();
    assert_eq!(status.metadata, status.keys);
    assert_eq!((status.keys.age, status.keys.fetches), (Some(Duration::from_secs(0)), 1));
    assert!(status.keys.is_fresh && status.keys.is_usable);
    harness.clock.forward(7);
    assert_eq!(harness.provider.status().keys.age, Some(Duration::from_secs(7)));
    harness.clock.forward(HOUR);
    assert!(harness.verify_but(json!({})).await.is_ok());
    let keys = harness.provider.status().keys;
    assert_eq!((keys.age, keys.fetches, keys.failures), (Some(Duration::from_secs(0)), 2, 0));
}

#[tokio::test]
async fn metadata_and_keys_are_counted_apart() {
    let harness = Harness::new();
    harness.provider.metadata().await.unwrap();
    let status = harness.provider.status();
    assert!(status.metadata.is_fresh && !status.keys.is_usable);
    assert_eq!((status.metadata.fetches, status.keys.fetches), (1, 0));

    // A key set that cannot be used is a failure of the keys alone.
    harness.script.publish_text("{}".to_owned());
    assert!(harness.provider.warm().await.is_err());
    let status = harness.provider.status();
    assert_eq!((status.metadata.failures, status.keys.failures), (0, 1));
    assert_eq!(status.metadata.last_error, None);
    assert!(matches!(
        status.keys.last_error,
        Some(FetchError::Document { document: "key set", .. })
    ));
}

#[tokio::test]
async fn keys_are_fresh_for_an_hour_and_usable_for_a_day_both_edges() {
    let harness = Harness::new();
    harness.provider.warm().await.unwrap();
    let is = |harness: &Harness| {
        let keys = harness.provider.status().keys;
        (keys.is_fresh, keys.is_usable)
    };
    harness.clock.forward(HOUR - 1);
    assert_eq!(is(&harness), (true, true));
    harness.clock.forward(1);
    assert_eq!(is(&harness), (false, true));
    harness.clock.forward(23 * HOUR);
    assert_eq!(is(&harness), (false, true));
    harness.clock.forward(1);
    assert_eq!(is(&harness), (false, false));
    assert_eq!(
        harness.provider.status().keys.age,
        Some(Duration::from_secs(24 * HOUR + 1)),
        "its age is still known"
    );
    assert_eq!(harness.script.key_fetches(), 1);
}

#[tokio::test]
async fn failures_are_counted_and_the_last_error_goes_with_a_success() {
    let harness = Harness::new();
    harness.script.go_down();
    for (round, cooldown) in [(1, 5), (2, 10)] {
        assert!(harness.provider.warm().await.is_err());
        assert!(harness.provider.warm().await.is_err(), "no request is sent");
        let status = harness.provider.status();
        for document in [&status.metadata, &status.keys] {
            assert_eq!((document.fetches, document.failures), (round, round));
            assert_eq!(document.last_error, Some(refused_connection()));
            assert!(!document.is_usable && document.age.is_none());
        }
        harness.clock.forward(cooldown);
    }
    harness.script.come_back();
    harness.provider.warm().await.unwrap();
    let keys = harness.provider.status().keys;
    assert_eq!((keys.fetches, keys.failures, keys.last_error), (3, 2, None));
}

#[tokio::test]
async fn during_an_outage_the_last_known_good_is_usable_with_an_error() {
    let harness = Harness::new();
    harness.provider.warm().await.unwrap();
    harness.script.go_down();
    harness.clock.forward(HOUR);
    assert!(harness.verify_but(json!({})).await.is_ok());
    let keys = harness.provider.status().keys;
    assert!(!keys.is_fresh && keys.is_usable);
    assert_eq!((keys.age, keys.fetches, keys.failures), (Some(Duration::from_secs(HOUR)), 2, 1));
    assert_eq!(keys.last_error, Some(refused_connection()));
}

#[tokio::test]
async fn clones_share_what_they_count() {
    let harness = Harness::new();
    harness.provider.clone().warm().await.unwrap();
    assert_eq!(harness.provider.status(), harness.provider.clone().status());
    assert_eq!(harness.provider.status().keys.fetches, 1);
}
