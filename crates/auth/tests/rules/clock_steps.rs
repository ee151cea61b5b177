//! TOKENS: deadlines are wall-clock and survive a clock that steps back.

use serde_json::json;

use crate::{
    harness::{HOUR, Harness, is_unavailable, passes, refused, retry_after, verify_unknown_key},
    signer::Signer,
};

#[tokio::test]
async fn keys_do_not_stay_fresh_longer_because_the_clock_steps_back() {
    let harness = Harness::new();
    assert!(passes(&harness).await);
    harness.clock.back(10 * HOUR);
    harness.script.publish(&[&Signer::es256("key-2")]);
    assert_eq!(refused(harness.verify_but(json!({})).await).code(), "unknown_key");
    assert_eq!(
        harness.script.key_fetches(),
        2,
        "nobody knows how old the keys are, so they are fetched"
    );
}

#[tokio::test]
async fn the_last_known_good_serves_over_a_step_back_but_no_longer_than_24_hours() {
    let harness = Harness::new();
    assert!(passes(&harness).await);
    harness.script.go_down();
    harness.clock.forward(20 * HOUR);
    assert!(passes(&harness).await);
    harness.clock.back(100 * HOUR);
    assert!(passes(&harness).await);
    harness.clock.forward(4 * HOUR);
    assert!(passes(&harness).await);
    harness.clock.forward(1);
    assert!(is_unavailable(&harness.verify_but(json!({})).await));
}

#[tokio::test]
async fn cooldowns_do_not_grow_when_the_clock_steps_back() {
    let harness = Harness::new();
    harness.script.go_down();
    assert!(!passes(&harness).await);
    harness.clock.back(1000 * HOUR);
    assert_eq!(retry_after(harness.verify_but(json!({})).await), 10, "the provider is asked again");
    harness.clock.back(1000 * HOUR);
    harness.script.come_back();
    assert!(passes(&harness).await);

    assert_eq!(refused(verify_unknown_key(&harness, "x").await).code(), "unknown_key");
    harness.clock.back(1000 * HOUR);
    let next = Signer::es256("key-2");
    harness.script.publish(&[&next]);
    assert!(harness.verify(&next.token(&harness.claims())).await.is_ok());
}

#[tokio::test]
async fn a_trimmed_clock_costs_no_fetch() {
    let harness = Harness::new();
    assert!(passes(&harness).await);
    for _ in 0..10 {
        harness.clock.back(2);
        assert!(passes(&harness).await);
    }
    assert_eq!(harness.script.key_fetches(), 1);
}

#[tokio::test]
async fn a_step_back_does_not_make_the_next_keys_stale() {
    let harness = Harness::new();
    assert!(passes(&harness).await);
    harness.clock.back(10 * HOUR);
    assert!(passes(&harness).await);
    harness.clock.forward(HOUR - 1);
    assert!(passes(&harness).await);
    assert_eq!(harness.script.key_fetches(), 2, "one for the step, and then an hour of peace");
    harness.clock.forward(1);
    assert!(passes(&harness).await);
    assert_eq!(harness.script.key_fetches(), 3);
}

#[tokio::test]
async fn a_step_forward_ages_the_keys_and_the_way_back_makes_them_no_younger() {
    let harness = Harness::new();
    assert!(passes(&harness).await);
    harness.script.go_down();
    harness.clock.forward(25 * HOUR);
    assert!(is_unavailable(&harness.verify_but(json!({})).await));
    harness.clock.back(25 * HOUR);
    assert!(
        is_unavailable(&harness.verify_but(json!({})).await),
        "nobody knows that it was a mistake"
    );
    harness.script.come_back();
    harness.clock.forward(10);
    assert!(passes(&harness).await);
}

#[tokio::test]
async fn a_step_forward_ends_the_cooldown_of_a_miss() {
    let harness = Harness::new();
    assert_eq!(refused(verify_unknown_key(&harness, "x").await).code(), "unknown_key");
    let next = Signer::es256("key-2");
    harness.script.publish(&[&harness.signer, &next]);
    assert_eq!(refused(harness.verify(&next.token(&harness.claims())).await).code(), "unknown_key");
    harness.clock.forward(40);
    assert!(harness.verify(&next.token(&harness.claims())).await.is_ok());
    assert_eq!(harness.script.key_fetches(), 2, "the keys were fresh, so the miss asked");
}

