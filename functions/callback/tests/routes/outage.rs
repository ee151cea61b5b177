//! What does not answer, and what answers nonsense.

use serde_json::json;
use test_support::{Endpoint, MockResponse};

use crate::harness::{Browser, Callback};

/// Fails unless a sign-in ends with this page when the token endpoint answers so, and works again
/// afterwards.
async fn token_endpoint(scripted: MockResponse, status: u16, code: &str) {
    let (callback, mut browser) = (Callback::new().await, Browser::default());
    callback.provider.always(Endpoint::Token, scripted);
    let answer = callback.sign_in(&mut browser).await;
    answer.assert_is_page(status, code);
    assert!(answer.offers_to_try_again());
    callback.assert_nobody_signed_in(&answer, &browser).await;
    callback.provider.behave(Endpoint::Token);
    callback.sign_in(&mut browser).await.assert_goes_to("/todos?filter=open");
}

#[tokio::test]
async fn a_token_endpoint_that_cannot_answer_is_a_503_page() {
    for status in [500, 502, 503, 504, 429] {
        token_endpoint(MockResponse::status(status), 503, "provider_unavailable").await;
    }
    token_endpoint(MockResponse::error("temporarily_unavailable"), 503, "provider_unavailable")
        .await;
    token_endpoint(MockResponse::text("{\"access_token\":").cut(), 503, "provider_unavailable")
        .await;
    let endless = MockResponse::text("x".repeat(300 * 1024));
    token_endpoint(endless, 503, "provider_unavailable").await;
}

#[tokio::test]
async fn a_code_that_the_provider_refuses_is_a_400_page() {
    token_endpoint(MockResponse::error("invalid_grant"), 400, "code_refused").await;
    token_endpoint(MockResponse::error("invalid_request"), 400, "code_refused").await;
}

#[tokio::test]
async fn a_provider_that_refuses_us_is_a_502_page() {
    for error in ["invalid_client", "unauthorized_client"] {
        token_endpoint(MockResponse::error(error), 502, "client_refused").await;
        token_endpoint(MockResponse::error(error).with_status(401), 502, "client_refused").await;
    }
}

#[tokio::test]
async fn a_token_endpoint_that_answers_nonsense_is_a_502_page() {
    let html = MockResponse::text("<html>hello").header("content-type", "text/html");
    for nonsense in [
        html.clone(),
        html.with_status(400),
        MockResponse::text(""),
        MockResponse::json(&json!({})),
        MockResponse::json(&json!([])),
        MockResponse::json(&json!({ "access_token": "a", "token_type": "mac", "id_token": "b" })),
        MockResponse::json(&json!({ "access_token": "", "token_type": "Bearer" })),
        MockResponse::status(302).header("location", "/elsewhere"),
    ] {
        token_endpoint(nonsense, 502, "provider_malformed").await;
    }
}

#[tokio::test]
async fn a_redirect_of_the_token_endpoint_is_not_followed() {
    let (callback, mut browser) = (Callback::new().await, Browser::default());
    let elsewhere = format!("{}/elsewhere", callback.provider.issuer());
    let redirect = MockResponse::status(307).header("location", &elsewhere);
    callback.provider.next(Endpoint::Token, redirect);
    callback.sign_in(&mut browser).await;
    assert!(callback.provider.received(Endpoint::Elsewhere).is_empty());
}

#[tokio::test]
async fn a_provider_that_is_down_is_a_503_page_and_the_same_address_works_afterwards() {
    let (callback, mut browser, back) = Callback::returning().await;
    callback.provider.stop().await;
    let answer = callback.come_back(&mut browser, &back).await;
    answer.assert_is_page(503, "provider_unavailable");
    callback.assert_nobody_signed_in(&answer, &browser).await;
    callback.provider.resume().await;
    callback.wait(60);
    callback.come_back(&mut browser, &back).await.assert_goes_to("/todos?filter=open");
}

#[tokio::test]
async fn keys_that_are_not_to_be_had_are_a_503_page() {
    let (callback, mut browser) = (Callback::new().await, Browser::default());
    callback.provider.always(Endpoint::Keys, MockResponse::status(500));
    let answer = callback.sign_in(&mut browser).await;
    answer.assert_is_page(503, "provider_unavailable");
    callback.assert_nobody_signed_in(&answer, &browser).await;
    callback.provider.behave(Endpoint::Keys);
    callback.wait(60);
    callback.sign_in(&mut browser).await.assert_goes_to("/todos?filter=open");
}

#[tokio::test]
async fn a_table_that_is_down_is_a_503_page_and_the_code_is_not_redeemed() {
    let (callback, mut browser, back) = Callback::returning().await;
    callback.store.pause().await;
    let answer = callback.come_back(&mut browser, &back).await;
    answer.assert_is_page(503, "store_unavailable");
    assert_eq!(callback.redeemed(), 0);
    callback.store.resume().await.unwrap();
    callback.come_back(&mut browser, &back).await.assert_goes_to("/todos?filter=open");
}

#[tokio::test]
async fn metadata_without_a_safe_token_endpoint_is_a_502_page() {
    let (callback, mut browser) = (Callback::new().await, Browser::default());
    callback.announce("token_endpoint", "http://evil.example/token");
    callback.sign_in(&mut browser).await.assert_is_page(502, "provider_malformed");
    assert_eq!(callback.redeemed(), 0);
}
