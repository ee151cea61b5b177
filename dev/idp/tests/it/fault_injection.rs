use std::time::{Duration, Instant};

use axum::http::Request;
use serde_json::json;

use crate::test_provider::{BASE, param, provider};

#[tokio::test]
async fn the_access_token_lifetime_can_be_set_for_one_user() {
    let provider = provider();
    provider.inject(&[("access_token_seconds", "5")]).await;
    let tokens = provider.tokens().await;
    assert_eq!(tokens["expires_in"], 5);
    let access = provider.verify(&tokens["access_token"], idp::API_CLIENT_ID).await;
    assert_eq!(access["exp"], provider.now() + 5);
    let refreshed = provider.refresh(&tokens["refresh_token"], &[]).await.json();
    assert_eq!(refreshed["expires_in"], 5);

    let back = provider.sign_in_as(&mut provider.browser(), "grace@example.com", &[]).await;
    let tokens = provider.tokens_at(&back).await;
    assert_eq!(tokens["expires_in"], 75 * 60);
}

#[tokio::test]
async fn an_access_token_can_be_expired_when_it_is_issued() {
    let provider = provider();
    provider.inject(&[("access_token_seconds", "-90")]).await;
    let tokens = provider.tokens().await;
    assert_eq!(tokens["expires_in"], 0);
    let access = provider.verify(&tokens["access_token"], idp::API_CLIENT_ID).await;
    assert_eq!(access["exp"], provider.now() - 90);
}

#[tokio::test]
async fn a_failing_token_endpoint_leaves_codes_and_refresh_tokens_unused() {
    let provider = provider();
    let back = provider.sign_in(&mut provider.browser(), &[]).await;
    let code = param(&back, "code").unwrap();
    provider.inject(&[("token_endpoint_fails", "on")]).await;
    let reply = provider.redeem(&code, &[]).await;
    assert_eq!((reply.status, &reply.json()["error"]), (500, &json!("server_error")));
    provider.inject(&[]).await;
    let token = provider.redeem(&code, &[]).await.json()["refresh_token"].clone();

    provider.inject(&[("token_endpoint_fails", "on"), ("reuse_detected", "on")]).await;
    assert_eq!(provider.refresh(&token, &[]).await.status, 500);
    provider.inject(&[("reuse_detected", "on")]).await;
    assert_eq!(provider.refresh(&token, &[]).await.status, 200);
}

#[tokio::test]
async fn a_slow_token_endpoint_waits_first() {
    let provider = provider();
    let token = provider.tokens().await["refresh_token"].clone();
    provider.inject(&[("delay_seconds", "1")]).await;
    let started = Instant::now();
    assert_eq!(provider.refresh(&token, &[]).await.status, 200);
    assert!(started.elapsed() >= Duration::from_secs(1));
    assert!(provider.events().await.contains(&"Token endpoint waits 1 s, as ordered".to_owned()));
}

#[tokio::test]
async fn refreshing_can_be_refused() {
    let provider = provider();
    let token = provider.tokens().await["refresh_token"].clone();
    provider.inject(&[("refresh_refused", "on")]).await;
    let reply = provider.refresh(&token, &[]).await;
    assert_eq!((reply.status, &reply.json()["error"]), (400, &json!("invalid_grant")));
    provider.inject(&[]).await;
    assert_eq!(provider.refresh(&token, &[]).await.status, 200);
}

#[tokio::test]
async fn reuse_detection_can_be_set_for_one_user() {
    let provider = provider();
    let first = provider.tokens().await["refresh_token"].clone();
    provider.inject(&[("reuse_detected", "on")]).await;
    let second = provider.refresh(&first, &[]).await.json();
    assert_eq!(provider.refresh(&first, &[]).await.json()["error"], "invalid_grant");
    let second = &second["refresh_token"];
    assert_eq!(provider.refresh(second, &[]).await.json()["error"], "invalid_grant");
    assert_eq!(provider.events().await[0], "Refresh token used twice: its sign-in is revoked");
}

