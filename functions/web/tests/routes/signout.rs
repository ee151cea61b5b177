use std::time::Duration;

use http::{Method, StatusCode, header};
use outbound::Timeouts;
use serde_json::json;
use session::{ReturnTo, SessionContents, SignInTransaction, SystemRandom};
use test_support::{Endpoint, MockResponse};
use url::Url;

use crate::harness::{GOOD_FOR, TestResponse, Web, cookie, own_post, query, request};

const SIGNOUT: &str = "/signout";

fn target(answer: &TestResponse) -> Url {
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    Url::parse(answer.header("location").unwrap()).unwrap()
}

/// Fails unless the browser is sent to a page of ours that does not claim too much.
async fn assert_signed_out_here_alone(web: &Web, answer: &TestResponse) {
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    let page = web.get(answer.header("location").unwrap()).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.body.contains("you may still be signed in there"), "{}", page.body);
    assert!(page.body.contains("data-test=\"signed-out\""));
}

#[tokio::test]
async fn signing_out_ends_the_session_here_and_goes_on_to_the_provider() {
    let (web, secret) = Web::signed_in().await;
    let contents = web.contents(&secret).await.unwrap();
    let answer = web.post_as(SIGNOUT, &secret).await;
    let target = target(&answer);
    assert_eq!(
        target.as_str().split('?').next(),
        Some(&*format!("{}/logout", web.provider.issuer()))
    );
    assert_eq!(query(&target, "id_token_hint").as_deref(), Some(contents.id_token.as_str()));
    assert_eq!(query(&target, "client_id").as_deref(), Some("the-client-id"));
    assert_eq!(
        query(&target, "post_logout_redirect_uri").as_deref(),
        Some("https://todos.example.com/signedout")
    );
    assert_eq!(query(&target, "state").unwrap().len(), 43);
    assert_eq!(query(&target, "logout_hint"), None);
    assert_eq!(answer.cleared_cookies(), ["__Host-session"]);
    assert_eq!(web.contents(&secret).await, None);
    assert_eq!(web.get_as("/session", &secret).await.json(), json!({"user": null}));
}

#[tokio::test]
async fn the_provider_s_own_hint_is_handed_back_to_it() {
    let web = Web::new().await;
    let hint = |contents: &mut SessionContents| {
        contents.claims.insert("login_hint".to_owned(), json!("O.opaque"));
    };
    let secret = web.sign_in_with(hint).await;
    let target = target(&web.post_as(SIGNOUT, &secret).await);
    assert_eq!(query(&target, "logout_hint").as_deref(), Some("O.opaque"));
}

#[tokio::test]
async fn all_sign_in_cookies_go_at_sign_out() {
    let (web, secret) = Web::signed_in().await;
    let now = auth::Clock::now(&*web.clock);
    let attempts =
        [(); 2].map(|()| SignInTransaction::begin(&SystemRandom, now, ReturnTo::home(), None));
    let pairs = attempts.each_ref().map(|attempt| {
        attempt.set_cookie().to_str().unwrap().split(';').next().unwrap().to_owned()
    });
    let line = format!("{}; theme=dark; {}; {}", pairs[0], cookie(&secret), pairs[1]);
    let answer = web.send(own_post(SIGNOUT).header(header::COOKIE, line)).await;
    let names = pairs.each_ref().map(|pair| pair.split('=').next().unwrap());
    assert_eq!(answer.cleared_cookies(), ["__Host-session", names[0], names[1]]);
}

#[tokio::test]
async fn signing_out_works_twice_and_ends_at_the_provider_both_times() {
    let (web, secret) = Web::signed_in().await;
    target(&web.post_as(SIGNOUT, &secret).await);
    let again = target(&web.post_as(SIGNOUT, &secret).await);
    assert_eq!(query(&again, "id_token_hint"), None);
    assert_eq!(query(&again, "client_id").as_deref(), Some("the-client-id"));
    let without_cookie = web.send(own_post(SIGNOUT)).await;
    target(&without_cookie);
    assert_eq!(without_cookie.cleared_cookies(), ["__Host-session"]);
}

#[tokio::test]
async fn the_refresh_token_is_revoked_where_the_provider_can() {
    let (web, secret) = Web::signed_in().await;
    let contents = web.contents(&secret).await.unwrap();
    web.post_as(SIGNOUT, &secret).await;
    web.post_as(SIGNOUT, &secret).await;
    let [revoked] = &web.provider.received(Endpoint::Revocation)[..] else {
        panic!("revoked once");
    };
    assert_eq!(revoked.form()["token"], contents.refresh_token.unwrap().as_str());
    assert_eq!(revoked.form()["token_type_hint"], "refresh_token");
}

