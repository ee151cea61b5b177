//! What a sign-in leaves over is revoked.

use std::time::Duration;

use outbound::Timeouts;
use serde_json::{Value, json};
use test_support::{Endpoint, MockResponse};

use crate::{
    harness::{Browser, Callback, parameter},
    logout_token::{assert_done, deliver, of_user},
};

/// The refresh token of this browser's session.
async fn refresh_token(callback: &Callback, browser: &Browser) -> String {
    let session = callback.session(browser).await.unwrap();
    session.contents().refresh_token.as_ref().unwrap().as_str().to_owned()
}

/// The tokens that were revoked so far.
fn revoked(callback: &Callback) -> Vec<String> {
    let requests = callback.provider.received(Endpoint::Revocation);
    requests.iter().map(|request| request.form()["token"].clone()).collect()
}

/// Signs in twice in one browser, and gives the first refresh token and those that were revoked.
async fn twice(first: &Value, second: &Value) -> (String, Vec<String>) {
    let (callback, mut browser) = (Callback::new().await, Browser::default());
    callback.sign_in_with(&mut browser, first).await.assert_goes_to("/todos?filter=open");
    let before = refresh_token(&callback, &browser).await;
    callback.sign_in_with(&mut browser, second).await.assert_goes_to("/todos?filter=open");
    assert_ne!(refresh_token(&callback, &browser).await, before);
    (before, revoked(&callback))
}

#[tokio::test]
async fn the_refresh_token_of_the_session_before_is_revoked_at_a_new_sign_in() {
    let (before, revoked) = twice(&json!({ "sub": "ada" }), &json!({ "sub": "bob" })).await;
    assert_eq!(revoked, [before]);
    let (before, revoked) = twice(&json!({ "sid": "s-1" }), &json!({ "sid": "s-2" })).await;
    assert_eq!(revoked, [before]);
}

#[tokio::test]
async fn a_token_with_which_the_provider_could_end_the_new_session_too_is_left_alone() {
    for (first, second) in [
        (json!({}), json!({})),
        (json!({ "sid": "s-1" }), json!({ "sid": "s-1" })),
        (json!({ "sid": "s-1" }), json!({})),
        (json!({}), json!({ "sid": "s-1" })),
    ] {
        assert_eq!(twice(&first, &second).await.1, [""; 0], "{first} {second}");
    }
}

#[tokio::test]
async fn a_refresh_token_whose_id_token_was_refused_is_revoked() {
    let (callback, mut browser) = (Callback::new().await, Browser::default());
    let refused = callback.provider.id_token().claim("nonce", "another").signed();
    let tokens = callback.provider.tokens().id_token(&refused).with("refresh_token", "unwanted");
    callback.provider.next(Endpoint::Token, tokens.answer());
    let answer = callback.sign_in(&mut browser).await;
    answer.assert_is_page(400, "id_token_refused");
    assert_eq!(revoked(&callback), ["unwanted"]);
}

#[tokio::test]
async fn a_refresh_token_that_no_session_came_of_is_revoked() {
    let (callback, mut browser) = (Callback::new().await, Browser::default());
    let tokens = callback.provider.tokens().with("refresh_token", "without an ID token");
    callback.provider.next(Endpoint::Token, tokens.answer());
    callback.sign_in(&mut browser).await.assert_is_page(502, "provider_malformed");
    assert_eq!(revoked(&callback), ["without an ID token"]);

    // The user was signed out while the sign-in was under way.
    let begun = callback.begin(&mut browser);
    let id_token = callback.provider.id_token().claim("nonce", parameter(&begun, "nonce"));
    let tokens = callback.provider.tokens().id_token(&id_token.signed());
    callback.provider.next(Endpoint::Token, tokens.with("refresh_token", "too late").answer());
    assert_done(&deliver(&callback, &of_user(&callback, "ada")).await);
    callback.come_back(&mut browser, &callback.provider.sign_in(&begun)).await;
    assert_eq!(revoked(&callback), ["without an ID token", "too late"]);
}

#[tokio::test]
async fn a_sign_in_that_fails_costs_the_session_before_nothing() {
    let (callback, mut browser) = Callback::signed_in().await;
    let refused = callback.provider.id_token().claim("nonce", "another").signed();
    callback.provider.next(Endpoint::Token, callback.provider.tokens().id_token(&refused).answer());
    callback.sign_in(&mut browser).await.assert_is_page(400, "id_token_refused");
    assert_eq!(revoked(&callback), [""; 0]);
    assert!(callback.session(&browser).await.is_some());
}

#[tokio::test]
async fn a_provider_that_cannot_or_will_not_revoke_keeps_nobody_from_signing_in() {
    let timeouts = Timeouts { revocation: Duration::from_millis(50), ..Timeouts::NONE };
    for failure in [MockResponse::status(500), MockResponse::never()] {
        let (callback, mut browser) = (Callback::with_timeouts(timeouts).await, Browser::default());
        callback.provider.always(Endpoint::Revocation, failure);
        callback.sign_in_with(&mut browser, &json!({ "sid": "s-1" })).await;
        let answer = callback.sign_in_with(&mut browser, &json!({ "sid": "s-2" })).await;
        answer.assert_goes_to("/todos?filter=open");
        assert_eq!(revoked(&callback).len(), 1);
        assert!(callback.session(&browser).await.is_some());
    }
}