#[tokio::test]
async fn a_step_back_ends_the_cooldown_of_a_miss_and_costs_one_fetch() {
    let harness = Harness::new();
    assert_eq!(refused(verify_unknown_key(&harness, "x").await).code(), "unknown_key");
    harness.clock.back(3);
    for _ in 0..100 {
        assert_eq!(refused(verify_unknown_key(&harness, "x").await).code(), "unknown_key");
    }
    assert_eq!(harness.script.key_fetches(), 2);
    harness.clock.forward(29);
    assert_eq!(refused(verify_unknown_key(&harness, "x").await).code(), "unknown_key");
    assert_eq!(harness.script.key_fetches(), 2, "a new cooldown was armed");
    harness.clock.forward(1);
    assert_eq!(refused(verify_unknown_key(&harness, "x").await).code(), "unknown_key");
    assert_eq!(harness.script.key_fetches(), 3);
}

#[tokio::test]
async fn a_step_back_ends_the_cooldown_of_a_miss_also_after_keys_were_refreshed_for_it() {
    let harness = Harness::new();
    assert_eq!(refused(verify_unknown_key(&harness, "x").await).code(), "unknown_key");
    harness.clock.back(HOUR);
    assert!(passes(&harness).await);
    assert_eq!(harness.script.key_fetches(), 2);
    let next = Signer::es256("key-2");
    harness.script.publish(&[&next]);
    assert!(harness.verify(&next.token(&harness.claims())).await.is_ok());
    assert_eq!(harness.script.key_fetches(), 3);
}

#[tokio::test]
async fn a_step_forward_ends_the_cooldown_of_a_failure() {
    let harness = Harness::new();
    harness.script.go_down();
    assert_eq!(retry_after(harness.verify_but(json!({})).await), 5);
    harness.clock.forward(1000 * HOUR);
    assert_eq!(retry_after(harness.verify_but(json!({})).await), 10);
    assert_eq!(harness.script.asked().len(), 2);
}

#[tokio::test]
async fn a_step_back_during_an_outage_costs_one_fetch() {
    let harness = Harness::new();
    harness.script.go_down();
    for (round, cooldown) in [(1, 5), (2, 10), (3, 20), (4, 40), (5, 60), (6, 60)] {
        for _ in 0..100 {
            assert_eq!(retry_after(harness.verify_but(json!({})).await), cooldown);
        }
        assert_eq!(harness.script.asked().len(), round);
        harness.clock.back(HOUR);
    }
}

#[tokio::test]
async fn deadlines_are_where_they_were_after_a_clock_was_trimmed() {
    // Of the miss.
    let harness = Harness::new();
    assert_eq!(refused(verify_unknown_key(&harness, "x").await).code(), "unknown_key");
    harness.clock.back(2);
    assert_eq!(refused(verify_unknown_key(&harness, "x").await).code(), "unknown_key");
    harness.clock.forward(29);
    assert_eq!(refused(verify_unknown_key(&harness, "x").await).code(), "unknown_key");
    assert_eq!(harness.script.key_fetches(), 1);
    harness.clock.forward(1);
    assert_eq!(refused(verify_unknown_key(&harness, "x").await).code(), "unknown_key");
    assert_eq!(harness.script.key_fetches(), 2);

    // Of the failure.
    let harness = Harness::new();
    harness.script.go_down();
    assert_eq!(retry_after(harness.verify_but(json!({})).await), 5);
    harness.clock.back(2);
    assert_eq!(retry_after(harness.verify_but(json!({})).await), 5);
    harness.clock.forward(4);
    assert_eq!(retry_after(harness.verify_but(json!({})).await), 1);
    harness.clock.forward(1);
    assert_eq!(retry_after(harness.verify_but(json!({})).await), 10);

    // Of freshness, and of the last known good.
    let harness = Harness::new();
    assert!(passes(&harness).await);
    harness.clock.back(2);
    assert!(passes(&harness).await);
    harness.clock.forward(HOUR - 1);
    assert!(passes(&harness).await);
    assert_eq!(harness.script.key_fetches(), 1);
    harness.script.go_down();
    harness.clock.forward(1);
    assert!(passes(&harness).await);
    assert_eq!(harness.script.key_fetches(), 2);
    harness.clock.forward(23 * HOUR);
    assert!(passes(&harness).await);
    harness.clock.forward(1);
    assert!(is_unavailable(&harness.verify_but(json!({})).await));
}

#[tokio::test]
async fn before_1970_a_token_of_1970_is_still_to_come() {
    let harness = Harness::new();
    let claims = harness.claims_but(&serde_json::json!({"iat": 0, "nbf": 0, "exp": 3600}));
    harness.clock.set(std::time::UNIX_EPOCH - std::time::Duration::from_hours(24));
    let verdict = harness.verify(&harness.signer.token(&claims)).await;
    assert_eq!(crate::harness::refused(verdict).code(), "not_yet_valid");
}
