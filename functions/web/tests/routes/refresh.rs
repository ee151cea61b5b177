use std::time::Duration;

use http::{Method, StatusCode, header};
use serde_json::json;
use test_support::{
    CLIENT_ID, CLIENT_SECRET, Endpoint, MockResponse, ScriptedProvider, SigningKey,
};

use crate::harness::{GOOD_FOR, TestResponse, Web, assert_unavailable, cookie, own_post, request};

const REFRESH: &str = "/session/refresh";

fn assert_ended(answer: &TestResponse) {
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    assert_eq!(answer.json()["code"], "session_ended");
    assert_eq!(answer.cleared_cookies(), ["__Host-session"]);
}

#[tokio::test]
async fn a_session_gets_its_next_access_token() {
    let (web, secret) = Web::signed_in().await;
    let before = web.contents(&secret).await.unwrap();
    web.clock.advance(GOOD_FOR);
    let answer = web.post_as(REFRESH, &secret).await;
    assert_eq!((answer.status, answer.body.as_str()), (StatusCode::NO_CONTENT, ""));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let after = web.contents(&secret).await.unwrap();
    assert_ne!(after.refresh_token, before.refresh_token, "it is stored when it is replaced");
    assert_eq!(after.claims["sub"], "ada");
    assert_eq!(after.obtained_at, auth::Clock::now(&*web.clock));
    assert_eq!(after.access_expires_at, Some(after.obtained_at + Duration::from_hours(1)));
}

#[tokio::test]
async fn the_client_proves_itself_to_the_token_endpoint() {
    let (web, secret) = Web::signed_in().await;
    let before = web.contents(&secret).await.unwrap();
    web.clock.advance(GOOD_FOR);
    web.post_as(REFRESH, &secret).await;
    let request = web.provider.received(Endpoint::Token).pop().unwrap();
    assert_eq!(request.form()["refresh_token"], before.refresh_token.unwrap().as_str());
    // printf 'the-client-id:the-client-secret' | base64
    assert_eq!((CLIENT_ID, CLIENT_SECRET), ("the-client-id", "the-client-secret"));
    let basic = "Basic dGhlLWNsaWVudC1pZDp0aGUtY2xpZW50LXNlY3JldA==";
    assert_eq!(request.header("authorization"), Some(basic));
}

#[tokio::test]
async fn a_refresh_names_its_scopes_for_a_provider_that_wants_them() {
    for (settings, expected) in [
        (
            [("OIDC_REFRESH_SCOPES", "requested"), ("OIDC_BASE_SCOPES", "openid")],
            Some("openid api://todos/ToDoList.Read api://todos/ToDoList.ReadWrite"),
        ),
        ([("OIDC_REFRESH_SCOPES", "none"), ("OIDC_BASE_SCOPES", "openid")], None),
        ([("OIDC_REFRESH_SCOPES", ""), ("OIDC_BASE_SCOPES", "")], None),
    ] {
        let web = Web::with(settings).await;
        let secret = web.sign_in().await;
        web.clock.advance(GOOD_FOR);
        assert_eq!(web.post_as(REFRESH, &secret).await.status, StatusCode::NO_CONTENT);
        let form = web.provider.received(Endpoint::Token).pop().unwrap().form();
        assert_eq!(form.get("scope").map(String::as_str), expected);
    }
}

#[tokio::test]
async fn a_refresh_at_entra_is_granted_by_the_profile_alone() {
    for (profile, status) in [
        ("entra-external-id", StatusCode::NO_CONTENT),
        ("generic", StatusCode::SERVICE_UNAVAILABLE),
    ] {
        let web = Web::at(ScriptedProvider::entra(), [("OIDC_PROVIDER", profile)]).await;
        let secret = web.sign_in().await;
        web.clock.advance(GOOD_FOR);
        assert_eq!(web.post_as(REFRESH, &secret).await.status, status, "{profile}");
    }
}

