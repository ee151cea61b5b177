//! An access token that will be over soon, and a page that asks who is signed in.

use std::time::Duration;

use http::{Method, StatusCode, header};
use serde_json::json;
use session::SessionSecret;
use test_support::{Answer as Scripted, Endpoint};

use crate::{
    refresh_together::{arrived, asked, held},
    world::{GOOD_FOR, World, cookie, request, send},
};

/// From when on the token of [`World::sign_in`] is due: the last fifth of ten minutes.
const DUE: Duration = Duration::from_mins(8);

/// The refresh token: access tokens of the same second are the same.
async fn token(world: &World, secret: &SessionSecret) -> String {
    let token = world.contents(secret).await.unwrap().refresh_token;
    token.unwrap().as_str().to_owned()
}

#[tokio::test]
async fn the_page_s_question_replaces_a_token_that_is_due_and_none_before() {
    let world = World::new().await;
    let secret = world.sign_in().await;
    let before = token(&world, &secret).await;
    world.clock.advance(DUE.saturating_sub(Duration::from_secs(1)));
    world.call_as(Method::GET, "/session", &secret).await;
    assert_eq!((asked(&world), token(&world, &secret).await), (0, before.clone()));
    world.clock.advance(Duration::from_secs(1));
    let answer = world.call_as(Method::GET, "/session", &secret).await;
    assert_eq!(answer.json()["user"]["sub"], "ada");
    assert_eq!(asked(&world), 1);
    assert_ne!(token(&world, &secret).await, before);
    world.call_as(Method::GET, "/session", &secret).await;
    assert_eq!(asked(&world), 1, "the new one is not due");
}

#[tokio::test]
async fn nobody_but_our_own_page_makes_a_session_refresh() {
    let world = World::new().await;
    let secret = world.sign_in().await;
    world.clock.advance(DUE);
    for (name, value) in
        [("accept", "*/*"), ("sec-fetch-site", "none"), ("sec-fetch-site", "cross-site")]
    {
        let request = request(Method::GET, "/session").header(header::COOKIE, cookie(&secret));
        let answer = world.send(request.header(name, value)).await;
        assert_eq!(answer.json()["user"]["sub"], "ada");
    }
    assert_eq!(asked(&world), 0);
}

#[tokio::test]
async fn the_old_token_serves_when_the_provider_cannot_give_a_new_one_now() {
    let world = World::new().await;
    let secret = world.sign_in().await;
    let before = token(&world, &secret).await;
    world.clock.advance(DUE);
    world.provider.next(Endpoint::Token, Scripted::status(500));
    let answer = world.call_as(Method::GET, "/session", &secret).await;
    assert_eq!(answer.json()["user"]["sub"], "ada");
    assert!(answer.cleared().is_empty());
    assert_eq!(token(&world, &secret).await, before);
    world.call_as(Method::GET, "/session", &secret).await;
    assert_ne!(token(&world, &secret).await, before, "the lease was given back");
}

#[tokio::test]
async fn who_is_signed_in_is_said_even_when_no_new_token_can_be_had_for_one_that_is_over() {
    let world = World::new().await;
    let secret = world.sign_in().await;
    world.clock.advance(GOOD_FOR);
    world.provider.next(Endpoint::Token, Scripted::status(500));
    let answer = world.call_as(Method::GET, "/session", &secret).await;
    assert_eq!(answer.json()["user"]["sub"], "ada");
}

#[tokio::test]
async fn a_grant_that_is_over_ends_the_session() {
    let world = World::new().await;
    let secret = world.sign_in().await;
    world.clock.advance(DUE);
    world.provider.next(Endpoint::Token, Scripted::error("invalid_grant"));
    let answer = world.call_as(Method::GET, "/session", &secret).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.json(), json!({"user": null}));
    assert_eq!(answer.cleared(), ["__Host-session"]);
    assert_eq!(world.contents(&secret).await, None);
}

