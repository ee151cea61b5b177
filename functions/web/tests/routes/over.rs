//! A session that turns out to be over by its limits.

use std::time::Duration;

use http::{Method, StatusCode, header};
use serde_json::json;
use session::SessionContents;
use test_support::{Answer as Scripted, Endpoint};

use crate::world::{World, cookie, own_post, request, send};

/// One minute more than a session may be unused.
const TOO_LONG: Duration = Duration::from_mins(61);

/// The tokens that were revoked so far.
fn revoked(world: &World) -> Vec<String> {
    let requests = world.provider.received(Endpoint::Revocation);
    requests.iter().map(|request| request.form()["token"].clone()).collect()
}

#[tokio::test]
async fn the_refresh_token_of_a_session_that_is_over_is_revoked_when_its_cookie_comes() {
    for (method, path) in [(Method::GET, "/session"), (Method::POST, "/session/refresh")] {
        let world = World::new().await;
        let secret = world.sign_in().await;
        let refresh_token = world.contents(&secret).await.unwrap().refresh_token.unwrap();
        world.clock.advance(TOO_LONG);
        let requests = || {
            let request =
                if method == Method::GET { request(Method::GET, path) } else { own_post(path) };
            request.header(header::COOKIE, cookie(&secret))
        };
        let answer = world.send(requests()).await;
        assert_eq!(answer.cleared(), ["__Host-session"], "{path}");
        assert_eq!(revoked(&world), [refresh_token.as_str()], "{path}");
        assert!(world.sessions.end(&secret).await.unwrap().is_none(), "its row is gone");
        world.send(requests()).await;
        assert_eq!(revoked(&world).len(), 1, "and nothing is left to revoke");
    }
}

#[tokio::test]
async fn of_several_instances_that_find_it_over_one_revokes_the_token() {
    let world = World::new().await;
    let secret = world.sign_in().await;
    world.clock.advance(TOO_LONG);
    let requests = (0..6).map(|_| {
        let (instance, cookie) = (world.instance(), cookie(&secret));
        tokio::spawn(async move {
            let request = request(Method::GET, "/session").header(header::COOKIE, cookie);
            send(&instance, request).await.json()
        })
    });
    for answer in requests.collect::<Vec<_>>() {
        assert_eq!(answer.await.unwrap(), json!({"user": null}));
    }
    assert_eq!(revoked(&world).len(), 1);
}

#[tokio::test]
async fn a_session_that_lives_keeps_its_refresh_token() {
    let world = World::new().await;
    let secret = world.sign_in().await;
    world.clock.advance(Duration::from_mins(59));
    assert_eq!(world.get_as("/session", &secret).await.json()["user"]["sub"], "ada");
    assert_eq!(revoked(&world), [""; 0]);
}

#[tokio::test]
async fn a_provider_that_cannot_or_will_not_revoke_holds_up_nobody() {
    for failure in [Scripted::status(500), Scripted::never()] {
        let world = World::new().await;
        let secret = world.sign_in().await;
        world.provider.always(Endpoint::Revocation, failure);
        world.clock.advance(TOO_LONG);
        let answer = world.get_as("/session", &secret).await;
        assert_eq!((answer.status, answer.json()), (StatusCode::OK, json!({"user": null})));
    }
}

#[tokio::test]
async fn the_tokens_of_a_session_of_another_provider_are_sent_nowhere() {
    let world = World::new().await;
    let other = |contents: &mut SessionContents| {
        contents.claims.insert("iss".to_owned(), json!("https://before.example"));
    };
    let secret = world.sign_in_with(other).await;
    world.clock.advance(TOO_LONG);
    assert_eq!(world.get_as("/session", &secret).await.json(), json!({"user": null}));
    assert_eq!(revoked(&world), [""; 0]);
}
