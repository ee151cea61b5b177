//! The ID token is verified although it came over TLS.

use serde_json::{Value, json};
use test_support::{Endpoint, SigningKey, TokenBuilder};

use crate::harness::{Browser, Callback};

/// Fails unless a sign-in with such an ID token is refused.
async fn refused(change: impl FnOnce(TokenBuilder) -> String) {
    let (callback, mut browser) = (Callback::new().await, Browser::default());
    let answer = callback
        .sign_in_with_id_token(&mut browser, |nonce| {
            change(callback.provider.id_token().claim("nonce", nonce))
        })
        .await;
    answer.assert_is_page(400, "id_token_refused");
    callback.assert_nobody_signed_in(&answer, &browser).await;
}

#[tokio::test]
async fn a_good_id_token_signs_in() {
    let (callback, mut browser) = (Callback::new().await, Browser::default());
    let answer = callback.sign_in_with_id_token(&mut browser, |nonce| {
        callback.provider.id_token().claim("nonce", nonce).signed()
    });
    answer.await.assert_goes_to("/todos?filter=open");
}

#[tokio::test]
async fn an_unsigned_id_token_is_refused() {
    refused(|token| token.header("alg", "none").unsigned()).await;
    refused(TokenBuilder::unsigned).await;
}

#[tokio::test]
async fn an_id_token_signed_with_another_key_is_refused() {
    let other = SigningKey::generate("first");
    refused(|token| token.signed_by(&other)).await;
}

#[tokio::test]
async fn an_id_token_of_a_symmetric_algorithm_is_refused() {
    refused(|token| token.header("alg", "HS256").signed()).await;
}

#[tokio::test]
async fn an_id_token_without_the_nonce_of_the_transaction_is_refused() {
    refused(|token| token.without("nonce").signed()).await;
    refused(|token| token.claim("nonce", "another").signed()).await;
    refused(|token| token.claim("nonce", json!(["x"])).signed()).await;
}

#[tokio::test]
async fn an_id_token_for_somebody_else_is_refused() {
    refused(|token| token.claim("aud", "another-client").signed()).await;
    refused(|token| token.claim("aud", json!([test_support::CLIENT_ID, "x"])).signed()).await;
    refused(|token| token.claim("azp", "another-client").signed()).await;
    refused(|token| token.without("aud").signed()).await;
}

#[tokio::test]
async fn an_id_token_of_another_issuer_is_refused() {
    refused(|token| token.claim("iss", "https://evil.example").signed()).await;
    refused(|token| token.without("iss").signed()).await;
}

#[tokio::test]
async fn an_id_token_out_of_its_time_is_refused() {
    refused(|token| token.claim("exp", 1_000_000).signed()).await;
    refused(|token| token.without("exp").signed()).await;
    refused(|token| token.without("iat").signed()).await;
}

#[tokio::test]
async fn an_id_token_without_a_subject_is_refused() {
    refused(|token| token.without("sub").signed()).await;
    refused(|token| token.claim("sub", 7).signed()).await;
}

#[tokio::test]
async fn an_id_token_for_another_access_token_is_refused() {
    refused(|token| token.claim("at_hash", "AAAAAAAAAAAAAAAAAAAAAA").signed()).await;
}

#[tokio::test]
async fn an_id_token_that_is_no_token_is_refused() {
    for text in ["", "x", "a.b.c", "....", "\u{e9}"] {
        refused(|_| text.to_owned()).await;
    }
}

#[tokio::test]
async fn an_answer_without_an_id_token_signs_nobody_in() {
    let (callback, mut browser) = (Callback::new().await, Browser::default());
    for tokens in
        [callback.provider.tokens(), callback.provider.tokens().with("id_token", Value::Null)]
    {
        callback.provider.next(Endpoint::Token, tokens.answer());
        let answer = callback.sign_in(&mut browser).await;
        answer.assert_is_page(502, "provider_malformed");
        callback.assert_nobody_signed_in(&answer, &browser).await;
    }
}

#[tokio::test]
async fn the_request_that_meets_a_key_rotation_signs_in() {
    let (callback, mut browser) = Callback::signed_in().await;
    let second = SigningKey::generate("second");
    callback.provider.publish([&second]);
    let answer = callback.sign_in_with_id_token(&mut browser, |nonce| {
        let token = callback.provider.id_token().claim("nonce", nonce);
        token.header("kid", "second").signed_by(&second)
    });
    answer.await.assert_goes_to("/todos?filter=open");
}