#[tokio::test]
async fn a_provider_that_cannot_or_will_not_revoke_keeps_nobody_signed_in() {
    let timeouts = Timeouts { revocation: Duration::from_millis(50), ..Timeouts::NONE };
    for failure in [
        MockResponse::status(500),
        MockResponse::error("unsupported_token_type"),
        MockResponse::never(),
    ] {
        let web = Web::with_timeouts(timeouts).await;
        let secret = web.sign_in().await;
        web.provider.always(Endpoint::Revocation, failure);
        target(&web.post_as(SIGNOUT, &secret).await);
        assert_eq!(web.contents(&secret).await, None);
    }
}

#[tokio::test]
async fn without_an_end_session_endpoint_the_user_is_told_that_they_are_signed_out_here_alone() {
    let web = Web::new().await;
    let mut metadata = web.provider.metadata();
    metadata.as_object_mut().unwrap().remove("end_session_endpoint");
    web.provider.always(Endpoint::Discovery, MockResponse::json(&metadata));
    let secret = web.sign_in().await;
    let answer = web.post_as(SIGNOUT, &secret).await;
    assert_signed_out_here_alone(&web, &answer).await;
    assert_eq!(web.contents(&secret).await, None);
}

#[tokio::test]
async fn cognito_is_asked_in_its_own_words_and_gets_no_token() {
    let web = Web::with([("OIDC_SIGN_OUT", "cognito")]).await;
    let secret = web.sign_in().await;
    let target = target(&web.post_as(SIGNOUT, &secret).await);
    assert_eq!(target.path(), "/logout");
    let parameters: Vec<_> = target.query_pairs().into_owned().collect();
    let expected =
        [("client_id", "the-client-id"), ("logout_uri", "https://todos.example.com/signedout")];
    assert_eq!(parameters, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
    assert_eq!(web.contents(&secret).await, None);
}

#[tokio::test]
async fn at_a_provider_without_sign_out_the_user_is_signed_out_here_alone() {
    let web = Web::with([("OIDC_SIGN_OUT", "none")]).await;
    let secret = web.sign_in().await;
    let answer = web.post_as(SIGNOUT, &secret).await;
    assert_signed_out_here_alone(&web, &answer).await;
    assert_eq!(answer.cleared_cookies(), ["__Host-session"]);
    assert_eq!(web.contents(&secret).await, None);
}

#[tokio::test]
async fn signing_out_works_when_the_provider_is_down() {
    let (web, secret) = Web::signed_in().await;
    web.provider.stop().await;
    let answer = web.post_as(SIGNOUT, &secret).await;
    assert_signed_out_here_alone(&web, &answer).await;
    assert_eq!(answer.cleared_cookies(), ["__Host-session"]);
    assert_eq!(web.contents(&secret).await, None);
}

#[tokio::test]
async fn a_session_that_is_over_by_the_limits_is_signed_out_at_the_provider_with_its_hint() {
    let (web, secret) = Web::signed_in_ago(GOOD_FOR * 12).await;
    let target = target(&web.post_as(SIGNOUT, &secret).await);
    assert!(query(&target, "id_token_hint").is_some());
}

#[tokio::test]
async fn the_tokens_of_a_session_of_another_provider_are_sent_nowhere() {
    let (web, secret) = Web::signed_in_at_another_provider().await;
    let target = target(&web.post_as(SIGNOUT, &secret).await);
    assert_eq!(query(&target, "id_token_hint"), None);
    assert!(web.provider.received(Endpoint::Revocation).is_empty());
    assert!(web.sessions.end(&secret).await.unwrap().is_none(), "it is ended all the same");
}

#[tokio::test]
async fn nobody_is_signed_out_by_another_site() {
    let (web, secret) = Web::signed_in().await;
    let post = || request(Method::POST, SIGNOUT).header(header::COOKIE, cookie(&secret));
    for request in [
        post(),
        post().header(header::ORIGIN, "https://evil.example"),
        post().header(header::ORIGIN, "null"),
        post().header("sec-fetch-site", "cross-site"),
        post().header("sec-fetch-site", "none"),
    ] {
        let answer = web.send(request).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN);
        assert!(answer.cleared_cookies().is_empty());
    }
    assert!(web.contents(&secret).await.is_some());
}

#[tokio::test]
async fn nobody_is_signed_out_by_following_a_link() {
    let (web, secret) = Web::signed_in().await;
    let answer = web.get_as(SIGNOUT, &secret).await;
    assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(answer.header("allow"), Some("POST"));
    assert!(web.contents(&secret).await.is_some());
}
