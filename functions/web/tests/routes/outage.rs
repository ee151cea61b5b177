//! The sessions table does not answer.

use http::StatusCode;
use serde_json::json;

use crate::harness::{GOOD_FOR, Web, assert_unavailable};

#[tokio::test]
async fn who_is_signed_in_cannot_be_said_and_works_again_without_a_restart() {
    let (web, secret) = Web::signed_in().await;
    web.store.pause().await;
    let answer = web.get_as("/session", &secret).await;
    assert_unavailable(&answer);
    assert!(!answer.body.contains("dynamodb") && !answer.body.contains("127.0.0.1"));
    assert_eq!(web.get("/session").await.json(), json!({"user": null}));
    web.store.resume().await.unwrap();
    assert_eq!(web.get_as("/session", &secret).await.json()["user"]["sub"], "ada");
}

#[tokio::test]
async fn a_refresh_is_for_later() {
    let (web, secret) = Web::signed_in_ago(GOOD_FOR).await;
    web.store.pause().await;
    let answer = web.post_as("/session/refresh", &secret).await;
    assert_unavailable(&answer);
    web.store.resume().await.unwrap();
    let answer = web.post_as("/session/refresh", &secret).await;
    assert_eq!(answer.status, StatusCode::NO_CONTENT);
}

#[tokio::test]
async fn signing_out_does_not_claim_to_be_done_while_the_session_lives() {
    let (web, secret) = Web::signed_in().await;
    web.store.pause().await;
    let answer = web.post_as("/signout", &secret).await;
    assert_unavailable(&answer);
    assert!(answer.body.contains("You are still signed in"));
    web.store.resume().await.unwrap();
    assert_eq!(web.post_as("/signout", &secret).await.status, StatusCode::SEE_OTHER);
    assert_eq!(web.contents(&secret).await, None);
}

#[tokio::test]
async fn the_page_needs_no_table() {
    let web = Web::new().await;
    web.store.pause().await;
    assert_eq!(web.get("/").await.status, StatusCode::OK);
}