/// Entra refuses scopes that the sign-in was not granted.
#[tokio::test]
async fn a_deployment_that_changed_its_scopes_refreshes_a_session_with_those_of_its_sign_in() {
    let web = Web::with([("OIDC_REFRESH_SCOPES", "requested"), ("OIDC_BASE_SCOPES", "openid")]);
    let web = web.await;
    let before = "openid api://before/Read";
    let secret = web.sign_in_with(|contents| contents.scopes = Some(before.to_owned())).await;
    for _ in 0..2 {
        web.clock.advance(GOOD_FOR);
        assert_eq!(web.post_as(REFRESH, &secret).await.status, StatusCode::NO_CONTENT);
        let form = web.provider.received(Endpoint::Token).pop().unwrap().form();
        assert_eq!(form["scope"], before);
    }
}

/// An error document in Entra's words.
fn entra_error(error: &str, code: &str) -> MockResponse {
    let description = format!("{code}: Application 'hunter2' is requesting a token for itself.");
    let document = json!({ "error": error, "error_description": description });
    MockResponse::json(&document).with_status(400)
}

#[tokio::test]
async fn an_error_that_means_sign_in_again_ends_the_session() {
    for error in [
        MockResponse::error("invalid_grant"),
        MockResponse::error("interaction_required"),
        MockResponse::error("consent_required").with_status(401),
        MockResponse::error("login_required"),
        entra_error("invalid_request", "AADSTS90009"),
    ] {
        let web = Web::with([("OIDC_PROVIDER", "entra-id")]).await;
        let secret = web.sign_in().await;
        web.clock.advance(GOOD_FOR);
        web.provider.next(Endpoint::Token, error.clone());
        assert_ended(&web.post_as(REFRESH, &secret).await);
        assert_eq!(web.contents(&secret).await, None, "{error:?}");
    }
}

#[tokio::test]
async fn an_error_that_the_settings_do_not_list_ends_nothing() {
    for (listed, error) in [
        ("invalid_grant", entra_error("invalid_request", "AADSTS90009")),
        ("AADSTS90009", entra_error("invalid_request", "AADSTS900099")),
        ("AADSTS90009", entra_error("invalid_request", "AADSTS9000")),
        ("AADSTS90009", entra_error("invalid_request", "aadsts90009")),
        ("AADSTS90009", MockResponse::error("invalid_grant")),
        ("interaction_required", MockResponse::error("invalid_grant")),
        // It decides nothing, whatever the body says.
        ("AADSTS90009", entra_error("invalid_request", "AADSTS90009").with_status(503)),
    ] {
        let web = Web::with([("OIDC_SIGN_IN_AGAIN_ERRORS", listed)]).await;
        let secret = web.sign_in().await;
        web.clock.advance(GOOD_FOR);
        web.provider.next(Endpoint::Token, error.clone());
        assert_unavailable(&web.post_as(REFRESH, &secret).await);
        assert!(web.contents(&secret).await.is_some(), "{listed} {error:?}");
    }
}

#[tokio::test]
async fn a_refresh_token_that_is_not_replaced_is_kept() {
    let (web, secret) = Web::signed_in().await;
    let before = web.contents(&secret).await.unwrap();
    web.clock.advance(GOOD_FOR);
    let answer = web.provider.tokens().without("refresh_token").without("expires_in");
    web.provider.next(Endpoint::Token, answer.answer());
    assert_eq!(web.post_as(REFRESH, &secret).await.status, StatusCode::NO_CONTENT);
    let after = web.contents(&secret).await.unwrap();
    assert_eq!(after.refresh_token, before.refresh_token);
    assert_eq!(after.id_token, before.id_token, "none came, so the old one stays");
    assert_eq!(after.access_expires_at, None);
}

