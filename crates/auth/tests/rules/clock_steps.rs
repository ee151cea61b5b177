//! TOKENS: deadlines are wall-clock and survive a clock that steps back.

use serde_json::json;

use crate::{
    signer::Signer,
    stage::{HOUR, Stage, is_unavailable, passes, refused, retry_after, stranger},
};

#[tokio::test]
async fn keys_do_not_stay_fresh_longer_because_the_clock_steps_back() {
    let stage = Stage::new();
    assert!(passes(&stage).await);
    stage.clock.back(10 * HOUR);
    stage.script.publish(&[&Signer::es256("key-2")]);
    assert_eq!(refused(stage.verify_but(json!({})).await).code(), "unknown_key");
    assert_eq!(
        stage.script.key_fetches(),
        2,
        "nobody knows how old the keys are, so they are fetched"
    );
}

#[tokio::test]
async fn the_last_known_good_serves_over_a_step_back_but_no_longer_than_24_hours() {
    let stage = Stage::new();
    assert!(passes(&stage).await);
    stage.script.go_down();
    stage.clock.forward(20 * HOUR);
    assert!(passes(&stage).await);
    stage.clock.back(100 * HOUR);
    assert!(passes(&stage).await);
    stage.clock.forward(4 * HOUR);
    assert!(passes(&stage).await);
    stage.clock.forward(1);
    assert!(is_unavailable(&stage.verify_but(json!({})).await));
}

#[tokio::test]
async fn cooldowns_do_not_grow_when_the_clock_steps_back() {
    let stage = Stage::new();
    stage.script.go_down();
    assert!(!passes(&stage).await);
    stage.clock.back(1000 * HOUR);
    assert_eq!(retry_after(stage.verify_but(json!({})).await), 10, "the provider is asked again");
    stage.clock.back(1000 * HOUR);
    stage.script.come_back();
    assert!(passes(&stage).await);

    assert_eq!(refused(stranger(&stage, "x").await).code(), "unknown_key");
    stage.clock.back(1000 * HOUR);
    let next = Signer::es256("key-2");
    stage.script.publish(&[&next]);
    assert!(stage.verify(&next.token(&stage.claims())).await.is_ok());
}

#[tokio::test]
async fn a_trimmed_clock_costs_no_fetch() {
    let stage = Stage::new();
    assert!(passes(&stage).await);
    for _ in 0..10 {
        stage.clock.back(2);
        assert!(passes(&stage).await);
    }
    assert_eq!(stage.script.key_fetches(), 1);
}

#[tokio::test]
async fn a_step_back_does_not_make_the_next_keys_stale() {
    let stage = Stage::new();
    assert!(passes(&stage).await);
    stage.clock.back(10 * HOUR);
    assert!(passes(&stage).await);
    stage.clock.forward(HOUR - 1);
    assert!(passes(&stage).await);
    assert_eq!(stage.script.key_fetches(), 2, "one for the step, and then an hour of peace");
    stage.clock.forward(1);
    assert!(passes(&stage).await);
    assert_eq!(stage.script.key_fetches(), 3);
}

#[tokio::test]
async fn a_step_forward_ages_the_keys_and_the_way_back_makes_them_no_younger() {
    let stage = Stage::new();
    assert!(passes(&stage).await);
    stage.script.go_down();
    stage.clock.forward(25 * HOUR);
    assert!(is_unavailable(&stage.verify_but(json!({})).await));
    stage.clock.back(25 * HOUR);
    assert!(
        is_unavailable(&stage.verify_but(json!({})).await),
        "nobody knows that it was a mistake"
    );
    stage.script.come_back();
    stage.clock.forward(10);
    assert!(passes(&stage).await);
}

#[tokio::test]
async fn a_step_forward_ends_the_cooldown_of_a_miss() {
    let stage = Stage::new();
    assert_eq!(refused(stranger(&stage, "x").await).code(), "unknown_key");
    let next = Signer::es256("key-2");
    stage.script.publish(&[&stage.signer, &next]);
    assert_eq!(refused(stage.verify(&next.token(&stage.claims())).await).code(), "unknown_key");
    stage.clock.forward(40);
    assert!(stage.verify(&next.token(&stage.claims())).await.is_ok());
    assert_eq!(stage.script.key_fetches(), 2, "the keys were fresh, so the miss asked");
}