#[tokio::test]
async fn a_session_without_a_refresh_token_is_left_alone() {
    let world = World::new().await;
    let secret = world.sign_in_with(|contents| contents.refresh_token = None).await;
    world.clock.advance(DUE);
    let answer = world.call_as(Method::GET, "/session", &secret).await;
    assert_eq!(answer.json()["user"]["sub"], "ada");
    assert_eq!(asked(&world), 0);
}

#[tokio::test]
async fn nobody_waits_for_somebody_else_s_early_refresh() {
    let world = World::new().await;
    let secret = world.sign_in().await;
    world.clock.advance(DUE);
    let gate = held(&world);
    let first = begin(&world, &secret);
    arrived(&world, 1).await;
    let second = world.call_as(Method::GET, "/session", &secret).await;
    assert_eq!(second.json()["user"]["sub"], "ada");
    assert!(!first.is_finished());
    gate.open();
    assert_eq!(first.await.unwrap(), "ada");
    assert_eq!(asked(&world), 1);
}

#[tokio::test]
async fn a_session_that_is_signed_out_during_an_early_refresh_stays_ended() {
    let world = World::new().await;
    let secret = world.sign_in().await;
    world.clock.advance(DUE);
    let gate = held(&world);
    let first = begin(&world, &secret);
    arrived(&world, 1).await;
    world.post_as("/signout", &secret).await;
    gate.open();
    assert_eq!(first.await.unwrap(), serde_json::Value::Null);
    assert_eq!(world.contents(&secret).await, None);
}

#[tokio::test]
async fn a_refresh_with_the_lease_goes_on_when_its_caller_has_gone() {
    let world = World::new().await;
    let secret = world.sign_in().await;
    let before = token(&world, &secret).await;
    world.clock.advance(DUE);
    let gate = held(&world);
    let first = begin(&world, &secret);
    arrived(&world, 1).await;
    first.abort();
    assert!(first.await.unwrap_err().is_cancelled());
    gate.open();
    while token(&world, &secret).await == before {
        tokio::task::yield_now().await;
    }
    assert_eq!(asked(&world), 1);
}

/// The page's question in another instance: the user's `sub`.
fn begin(world: &World, secret: &SessionSecret) -> tokio::task::JoinHandle<serde_json::Value> {
    let request = request(Method::GET, "/session").header(header::COOKIE, cookie(secret));
    let (app, request) = (world.instance(), request.header("x-csrf", "1"));
    tokio::spawn(async move { send(&app, request).await.json()["user"]["sub"].clone() })
}

#[tokio::test]
async fn what_the_first_id_token_says_about_the_authentication_stays() {
    for (refreshed, expected) in [
        (json!({}), json!({"auth_time": 7, "acr": "strong", "sid": "s"})),
        // Nobody signed in meanwhile, whatever it says.
        (
            json!({"auth_time": 8, "acr": "stronger", "sid": "t", "amr": ["mfa"]}),
            json!({"auth_time": 7, "acr": "strong", "sid": "s"}),
        ),
    ] {
        let world = World::new().await;
        let first = [("auth_time", json!(7)), ("acr", json!("strong")), ("sid", json!("s"))];
        let secret = world.sign_in_with(|contents| {
            contents.claims.extend(first.map(|(name, value)| (name.to_owned(), value)));
        });
        let secret = secret.await;
        world.clock.advance(DUE);
        let claims = refreshed.as_object().unwrap().clone().into_iter();
        let id_token = claims
            .fold(world.provider.id_token(), |token, (name, value)| token.claim(&name, value));
        let tokens = world.provider.tokens().id_token(&id_token.signed());
        world.provider.next(Endpoint::Token, tokens.answer());
        world.call_as(Method::GET, "/session", &secret).await;
        let claims = world.contents(&secret).await.unwrap().claims;
        for (name, value) in expected.as_object().unwrap() {
            assert_eq!(claims.get(name), Some(value), "{name}");
        }
        assert!(!claims.contains_key("amr"));
        assert!(claims.contains_key("iat"), "it is the refreshed one");
    }
}
