use std::time::{Duration, Instant};

use axum::http::Request;
use serde_json::json;

use crate::world::{BASE, param, world};

#[tokio::test]
async fn access_tokens_live_as_long_as_ordered_for_that_user_alone() {
    let world = world();
    world.order(&[("access_token_seconds", "5")]).await;
    let tokens = world.tokens().await;
    assert_eq!(tokens["expires_in"], 5);
    let access = world.verify(tokens["access_token"].as_str().unwrap(), idp::API_CLIENT_ID).await;
    assert_eq!(access["exp"], world.now() + 5);
    let refreshed = world.refresh(tokens["refresh_token"].as_str().unwrap(), &[]).await.json();
    assert_eq!(refreshed["expires_in"], 5);

    let back = world.sign_in_as(&mut world.visitor(), "grace@example.com", &[]).await;
    let tokens = world.redeem(&param(&back, "code").unwrap(), &[]).await.json();
    assert_eq!(tokens["expires_in"], 75 * 60);
}

#[tokio::test]
async fn an_access_token_can_be_over_when_it_comes() {
    let world = world();
    world.order(&[("access_token_seconds", "-90")]).await;
    let tokens = world.tokens().await;
    assert_eq!(tokens["expires_in"], 0);
    let access = world.verify(tokens["access_token"].as_str().unwrap(), idp::API_CLIENT_ID).await;
    assert_eq!(access["exp"], world.now() - 90);
}

#[tokio::test]
async fn a_token_endpoint_that_fails_uses_nothing_up() {
    let world = world();
    let back = world.sign_in(&mut world.visitor(), &[]).await;
    let code = param(&back, "code").unwrap();
    world.order(&[("token_endpoint_fails", "on")]).await;
    let reply = world.redeem(&code, &[]).await;
    assert_eq!((reply.status, &reply.json()["error"]), (500, &json!("server_error")));
    world.order(&[]).await;
    let token = world.redeem(&code, &[]).await.json()["refresh_token"].as_str().unwrap().to_owned();

    world.order(&[("token_endpoint_fails", "on"), ("reuse_detected", "on")]).await;
    assert_eq!(world.refresh(&token, &[]).await.status, 500);
    world.order(&[("reuse_detected", "on")]).await;
    assert_eq!(world.refresh(&token, &[]).await.status, 200);
}

#[tokio::test]
async fn a_slow_token_endpoint_waits_first() {
    let world = world();
    let token = world.tokens().await["refresh_token"].as_str().unwrap().to_owned();
    world.order(&[("delay_seconds", "1")]).await;
    let started = Instant::now();
    assert_eq!(world.refresh(&token, &[]).await.status, 200);
    assert!(started.elapsed() >= Duration::from_secs(1));
    assert!(world.diary().await.contains(&"Token endpoint waits 1 s, as ordered".to_owned()));
}

#[tokio::test]
async fn refreshing_can_be_refused() {
    let world = world();
    let token = world.tokens().await["refresh_token"].as_str().unwrap().to_owned();
    world.order(&[("refresh_refused", "on")]).await;
    let reply = world.refresh(&token, &[]).await;
    assert_eq!((reply.status, &reply.json()["error"]), (400, &json!("invalid_grant")));
    world.order(&[]).await;
    assert_eq!(world.refresh(&token, &[]).await.status, 200);
}

#[tokio::test]
async fn reuse_is_detected_for_who_it_is_ordered() {
    let world = world();
    let first = world.tokens().await["refresh_token"].as_str().unwrap().to_owned();
    world.order(&[("reuse_detected", "on")]).await;
    let second = world.refresh(&first, &[]).await.json();
    assert_eq!(world.refresh(&first, &[]).await.json()["error"], "invalid_grant");
    let second = second["refresh_token"].as_str().unwrap();
    assert_eq!(world.refresh(second, &[]).await.json()["error"], "invalid_grant");
    assert_eq!(world.diary().await[0], "Refresh token used twice: its sign-in is revoked");
}

#[tokio::test]
async fn an_order_that_means_nothing_changes_nothing() {
    let world = world();
    world.order(&[("thin_id_token", "on")]).await;
    let address = format!("{BASE}/dev/users/ada@example.com");
    let reply = world.visitor().post(&address, &[("thin", "on")]).await;
    assert_eq!(reply.status, 400);
    let user = world.visitor().get(&address).await.json();
    assert_eq!(user["conduct"]["thin_id_token"], true);
    assert_eq!(world.visitor().get(&format!("{BASE}/dev/users/nobody")).await.status, 404);
}

#[tokio::test]
async fn another_site_can_order_nothing() {
    let world = world();
    let address = format!("{BASE}/dev/users/ada@example.com");
    for address in [address.clone(), format!("{address}/sign-out")] {
        for (name, value) in [("sec-fetch-site", "cross-site"), ("origin", "null")] {
            let request = Request::post(&address).header(name, value);
            let body = "token_endpoint_fails=on".to_owned();
            assert_eq!(world.visitor().send(request, &address, body).await.status, 403);
        }
    }
    let user = world.visitor().get(&address).await.json();
    assert_eq!(user["conduct"]["token_endpoint_fails"], false);
}

#[tokio::test]
async fn a_person_sees_what_is_ordered_and_what_happened_but_no_secret() {
    let world = world();
    world.order(&[("refresh_refused", "on"), ("delay_seconds", "7")]).await;
    let mut visitor = world.visitor();
    let back = world.sign_in(&mut visitor, &[]).await;
    world.order(&[("refresh_refused", "on")]).await;
    let code = param(&back, "code").unwrap();
    let tokens = world.redeem(&code, &[]).await.json();
    world.refresh(tokens["refresh_token"].as_str().unwrap(), &[]).await;
    let address = format!("{BASE}/dev/users/{}", world.idp.demo_users()[0].object_id);
    let request = Request::get(&address).header("accept", "text/html");
    let page = world.visitor().send(request, &address, String::new()).await.body;
    let ordered = "name=\"refresh_refused\" aria-describedby=\"refresh_refused-help\" checked";
    for shown in [ordered, "Code redeemed by Tollgate", "Refresh refused, as ordered"] {
        assert!(page.contains(shown), "{shown}: {page}");
    }
    let refresh_token = tokens["refresh_token"].as_str().unwrap();
    for secret in [code.as_str(), refresh_token, &visitor.cookie("idp-session-3001"), "eyJ"] {
        assert!(!page.contains(secret));
    }
    let listed = world.visitor().follow(&world.idp.control_page()).await.body;
    assert!(listed.contains(&address[BASE.len()..]), "the list leads there");
}
