use crate::test_provider::{ADA, param, provider, signed_in, with_browser};

const HOSTILE: &str = r#""><script>alert(1)</script><img src=x onerror='alert(1)'>"#;

/// Asks for a second factor.
const STEP_UP: (&str, &str) =
    ("claims", r#"{"id_token":{"acrs":{"essential":true,"value":"c1"}}}"#);

#[tokio::test]
async fn hostile_input_is_shown_as_text() {
    let (provider, mut browser) = with_browser();
    let mut bodies = Vec::new();
    for changes in [
        [("login_hint", HOSTILE), ("prompt", "login")],
        [("login_hint", HOSTILE), ("prompt", "create")],
        [("client_id", HOSTILE), ("prompt", "")],
        [("redirect_uri", HOSTILE), ("prompt", "")],
    ] {
        let mut reply = browser.get(&provider.authorize(&changes)).await;
        if reply.status == 303 {
            reply = browser.get(reply.location().as_str()).await;
        }
        bodies.push(reply.body);
    }
    let page = browser.follow(&provider.authorize(&[])).await;
    bodies.push(browser.submit(&page, &[("username", HOSTILE), ("password", HOSTILE)]).await.body);
    let page = browser.follow(&provider.authorize(&[("prompt", "create")])).await;
    let fields = [("name", HOSTILE), ("username", HOSTILE), ("password", "short")];
    bodies.push(browser.submit(&page, &fields).await.body);
    let fields =
        [("name", HOSTILE), ("username", "\"<b>@example.com"), ("password", "long enough")];
    let consent = browser.submit(&page, &fields).await.location();
    bodies.push(browser.follow(consent.as_str()).await.body);
    bodies.push(browser.follow(&provider.idp.control_page()).await.body);
    let mode = [("response_mode", "form_post"), ("state", HOSTILE), ("prompt", "none")];
    bodies.push(
        browser
            .get(&provider.authorize(&mode))
            .await
            .body
            .replace("<script>document.forms[0].submit()</script>", ""),
    );
    for body in bodies {
        assert!(!body.contains("<script") && !body.contains("<img"), "{body}");
        assert!(!body.contains("<b>"), "{body}");
    }
}

#[tokio::test]
async fn every_page_says_what_it_is_for_and_has_a_strict_policy() {
    let (provider, mut browser) = with_browser();
    let mut pages = vec![
        browser.follow(&provider.authorize(&[])).await,
        browser.follow(&provider.authorize(&[("prompt", "create")])).await,
        browser.follow(&provider.idp.control_page()).await,
        browser.get("http://localhost:3001/nowhere").await,
    ];
    provider.sign_in(&mut browser, &[]).await;
    pages.push(browser.follow(&provider.authorize(&[("prompt", "consent")])).await);
    pages.push(browser.follow(&provider.authorize(&[("prompt", "select_account")])).await);
    pages.push(browser.follow(&provider.authorize(&[STEP_UP])).await);
    let user = "http://localhost:3001/dev/users/ada@example.com";
    let request = axum::http::Request::get(user).header("accept", "text/html");
    pages.push(browser.send(request, user, String::new()).await);
    for page in pages {
        assert!(page.body.contains("For development only."), "{}", page.url);
        let policy = page.header("content-security-policy");
        assert!(policy.starts_with("default-src 'none'; style-src 'self'"), "{policy}");
        assert!(policy.contains("frame-ancestors 'none'"), "{policy}");
        assert_eq!(page.header("cache-control"), "no-store");
        assert!(!page.body.contains("<script") && !page.body.contains("style="));
    }
}

#[tokio::test]
async fn forms_may_lead_back_to_the_client() {
    let provider = provider();
    let page = provider.browser().follow(&provider.authorize(&[])).await;
    let policy = page.header("content-security-policy");
    assert!(policy.contains("form-action 'self' http://localhost:9;"), "{policy}");
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_user_read_the_same() {
    let (provider, mut browser) = with_browser();
    let page = browser.follow(&provider.authorize(&[])).await;
    for username in ["ada@example.com", "nobody@example.com"] {
        let reply = browser.submit(&page, &[("username", username), ("password", "wrong")]).await;
        assert_eq!(reply.status, 400);
        assert!(reply.body.contains("The email address or the password is wrong."));
        assert!(reply.body.contains(&format!("value=\"{username}\"")));
    }
}

#[tokio::test]
async fn sign_up_judges_every_field_and_signs_in() {
    let (provider, mut browser) = with_browser();
    let page = browser.follow(&provider.authorize(&[("prompt", "create")])).await;
    let fields = [("name", " "), ("username", "Ada@Example.com"), ("password", "short")];
    let reply = browser.submit(&page, &fields).await;
    assert_eq!(reply.status, 400);
    for fault in ["Enter your name.", "already an account with this address", "at least 8"] {
        assert!(reply.body.contains(fault), "{fault}");
    }
    assert_eq!(reply.body.matches("aria-invalid").count(), 3);
    let fields = [("name", "Mary"), ("username", "Mary@Example.com"), ("password", "long enough")];
    let consent = browser.submit(&reply, &fields).await.location();
    let page = browser.follow(consent.as_str()).await;
    assert!(page.body.contains("mary@example.com"));
    let back = browser.submit(&page, &[("decision", "accept")]).await.location();
    assert!(param(&back, "code").is_some());
}

#[tokio::test]
async fn a_sign_in_belongs_to_the_browser_that_began_it() {
    let (provider, mut browser) = with_browser();
    let page = browser.follow(&provider.authorize(&[])).await;
    let mut other = provider.browser();
    assert_eq!(other.get(page.url.as_str()).await.status, 410);
    assert_eq!(other.submit(&page, &ADA).await.status, 410);
    // A form without the page's CSRF token is refused, too.
    assert_eq!(browser.post(page.url.as_str(), &ADA).await.status, 403);
    browser.submit(&page, &ADA).await.location();
}

#[tokio::test]
async fn a_finished_sign_in_cannot_be_finished_again() {
    let (provider, mut browser) = with_browser();
    let page = browser.follow(&provider.authorize(&[])).await;
    let consent = browser.submit(&page, &ADA).await.location();
    let consent = browser.follow(consent.as_str()).await;
    browser.submit(&consent, &[("decision", "accept")]).await.location();
    assert_eq!(browser.submit(&consent, &[("decision", "accept")]).await.status, 410);
    assert_eq!(browser.get(page.url.as_str()).await.status, 410);
}

#[tokio::test]
async fn two_tabs_can_finish_in_either_order() {
    let (provider, mut browser) = with_browser();
    let first = browser.follow(&provider.authorize(&[("state", "one")])).await;
    let second = browser.follow(&provider.authorize(&[("state", "two")])).await;
    let consent = browser.submit(&second, &ADA).await.location();
    let consent = browser.follow(consent.as_str()).await;
    let back = browser.submit(&consent, &[("decision", "accept")]).await.location();
    assert_eq!(param(&back, "state").as_deref(), Some("two"));
    let back = browser.submit(&first, &ADA).await.location();
    assert_eq!(param(&back, "state").as_deref(), Some("one"));
}

#[tokio::test]
async fn signing_in_gives_a_new_session_cookie() {
    let (provider, mut browser) = signed_in().await;
    let planted = browser.cookie("idp-session-3001");
    provider.sign_in(&mut browser, &[("prompt", "login")]).await;
    assert_ne!(browser.cookie("idp-session-3001"), planted);
    let mut thief = provider.browser();
    thief.plant("idp-session-3001", &planted);
    let back = thief.get(&provider.authorize(&[("prompt", "none")])).await.location();
    assert_eq!(param(&back, "error").as_deref(), Some("login_required"));
}
