//! TOKENS: many at once cost the provider no more than one.

use std::sync::Arc;

use serde_json::json;
use tokio::task::JoinSet;

use crate::{
    harness::{Harness, is_unavailable, refused},
    signer::Signer,
};

#[tokio::test]
async fn a_cold_start_with_100_requests_costs_1_discovery_and_1_key_fetch() {
    let harness = Arc::new(Harness::new());
    harness.script.hold();
    let mut requests = JoinSet::new();
    for _ in 0..100 {
        let harness = harness.clone();
        requests.spawn(async move { harness.verify_but(json!({})).await.is_ok() });
    }
    for _ in 0..10 {
        tokio::task::yield_now().await;
    }
    harness.script.let_go();
    assert!(requests.join_all().await.into_iter().all(|passed| passed));
    assert_eq!((harness.script.metadata_fetches(), harness.script.key_fetches()), (1, 1));
}

#[tokio::test]
async fn random_kids_by_the_thousand_cost_at_most_2_fetches() {
    let harness = Arc::new(Harness::new());
    assert!(harness.verify_but(json!({})).await.is_ok());
    let unknown_key = Signer::es256("x");
    let claims = harness.claims();
    let mut requests = JoinSet::new();
    for at in 0..10_000 {
        let harness = harness.clone();
        let mut header = unknown_key.header();
        header["kid"] = json!(format!("made-up-{at}"));
        // The signature is never looked at.
        let token = format!(
            "{}.{}.AAAA",
            crate::signer::base64url(header.to_string()),
            crate::signer::base64url(claims.to_string())
        );
        requests.spawn(async move { refused(harness.verify(&token).await).code() });
    }
    assert!(requests.join_all().await.into_iter().all(|code| code == "unknown_key"));
    assert_eq!((harness.script.metadata_fetches(), harness.script.key_fetches()), (1, 2));
}

#[tokio::test]
async fn a_rotation_in_the_middle_refuses_nothing_valid() {
    let harness = Arc::new(Harness::new());
    let next = Arc::new(Signer::es256("key-2"));
    assert!(harness.verify_but(json!({})).await.is_ok());
    harness.script.publish(&[&harness.signer, &next]);
    let mut requests = JoinSet::new();
    for at in 0..200 {
        let (harness, next) = (harness.clone(), next.clone());
        requests.spawn(async move {
            let signer = if at % 2 == 0 { &harness.signer } else { &*next };
            harness.verify(&signer.token(&harness.claims())).await.is_ok()
        });
    }
    assert!(requests.join_all().await.into_iter().all(|passed| passed));
    assert_eq!(harness.script.key_fetches(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn threads_share_the_fetches_too() {
    let harness = Arc::new(Harness::new());
    let next = Arc::new(Signer::es256("key-2"));
    let mut requests = JoinSet::new();
    for at in 0..400 {
        let (harness, next) = (harness.clone(), next.clone());
        requests.spawn(async move {
            match at {
                200 => {
                    harness.script.publish(&[&harness.signer, &next]);
                    true
                }
                at if at % 2 == 0 => harness.verify_but(json!({})).await.is_ok(),
                _ => {
                    refused(harness.verify(&Signer::es256("x").token(&harness.claims())).await)
                        .code()
                        == "unknown_key"
                }
            }
        });
    }
    assert!(requests.join_all().await.into_iter().all(|passed| passed));
    assert_eq!(harness.script.metadata_fetches(), 1);
    assert!(harness.script.key_fetches() <= 2, "{}", harness.script.key_fetches());
}

#[tokio::test]
async fn while_the_provider_is_down_warm_requests_are_served_and_cold_ones_get_503() {
    let (warm, cold) = (Harness::new(), Harness::new());
    assert!(warm.verify_but(json!({})).await.is_ok());
    for harness in [&warm, &cold] {
        harness.script.go_down();
    }
    for _ in 0..100 {
        assert!(warm.verify_but(json!({})).await.is_ok());
        assert!(is_unavailable(&cold.verify_but(json!({})).await));
    }
    assert_eq!(cold.script.asked().len(), 1);
}