#[tokio::test]
async fn a_refresh_that_was_just_done_is_not_done_again() {
    let (web, secret) = Web::signed_in_ago(GOOD_FOR).await;
    for _ in 0..3 {
        assert_eq!(web.post_as(REFRESH, &secret).await.status, StatusCode::NO_CONTENT);
        web.clock.advance(Duration::from_secs(9));
    }
    assert_eq!(web.refreshes(), 1);
    web.clock.advance(Duration::from_secs(9));
    web.post_as(REFRESH, &secret).await;
    assert_eq!(web.refreshes(), 2);
}

#[tokio::test]
async fn only_our_own_page_can_ask_for_a_refresh() {
    let (web, secret) = Web::signed_in_ago(GOOD_FOR).await;
    let post = || request(Method::POST, REFRESH).header(header::COOKIE, cookie(&secret));
    for request in [
        post(),
        post().header(header::ORIGIN, "https://evil.example").header("x-csrf", "1"),
        post().header(header::ORIGIN, "null"),
        post().header("sec-fetch-site", "same-site").header("x-csrf", "1"),
    ] {
        let answer = web.send(request).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN);
        assert_eq!(answer.json()["code"], "cross_site_request");
    }
    assert_eq!(web.refreshes(), 0);
    assert_eq!(web.send(post().header("x-csrf", "1")).await.status, StatusCode::NO_CONTENT);
}

#[tokio::test]
async fn a_stranger_is_told_that_there_is_no_session_wherever_the_request_comes_from() {
    let web = Web::new().await;
    for request in [
        request(Method::POST, REFRESH),
        request(Method::POST, REFRESH).header(header::ORIGIN, "https://evil.example"),
    ] {
        assert_eq!(web.send(request).await.status, StatusCode::UNAUTHORIZED);
    }
}

#[tokio::test]
async fn without_a_session_there_is_nothing_to_refresh() {
    let web = Web::new().await;
    let answer = web.send(own_post(REFRESH)).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    assert!(answer.cleared_cookies().is_empty());
    let unknown = "__Host-session=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    for bad in [unknown, "__Host-session=x"] {
        assert_ended(&web.send(own_post(REFRESH).header(header::COOKIE, bad)).await);
    }
}

#[tokio::test]
async fn a_session_that_is_over_by_the_limits_is_not_refreshed() {
    let (web, secret) = Web::signed_in_ago(Duration::from_hours(1)).await;
    assert_ended(&web.post_as(REFRESH, &secret).await);
    assert_eq!(web.refreshes(), 0);
}

#[tokio::test]
async fn an_expired_refresh_token_ends_the_session_and_is_no_server_error() {
    let (web, secret) = Web::signed_in_ago(GOOD_FOR).await;
    web.provider.next(Endpoint::Token, MockResponse::error("invalid_grant"));
    assert_ended(&web.post_as(REFRESH, &secret).await);
    assert_eq!(web.contents(&secret).await, None);
    assert_ended(&web.post_as(REFRESH, &secret).await);
}

#[tokio::test]
async fn a_transient_failure_ends_nothing() {
    for failure in [
        MockResponse::status(500),
        MockResponse::status(503),
        MockResponse::status(429),
        MockResponse::error("temporarily_unavailable"),
        MockResponse::error("invalid_client"),
        MockResponse::json(&json!({"strange": true})),
        MockResponse::text("<html>").with_status(400),
        MockResponse::json(&json!({})).cut(),
    ] {
        let (web, secret) = Web::signed_in().await;
        let before = web.contents(&secret).await;
        web.clock.advance(GOOD_FOR);
        web.provider.always(Endpoint::Token, failure.clone());
        let answer = web.post_as(REFRESH, &secret).await;
        assert_unavailable(&answer);
        assert_eq!(web.contents(&secret).await, before);
        web.provider.behave(Endpoint::Token);
        assert_eq!(web.post_as(REFRESH, &secret).await.status, StatusCode::NO_CONTENT);
    }
}

