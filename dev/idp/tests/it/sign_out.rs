use crate::{
    browser::Reply,
    test_provider::{BASE, TestProvider, param, provider, signed_in, with_browser},
};

pub(crate) fn logout(params: &[(&str, &str)]) -> String {
    let endpoint = format!("{BASE}/{}/oauth2/v2.0/logout", idp::TENANT_ID);
    url::Url::parse_with_params(&endpoint, params).unwrap().to_string()
}

const SIGNED_OUT: (&str, &str) = ("post_logout_redirect_uri", "http://localhost:9/signedout");

/// Where the page that frames the applications' sign-out pages leads.
pub(crate) fn way_on(page: &Reply) -> String {
    assert_eq!(page.status, 200, "{}", page.body);
    let (link, _) = page.body.split_once("\" id=\"continue\"").unwrap();
    link.rsplit_once("href=\"").unwrap().1.replace("&#38;", "&")
}

async fn is_signed_in(provider: &TestProvider, browser: &mut crate::browser::Browser) -> bool {
    let back = browser.get(&provider.authorize(&[("prompt", "none")])).await.location();
    param(&back, "code").is_some()
}

#[tokio::test]
async fn with_a_hint_sign_out_is_at_once_and_returns_the_state() {
    let provider = provider();
    for by_token in [true, false] {
        let mut browser = provider.browser();
        let back = provider.sign_in(&mut browser, &[]).await;
        let tokens = provider.tokens_at(&back).await;
        let hint = if by_token {
            ("id_token_hint", tokens["id_token"].as_str().unwrap())
        } else {
            ("logout_hint", "ada@example.com")
        };
        let reply = browser.get(&logout(&[hint, SIGNED_OUT, ("state", "a b")])).await;
        assert_eq!(way_on(&reply), "http://localhost:9/signedout?state=a+b");
        assert!(!is_signed_in(&provider, &mut browser).await);
    }
}

#[tokio::test]
async fn without_a_hint_the_user_is_asked() {
    let (provider, mut browser) = signed_in().await;
    for hint in [("logout_hint", ""), ("id_token_hint", "not.a.token"), ("logout_hint", "nobody")] {
        let page = browser.get(&logout(&[hint, SIGNED_OUT, ("state", "s")])).await;
        assert_eq!(page.status, 200);
        assert!(page.body.contains("Ada Lovelace"));
        assert!(is_signed_in(&provider, &mut browser).await);
    }
    let page = browser.get(&logout(&[SIGNED_OUT, ("state", "s")])).await;
    let next = browser.submit(&page, &[]).await;
    assert_eq!(way_on(&next), "http://localhost:9/signedout?state=s");
    assert!(!is_signed_in(&provider, &mut browser).await);
}

#[tokio::test]
async fn sign_out_leads_to_registered_addresses_only() {
    let (provider, mut browser) = signed_in().await;
    let daemon = provider.idp.daemon().client_id;
    for params in [
        &[("post_logout_redirect_uri", "https://evil.example/")][..],
        &[("post_logout_redirect_uri", "http://localhost:9/.evil")],
        &[SIGNED_OUT, ("client_id", daemon)],
        &[SIGNED_OUT, ("post_logout_redirect_uri", "https://evil.example/")],
    ] {
        let mut params = params.to_vec();
        params.push(("logout_hint", "ada@example.com"));
        let reply = browser.get(&logout(&params)).await;
        assert_eq!(reply.status, 400, "{params:?}");
        assert!(reply.headers.get("location").is_none());
    }
    assert!(is_signed_in(&provider, &mut browser).await);
}

#[tokio::test]
async fn sign_out_works_without_a_session() {
    let (_provider, mut browser) = with_browser();
    assert_eq!(browser.get(&logout(&[])).await.status, 200);
    assert_eq!(
        browser.get(&logout(&[SIGNED_OUT])).await.location().as_str(),
        "http://localhost:9/signedout"
    );
}

#[tokio::test]
async fn a_posted_sign_out_becomes_a_navigation() {
    let provider = provider();
    let url = logout(&[SIGNED_OUT, ("state", "s")]);
    let endpoint = logout(&[]);
    let reply = provider
        .browser()
        .post(endpoint.trim_end_matches('?'), &[SIGNED_OUT, ("state", "s")])
        .await;
    assert_eq!(reply.location().as_str(), url);
}

#[tokio::test]
async fn the_sign_out_form_is_taken_from_our_own_page_only() {
    let (provider, mut browser) = signed_in().await;
    let url = format!("{BASE}/{}/sign-out", idp::TENANT_ID);
    assert_eq!(browser.post(&url, &[("csrf", "guess")]).await.status, 403);
    assert!(is_signed_in(&provider, &mut browser).await);
}
