//! The userinfo endpoint, asked when the ID token says little.

use serde_json::{Value, json};
use test_support::{Endpoint, MockResponse, TokenBuilder};

use crate::harness::{Browser, Callback, TestResponse};

fn thin(token: TokenBuilder) -> TokenBuilder {
    token.without("name").without("preferred_username").without("email")
}

/// A sign-in with an ID token that has no name in it.
async fn sign_in(callback: &Callback, browser: &mut Browser) -> TestResponse {
    let token = |nonce: &str| thin(callback.provider.id_token().claim("nonce", nonce)).signed();
    callback.sign_in_with_id_token(browser, token).await
}

/// A sign-in in which the userinfo endpoint answers so goes on without a name.
async fn goes_on_without(scripted: MockResponse) {
    let (callback, mut browser) = (Callback::new().await, Browser::default());
    callback.provider.always(Endpoint::Userinfo, scripted);
    sign_in(&callback, &mut browser).await.assert_goes_to("/todos?filter=open");
    let session = callback.session(&browser).await.unwrap();
    assert_eq!(session.contents().userinfo, serde_json::Map::new());
    assert_eq!(session.contents().display_claim("name"), None);
}

#[tokio::test]
async fn userinfo_is_merged_when_the_id_token_is_thin() {
    let (callback, mut browser) = (Callback::new().await, Browser::default());
    sign_in(&callback, &mut browser).await.assert_goes_to("/todos?filter=open");
    let session = callback.session(&browser).await.unwrap();
    assert_eq!(session.contents().display_claim("name"), Some("Ada Lovelace"));
    assert_eq!(session.contents().display_claim("email"), Some("ada@example.com"));
    assert_eq!(session.contents().claim("name"), None, "nobody signed it");
    let [request] = &callback.provider.received(Endpoint::Userinfo)[..] else { panic!("one") };
    let bearer = format!("Bearer {}", session.contents().access_token.as_str());
    assert_eq!(request.method, "GET");
    assert_eq!(request.header("authorization"), Some(bearer.as_str()));
}

#[tokio::test]
async fn an_id_token_with_a_name_is_enough() {
    let (callback, mut browser) = (Callback::new().await, Browser::default());
    for name in ["name", "preferred_username", "email"] {
        let token = |nonce: &str| {
            let token = callback.provider.id_token().claim("nonce", nonce);
            thin(token).claim(name, "ada").signed()
        };
        let answer = callback.sign_in_with_id_token(&mut browser, token).await;
        answer.assert_goes_to("/todos?filter=open");
    }
    assert!(callback.provider.received(Endpoint::Userinfo).is_empty());
}

#[tokio::test]
async fn userinfo_about_another_sub_is_refused() {
    for sub in [json!("eve"), json!("ADA"), json!(["ada"]), Value::Null] {
        let (callback, mut browser) = (Callback::new().await, Browser::default());
        let userinfo = json!({ "sub": sub, "name": "Eve" });
        callback.provider.always(Endpoint::Userinfo, MockResponse::json(&userinfo));
        let answer = sign_in(&callback, &mut browser).await;
        answer.assert_is_page(400, "userinfo_refused");
        callback.assert_nobody_signed_in(&answer, &browser).await;
    }
    let (callback, mut browser) = (Callback::new().await, Browser::default());
    callback.provider.always(Endpoint::Userinfo, MockResponse::json(&json!({ "name": "Eve" })));
    sign_in(&callback, &mut browser).await.assert_is_page(400, "userinfo_refused");
}

#[tokio::test]
async fn a_userinfo_endpoint_that_says_no_or_nothing_keeps_nobody_from_signing_in() {
    for status in [401, 403, 404, 429, 500, 503, 302] {
        goes_on_without(MockResponse::status(status)).await;
    }
    goes_on_without(MockResponse::hang_up()).await;
    goes_on_without(MockResponse::json(&json!({ "sub": "ada", "name": "Ada" })).cut()).await;
}

#[tokio::test]
async fn userinfo_that_is_no_json_object_or_too_large_is_not_used() {
    goes_on_without(MockResponse::text("")).await;
    goes_on_without(MockResponse::text("a.b.c").header("content-type", "application/jwt")).await;
    goes_on_without(MockResponse::json(&json!(["ada"]))).await;
    goes_on_without(MockResponse::json(&json!({ "sub": "ada", "x": "x".repeat(16 * 1024) }))).await;
}

#[tokio::test]
async fn a_provider_without_a_userinfo_endpoint_is_fine() {
    for endpoint in [Value::Null, json!("http://login.example/userinfo")] {
        let (callback, mut browser) = (Callback::new().await, Browser::default());
        callback.announce("userinfo_endpoint", endpoint);
        sign_in(&callback, &mut browser).await.assert_goes_to("/todos?filter=open");
        assert!(callback.provider.received(Endpoint::Userinfo).is_empty());
    }
}

#[tokio::test]
async fn a_userinfo_endpoint_whose_connection_broke_is_asked_once_more() {
    let (callback, mut browser) = (Callback::new().await, Browser::default());
    callback.provider.next(Endpoint::Userinfo, MockResponse::hang_up());
    sign_in(&callback, &mut browser).await.assert_goes_to("/todos?filter=open");
    let session = callback.session(&browser).await.unwrap();
    assert_eq!(session.contents().display_claim("name"), Some("Ada Lovelace"));
    assert_eq!(callback.provider.received(Endpoint::Userinfo).len(), 2);
}
