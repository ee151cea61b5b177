//! An access token that will be over soon, and a page that asks who is signed in.

use std::time::Duration;

use http::{Method, StatusCode, header};
use serde_json::json;
use session::SessionSecret;
use test_support::{Endpoint, MockResponse};

use crate::{
    harness::{GOOD_FOR, Web, cookie, request, send},
    refresh_together::held,
};

/// From when on the token of [`Web::sign_in`] is due: the last fifth of ten minutes.
const DUE: Duration = Duration::from_mins(8);

/// The refresh token: access tokens of the same second are the same.
async fn token(web: &Web, secret: &SessionSecret) -> String {
    let token = web.contents(secret).await.unwrap().refresh_token;
    token.unwrap().as_str().to_owned()
}

#[tokio::test]
async fn the_page_s_question_replaces_a_token_that_is_due_and_none_before() {
    let (web, secret) = Web::signed_in().await;
    let before = token(&web, &secret).await;
    web.clock.advance(DUE.saturating_sub(Duration::from_secs(1)));
    web.call_as(Method::GET, "/session", &secret).await;
    assert_eq!((web.refreshes(), token(&web, &secret).await), (0, before.clone()));
    web.clock.advance(Duration::from_secs(1));
    let answer = web.call_as(Method::GET, "/session", &secret).await;
    assert_eq!(answer.json()["user"]["sub"], "ada");
    assert_eq!(web.refreshes(), 1);
    assert_ne!(token(&web, &secret).await, before);
    web.call_as(Method::GET, "/session", &secret).await;
    assert_eq!(web.refreshes(), 1, "the new one is not due");
}

#[tokio::test]
async fn nobody_but_our_own_page_makes_a_session_refresh() {
    let (web, secret) = Web::signed_in_ago(DUE).await;
    for (name, value) in
        [("accept", "*/*"), ("sec-fetch-site", "none"), ("sec-fetch-site", "cross-site")]
    {
        let request = request(Method::GET, "/session").header(header::COOKIE, cookie(&secret));
        let answer = web.send(request.header(name, value)).await;
        assert_eq!(answer.json()["user"]["sub"], "ada");
    }
    assert_eq!(web.refreshes(), 0);
}

#[tokio::test]
async fn the_old_token_serves_when_the_provider_cannot_give_a_new_one_now() {
    let (web, secret) = Web::signed_in().await;
    let before = token(&web, &secret).await;
    web.clock.advance(DUE);
    web.provider.next(Endpoint::Token, MockResponse::status(500));
    let answer = web.call_as(Method::GET, "/session", &secret).await;
    assert_eq!(answer.json()["user"]["sub"], "ada");
    assert!(answer.cleared_cookies().is_empty());
    assert_eq!(token(&web, &secret).await, before);
    web.call_as(Method::GET, "/session", &secret).await;
    assert_ne!(token(&web, &secret).await, before, "the lease was given back");
}

#[tokio::test]
async fn who_is_signed_in_is_said_even_when_no_new_token_can_be_had_for_one_that_is_over() {
    let (web, secret) = Web::signed_in_ago(GOOD_FOR).await;
    web.provider.next(Endpoint::Token, MockResponse::status(500));
    let answer = web.call_as(Method::GET, "/session", &secret).await;
    assert_eq!(answer.json()["user"]["sub"], "ada");
}

#[tokio::test]
async fn a_grant_that_is_over_ends_the_session() {
    let (web, secret) = Web::signed_in_ago(DUE).await;
    web.provider.next(Endpoint::Token, MockResponse::error("invalid_grant"));
    let answer = web.call_as(Method::GET, "/session", &secret).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.json(), json!({"user": null}));
    assert_eq!(answer.cleared_cookies(), ["__Host-session"]);
    assert_eq!(web.contents(&secret).await, None);
}