#[tokio::test]
async fn a_step_back_ends_the_cooldown_of_a_miss_and_costs_one_fetch() {
    let stage = Stage::new();
    assert_eq!(refused(stranger(&stage, "x").await).code(), "unknown_key");
    stage.clock.back(3);
    for _ in 0..100 {
        assert_eq!(refused(stranger(&stage, "x").await).code(), "unknown_key");
    }
    assert_eq!(stage.script.key_fetches(), 2);
    stage.clock.forward(29);
    assert_eq!(refused(stranger(&stage, "x").await).code(), "unknown_key");
    assert_eq!(stage.script.key_fetches(), 2, "a new cooldown was armed");
    stage.clock.forward(1);
    assert_eq!(refused(stranger(&stage, "x").await).code(), "unknown_key");
    assert_eq!(stage.script.key_fetches(), 3);
}

#[tokio::test]
async fn a_step_back_ends_the_cooldown_of_a_miss_also_after_keys_were_refreshed_for_it() {
    let stage = Stage::new();
    assert_eq!(refused(stranger(&stage, "x").await).code(), "unknown_key");
    stage.clock.back(HOUR);
    assert!(passes(&stage).await);
    assert_eq!(stage.script.key_fetches(), 2);
    let next = Signer::es256("key-2");
    stage.script.publish(&[&next]);
    assert!(stage.verify(&next.token(&stage.claims())).await.is_ok());
    assert_eq!(stage.script.key_fetches(), 3);
}

#[tokio::test]
async fn a_step_forward_ends_the_cooldown_of_a_failure() {
    let stage = Stage::new();
    stage.script.go_down();
    assert_eq!(retry_after(stage.verify_but(json!({})).await), 5);
    stage.clock.forward(1000 * HOUR);
    assert_eq!(retry_after(stage.verify_but(json!({})).await), 10);
    assert_eq!(stage.script.asked().len(), 2);
}

#[tokio::test]
async fn a_step_back_during_an_outage_costs_one_fetch() {
    let stage = Stage::new();
    stage.script.go_down();
    for (round, cooldown) in [(1, 5), (2, 10), (3, 20), (4, 40), (5, 60), (6, 60)] {
        for _ in 0..100 {
            assert_eq!(retry_after(stage.verify_but(json!({})).await), cooldown);
        }
        assert_eq!(stage.script.asked().len(), round);
        stage.clock.back(HOUR);
    }
}

#[tokio::test]
async fn deadlines_are_where_they_were_after_a_clock_was_trimmed() {
    // Of the miss.
    let stage = Stage::new();
    assert_eq!(refused(stranger(&stage, "x").await).code(), "unknown_key");
    stage.clock.back(2);
    assert_eq!(refused(stranger(&stage, "x").await).code(), "unknown_key");
    stage.clock.forward(29);
    assert_eq!(refused(stranger(&stage, "x").await).code(), "unknown_key");
    assert_eq!(stage.script.key_fetches(), 1);
    stage.clock.forward(1);
    assert_eq!(refused(stranger(&stage, "x").await).code(), "unknown_key");
    assert_eq!(stage.script.key_fetches(), 2);

    // Of the failure.
    let stage = Stage::new();
    stage.script.go_down();
    assert_eq!(retry_after(stage.verify_but(json!({})).await), 5);
    stage.clock.back(2);
    assert_eq!(retry_after(stage.verify_but(json!({})).await), 5);
    stage.clock.forward(4);
    assert_eq!(retry_after(stage.verify_but(json!({})).await), 1);
    stage.clock.forward(1);
    assert_eq!(retry_after(stage.verify_but(json!({})).await), 10);

    // Of freshness, and of the last known good.
    let stage = Stage::new();
    assert!(passes(&stage).await);
    stage.clock.back(2);
    assert!(passes(&stage).await);
    stage.clock.forward(HOUR - 1);
    assert!(passes(&stage).await);
    assert_eq!(stage.script.key_fetches(), 1);
    stage.script.go_down();
    stage.clock.forward(1);
    assert!(passes(&stage).await);
    assert_eq!(stage.script.key_fetches(), 2);
    stage.clock.forward(23 * HOUR);
    assert!(passes(&stage).await);
    stage.clock.forward(1);
    assert!(is_unavailable(&stage.verify_but(json!({})).await));
}

#[tokio::test]
async fn before_1970_a_token_of_1970_is_still_to_come() {
    let stage = Stage::new();
    let claims = stage.claims_but(&serde_json::json!({"iat": 0, "nbf": 0, "exp": 3600}));
    stage.clock.set(std::time::UNIX_EPOCH - std::time::Duration::from_hours(24));
    let verdict = stage.verify(&stage.signer.token(&claims)).await;
    assert_eq!(crate::stage::refused(verdict).code(), "not_yet_valid");
}
