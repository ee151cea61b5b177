use crate::test_provider::{ADA, CALLBACK, param, provider, signed_in, with_browser};

#[tokio::test]
async fn a_sign_in_comes_back_with_code_and_state() {
    let provider = provider();
    let back = provider.sign_in(&mut provider.browser(), &[]).await;
    assert!(back.as_str().starts_with(CALLBACK));
    assert_eq!(param(&back, "state").as_deref(), Some("the state"));
    assert!(param(&back, "code").is_some());
}

#[tokio::test]
async fn a_redirect_uri_that_is_not_registered_shows_a_page_and_never_redirects() {
    let provider = provider();
    for uri in [
        "https://evil.example/callback",
        "http://localhost:9/callback/",
        "http://localhost:9/callback?x=1",
        "http://localhost:9/Callback",
        "http://localhost:9/callback/../evil",
        "http://localhost:9@evil.example/callback",
        "",
    ] {
        for prompt in ["", "none"] {
            let url = provider.authorize(&[("redirect_uri", uri), ("prompt", prompt)]);
            let reply = provider.browser().get(&url).await;
            assert_eq!(reply.status, 400, "{uri}");
            assert!(reply.headers.get("location").is_none());
            assert!(reply.body.contains("AADSTS"));
        }
    }
    let twice = format!("{}&redirect_uri=https://evil.example", provider.authorize(&[]));
    assert_eq!(provider.browser().get(&twice).await.status, 400);
}

#[tokio::test]
async fn a_client_that_is_not_registered_shows_a_page_and_never_redirects() {
    let provider = provider();
    for client_id in ["99999999-0000-4000-8000-000000000000", provider.idp.daemon().client_id, ""] {
        let reply = provider.browser().get(&provider.authorize(&[("client_id", client_id)])).await;
        assert_eq!(reply.status, 400, "{client_id}");
        assert!(reply.headers.get("location").is_none());
    }
}

#[tokio::test]
async fn other_errors_go_to_the_client_with_its_state() {
    let provider = provider();
    let cases: [(&[(&str, &str)], &str); 13] = [
        (&[("response_type", "")], "invalid_request"),
        (&[("response_type", "token")], "unsupported_response_type"),
        (&[("scope", "")], "invalid_request"),
        (&[("scope", "openid Everything.All")], "invalid_client"),
        (&[("scope", "api://another/Scope")], "invalid_resource"),
        (&[("code_challenge", "")], "invalid_request"),
        (&[("code_challenge", "short")], "invalid_request"),
        (&[("code_challenge_method", "plain")], "invalid_request"),
        (&[("prompt", "none login")], "invalid_request"),
        (&[("prompt", "always")], "invalid_request"),
        (&[("max_age", "-1")], "invalid_request"),
        (&[("response_mode", "fragment")], "invalid_request"),
        (&[("request", "e30.e30.")], "request_not_supported"),
    ];
    for (changes, error) in cases {
        let back = provider.browser().get(&provider.authorize(changes)).await.location();
        assert!(back.as_str().starts_with(CALLBACK), "{changes:?}");
        assert_eq!(param(&back, "error").as_deref(), Some(error), "{changes:?}");
        assert_eq!(param(&back, "state").as_deref(), Some("the state"), "{changes:?}");
        assert!(param(&back, "error_description").unwrap().starts_with("AADSTS"));
        assert_eq!(param(&back, "code"), None);
    }
}

#[tokio::test]
async fn scopes_of_two_apis_are_refused() {
    let provider = provider();
    let scope = format!("{} api://another/Scope", provider.idp.scopes()[0]);
    let back = provider.browser().get(&provider.authorize(&[("scope", &scope)])).await.location();
    assert!(param(&back, "error_description").unwrap().starts_with("AADSTS28000"));
}

#[tokio::test]
async fn a_second_sign_in_needs_no_page() {
    let (provider, mut browser) = signed_in().await;
    for prompt in ["", "none"] {
        let back = browser.get(&provider.authorize(&[("prompt", prompt)])).await.location();
        assert!(param(&back, "code").is_some(), "{back}");
    }
}

