use serde_json::{Map, Value, json};
use url::Url;

use crate::{
    browser::{Browser, Reply},
    test_provider::{ADA, TestProvider, param, provider, provider_like, signed_in_at},
};

const STRONG: (&str, &str) = ("acr_values", "mfa");

/// The code that the page shows.
fn shown_code(page: &Reply) -> String {
    let (_, rest) = page.body.split_once("id=\"second-factor\">").unwrap();
    rest[..6].to_owned()
}

async fn give_code(browser: &mut Browser, page: &Reply) -> Reply {
    assert!(page.url.path().contains("/second-factor/"), "{}", page.url);
    let code = shown_code(page);
    let csrf = page.hidden_fields()[0].1.clone();
    browser.post(page.url.as_str(), &[("csrf", &csrf), ("code", &code)]).await
}

async fn id_token(provider: &TestProvider, back: &Url) -> Map<String, Value> {
    let tokens = provider.tokens_at(back).await;
    provider.verify(&tokens["id_token"], provider.idp.web_app().client_id).await
}

#[tokio::test]
async fn a_stronger_sign_in_asks_for_the_second_factor_once() {
    let (provider, mut browser) = signed_in_at(provider_like("generic")).await;
    let page = browser.follow(&provider.authorize(&[STRONG])).await;
    let back = give_code(&mut browser, &page).await.location();
    let id = id_token(&provider, &back).await;
    assert_eq!((&id["acr"], &id["auth_time"]), (&"mfa".into(), &provider.now().into()));
    let back = browser.get(&provider.authorize(&[STRONG])).await.location();
    assert_eq!(id_token(&provider, &back).await["acr"], "mfa");
}

#[tokio::test]
async fn a_new_password_asks_for_a_new_second_factor() {
    let (provider, mut browser) = signed_in_at(provider_like("generic")).await;
    let page = browser.follow(&provider.authorize(&[STRONG])).await;
    give_code(&mut browser, &page).await.location();
    provider.advance(61);
    let page = browser.follow(&provider.authorize(&[STRONG, ("max_age", "60")])).await;
    assert!(page.url.path().contains("/sign-in/"));
    let next = browser.submit(&page, &ADA).await.location();
    let page = browser.follow(next.as_str()).await;
    let back = give_code(&mut browser, &page).await.location();
    assert_eq!(id_token(&provider, &back).await["auth_time"], provider.now());
}

#[tokio::test]
async fn a_wrong_code_goes_no_further() {
    let (provider, mut browser) = signed_in_at(provider_like("generic")).await;
    let page = browser.follow(&provider.authorize(&[STRONG])).await;
    let csrf = page.hidden_fields()[0].1.clone();
    let wrong = if shown_code(&page) == "000000" { "000001" } else { "000000" };
    for code in [wrong, ""] {
        let reply = browser.post(page.url.as_str(), &[("csrf", &csrf), ("code", code)]).await;
        assert_eq!(reply.status, 400);
        assert!(reply.body.contains("The code is wrong."));
    }
    let back = browser.get(&provider.authorize(&[STRONG, ("prompt", "none")])).await.location();
    assert_eq!(param(&back, "error").as_deref(), Some("interaction_required"));
    // Neither may another browser answer, nor a user who has signed out since.
    assert_eq!(provider.browser().get(page.url.as_str()).await.status, 410);
    browser.get(&crate::sign_out::logout(&[("logout_hint", "ada@example.com")])).await;
    assert!(give_code(&mut browser, &page).await.location().path().contains("/sign-in/"));
}

#[tokio::test]
async fn the_first_value_that_is_known_counts_and_others_do_no_harm() {
    let (provider, mut browser) = signed_in_at(provider_like("generic")).await;
    for values in ["pwd mfa", "unknown pwd", "unknown"] {
        let back = browser.get(&provider.authorize(&[("acr_values", values)])).await.location();
        assert_eq!(id_token(&provider, &back).await["acr"], "pwd", "{values}");
    }
    let page = browser.follow(&provider.authorize(&[("acr_values", "unknown mfa")])).await;
    assert!(page.url.path().contains("/second-factor/"));
    let back = browser.get(&provider.authorize(&[])).await.location();
    assert!(id_token(&provider, &back).await.get("acr").is_none(), "nobody asked");
}

#[tokio::test]
async fn a_first_sign_in_asks_for_password_second_factor_and_consent() {
    let provider = provider_like("generic");
    let mut browser = provider.browser();
    let page = browser.follow(&provider.authorize(&[STRONG])).await;
    let next = browser.submit(&page, &ADA).await.location();
    let page = browser.follow(next.as_str()).await;
    let next = give_code(&mut browser, &page).await.location();
    let page = browser.follow(next.as_str()).await;
    let back = browser.submit(&page, &[("decision", "accept")]).await.location();
    assert_eq!(id_token(&provider, &back).await["acr"], "mfa");
}

#[tokio::test]
async fn entra_takes_authentication_contexts_and_no_acr_values() {
    let (provider, mut browser) = signed_in_at(provider()).await;
    let back = browser.get(&provider.authorize(&[STRONG])).await.location();
    let id = id_token(&provider, &back).await;
    assert_eq!((id.get("acr"), id.get("acrs")), (None, None));

    for (claims, acrs) in [
        (r#"{"id_token":{"acrs":{"essential":true,"value":"c1"}}}"#, json!(["c1"])),
        (r#"{"id_token":{"acrs":{"essential":true,"values":["c1","c99"]}}}"#, json!(["c1", "c99"])),
    ] {
        let url = provider.authorize(&[("claims", claims)]);
        let mut page = browser.get(&url).await;
        if page.location().path().contains("/second-factor/") {
            let shown = browser.follow(page.location().as_str()).await;
            page = give_code(&mut browser, &shown).await;
        }
        let id = id_token(&provider, &page.location()).await;
        assert_eq!((id.get("acr"), &id["acrs"]), (None, &acrs), "{claims}");
        assert_eq!(id["auth_time"], provider.now());
    }
    for claims in [r#"{"id_token":{"acrs":{"value":"c100"}}}"#, r#"{"id_token":{"acr":null}}"#] {
        let back = browser.get(&provider.authorize(&[("claims", claims)])).await.location();
        assert!(id_token(&provider, &back).await.get("acrs").is_none(), "{claims}");
    }
    let back = browser.get(&provider.authorize(&[("claims", "c1")])).await.location();
    assert_eq!(param(&back, "error").as_deref(), Some("invalid_request"));
}
