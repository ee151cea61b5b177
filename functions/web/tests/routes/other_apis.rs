//! Tokens for several APIs in one session, at a provider that rotates refresh tokens and revokes
//! the sign-in if one comes twice.

use std::{collections::BTreeSet, time::Duration};

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use http::{Method, StatusCode, header};
use serde_json::{Value, json};
use session::{ApiToken, SessionSecret};
use test_support::{Endpoint, Gate, MockResponse};

use crate::harness::{
    GOOD_FOR, TestResponse, Web, assert_unavailable, cookie, own_post, request, send,
};

const OTHER_APIS: (&str, &str) = (
    "OTHER_APIS",
    "orders audience=orders scope=api://orders/Orders.Read scope=api://orders/Orders.ReadWrite
     billing audience=billing scope=api://billing/Bills resource=https://billing.example",
);

const FIRST: &str = "/session/refresh";
const ORDERS: &str = "/session/refresh?api=orders";
const BILLING: &str = "/session/refresh?api=billing";

/// The scripted tokens last an hour: the last five minutes of it.
const DUE: Duration = Duration::from_mins(55);

async fn signed_in() -> (Web, SessionSecret) {
    let web = Web::with([OTHER_APIS]).await;
    let secret = web.sign_in().await;
    (web, secret)
}

/// With a token for orders that is due, and one for the first API that has expired.
async fn with_orders_due() -> (Web, SessionSecret) {
    let (web, secret) = signed_in().await;
    assert_eq!(web.post_as(ORDERS, &secret).await.status, StatusCode::NO_CONTENT);
    web.clock.advance(DUE);
    (web, secret)
}

async fn api_token(web: &Web, secret: &SessionSecret, api: &str) -> Option<ApiToken> {
    web.sessions.read(secret).await.unwrap().unwrap().api_token(secret, api)
}

/// The claims of the token for an API.
async fn claims(web: &Web, secret: &SessionSecret, api: &str) -> Value {
    let token = api_token(web, secret, api).await.unwrap().access_token;
    let payload = token.as_str().split('.').nth(1).unwrap();
    serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap()
}

/// The refresh tokens that were redeemed, in order.
fn redeemed(web: &Web) -> Vec<String> {
    let received = web.provider.received(Endpoint::Token);
    received.iter().map(|it| it.form()["refresh_token"].clone()).collect()
}

fn assert_problem(answer: &TestResponse, status: StatusCode, code: &str) {
    assert_eq!(answer.status, status);
    assert_eq!(answer.json()["code"], code);
    assert!(answer.cleared_cookies().is_empty(), "the session goes on");
}

#[tokio::test]
async fn a_token_for_another_api_comes_from_the_refresh_token_when_it_is_first_needed() {
    let (web, secret) = signed_in().await;
    let before = web.contents(&secret).await.unwrap();
    assert_eq!(api_token(&web, &secret, "orders").await, None);
    for (path, api, scope, resource) in [
        (ORDERS, "orders", "api://orders/Orders.Read api://orders/Orders.ReadWrite", None),
        (BILLING, "billing", "api://billing/Bills", Some("https://billing.example")),
    ] {
        assert_eq!(web.post_as(path, &secret).await.status, StatusCode::NO_CONTENT);
        let form = web.provider.received(Endpoint::Token).pop().unwrap().form();
        assert_eq!(form["grant_type"], "refresh_token");
        assert_eq!(form["scope"], format!("offline_access {scope}"));
        assert_eq!(form.get("resource").map(String::as_str), resource);
        assert_eq!(claims(&web, &secret, api).await["aud"], api);
    }
    let after = web.contents(&secret).await.unwrap();
    assert_eq!(after.access_token, before.access_token);
    assert_ne!(after.refresh_token, before.refresh_token);
    assert_eq!(after.claims, before.claims, "the ID token of the first API counts");
    web.post_as(ORDERS, &secret).await;
    assert_eq!(web.refreshes(), 2, "both tokens are fresh");
}