#[tokio::test]
async fn an_invalid_form_changes_nothing() {
    let provider = provider();
    provider.inject(&[("thin_id_token", "on")]).await;
    let address = format!("{BASE}/dev/users/ada@example.com");
    let reply = provider.browser().post(&address, &[("thin", "on")]).await;
    assert_eq!(reply.status, 400);
    let user = provider.browser().get(&address).await.json();
    assert_eq!(user["conduct"]["thin_id_token"], true);
    assert_eq!(provider.browser().get(&format!("{BASE}/dev/users/nobody")).await.status, 404);
}

#[tokio::test]
async fn another_site_cannot_inject_faults() {
    let provider = provider();
    let address = format!("{BASE}/dev/users/ada@example.com");
    for address in [address.clone(), format!("{address}/sign-out")] {
        for (name, value) in [("sec-fetch-site", "cross-site"), ("origin", "null")] {
            let request = Request::post(&address).header(name, value);
            let body = "token_endpoint_fails=on".to_owned();
            assert_eq!(provider.browser().send(request, &address, body).await.status, 403);
        }
    }
    let user = provider.browser().get(&address).await.json();
    assert_eq!(user["conduct"]["token_endpoint_fails"], false);
}

#[tokio::test]
async fn another_site_cannot_read_the_control_pages() {
    let provider = provider();
    let control = provider.idp.control_page();
    for address in [control.clone(), format!("{control}/users/ada@example.com")] {
        let get = async |headers: &[(&str, &str)]| {
            let mut request = Request::get(&address);
            for (name, value) in headers {
                request = request.header(*name, *value);
            }
            let reply = provider.browser().send(request, &address, String::new()).await;
            assert!(!reply.headers.keys().any(|it| it.as_str().starts_with("access-control-")));
            reply.status
        };
        for foreign in [
            &[("origin", "http://localhost:9")][..],
            &[("origin", "null")],
            &[("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "no-cors")],
            &[("sec-fetch-site", "same-site"), ("sec-fetch-mode", "cors")],
            &[
                ("sec-fetch-site", "cross-site"),
                ("sec-fetch-mode", "navigate"),
                ("sec-fetch-dest", "iframe"),
            ],
        ] {
            assert_eq!(get(foreign).await, 403, "{address} {foreign:?}");
        }
        let link = [
            ("sec-fetch-site", "cross-site"),
            ("sec-fetch-mode", "navigate"),
            ("sec-fetch-dest", "document"),
        ];
        for own in [&[][..], &[("origin", BASE)], &[("sec-fetch-site", "same-origin")], &link] {
            assert_eq!(get(own).await, 200, "{address} {own:?}");
        }
    }
}

#[tokio::test]
async fn the_page_shows_faults_and_events_but_no_secret() {
    let provider = provider();
    provider.inject(&[("refresh_refused", "on"), ("delay_seconds", "7")]).await;
    let mut browser = provider.browser();
    let back = provider.sign_in(&mut browser, &[]).await;
    provider.inject(&[("refresh_refused", "on")]).await;
    let code = param(&back, "code").unwrap();
    let tokens = provider.redeem(&code, &[]).await.json();
    provider.refresh(&tokens["refresh_token"], &[]).await;
    let address = format!("{BASE}/dev/users/{}", provider.idp.demo_users()[0].object_id);
    let request = Request::get(&address).header("accept", "text/html");
    let page = provider.browser().send(request, &address, String::new()).await.body;
    let ordered = "name=\"refresh_refused\" aria-describedby=\"refresh_refused-help\" checked";
    for shown in [ordered, "Code redeemed by Tollgate", "Refresh refused, as ordered"] {
        assert!(page.contains(shown), "{shown}: {page}");
    }
    let refresh_token = tokens["refresh_token"].as_str().unwrap();
    for secret in [code.as_str(), refresh_token, &browser.cookie("idp-session-3001"), "eyJ"] {
        assert!(!page.contains(secret));
    }
    let listed = provider.browser().follow(&provider.idp.control_page()).await.body;
    assert!(listed.contains(&address[BASE.len()..]), "the list leads there");
}
