//! The session cookie in place of a token, by the same rules as in `todos`.

use std::time::Duration;

use serde_json::json;
use test_support::ORIGIN;

use crate::harness::Harness;

#[tokio::test]
async fn a_session_stands_in_for_its_access_token() {
    let gate = Harness::new().await;
    let token = gate.user("Orders.Read");
    let cookie = gate.session_with(&token).await;
    let admitted = gate.call("GET", "/api/orders").cookie(&cookie).send().await.ok();
    assert_eq!(admitted["who"], "ada");
    assert_eq!(admitted["bearer"], format!("Bearer {token}"));
    let call = gate.call("POST", "/api/orders").cookie(&cookie);
    assert_eq!(call.send().await.refusal(), (403, "insufficient_scope"));
}

#[tokio::test]
async fn a_cookie_without_the_csrf_header_is_403_on_every_method() {
    let gate = Harness::new().await;
    let cookie = gate.session_with(&gate.user("Orders.ReadWrite")).await;
    for (method, path) in [
        ("GET", "/api/orders"),
        ("HEAD", "/api/orders"),
        ("POST", "/api/orders"),
        ("DELETE", "/api/orders/1"),
        ("GET", "/api/bills"),
    ] {
        for csrf in [None, Some("0"), Some("true")] {
            let call = gate.call(method, path).header("cookie", &cookie);
            let call = csrf.into_iter().fold(call, |call, value| call.header("x-csrf", value));
            let call = call.header("sec-fetch-site", "same-origin").header("origin", ORIGIN);
            assert_eq!(call.send().await.status, 403, "{method} {path} {csrf:?}");
        }
    }
    let call =
        gate.call("GET", "/api/orders").cookie(&cookie).header("origin", "https://evil.example");
    assert_eq!(call.send().await.refusal(), (403, "cross_site_request"));
}

#[tokio::test]
async fn a_session_that_has_ended_is_like_no_credentials() {
    let gate = Harness::new().await;
    let cookie = gate.session_with(&gate.user("Orders.Read")).await;
    gate.clock.advance(Duration::from_mins(61));
    let call = gate.call("GET", "/api/orders").cookie(&cookie);
    assert_eq!(call.send().await.refusal(), (401, "no_credentials"));
}

#[tokio::test]
async fn a_session_has_a_token_of_its_own_for_another_api() {
    let gate = Harness::new().await;
    let cookie = gate.session_with(&gate.user("Bills.Read")).await;
    let call = || gate.call("GET", "/api/bills").cookie(&cookie);
    let answer = call().send().await;
    assert_eq!(answer.refusal(), (401, "api_token_missing"));
    assert_eq!(answer.json()["api"], "billing");

    let token = gate.user_token("ada").claim("aud", "billing").claim("scp", "Bills.Read").signed();
    gate.bill(&cookie, &token, Duration::from_mins(5)).await;
    assert_eq!(call().send().await.ok()["bearer"], format!("Bearer {token}"));
    gate.clock.advance(Duration::from_mins(5));
    assert_eq!(call().send().await.refusal(), (401, "api_token_missing"), "it has expired");

    // Whatever the session holds is verified for the API of the route.
    gate.bill(&cookie, &gate.user("Bills.Read"), Duration::from_mins(5)).await;
    assert_eq!(call().send().await.refusal(), (401, "invalid_token"));
}

#[tokio::test]
async fn a_session_may_carry_scopes_itself() {
    let gate = Harness::with([("API_SESSION_SCOPES", "Orders.Read")]).await;
    let claims = json!({ "iss": gate.provider.issuer(), "sub": "ada", "aud": "web" });
    let cookie = gate.session_of("opaque", claims).await;
    let admitted = gate.call("GET", "/api/orders").cookie(&cookie).send().await.ok();
    assert_eq!(
        admitted,
        json!({"who": "ada", "scopes": ["Orders.Read"], "roles": [], "bearer": null})
    );
    let call = gate.call("POST", "/api/orders").cookie(&cookie);
    assert_eq!(call.send().await.refusal(), (403, "insufficient_scope"));
}
