//! TOKENS: many at once cost the provider no more than one.

use std::sync::Arc;

use serde_json::json;
use tokio::task::JoinSet;

use crate::{
    signer::Signer,
    stage::{Stage, is_unavailable, refused},
};

#[tokio::test]
async fn a_cold_start_with_100_requests_costs_1_discovery_and_1_key_fetch() {
    let stage = Arc::new(Stage::new());
    stage.script.hold();
    let mut requests = JoinSet::new();
    for _ in 0..100 {
        let stage = stage.clone();
        requests.spawn(async move { stage.verify_but(json!({})).await.is_ok() });
    }
    for _ in 0..10 {
        tokio::task::yield_now().await;
    }
    stage.script.let_go();
    assert!(requests.join_all().await.into_iter().all(|passed| passed));
    assert_eq!((stage.script.metadata_fetches(), stage.script.key_fetches()), (1, 1));
}

#[tokio::test]
async fn random_kids_by_the_thousand_cost_at_most_2_fetches() {
    let stage = Arc::new(Stage::new());
    assert!(stage.verify_but(json!({})).await.is_ok());
    let stranger = Signer::es256("x");
    let claims = stage.claims();
    let mut requests = JoinSet::new();
    for at in 0..10_000 {
        let stage = stage.clone();
        let mut header = stranger.header();
        header["kid"] = json!(format!("made-up-{at}"));
        // The signature is never looked at.
        let token = format!(
            "{}.{}.AAAA",
            crate::signer::base64url(header.to_string()),
            crate::signer::base64url(claims.to_string())
        );
        requests.spawn(async move { refused(stage.verify(&token).await).code() });
    }
    assert!(requests.join_all().await.into_iter().all(|code| code == "unknown_key"));
    assert_eq!((stage.script.metadata_fetches(), stage.script.key_fetches()), (1, 2));
}

#[tokio::test]
async fn a_rotation_in_the_middle_refuses_nothing_valid() {
    let stage = Arc::new(Stage::new());
    let next = Arc::new(Signer::es256("key-2"));
    assert!(stage.verify_but(json!({})).await.is_ok());
    stage.script.publish(&[&stage.signer, &next]);
    let mut requests = JoinSet::new();
    for at in 0..200 {
        let (stage, next) = (stage.clone(), next.clone());
        requests.spawn(async move {
            let signer = if at % 2 == 0 { &stage.signer } else { &*next };
            stage.verify(&signer.token(&stage.claims())).await.is_ok()
        });
    }
    assert!(requests.join_all().await.into_iter().all(|passed| passed));
    assert_eq!(stage.script.key_fetches(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn threads_share_the_fetches_too() {
    let stage = Arc::new(Stage::new());
    let next = Arc::new(Signer::es256("key-2"));
    let mut requests = JoinSet::new();
    for at in 0..400 {
        let (stage, next) = (stage.clone(), next.clone());
        requests.spawn(async move {
            match at {
                200 => {
                    stage.script.publish(&[&stage.signer, &next]);
                    true
                }
                at if at % 2 == 0 => stage.verify_but(json!({})).await.is_ok(),
                _ => {
                    refused(stage.verify(&Signer::es256("x").token(&stage.claims())).await).code()
                        == "unknown_key"
                }
            }
        });
    }
    assert!(requests.join_all().await.into_iter().all(|passed| passed));
    assert_eq!(stage.script.metadata_fetches(), 1);
    assert!(stage.script.key_fetches() <= 2, "{}", stage.script.key_fetches());
}

#[tokio::test]
async fn while_the_provider_is_down_warm_requests_are_served_and_cold_ones_get_503() {
    let (warm, cold) = (Stage::new(), Stage::new());
    assert!(warm.verify_but(json!({})).await.is_ok());
    for stage in [&warm, &cold] {
        stage.script.go_down();
    }
    for _ in 0..100 {
        assert!(warm.verify_but(json!({})).await.is_ok());
        assert!(is_unavailable(&cold.verify_but(json!({})).await));
    }
    assert_eq!(cold.script.asked().len(), 1);
}
