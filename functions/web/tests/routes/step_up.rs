//! Ending another session needs a sign-in that is fresh, and as strong as is configured.

use std::time::Duration;

use auth::Clock;
use http::{Method, StatusCode};
use serde_json::{Value, json};
use session::SessionSecret;

use crate::harness::{TestResponse, Web};

const TEN_MINUTES: (&str, &str) = ("SESSION_FRESH_MINUTES", "10");
const STRONG: (&str, &str) = ("SESSION_STEP_UP_ACR", "gold silver");

/// A session of a sign-in that is this old, with that `acr`.
async fn signed_in(web: &Web, ago: Option<Duration>, acr: Option<&str>) -> SessionSecret {
    let auth_time = ago.map(|ago| {
        let then = web.clock.now() - ago;
        then.duration_since(std::time::UNIX_EPOCH).unwrap().as_secs()
    });
    web.sign_in_with(|contents| {
        let claims = [("auth_time", json!(auth_time)), ("acr", json!(acr))];
        let said = claims.into_iter().filter(|(_, value)| !value.is_null());
        contents.claims.extend(said.map(|(name, value)| (name.to_owned(), value)));
    })
    .await
}

async fn end(web: &Web, whose: &SessionSecret, by: &SessionSecret) -> TestResponse {
    web.call_as(Method::DELETE, &format!("/sessions/{}", whose.id()), by).await
}

/// Fails unless the answer asks for another sign-in with these parameters, and ended nothing.
async fn assert_asks(web: &Web, answer: &TestResponse, whose: &SessionSecret, demands: Value) {
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    assert_eq!(answer.header("content-type"), Some("application/problem+json"));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    assert!(answer.cleared_cookies().is_empty(), "whoever asks stays signed in");
    let problem = answer.json();
    assert_eq!(problem["code"], "sign_in_again");
    for name in ["max_age", "prompt", "acr_values"] {
        assert_eq!(problem[name], demands[name], "{name}");
    }
    assert!(web.contents(whose).await.is_some());
}

#[tokio::test]
async fn ending_another_session_needs_a_fresh_sign_in() {
    let web = Web::with([TEN_MINUTES]).await;
    let there = web.sign_in().await;
    let stale = signed_in(&web, Some(Duration::from_mins(12)), None).await;
    let answer = end(&web, &there, &stale).await;
    assert_asks(&web, &answer, &there, json!({ "max_age": 600 })).await;
    let fresh = signed_in(&web, Some(Duration::from_mins(10)), None).await;
    assert_eq!(end(&web, &there, &fresh).await.status, StatusCode::NO_CONTENT);
    assert!(web.contents(&there).await.is_none());
}

#[tokio::test]
async fn a_session_without_auth_time_is_judged_by_its_own_beginning() {
    let web = Web::with([TEN_MINUTES]).await;
    let there = web.sign_in().await;
    let here = signed_in(&web, None, None).await;
    web.clock.advance(Duration::from_mins(12));
    let answer = end(&web, &there, &here).await;
    assert_asks(&web, &answer, &there, json!({ "prompt": "login" })).await;
    let again = signed_in(&web, None, None).await;
    assert_eq!(end(&web, &there, &again).await.status, StatusCode::NO_CONTENT);
}

#[tokio::test]
async fn ending_another_session_needs_a_strong_sign_in_where_that_is_configured() {
    let web = Web::with([STRONG]).await;
    let there = web.sign_in().await;
    for acr in [None, Some("bronze")] {
        let weak = signed_in(&web, Some(Duration::ZERO), acr).await;
        let answer = end(&web, &there, &weak).await;
        let demands = json!({ "max_age": 3600, "acr_values": "gold silver" });
        assert_asks(&web, &answer, &there, demands).await;
    }
    let strong = signed_in(&web, Some(Duration::ZERO), Some("silver")).await;
    assert_eq!(end(&web, &there, &strong).await.status, StatusCode::NO_CONTENT);
}

#[tokio::test]
async fn with_authentication_contexts_acrs_counts_and_acr_does_not() {
    let web = Web::with([("OIDC_STEP_UP", "acrs"), ("SESSION_STEP_UP_ACR", "c1 c2")]).await;
    let there = web.sign_in().await;
    let with = async |claims: Value| {
        web.sign_in_with(|contents| {
            contents.claims.extend(claims.as_object().unwrap().clone());
        })
        .await
    };
    for weak in [
        json!({}),
        json!({ "acr": "c1" }),
        json!({ "acrs": ["c3", 1] }),
        json!({ "acrs": "c1 c2" }),
        json!({ "acrs": { "c1": true } }),
    ] {
        let weak = with(weak).await;
        let answer = end(&web, &there, &weak).await;
        assert_asks(&web, &answer, &there, json!({ "acr_values": "c1 c2" })).await;
    }
    for strong in [json!({ "acrs": ["c9", "c2"] }), json!({ "acrs": "c1" })] {
        let (there, strong) = (web.sign_in().await, with(strong).await);
        assert_eq!(end(&web, &there, &strong).await.status, StatusCode::NO_CONTENT);
    }
}

#[tokio::test]
async fn an_acr_that_is_a_list_is_none() {
    let web = Web::with([STRONG]).await;
    let there = web.sign_in().await;
    let list = |contents: &mut session::SessionContents| {
        contents.claims.insert("acr".to_owned(), json!(["gold"]));
        contents.claims.insert("acrs".to_owned(), json!(["gold"]));
    };
    let here = web.sign_in_with(list).await;
    let answer = end(&web, &there, &here).await;
    assert_asks(&web, &answer, &there, json!({ "acr_values": "gold silver" })).await;
}

#[tokio::test]
async fn one_s_own_session_can_be_ended_and_all_listed_however_old_the_sign_in_is() {
    let web = Web::with([TEN_MINUTES, STRONG]).await;
    let stale = signed_in(&web, Some(Duration::from_hours(9)), None).await;
    let listed = web.call_as(Method::GET, "/sessions", &stale).await;
    assert_eq!(listed.status, StatusCode::OK);
    assert_eq!(end(&web, &stale, &stale).await.status, StatusCode::NO_CONTENT);
    assert!(web.contents(&stale).await.is_none());
}

#[tokio::test]
async fn another_site_is_not_asked_to_sign_in_again_but_refused() {
    let web = Web::with([TEN_MINUTES]).await;
    let there = web.sign_in().await;
    let stale = signed_in(&web, Some(Duration::from_mins(12)), None).await;
    let request = crate::harness::request(Method::DELETE, &format!("/sessions/{}", there.id()))
        .header("cookie", crate::harness::cookie(&stale))
        .header("origin", "https://evil.example");
    assert_eq!(web.send(request).await.status, StatusCode::FORBIDDEN);
}
