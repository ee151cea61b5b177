//! What is asked, and what comes back.

use std::time::Duration;

use serde_json::json;
use test_support::{Endpoint, MockResponse};

use crate::harness::Fixture;

#[tokio::test]
async fn a_code_is_redeemed_for_tokens() {
    let fixture = Fixture::new();
    let answer = json!({
        "access_token": "at", "token_type": "Bearer", "expires_in": 60,
        "refresh_token": "rt", "id_token": "not.a.token", "scope": "openid", "ext_expires_in": 1,
    });
    fixture.provider.next(Endpoint::Token, MockResponse::json(&answer));
    let tokens = fixture.redeem().await.unwrap();
    assert_eq!(tokens.access_token.as_str(), "at");
    assert_eq!(tokens.refresh_token.unwrap().as_str(), "rt");
    assert_eq!(tokens.expires_in, Some(Duration::from_mins(1)));
    // Nobody but the verifier of ID tokens looks into it.
    assert_eq!(tokens.id_token.unwrap().as_str(), "not.a.token");
    let [request] = &fixture.provider.received(Endpoint::Token)[..] else { panic!("one") };
    assert_eq!(request.method, "POST");
    assert_eq!(request.header("content-type"), Some("application/x-www-form-urlencoded"));
    assert_eq!(request.header("accept"), Some("application/json"));
    let form = request.form();
    assert_eq!(form["grant_type"], "authorization_code");
    assert_eq!(form["code"], "the code");
    assert_eq!(form["code_verifier"], "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
    assert_eq!(form["redirect_uri"], "https://app.example/callback");
}

#[tokio::test]
async fn a_refresh_token_is_redeemed_and_replaced() {
    let fixture = Fixture::new();
    let first = fixture.provider.tokens();
    fixture.provider.next(Endpoint::Token, first.answer());
    let first = fixture.redeem().await.unwrap().refresh_token.unwrap();
    let endpoints = &fixture.endpoints;
    let tokens = fixture.client.refresh(endpoints, first.as_str(), None, None).await.unwrap();
    assert_ne!(tokens.refresh_token.unwrap(), first);
    let form = fixture.provider.received(Endpoint::Token)[1].form();
    assert_eq!(form["grant_type"], "refresh_token");
    assert_eq!(form["refresh_token"], first.as_str());
    assert!(!form.contains_key("scope") && !form.contains_key("resource"));
}

/// RFC 8707, section 2.2.
#[tokio::test]
async fn a_refresh_names_the_api_that_it_is_for() {
    let fixture = Fixture::new();
    let token = fixture.provider.tokens().text("refresh_token").to_owned();
    let (scope, resource) = (Some("Orders.Read"), Some("https://orders.example/"));
    fixture.client.refresh(&fixture.endpoints, &token, scope, resource).await.unwrap();
    let form = fixture.provider.received(Endpoint::Token).pop().unwrap().form();
    assert_eq!(form["scope"], "Orders.Read");
    assert_eq!(form["resource"], "https://orders.example/");
}