#[tokio::test]
async fn an_api_that_no_setting_names_is_refused() {
    let (web, secret) = signed_in().await;
    for query in ["api=other", "api=Orders", "api=", "api", "api=orders&api=billing"] {
        let answer = web.post_as(&format!("{FIRST}?{query}"), &secret).await;
        assert_problem(&answer, StatusCode::BAD_REQUEST, "unknown_api");
    }
    let foreign = own_post(ORDERS).header(header::COOKIE, cookie(&secret));
    let foreign = foreign.header("origin", "https://evil.example");
    assert_eq!(web.send(foreign).await.status, StatusCode::FORBIDDEN);
    assert_eq!(web.send(own_post(ORDERS)).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(web.refreshes(), 0);
}

#[tokio::test]
async fn twenty_calls_for_three_apis_over_three_instances_use_no_refresh_token_twice() {
    let (web, secret) = signed_in().await;
    let instances = [web.instance(), web.instance(), web.instance()];
    // The token for the first API is fresh, then it has expired and the other two are due.
    for (wait, refreshes) in [(Duration::ZERO, 2), (DUE, 5)] {
        web.clock.advance(wait);
        let calls: Vec<_> = (0..20)
            .map(|call| {
                let app = instances[call % 3].clone();
                let request = match call % 4 {
                    0 => own_post(FIRST),
                    1 => own_post(ORDERS),
                    2 => own_post(BILLING),
                    _ => request(Method::GET, "/session").header("x-csrf", "1"),
                };
                let request = request.header(header::COOKIE, cookie(&secret));
                tokio::spawn(async move { send(&app, request).await })
            })
            .collect();
        for call in calls {
            let answer = call.await.unwrap();
            assert!(answer.status.is_success(), "{}", answer.body);
        }
        for api in ["orders", "billing"] {
            assert_eq!(claims(&web, &secret, api).await["aud"], api);
            let token = api_token(&web, &secret, api).await.unwrap();
            assert!(!token.is_due(auth::Clock::now(&*web.clock)));
        }
        assert_eq!(web.refreshes(), refreshes, "one for each token");
    }
    let redeemed = redeemed(&web);
    assert_eq!(redeemed.iter().collect::<BTreeSet<_>>().len(), redeemed.len());
}

#[tokio::test]
async fn the_tokens_that_are_due_are_renewed_one_after_another_by_one_request() {
    for (method, path) in [(Method::POST, FIRST), (Method::POST, ORDERS), (Method::GET, "/session")]
    {
        let (web, secret) = with_orders_due().await;
        let before = web.contents(&secret).await.unwrap();
        let orders = api_token(&web, &secret, "orders").await;
        let answer = web.call_as(method, path, &secret).await;
        assert!(answer.status.is_success(), "{path}");
        assert_eq!(web.refreshes(), 3, "{path}");
        let after = web.contents(&secret).await.unwrap();
        assert_ne!(after.obtained_at, before.obtained_at, "{path}");
        assert_ne!(api_token(&web, &secret, "orders").await, orders, "{path}");
        assert_eq!(claims(&web, &secret, "orders").await["aud"], "orders");
        assert_eq!(api_token(&web, &secret, "billing").await, None, "it was never needed");
        let used: BTreeSet<_> = redeemed(&web).into_iter().collect();
        assert_eq!(used.len(), 3, "{path}");
        assert!(!used.contains(after.refresh_token.unwrap().as_str()), "{path}");
        assert!(web.sessions.lease(&secret).await.unwrap().is_some(), "the lease was given back");
    }
}

#[tokio::test]
async fn a_provider_that_fails_for_one_api_leaves_what_another_got() {
    for failure in [MockResponse::status(500), MockResponse::error("invalid_client")] {
        let (web, secret) = with_orders_due().await;
        let orders = api_token(&web, &secret, "orders").await;
        let (first, tokens) = (web.contents(&secret).await.unwrap(), web.provider.tokens());
        web.provider.next(Endpoint::Token, tokens.answer());
        web.provider.next(Endpoint::Token, failure);
        assert_eq!(web.post_as(FIRST, &secret).await.status, StatusCode::NO_CONTENT);
        let after = web.contents(&secret).await.unwrap();
        assert_ne!(after.obtained_at, first.obtained_at);
        assert_eq!(after.refresh_token.unwrap().as_str(), tokens.text("refresh_token"));
        assert_eq!(api_token(&web, &secret, "orders").await, orders);
        assert_eq!(web.post_as(ORDERS, &secret).await.status, StatusCode::NO_CONTENT);
        assert_ne!(api_token(&web, &secret, "orders").await, orders);
    }
}

#[tokio::test]
async fn without_a_token_for_the_api_a_provider_that_fails_is_unavailable() {
    let (web, secret) = signed_in().await;
    web.provider.next(Endpoint::Token, MockResponse::status(500));
    assert_unavailable(&web.post_as(ORDERS, &secret).await);
    assert_eq!(web.post_as(FIRST, &secret).await.status, StatusCode::NO_CONTENT);
    assert_eq!(web.post_as(ORDERS, &secret).await.status, StatusCode::NO_CONTENT);
}

#[tokio::test]
async fn an_api_that_is_not_granted_ends_no_session() {
    let entra = |error: &str, code: &str| {
        let document = json!({"error": error, "error_description": format!("{code}: No.")});
        MockResponse::json(&document).with_status(400)
    };
    for error in [
        MockResponse::error("invalid_scope"),
        MockResponse::error("invalid_target"),
        MockResponse::error("consent_required"),
        MockResponse::error("interaction_required"),
        entra("invalid_grant", "AADSTS65001"),
        entra("invalid_grant", "AADSTS50105"),
        entra("invalid_resource", "AADSTS500011"),
    ] {
        let web = Web::with([OTHER_APIS, ("OIDC_PROVIDER", "entra-id")]).await;
        let secret = web.sign_in().await;
        web.provider.next(Endpoint::Token, error.clone());
        let answer = web.post_as(ORDERS, &secret).await;
        assert_problem(&answer, StatusCode::FORBIDDEN, "api_not_granted");
        assert_eq!(web.post_as(FIRST, &secret).await.status, StatusCode::NO_CONTENT, "{error:?}");
    }
}

#[tokio::test]
async fn twenty_calls_for_an_api_that_is_not_granted_are_one_request() {
    let (web, secret) = signed_in().await;
    web.provider.always(Endpoint::Token, MockResponse::error("invalid_scope"));
    let instances = [web.instance(), web.instance(), web.instance()];
    let calls: Vec<_> = (0..20)
        .map(|call| {
            let app = instances[call % 3].clone();
            let request = own_post(ORDERS).header(header::COOKIE, cookie(&secret));
            tokio::spawn(async move { send(&app, request).await })
        })
        .collect();
    for call in calls {
        assert_problem(&call.await.unwrap(), StatusCode::FORBIDDEN, "api_not_granted");
    }
    assert_eq!(web.refreshes(), 1);
    // An administrator grants it, and the user tries again.
    web.provider.behave(Endpoint::Token);
    web.clock.advance(Duration::from_secs(30));
    assert_eq!(web.post_as(ORDERS, &secret).await.status, StatusCode::NO_CONTENT);
}

#[tokio::test]
async fn the_token_of_an_api_that_is_not_granted_any_more_is_removed() {
    let (web, secret) = with_orders_due().await;
    web.provider.next(Endpoint::Token, web.provider.tokens().answer());
    web.provider.next(Endpoint::Token, MockResponse::error("invalid_scope"));
    assert_eq!(web.post_as(FIRST, &secret).await.status, StatusCode::NO_CONTENT);
    assert!(api_token(&web, &secret, "orders").await.unwrap().is_refusal());
    web.clock.advance(Duration::from_mins(1));
    assert_eq!(web.post_as(FIRST, &secret).await.status, StatusCode::NO_CONTENT);
    assert_eq!(web.refreshes(), 4, "it is not asked for again unless a page needs it");
}

#[tokio::test]
async fn a_grant_that_is_over_ends_the_session_whichever_api_finds_out() {
    let (web, secret) = signed_in().await;
    web.provider.next(Endpoint::Token, MockResponse::error("invalid_grant"));
    let answer = web.post_as(ORDERS, &secret).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    assert_eq!(answer.cleared_cookies(), ["__Host-session"]);
    assert_eq!(web.contents(&secret).await, None);
    // The second of two.
    let (web, secret) = with_orders_due().await;
    web.provider.next(Endpoint::Token, web.provider.tokens().answer());
    web.provider.next(Endpoint::Token, MockResponse::error("invalid_grant"));
    assert_eq!(web.post_as(FIRST, &secret).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(web.contents(&secret).await, None);
}

#[tokio::test]
async fn an_id_token_of_another_user_ends_the_session_for_every_api() {
    let (web, secret) = signed_in().await;
    let id_token = web.provider.id_token().claim("sub", "mallory").signed();
    web.provider.next(Endpoint::Token, web.provider.tokens().id_token(&id_token).answer());
    assert_eq!(web.post_as(ORDERS, &secret).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(web.contents(&secret).await, None);
}

#[tokio::test]
async fn a_table_that_fails_after_the_first_of_two_tokens_keeps_the_first() {
    let (web, secret) = with_orders_due().await;
    let gate = Gate::closed();
    let tokens = web.provider.tokens();
    web.provider.next(Endpoint::Token, tokens.answer());
    web.provider.next(Endpoint::Token, web.provider.tokens().answer().held_by(&gate));
    let app = web.instance();
    let refresh = own_post(FIRST).header(header::COOKIE, cookie(&secret));
    let refresh = tokio::spawn(async move { send(&app, refresh).await });
    web.provider.arrived(Endpoint::Token, 3).await;
    web.store.pause().await;
    gate.open();
    let answer = refresh.await.unwrap();
    assert_eq!(answer.status, StatusCode::NO_CONTENT, "the first token is stored");
    web.store.resume().await.unwrap();
    let contents = web.contents(&secret).await.unwrap();
    assert_eq!(contents.access_token.as_str(), tokens.text("access_token"));
    assert_eq!(contents.refresh_token.unwrap().as_str(), tokens.text("refresh_token"));
}

#[tokio::test]
async fn a_table_that_fails_after_the_only_token_is_unavailable() {
    let (web, secret) = signed_in().await;
    let gate = Gate::closed();
    web.provider.next(Endpoint::Token, web.provider.tokens().answer().held_by(&gate));
    let app = web.instance();
    let refresh = own_post(ORDERS).header(header::COOKIE, cookie(&secret));
    let refresh = tokio::spawn(async move { send(&app, refresh).await });
    web.provider.arrived(Endpoint::Token, 1).await;
    web.store.pause().await;
    gate.open();
    assert_unavailable(&refresh.await.unwrap());
    web.store.resume().await.unwrap();
    assert_eq!(api_token(&web, &secret, "orders").await, None);
    assert!(web.contents(&secret).await.is_some());
}

#[tokio::test]
async fn a_refused_grant_gives_no_token_because_another_request_renewed_the_session() {
    let (web, secret) = signed_in().await;
    let gate = Gate::closed();
    let refused = MockResponse::error("invalid_grant").held_by(&gate);
    web.provider.next(Endpoint::Token, refused);
    let app = web.instance();
    let refresh = own_post(ORDERS).header(header::COOKIE, cookie(&secret));
    let refresh = tokio::spawn(async move { send(&app, refresh).await });
    web.provider.arrived(Endpoint::Token, 1).await;
    let session = web.sessions.read(&secret).await.unwrap().unwrap();
    let renewed = session.contents().clone();
    let _ = web.sessions.update(&secret, &session, &renewed).await.unwrap();
    gate.open();
    assert_unavailable(&refresh.await.unwrap());
}

#[tokio::test]
async fn a_provider_that_is_slow_gets_no_second_request_in_one_call() {
    let (web, secret) = with_orders_due().await;
    let gate = Gate::closed();
    web.provider.next(Endpoint::Token, web.provider.tokens().answer().held_by(&gate));
    let app = web.instance();
    let refresh = own_post(FIRST).header(header::COOKIE, cookie(&secret));
    let refresh = tokio::spawn(async move { send(&app, refresh).await });
    web.provider.arrived(Endpoint::Token, 2).await;
    web.clock.advance(Duration::from_secs(3));
    gate.open();
    assert_eq!(refresh.await.unwrap().status, StatusCode::NO_CONTENT);
    assert_eq!(web.refreshes(), 2);
    assert!(web.sessions.lease(&secret).await.unwrap().is_some(), "the lease was given back");
}

#[tokio::test]
async fn a_token_that_would_not_fit_into_the_row_is_not_stored_but_its_refresh_token_is() {
    let (web, secret) = signed_in().await;
    let tokens = web.provider.tokens().with("access_token", "x".repeat(16 * 1024 + 1));
    web.provider.next(Endpoint::Token, tokens.answer());
    let answer = web.post_as(ORDERS, &secret).await;
    assert_problem(&answer, StatusCode::FORBIDDEN, "api_not_granted");
    let stored = web.contents(&secret).await.unwrap().refresh_token.unwrap();
    assert_eq!(stored.as_str(), tokens.text("refresh_token"));
}

#[tokio::test]
async fn a_session_without_refresh_token_gets_no_token_for_another_api_and_goes_on() {
    let web = Web::with([OTHER_APIS]).await;
    let secret = web.sign_in_with(|contents| contents.refresh_token = None).await;
    let answer = web.post_as(ORDERS, &secret).await;
    assert_problem(&answer, StatusCode::FORBIDDEN, "api_not_granted");
    assert_eq!(web.post_as(FIRST, &secret).await.status, StatusCode::NO_CONTENT);
}

#[tokio::test]
async fn all_tokens_of_a_session_end_with_it() {
    let (web, secret) = signed_in().await;
    web.post_as(ORDERS, &secret).await;
    let row = |rows: Vec<std::collections::HashMap<String, _>>| {
        rows.into_iter().find(|row| row.contains_key("token:orders"))
    };
    assert!(row(web.rows("SessionsTable").await).is_some());
    assert_eq!(web.post_as("/signout", &secret).await.status, StatusCode::SEE_OTHER);
    assert!(row(web.rows("SessionsTable").await).is_none());
    assert_eq!(web.post_as(ORDERS, &secret).await.status, StatusCode::UNAUTHORIZED);
    // At the limits of the session, which no token outlives.
    let secret = web.sign_in().await;
    web.post_as(ORDERS, &secret).await;
    web.clock.advance(Duration::from_hours(1));
    assert!(web.sessions.read(&secret).await.unwrap().is_none());
    assert_eq!(web.post_as(ORDERS, &secret).await.status, StatusCode::UNAUTHORIZED);
    assert!(row(web.rows("SessionsTable").await).is_none());
}

#[tokio::test]
async fn the_token_of_an_api_that_no_setting_names_any_more_is_dropped() {
    let mut web = Web::with([OTHER_APIS]).await;
    let secret = web.sign_in().await;
    web.post_as(ORDERS, &secret).await;
    web.configure([("OTHER_APIS", "")]);
    web.clock.advance(GOOD_FOR);
    assert_eq!(web.post_as(FIRST, &secret).await.status, StatusCode::NO_CONTENT);
    let session = web.sessions.read(&secret).await.unwrap().unwrap();
    assert_eq!(session.apis().count(), 0);
}
