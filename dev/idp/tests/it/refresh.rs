use idp::{Config, RefreshReuse};
use serde_json::json;

use crate::test_provider::{provider, provider_with};

#[tokio::test]
async fn a_refresh_rotates_the_token_and_keeps_the_user() {
    let provider = provider();
    let tokens = provider.tokens().await;
    let web = provider.idp.web_app().client_id;
    let before = provider.verify(&tokens["id_token"], web).await;
    provider.advance(60);
    let refreshed = provider.refresh(&tokens["refresh_token"], &[]).await.json();
    assert_ne!(refreshed["refresh_token"], tokens["refresh_token"]);
    assert_ne!(refreshed["access_token"], tokens["access_token"]);
    let after = provider.verify(&refreshed["id_token"], web).await;
    for claim in ["iss", "sub", "sid", "oid"] {
        assert_eq!(before[claim], after[claim]);
    }
    assert!(after.get("nonce").is_none());
}

#[tokio::test]
async fn a_used_refresh_token_still_works_as_at_entra() {
    let provider = provider();
    let first = provider.tokens().await["refresh_token"].clone();
    assert_eq!(provider.refresh(&first, &[]).await.status, 200);
    assert_eq!(provider.refresh(&first, &[]).await.status, 200);
}

#[tokio::test]
async fn with_reuse_detection_a_used_refresh_token_ends_the_sign_in() {
    let detect = |config| Config { refresh_reuse: RefreshReuse::Detected, ..config };
    let provider = provider_with(detect);
    let other = provider.tokens().await["refresh_token"].clone();
    let first = provider.tokens().await["refresh_token"].clone();
    let second = provider.refresh(&first, &[]).await.json()["refresh_token"].clone();
    assert_eq!(provider.refresh(&first, &[]).await.json()["error"], "invalid_grant");
    assert_eq!(provider.refresh(&second, &[]).await.json()["error"], "invalid_grant");
    assert_eq!(provider.refresh(&other, &[]).await.status, 200, "another sign-in lives on");
}

#[tokio::test]
async fn a_refresh_can_narrow_but_not_widen() {
    let provider = provider();
    let tokens = provider.tokens().await;
    let token = &tokens["refresh_token"];
    let read = format!("openid {}", provider.idp.scopes()[0]);
    let narrowed = provider.refresh(token, &[("scope", &read)]).await.json();
    let access = &narrowed["access_token"];
    assert_eq!(
        provider.verify(access, idp::API_CLIENT_ID).await["scp"],
        read.rsplit_once('/').unwrap().1
    );
    // A narrower request doesn't reduce the grant.
    let again = provider.refresh(&narrowed["refresh_token"], &[]).await.json();
    assert_eq!(again["scope"], provider.idp.scopes().join(" "));

    let scope = format!("openid offline_access {}", provider.idp.scopes()[0]);
    let back = provider.sign_in(&mut provider.browser(), &[("scope", &scope)]).await;
    let code = crate::test_provider::param(&back, "code").unwrap();
    let tokens = provider.redeem(&code, &[]).await.json();
    let wide = provider.idp.scopes().join(" ");
    let reply = provider.refresh(&tokens["refresh_token"], &[("scope", &wide)]).await;
    assert_eq!(reply.json()["suberror"], "consent_required");
}

#[tokio::test]
async fn a_refresh_token_is_good_for_its_own_client_and_90_days() {
    let provider = provider();
    let token = provider.tokens().await["refresh_token"].clone();
    let params = [("grant_type", "refresh_token"), ("refresh_token", token.as_str().unwrap())];
    let stolen = provider.token(&provider.idp.daemon(), &params, &[]).await;
    assert_eq!(stolen.json()["error"], "invalid_grant");
    provider.advance(90 * 24 * 60 * 60 - 1);
    assert_eq!(provider.refresh(&token, &[]).await.status, 200);
    provider.advance(1);
    assert_eq!(provider.refresh(&token, &[]).await.json()["error"], "invalid_grant");
}

#[tokio::test]
async fn entra_refreshes_a_token_for_the_client_itself_only_with_a_scope() {
    let provider = provider_with(|config| Config { shared_registration: true, ..config });
    let web = provider.idp.web_app().client_id;
    let tokens = provider.tokens().await;
    assert_eq!(provider.verify(&tokens["access_token"], web).await["aud"], web);
    let token = &tokens["refresh_token"];
    let reply = provider.refresh(token, &[]).await;
    let errors = (reply.json()["error"].clone(), reply.json()["error_codes"].clone());
    assert_eq!((reply.status, errors), (400, (json!("invalid_request"), json!([90009]))));
    let scope = provider.idp.scopes().join(" ");
    assert_eq!(provider.refresh(token, &[("scope", &scope)]).await.status, 200);
}
