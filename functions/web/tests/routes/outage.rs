//! The sessions table does not answer.

use http::StatusCode;
use serde_json::json;

use crate::world::{GOOD_FOR, World};

#[tokio::test]
async fn who_is_signed_in_cannot_be_said_and_works_again_without_a_restart() {
    let world = World::new().await;
    let secret = world.sign_in().await;
    world.store.pause().await;
    let answer = world.get_as("/session", &secret).await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(answer.header("retry-after").is_some());
    assert!(answer.cleared().is_empty(), "the session may well be there");
    assert!(!answer.body.contains("dynamodb") && !answer.body.contains("127.0.0.1"));
    assert_eq!(world.get("/session").await.json(), json!({"user": null}));
    world.store.resume().await.unwrap();
    assert_eq!(world.get_as("/session", &secret).await.json()["user"]["sub"], "ada");
}

#[tokio::test]
async fn a_refresh_is_for_later() {
    let world = World::new().await;
    let secret = world.sign_in().await;
    world.clock.advance(GOOD_FOR);
    world.store.pause().await;
    let answer = world.post_as("/session/refresh", &secret).await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(answer.header("retry-after").is_some());
    assert!(answer.cleared().is_empty());
    world.store.resume().await.unwrap();
    let answer = world.post_as("/session/refresh", &secret).await;
    assert_eq!(answer.status, StatusCode::NO_CONTENT);
}

#[tokio::test]
async fn signing_out_does_not_claim_to_be_done_while_the_session_lives() {
    let world = World::new().await;
    let secret = world.sign_in().await;
    world.store.pause().await;
    let answer = world.post_as("/signout", &secret).await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(answer.header("retry-after").is_some());
    assert!(answer.cleared().is_empty(), "the cookie is what it takes to end the session");
    assert!(answer.body.contains("You are still signed in"));
    world.store.resume().await.unwrap();
    assert_eq!(world.post_as("/signout", &secret).await.status, StatusCode::SEE_OTHER);
    assert_eq!(world.contents(&secret).await, None);
}

#[tokio::test]
async fn the_page_needs_no_table() {
    let world = World::new().await;
    world.store.pause().await;
    assert_eq!(world.get("/").await.status, StatusCode::OK);
}