#[tokio::test]
async fn while_the_old_access_token_is_good_it_serves() {
    let (web, secret) = Web::signed_in_ago(GOOD_FOR / 2).await;
    web.provider.always(Endpoint::Token, MockResponse::status(500));
    assert_eq!(web.post_as(REFRESH, &secret).await.status, StatusCode::NO_CONTENT);
    assert!(web.refreshes() > 0);
}

#[tokio::test]
async fn a_session_without_refresh_token_lasts_as_long_as_its_access_token() {
    let web = Web::new().await;
    let secret = web.sign_in_with(|contents| contents.refresh_token = None).await;
    web.clock.advance(GOOD_FOR / 2);
    assert_eq!(web.post_as(REFRESH, &secret).await.status, StatusCode::NO_CONTENT);
    web.clock.advance(GOOD_FOR / 2);
    assert_ended(&web.post_as(REFRESH, &secret).await);
    assert_eq!(web.refreshes(), 0);
}

#[tokio::test]
async fn a_refreshed_id_token_must_keep_issuer_subject_and_nonce() {
    let web = Web::new().await;
    let id_token = || web.provider.id_token();
    let other = SigningKey::generate("of-nobody");
    for bad in [
        id_token().claim("sub", "mallory").signed(),
        id_token().claim("iss", "https://evil.example").signed(),
        id_token().claim("nonce", "another").signed(),
        id_token().claim("aud", "another-client").signed(),
        id_token().without("sub").signed(),
        id_token().header("alg", "none").unsigned(),
        id_token().signed_by(&other),
        "no token".to_owned(),
    ] {
        let secret = web.sign_in().await;
        web.clock.advance(Duration::from_secs(31));
        let tokens = web.provider.tokens().id_token(&bad);
        web.provider.next(Endpoint::Token, tokens.answer());
        assert_ended(&web.post_as(REFRESH, &secret).await);
        assert_eq!(web.contents(&secret).await, None);
    }
}

#[tokio::test]
async fn a_refreshed_id_token_with_the_first_nonce_is_taken_with_what_it_says() {
    let (web, secret) = Web::signed_in_ago(GOOD_FOR).await;
    let id_token = web.provider.id_token().claim("nonce", "n").claim("name", "Ada King").signed();
    web.provider.next(Endpoint::Token, web.provider.tokens().id_token(&id_token).answer());
    assert_eq!(web.post_as(REFRESH, &secret).await.status, StatusCode::NO_CONTENT);
    assert_eq!(web.get_as("/session", &secret).await.json()["user"]["name"], "Ada King");
    assert_eq!(web.contents(&secret).await.unwrap().id_token.as_str(), id_token);
}

#[tokio::test]
async fn the_first_nonce_counts_after_a_refresh_without_one() {
    let (web, secret) = Web::signed_in().await;
    for token in [web.provider.id_token(), web.provider.id_token().claim("nonce", "n")] {
        web.clock.advance(GOOD_FOR);
        let tokens = web.provider.tokens().id_token(&token.signed());
        web.provider.next(Endpoint::Token, tokens.answer());
        assert_eq!(web.post_as(REFRESH, &secret).await.status, StatusCode::NO_CONTENT);
    }
}

#[tokio::test]
async fn a_refresh_token_is_not_used_up_while_its_answer_could_not_be_judged() {
    let (web, secret) = Web::signed_in_ago(GOOD_FOR).await;
    web.provider.always(Endpoint::Keys, MockResponse::status(503));
    assert_eq!(web.post_as(REFRESH, &secret).await.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(web.refreshes(), 0);
}

#[tokio::test]
async fn the_tokens_of_a_session_of_another_provider_are_sent_nowhere() {
    let (web, secret) = Web::signed_in_at_another_provider().await;
    web.clock.advance(GOOD_FOR);
    assert_ended(&web.post_as(REFRESH, &secret).await);
    assert_eq!(web.refreshes(), 0);
    assert!(web.provider.received(Endpoint::Revocation).is_empty());
}
