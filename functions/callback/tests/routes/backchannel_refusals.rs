//! Back-channel logout: a request that is no good one is 400, exactly, and ends nothing.

use axum::body::Body;
use http::{Method, Request, StatusCode, header};
use serde_json::{Value, json};
use test_support::{SigningKey, TokenBuilder};

use crate::{
    harness::{Browser, Callback, TestResponse},
    logout_token::{EVENT, FORM, PATH, assert_done, assert_refused, delivery, logout_token},
};

/// Fails unless a good token with this change is refused, and ends nothing.
async fn refused(change: impl FnOnce(TokenBuilder) -> String) {
    refused_request(|token| delivery(&change(token))).await;
}

async fn refused_request(request: impl FnOnce(TokenBuilder) -> Request<Body>) {
    let (callback, mut browser) = (Callback::new().await, Browser::default());
    callback.sign_in_with(&mut browser, &json!({ "sid": "s-1" })).await;
    let token = logout_token(&callback).claim("sid", "s-1").claim("sub", "ada");
    let answer = callback.send(request(token)).await;
    assert_refused(&answer);
    assert!(callback.session(&browser).await.is_some(), "{}", answer.body);
}

async fn refused_claims<const N: usize>(claim: &str, values: [Value; N]) {
    for value in values {
        refused(|token| token.claim(claim, value).signed()).await;
    }
}

#[tokio::test]
async fn an_unsigned_logout_token_is_refused() {
    refused(|token| token.header("alg", "none").unsigned()).await;
    refused(TokenBuilder::unsigned).await;
}

#[tokio::test]
async fn a_logout_token_of_an_algorithm_that_is_not_allowed_is_refused() {
    for alg in ["HS256", "ES256", "RS384"] {
        refused(|token| token.header("alg", alg).signed()).await;
    }
}

#[tokio::test]
async fn a_logout_token_signed_with_another_key_is_refused() {
    let other = SigningKey::generate("first");
    refused(|token| token.signed_by(&other)).await;
}

#[tokio::test]
async fn a_logout_token_of_another_issuer_is_refused() {
    refused_claims("iss", [json!("https://evil.example"), json!(7)]).await;
    refused(|token| token.without("iss").signed()).await;
}

#[tokio::test]
async fn a_logout_token_for_another_client_is_refused() {
    let us = test_support::CLIENT_ID;
    refused_claims("aud", [json!("another"), json!([us, "another"]), json!([])]).await;
    refused(|token| token.without("aud").signed()).await;
}

#[tokio::test]
async fn a_logout_token_without_the_logout_event_is_refused() {
    refused_claims("events", [json!({}), json!({ "other": {} }), json!([EVENT])]).await;
    refused_claims("events", [json!(EVENT), json!({ EVENT: true })]).await;
    refused(|token| token.without("events").signed()).await;
}

#[tokio::test]
async fn a_logout_token_with_a_nonce_is_refused() {
    refused_claims("nonce", [json!("n"), Value::Null]).await;
}

#[tokio::test]
async fn a_logout_token_whose_sub_sid_or_jti_is_no_string_is_refused() {
    for claim in ["sub", "sid", "jti"] {
        refused_claims(claim, [json!(7), json!(["s-1"]), json!({}), json!("")]).await;
    }
}

#[tokio::test]
async fn a_logout_token_without_jti_or_with_neither_sub_nor_sid_is_refused() {
    refused(|token| token.without("jti").signed()).await;
    refused(|token| token.without("sub").without("sid").signed()).await;
}

#[tokio::test]
async fn a_logout_token_out_of_its_time_is_refused() {
    refused_claims("exp", [json!(1_000_000), json!("soon")]).await;
    refused_claims("iat", [json!(1_000_000), json!(4_000_000_000_u64)]).await;
    refused(|token| token.without("exp").signed()).await;
    refused(|token| token.without("iat").signed()).await;
}