#[tokio::test]
async fn a_session_without_a_refresh_token_is_left_alone() {
    let web = Web::new().await;
    let secret = web.sign_in_with(|contents| contents.refresh_token = None).await;
    web.clock.advance(DUE);
    let answer = web.call_as(Method::GET, "/session", &secret).await;
    assert_eq!(answer.json()["user"]["sub"], "ada");
    assert_eq!(web.refreshes(), 0);
}

#[tokio::test]
async fn nobody_waits_for_somebody_else_s_early_refresh() {
    let (web, secret) = Web::signed_in_ago(DUE).await;
    let (gate, first) = held(&web, || begin(&web, &secret)).await;
    let second = web.call_as(Method::GET, "/session", &secret).await;
    assert_eq!(second.json()["user"]["sub"], "ada");
    assert!(!first.is_finished());
    gate.open();
    assert_eq!(first.await.unwrap(), "ada");
    assert_eq!(web.refreshes(), 1);
}

#[tokio::test]
async fn a_session_that_is_signed_out_during_an_early_refresh_stays_ended() {
    let (web, secret) = Web::signed_in_ago(DUE).await;
    let (gate, first) = held(&web, || begin(&web, &secret)).await;
    web.post_as("/signout", &secret).await;
    gate.open();
    assert_eq!(first.await.unwrap(), serde_json::Value::Null);
    assert_eq!(web.contents(&secret).await, None);
}

#[tokio::test]
async fn a_refresh_with_the_lease_goes_on_when_its_caller_has_gone() {
    let (web, secret) = Web::signed_in().await;
    let before = token(&web, &secret).await;
    web.clock.advance(DUE);
    let (gate, first) = held(&web, || begin(&web, &secret)).await;
    first.abort();
    assert!(first.await.unwrap_err().is_cancelled());
    gate.open();
    while token(&web, &secret).await == before {
        tokio::task::yield_now().await;
    }
    assert_eq!(web.refreshes(), 1);
}

/// The page's question in another instance: the user's `sub`.
fn begin(web: &Web, secret: &SessionSecret) -> tokio::task::JoinHandle<serde_json::Value> {
    let request = request(Method::GET, "/session").header(header::COOKIE, cookie(secret));
    let (app, request) = (web.instance(), request.header("x-csrf", "1"));
    tokio::spawn(async move { send(&app, request).await.json()["user"]["sub"].clone() })
}

#[tokio::test]
async fn what_the_first_id_token_says_about_the_authentication_stays() {
    for (refreshed, expected) in [
        (json!({}), json!({"auth_time": 7, "acr": "strong", "acrs": ["c1"], "sid": "s"})),
        // Nobody signed in meanwhile, whatever it says.
        (
            json!({"auth_time": 8, "acr": "stronger", "acrs": ["c2"], "sid": "t", "amr": ["mfa"]}),
            json!({"auth_time": 7, "acr": "strong", "acrs": ["c1"], "sid": "s"}),
        ),
    ] {
        let web = Web::new().await;
        let first = [
            ("auth_time", json!(7)),
            ("acr", json!("strong")),
            ("acrs", json!(["c1"])),
            ("sid", json!("s")),
        ];
        let secret = web.sign_in_with(|contents| {
            contents.claims.extend(first.map(|(name, value)| (name.to_owned(), value)));
        });
        let secret = secret.await;
        web.clock.advance(DUE);
        let claims = refreshed.as_object().unwrap().clone().into_iter();
        let id_token =
            claims.fold(web.provider.id_token(), |token, (name, value)| token.claim(&name, value));
        let tokens = web.provider.tokens().id_token(&id_token.signed());
        web.provider.next(Endpoint::Token, tokens.answer());
        web.call_as(Method::GET, "/session", &secret).await;
        let claims = web.contents(&secret).await.unwrap().claims;
        for (name, value) in expected.as_object().unwrap() {
            assert_eq!(claims.get(name), Some(value), "{name}");
        }
        assert!(!claims.contains_key("amr"));
        assert!(claims.contains_key("iat"), "it is the refreshed one");
    }
}
