use serde_json::json;

use crate::{
    application::Application,
    sign_out::{logout, way_on},
    test_provider::{ADA, BASE},
};

const HINT: (&str, &str) = ("logout_hint", "ada@example.com");

#[tokio::test]
async fn a_sign_out_posts_a_logout_token_as_the_specification_asks() {
    let application = Application::start().await;
    let provider = &application.provider;
    let mut browser = provider.browser();
    let id = application.sign_in(&mut browser).await;
    assert!(application.logout_tokens().is_empty());

    browser.get(&logout(&[HINT])).await;
    let tokens = application.logout_tokens();
    assert_eq!(tokens.len(), 1);
    let web = provider.idp.web_app().client_id;
    let token = provider.verify_as("logout+jwt", &tokens[0], web).await.unwrap();
    for claim in ["iss", "aud", "sub", "sid", "tid", "ver"] {
        assert_eq!(token[claim], id[claim], "{claim}");
    }
    let event = "http://schemas.openid.net/event/backchannel-logout";
    assert_eq!(token["events"], json!({ event: {} }));
    assert_eq!(token["iat"], provider.now());
    assert_eq!(token["exp"], provider.now() + 120);
    assert!(token["jti"].is_string() && token.get("nonce").is_none());
}

#[tokio::test]
async fn a_sign_out_in_one_browser_ends_that_browsers_session_alone() {
    let application = Application::start().await;
    let provider = &application.provider;
    let (mut here, mut there) = (provider.browser(), provider.browser());
    application.sign_in(&mut here).await;
    let id = application.sign_in(&mut there).await;
    there.get(&logout(&[HINT])).await;
    let tokens = application.logout_tokens();
    let web = provider.idp.web_app().client_id;
    let token = provider.verify_as("logout+jwt", &tokens[0], web).await.unwrap();
    assert_eq!((tokens.len(), &token["sid"]), (1, &id["sid"]));
}

#[tokio::test]
async fn a_user_without_sessions_at_clients_causes_no_logout_token() {
    let application = Application::start().await;
    let provider = &application.provider;
    // Signed in at the provider, but at no client.
    let mut browser = provider.browser();
    let callback = format!("{}/callback", application.origin);
    let page = browser.follow(&provider.authorize(&[("redirect_uri", &callback)])).await;
    browser.submit(&page, &ADA).await.location();
    browser.get(&logout(&[HINT])).await;
    provider.browser().get(&logout(&[HINT])).await;
    assert!(application.logout_tokens().is_empty());
}

#[tokio::test]
async fn a_sign_out_frames_what_the_client_registered_and_nothing_else() {
    let application = Application::start().await;
    let mut browser = application.provider.browser();
    let id = application.sign_in(&mut browser).await;
    let back = format!("{}/signedout", application.origin);
    let page = browser.get(&logout(&[HINT, ("post_logout_redirect_uri", &back)])).await;
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
    let provider = &application.provider;
    provider.inject(&[("logout_tokens_lost", "on")]).await;
    let mut browser = provider.browser();
    application.sign_in(&mut browser).await;
    let page = browser.get(&logout(&[HINT])).await;
    assert!(page.body.contains("/frontchannel-logout?"), "{}", page.body);
    assert!(application.logout_tokens().is_empty());
}

#[tokio::test]
async fn signed_out_everywhere_tells_by_subject_and_revokes() {
    let application = Application::start().await;
    let provider = &application.provider;
    let (mut here, mut there) = (provider.browser(), provider.browser());
    let id = application.sign_in(&mut here).await;
    application.sign_in(&mut there).await;
    let everywhere = format!("{BASE}/dev/users/ada@example.com/sign-out");
    assert_eq!(provider.browser().post(&everywhere, &[]).await.status, 200);

    let tokens = application.logout_tokens();
    let web = provider.idp.web_app().client_id;
    let token = provider.verify_as("logout+jwt", &tokens[0], web).await.unwrap();
    assert_eq!((tokens.len(), &token["sub"], token.get("sid")), (1, &id["sub"], None));
    for browser in [&mut here, &mut there] {
        let callback = format!("{}/callback", application.origin);
        let silent = [("prompt", "none"), ("redirect_uri", callback.as_str())];
        let back = browser.get(&provider.authorize(&silent)).await.location();
        assert!(back.query().unwrap().contains("login_required"), "{back}");
    }
    assert_eq!(provider.events().await[0], "Logout token by sub for Tollgate: answered 200");
}

#[tokio::test]
async fn signed_out_everywhere_includes_refresh_tokens() {
    let application = Application::start().await;
    let provider = &application.provider;
    let callback = format!("{}/callback", application.origin);
    let changes = [("redirect_uri", callback.as_str())];
    let back = provider.sign_in(&mut provider.browser(), &changes).await;
    let code = crate::test_provider::param(&back, "code").unwrap();
    let tokens = provider.redeem(&code, &changes).await.json();
    provider.browser().post(&format!("{BASE}/dev/users/ada@example.com/sign-out"), &[]).await;
    let refreshed = provider.refresh(&tokens["refresh_token"], &[]).await;
    assert_eq!(refreshed.json()["error"], "invalid_grant");
}

#[tokio::test]
async fn entra_frames_the_sid_alone_and_posts_no_logout_token() {
    let application = Application::start_with("entra-external-id").await;
    let mut browser = application.provider.browser();
    let id = application.sign_in(&mut browser).await;
    let page = browser.get(&logout(&[HINT])).await;
    let sid = id["sid"].as_str().unwrap();
    let source = format!("src=\"{}/frontchannel-logout?sid={sid}\"", application.origin);
    assert!(page.body.contains(&source), "{source}: {}", page.body);
    assert!(application.logout_tokens().is_empty());
}
