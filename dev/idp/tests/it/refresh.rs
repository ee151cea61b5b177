use idp::{Config, RefreshReuse};

use crate::world::{world, world_with};

#[tokio::test]
async fn a_refresh_rotates_the_token_and_keeps_the_user() {
    let world = world();
    let tokens = world.tokens().await;
    let web = world.idp.web_app().client_id;
    let before = world.verify(tokens["id_token"].as_str().unwrap(), web).await;
    world.pass(60);
    let refreshed = world.refresh(tokens["refresh_token"].as_str().unwrap(), &[]).await.json();
    assert_ne!(refreshed["refresh_token"], tokens["refresh_token"]);
    assert_ne!(refreshed["access_token"], tokens["access_token"]);
    let after = world.verify(refreshed["id_token"].as_str().unwrap(), web).await;
    for claim in ["iss", "sub", "sid", "oid"] {
        assert_eq!(before[claim], after[claim]);
    }
    assert!(after.get("nonce").is_none());
}

#[tokio::test]
async fn a_used_refresh_token_still_serves_as_at_entra() {
    let world = world();
    let first = world.tokens().await["refresh_token"].as_str().unwrap().to_owned();
    assert_eq!(world.refresh(&first, &[]).await.status, 200);
    assert_eq!(world.refresh(&first, &[]).await.status, 200);
}

#[tokio::test]
async fn with_reuse_detection_a_used_refresh_token_ends_the_sign_in() {
    let detect = |config| Config { refresh_reuse: RefreshReuse::Detected, ..config };
    let world = world_with(detect);
    let other = world.tokens().await["refresh_token"].as_str().unwrap().to_owned();
    let first = world.tokens().await["refresh_token"].as_str().unwrap().to_owned();
    let second =
        world.refresh(&first, &[]).await.json()["refresh_token"].as_str().unwrap().to_owned();
    assert_eq!(world.refresh(&first, &[]).await.json()["error"], "invalid_grant");
    assert_eq!(world.refresh(&second, &[]).await.json()["error"], "invalid_grant");
    assert_eq!(world.refresh(&other, &[]).await.status, 200, "another sign-in lives on");
}

#[tokio::test]
async fn a_refresh_can_narrow_but_not_widen() {
    let world = world();
    let tokens = world.tokens().await;
    let token = tokens["refresh_token"].as_str().unwrap();
    let read = format!("openid {}", world.idp.scopes()[0]);
    let narrowed = world.refresh(token, &[("scope", &read)]).await.json();
    let access = narrowed["access_token"].as_str().unwrap();
    assert_eq!(world.verify(access, idp::API_CLIENT_ID).await["scp"], "ToDoList.Read");
    // What was granted is not lost by having asked for less once.
    let again = world.refresh(narrowed["refresh_token"].as_str().unwrap(), &[]).await.json();
    assert_eq!(again["scope"], world.idp.scopes().join(" "));

    let scope = format!("openid offline_access {}", world.idp.scopes()[0]);
    let back = world.sign_in(&mut world.visitor(), &[("scope", &scope)]).await;
    let code = crate::world::param(&back, "code").unwrap();
    let tokens = world.redeem(&code, &[]).await.json();
    let wide = world.idp.scopes().join(" ");
    let reply = world.refresh(tokens["refresh_token"].as_str().unwrap(), &[("scope", &wide)]).await;
    assert_eq!(reply.json()["suberror"], "consent_required");
}

#[tokio::test]
async fn a_refresh_token_is_good_for_its_own_client_and_90_days() {
    let world = world();
    let token = world.tokens().await["refresh_token"].as_str().unwrap().to_owned();
    let params = [("grant_type", "refresh_token"), ("refresh_token", token.as_str())];
    let stolen = world.token(&world.idp.daemon(), &params, &[]).await;
    assert_eq!(stolen.json()["error"], "invalid_grant");
    world.pass(90 * 24 * 60 * 60 - 1);
    assert_eq!(world.refresh(&token, &[]).await.status, 200);
    world.pass(1);
    assert_eq!(world.refresh(&token, &[]).await.json()["error"], "invalid_grant");
}