#[tokio::test]
async fn a_token_of_another_kind_is_refused() {
    for typ in ["at+jwt", "dpop+jwt"] {
        refused(|token| token.header("typ", typ).signed()).await;
    }
    refused(|token| token.header("typ", "JWT").without("events").signed()).await;
}

#[tokio::test]
async fn what_is_no_token_is_refused() {
    for text in ["", "x", "a.b.c", "....", "%00", "%ff%fe"] {
        refused(|_| text.to_owned()).await;
    }
}

#[tokio::test]
async fn what_is_no_form_is_refused() {
    for content_type in [
        None,
        Some("application/json"),
        Some("text/plain"),
        Some("multipart/form-data; boundary=x"),
        Some("application/x-www-form-urlencodedx"),
        Some(""),
    ] {
        refused_request(|token| {
            let mut request = delivery(&token.signed());
            request.headers_mut().remove(header::CONTENT_TYPE);
            if let Some(it) = content_type {
                request.headers_mut().insert(header::CONTENT_TYPE, it.parse().unwrap());
            }
            request
        })
        .await;
    }
    refused_request(|token| {
        let mut request = delivery(&token.signed());
        request.headers_mut().append(header::CONTENT_TYPE, "text/plain".parse().unwrap());
        request
    })
    .await;
}

#[tokio::test]
async fn a_form_without_exactly_one_logout_token_is_refused() {
    for form in [
        "",
        "logout_token",
        "logout_token=",
        "token=TOKEN",
        "logout_token=TOKEN&logout_token=TOKEN",
        "logout_token=TOKEN&logout_token=",
        "&&&",
    ] {
        refused_request(|token| {
            let body = form.replace("TOKEN", &token.signed());
            Request::post(PATH).header(header::CONTENT_TYPE, FORM).body(Body::from(body)).unwrap()
        })
        .await;
    }
    // In the address it would be in every log on the way.
    refused_request(|token| {
        let path = format!("{PATH}?logout_token={}", token.signed());
        Request::post(path).header(header::CONTENT_TYPE, FORM).body(Body::empty()).unwrap()
    })
    .await;
}

async fn send_form(callback: &Callback, content_type: &str, body: String) -> TestResponse {
    let request = Request::post(PATH).header(header::CONTENT_TYPE, content_type);
    callback.send(request.body(Body::from(body)).unwrap()).await
}

#[tokio::test]
async fn a_request_is_read_up_to_32_kib() {
    let callback = Callback::new().await;
    for (size, good) in [(32 * 1024, true), (32 * 1024 + 1, false), (4 * 1024 * 1024, false)] {
        let form =
            format!("logout_token={}&x=", logout_token(&callback).claim("sub", "a").signed());
        let body = format!("{form}{}", "x".repeat(size - form.len()));
        let answer = send_form(&callback, FORM, body).await;
        if good { assert_done(&answer) } else { assert_refused(&answer) }
    }
}

#[tokio::test]
async fn a_form_may_say_its_charset_and_hold_more_than_the_token() {
    let callback = Callback::new().await;
    for content_type in [
        "application/x-www-form-urlencoded; charset=UTF-8",
        "Application/X-WWW-Form-Urlencoded",
        " application/x-www-form-urlencoded ;charset=utf-8",
    ] {
        let token = logout_token(&callback).claim("sub", "ada").signed();
        let form = format!("a=b&logout_token={token}&c");
        assert_done(&send_form(&callback, content_type, form).await);
    }
}

#[tokio::test]
async fn a_logout_is_posted() {
    let callback = Callback::new().await;
    for method in ["GET", "HEAD", "PUT", "DELETE", "OPTIONS"] {
        let token = logout_token(&callback).claim("sub", "ada").signed();
        let mut request = delivery(&token);
        *request.method_mut() = Method::from_bytes(method.as_bytes()).unwrap();
        let answer = callback.send(request).await;
        assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED, "{method}");
        assert_eq!(answer.header("allow"), Some("POST"));
    }
}
