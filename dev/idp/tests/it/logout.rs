use serde_json::json;

use crate::{
    application::Application,
    sign_out::{logout, way_on},
    world::BASE,
};

const HINT: (&str, &str) = ("logout_hint", "ada@example.com");

#[tokio::test]
async fn a_sign_out_posts_a_logout_token_as_the_specification_asks() {
    let application = Application::start().await;
    let world = &application.world;
    let mut visitor = world.visitor();
    let id = application.sign_in(&mut visitor).await;
    assert!(application.logout_tokens().is_empty());

    visitor.get(&logout(&[HINT])).await;
    let tokens = application.logout_tokens();
    assert_eq!(tokens.len(), 1);
    let web = world.idp.web_app().client_id;
    let token = world.verify_as("logout+jwt", &tokens[0], web).await.unwrap();
    for claim in ["iss", "aud", "sub", "sid", "tid", "ver"] {
        assert_eq!(token[claim], id[claim], "{claim}");
    }
    let event = "http://schemas.openid.net/event/backchannel-logout";
    assert_eq!(token["events"], json!({ event: {} }));
    assert_eq!(token["iat"], world.now());
    assert_eq!(token["exp"], world.now() + 120);
    assert!(token["jti"].is_string() && token.get("nonce").is_none());
}

#[tokio::test]
async fn a_sign_out_in_one_browser_ends_that_browsers_session_alone() {
    let application = Application::start().await;
    let world = &application.world;
    let (mut here, mut there) = (world.visitor(), world.visitor());
    application.sign_in(&mut here).await;
    let id = application.sign_in(&mut there).await;
    there.get(&logout(&[HINT])).await;
    let tokens = application.logout_tokens();
    let web = world.idp.web_app().client_id;
    let token = world.verify_as("logout+jwt", &tokens[0], web).await.unwrap();
    assert_eq!((tokens.len(), &token["sid"]), (1, &id["sid"]));
}

#[tokio::test]
async fn who_is_signed_in_nowhere_causes_no_logout_token() {
    let application = Application::start().await;
    let world = &application.world;
    // Known to the provider, but no client was told of it.
    let mut visitor = world.visitor();
    let callback = format!("{}/callback", application.origin);
    let page = visitor.follow(&world.authorize(&[("redirect_uri", &callback)])).await;
    let password = [("username", "ada@example.com"), ("password", "tollgate-dev")];
    visitor.submit(&page, &password).await.location();
    visitor.get(&logout(&[HINT])).await;
    world.visitor().get(&logout(&[HINT])).await;
    assert!(application.logout_tokens().is_empty());
}

#[tokio::test]
async fn a_sign_out_frames_what_the_client_registered_and_nothing_else() {
    let application = Application::start().await;
    let mut visitor = application.world.visitor();
    let id = application.sign_in(&mut visitor).await;
    let back = format!("{}/signedout", application.origin);
    let page = visitor.get(&logout(&[HINT, ("post_logout_redirect_uri", &back)])).await;
    let framed = format!("{}/frontchannel-logout", application.origin);
    let query = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("iss", id["iss"].as_str().unwrap())
        .append_pair("sid", id["sid"].as_str().unwrap())
        .finish();
    let source = format!("src=\"{framed}?{query}\"").replace('&', "&#38;");
    assert!(page.body.contains(&source), "{source}: {}", page.body);
    assert_eq!(page.body.matches("<iframe").count(), 1);
    let policy = page.header("content-security-policy");
    assert!(policy.contains(&format!("; frame-src {framed}; ")), "{policy}");
    assert_eq!(way_on(&page), back);
}

#[tokio::test]
async fn a_lost_logout_token_leaves_the_frame() {
    let application = Application::start().await;
    let world = &application.world;
    world.order(&[("logout_tokens_lost", "on")]).await;
    let mut visitor = world.visitor();
    application.sign_in(&mut visitor).await;
    let page = visitor.get(&logout(&[HINT])).await;
    assert!(page.body.contains("/frontchannel-logout?"), "{}", page.body);
    assert!(application.logout_tokens().is_empty());
}

#[tokio::test]
async fn signed_out_everywhere_tells_by_subject_and_revokes() {
    let application = Application::start().await;
    let world = &application.world;
    let (mut here, mut there) = (world.visitor(), world.visitor());
    let id = application.sign_in(&mut here).await;
    application.sign_in(&mut there).await;
    let everywhere = format!("{BASE}/dev/users/ada@example.com/sign-out");
    assert_eq!(world.visitor().post(&everywhere, &[]).await.status, 200);

    let tokens = application.logout_tokens();
    let web = world.idp.web_app().client_id;
    let token = world.verify_as("logout+jwt", &tokens[0], web).await.unwrap();
    assert_eq!((tokens.len(), &token["sub"], token.get("sid")), (1, &id["sub"], None));
    for visitor in [&mut here, &mut there] {
        let callback = format!("{}/callback", application.origin);
        let silent = [("prompt", "none"), ("redirect_uri", callback.as_str())];
        let back = visitor.get(&world.authorize(&silent)).await.location();
        assert!(back.query().unwrap().contains("login_required"), "{back}");
    }
    assert_eq!(world.diary().await[0], "Logout token by sub for Tollgate: answered 200");
}

#[tokio::test]
async fn signed_out_everywhere_includes_refresh_tokens() {
    let application = Application::start().await;
    let world = &application.world;
    let callback = format!("{}/callback", application.origin);
    let changes = [("redirect_uri", callback.as_str())];
    let back = world.sign_in(&mut world.visitor(), &changes).await;
    let code = crate::world::param(&back, "code").unwrap();
    let tokens = world.redeem(&code, &changes).await.json();
    world.visitor().post(&format!("{BASE}/dev/users/ada@example.com/sign-out"), &[]).await;
    let refreshed = world.refresh(tokens["refresh_token"].as_str().unwrap(), &[]).await;
    assert_eq!(refreshed.json()["error"], "invalid_grant");
}
