//! A session that turns out to be over by its limits.

use std::time::Duration;

use http::{Method, StatusCode, header};
use outbound::Timeouts;
use serde_json::json;
use test_support::{Endpoint, MockResponse};

use crate::harness::{Web, cookie, own_post, request, send};

/// One minute more than a session may be unused.
const TOO_LONG: Duration = Duration::from_mins(61);

/// The tokens that were revoked so far.
fn revoked(web: &Web) -> Vec<String> {
    let requests = web.provider.received(Endpoint::Revocation);
    requests.iter().map(|request| request.form()["token"].clone()).collect()
}

#[tokio::test]
async fn the_refresh_token_of_a_session_that_is_over_is_revoked_when_its_cookie_comes() {
    for (method, path) in [(Method::GET, "/session"), (Method::POST, "/session/refresh")] {
        let (web, secret) = Web::signed_in().await;
        let refresh_token = web.contents(&secret).await.unwrap().refresh_token.unwrap();
        web.clock.advance(TOO_LONG);
        let requests = || {
            let request =
                if method == Method::GET { request(Method::GET, path) } else { own_post(path) };
            request.header(header::COOKIE, cookie(&secret))
        };
        let answer = web.send(requests()).await;
        assert_eq!(answer.cleared_cookies(), ["__Host-session"], "{path}");
        assert_eq!(revoked(&web), [refresh_token.as_str()], "{path}");
        assert!(web.sessions.end(&secret).await.unwrap().is_none(), "its row is gone");
        web.send(requests()).await;
        assert_eq!(revoked(&web).len(), 1, "and nothing is left to revoke");
    }
}

#[tokio::test]
async fn of_several_instances_that_find_it_over_one_revokes_the_token() {
    let (web, secret) = Web::signed_in_ago(TOO_LONG).await;
    let requests = (0..6).map(|_| {
        let (instance, cookie) = (web.instance(), cookie(&secret));
        tokio::spawn(async move {
            let request = request(Method::GET, "/session").header(header::COOKIE, cookie);
            send(&instance, request).await.json()
        })
    });
    for answer in requests.collect::<Vec<_>>() {
        assert_eq!(answer.await.unwrap(), json!({"user": null}));
    }
    assert_eq!(revoked(&web).len(), 1);
}

#[tokio::test]
async fn a_session_that_lives_keeps_its_refresh_token() {
    let (web, secret) = Web::signed_in_ago(Duration::from_mins(59)).await;
    assert_eq!(web.get_as("/session", &secret).await.json()["user"]["sub"], "ada");
    assert_eq!(revoked(&web), [""; 0]);
}

#[tokio::test]
async fn a_provider_that_cannot_or_will_not_revoke_holds_up_nobody() {
    let timeouts = Timeouts { revocation: Duration::from_millis(50), ..Timeouts::NONE };
    for failure in [MockResponse::status(500), MockResponse::never()] {
        let web = Web::with_timeouts(timeouts).await;
        let secret = web.sign_in().await;
        web.provider.always(Endpoint::Revocation, failure);
        web.clock.advance(TOO_LONG);
        let answer = web.get_as("/session", &secret).await;
        assert_eq!((answer.status, answer.json()), (StatusCode::OK, json!({"user": null})));
    }
}

#[tokio::test]
async fn the_tokens_of_a_session_of_another_provider_are_sent_nowhere() {
    let (web, secret) = Web::signed_in_at_another_provider().await;
    web.clock.advance(TOO_LONG);
    assert_eq!(web.get_as("/session", &secret).await.json(), json!({"user": null}));
    assert_eq!(revoked(&web), [""; 0]);
}