#[tokio::test]
async fn prompt_none_says_what_is_required() {
    let (provider, mut browser) = with_browser();
    let silent = [("prompt", "none")];
    let error = |back| param(&back, "error").unwrap();
    let back = browser.get(&provider.authorize(&silent)).await.location();
    assert_eq!(error(back), "login_required");

    let page = browser.follow(&provider.authorize(&[])).await;
    browser.submit(&page, &ADA).await.location();
    let back = browser.get(&provider.authorize(&silent)).await.location();
    assert_eq!(error(back), "consent_required");

    let back =
        browser.get(&provider.authorize(&[("prompt", "none"), ("max_age", "0")])).await.location();
    assert_eq!(error(back), "login_required");
    let hint = [("prompt", "none"), ("login_hint", "grace@example.com")];
    let back = browser.get(&provider.authorize(&hint)).await.location();
    assert_eq!(error(back), "login_required");

    provider.sign_in_as(&mut browser, "grace@example.com", &[("prompt", "login")]).await;
    let back = browser.get(&provider.authorize(&silent)).await.location();
    assert_eq!(error(back), "account_selection_required");
    let back = browser.get(&provider.authorize(&hint)).await.location();
    assert!(param(&back, "code").is_some());
}

#[tokio::test]
async fn each_prompt_leads_to_its_page() {
    let (provider, mut browser) = signed_in().await;
    for (prompt, page) in [
        ("login", "sign-in"),
        ("select_account", "accounts"),
        ("consent", "consent"),
        ("create", "sign-up"),
    ] {
        let reply = browser.follow(&provider.authorize(&[("prompt", prompt)])).await;
        assert!(reply.url.path().contains(&format!("/{page}/")), "{prompt}: {}", reply.url);
    }
}

#[tokio::test]
async fn max_age_asks_for_the_password_again_once_it_has_passed() {
    let (provider, mut browser) = signed_in().await;
    let url = provider.authorize(&[("max_age", "60")]);
    provider.advance(60);
    assert!(param(&browser.get(&url).await.location(), "code").is_some());
    provider.advance(1);
    let page = browser.follow(&url).await;
    assert!(page.url.path().contains("/sign-in/"));
    assert!(page.body.contains(r#"value="ada@example.com""#));
}

#[tokio::test]
async fn the_account_picker_signs_in_the_chosen_user() {
    let (provider, mut browser) = signed_in().await;
    provider.sign_in_as(&mut browser, "grace@example.com", &[("prompt", "login")]).await;
    let page = browser.follow(&provider.authorize(&[])).await;
    assert!(page.body.contains("Ada Lovelace") && page.body.contains("Grace Hopper"));
    let ada = provider.idp.demo_users()[0].object_id;
    let back = browser.submit(&page, &[("account", ada)]).await.location();
    let tokens = provider.tokens_at(&back).await;
    let token = &tokens["access_token"];
    assert_eq!(provider.verify(token, idp::API_CLIENT_ID).await["oid"], ada);
}

#[tokio::test]
async fn declining_and_leaving_are_access_denied() {
    let (provider, mut browser) = with_browser();
    let page = browser.follow(&provider.authorize(&[])).await;
    let leave = page.url.as_str().replace("/sign-in/", "/leave/");
    let csrf = page.hidden_fields()[0].1.clone();
    let back = browser.post(&leave, &[("csrf", &csrf)]).await.location();
    assert_eq!(param(&back, "error").as_deref(), Some("access_denied"));
    assert_eq!(param(&back, "error_subcode").as_deref(), Some("cancel"));

    let page = browser.follow(&provider.authorize(&[])).await;
    let consent = browser.submit(&page, &ADA).await.location();
    let page = browser.follow(consent.as_str()).await;
    let back = browser.submit(&page, &[("decision", "decline")]).await.location();
    assert_eq!(param(&back, "error").as_deref(), Some("access_denied"));
    // Nothing was remembered: the next sign-in asks again.
    let page = browser.follow(&provider.authorize(&[])).await;
    assert!(page.url.path().contains("/consent/"));
}

#[tokio::test]
async fn form_post_answers_with_a_form_to_the_client() {
    let (provider, mut browser) = signed_in().await;
    let reply = browser.get(&provider.authorize(&[("response_mode", "form_post")])).await;
    assert_eq!(reply.status, 200);
    assert!(reply.body.contains(&format!("action=\"{CALLBACK}\"")));
    let names: Vec<_> = reply.hidden_fields().into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["code", "state"]);
    let policy = reply.header("content-security-policy");
    assert!(policy.contains("script-src 'sha256-") && policy.contains("http://localhost:9"));
}

#[tokio::test]
async fn a_posted_authorization_request_becomes_a_navigation() {
    let provider = provider();
    let url: url::Url = provider.authorize(&[]).parse().unwrap();
    let form: Vec<_> = url.query_pairs().into_owned().collect();
    let form: Vec<_> = form.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
    let reply =
        provider.browser().post(&url.as_str()[..url.as_str().find('?').unwrap()], &form).await;
    assert_eq!(reply.location(), url);
}
