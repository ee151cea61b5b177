//! Signing in, as a person does it.

use crate::{
    answer::Answer,
    browser::by,
    control::Control,
    login,
    page::{ENTER, Page},
    person::Person,
    test_context::TestContext,
    trial::trials,
};
use anyhow::Result;
use reqwest::Method;
use url::Url;

trials! {
    a_visitor_sees_the_welcome_and_nothing_else on any_page,
    somebody_without_an_account_makes_one on any_page needs SignUp,
    somebody_with_an_account_signs_in on any_page,
    return_to_brings_one_back,
    a_hostile_return_to_never_leaves_the_origin,
    a_session_that_ended_leads_back_without_losing_what_was_typed on any_page,
    the_id_token_is_shown_claim_by_claim,
    a_sign_in_can_be_begun_by_the_provider,
    a_sign_in_goes_on_when_the_provider_has_another_key needs Control,
    whom_the_id_token_does_not_name_is_greeted_by_name_all_the_same needs Control,
}

async fn a_visitor_sees_the_welcome_and_nothing_else(test: &TestContext) -> Result<()> {
    let page = Page::visit(test.browser().await?, test.target()).await?;
    page.browser.sees(&by("welcome")).await?;
    page.browser.sees(&by("sign-in")).await?;
    for part in ["user-name", "sign-out", "new-todo", "todo", "claim"] {
        assert!(!page.browser.shows(&by(part)).await?, "{part} is shown to a stranger");
    }
    Ok(())
}

async fn somebody_without_an_account_makes_one(test: &TestContext) -> Result<()> {
    let person = Person::new(test.target());
    let page = Page::visit(test.browser().await?, test.target()).await?;
    page.browser.press(&by("sign-up")).await?;
    page.arrive(&person).await?;
    assert_eq!(page.user_name().await?, person.name);
    assert!(person.has_account());

    // And it lasts: in another browser they sign in with it.
    let elsewhere = test.signed_in(&person).await?;
    assert_eq!(elsewhere.user_name().await?, person.name);
    Ok(())
}

async fn somebody_with_an_account_signs_in(test: &TestContext) -> Result<()> {
    let person = Person::known(test.target(), 0);
    let page = test.signed_in(&person).await?;
    assert_eq!(page.user_name().await?, person.name);
    page.reload().await?;
    assert_eq!(page.user_name().await?, person.name);
    Ok(())
}

async fn return_to_brings_one_back(test: &TestContext) -> Result<()> {
    let browser = test.browser().await?;
    let origin = test.target().origin();
    // A place that no script of the page tidies up.
    let place = "/api/openapi.json?from=mail&n=1";
    let encoded: String = url::form_urlencoded::byte_serialize(place.as_bytes()).collect();
    browser.goto(&format!("{origin}/signin?return_to={encoded}")).await?;
    login::walk(&browser, test.target(), &Person::new(test.target())).await?;
    assert_eq!(browser.url().await?.as_str(), format!("{origin}{place}"));
    Ok(())
}

async fn a_hostile_return_to_never_leaves_the_origin(test: &TestContext) -> Result<()> {
    let person = Person::new(test.target());
    let page = test.signed_in(&person).await?;
    page.browser.forgive("status of 404");
    // A request of the page before may still be under way when the next sign-in ends its session.
    page.browser.forgive("status of 401");
    let origin = test.target().origin();
    for hostile in [
        "https://evil.example/",
        "//evil.example/",
        "///evil.example/",
        "/\\evil.example/",
        "\\\\evil.example/",
        "/%2f%2fevil.example/",
        "%2f%2fevil.example",
        "/%09/evil.example/",
        "/\t/evil.example/",
        "javascript:alert(1)",
        "data:text/html,x",
        "/..//evil.example/",
        "/%5cevil.example",
        "@evil.example",
        "http:evil.example",
        "/\r\nLocation: https://evil.example/",
    ] {
        let encoded: String = url::form_urlencoded::byte_serialize(hostile.as_bytes()).collect();
        page.browser.goto(&format!("{origin}/signin?return_to={encoded}")).await?;
        login::walk(&page.browser, test.target(), &person).await?;
        let url = page.browser.url().await?;
        assert_eq!(url.origin(), test.target().url.origin(), "{hostile:?} led to {url}");
        assert_ne!(url.path(), "/callback", "{hostile:?}: the sign-in failed");
    }
    Ok(())
}

async fn a_session_that_ended_leads_back_without_losing_what_was_typed(
    test: &TestContext,
) -> Result<()> {
    let person = Person::new(test.target());
    let page = test.signed_in(&person).await?;
    page.add("before").await?;
    page.lose_session().await?;
    page.browser.forgive("status of 401");
    page.browser.fill(&by("new-todo"), &format!("half a thought{ENTER}")).await?;
    page.browser.sees(&by("session-ended")).await?;
    assert!(!page.browser.shows(&by("todo")).await?, "todos are still shown");

    page.sign_in(&person).await?;
    page.has("before").await?;
    let script = "return document.querySelector(arguments[0]).value === 'half a thought'";
    page.browser.until("the text", script, &[by("new-todo").into()]).await?;
    page.browser.types(ENTER).await.or(page.browser.click(&by("add-todo")).await)?;
    page.has("half a thought").await
}

/// Third-party-initiated login (OpenID Connect Core, section 4).
async fn a_sign_in_can_be_begun_by_the_provider(test: &TestContext) -> Result<()> {
    let browser = test.browser().await?;
    let origin = test.target().origin();
    let place = format!("{origin}/api/openapi.json?from=there");
    let begin = |issuer: &str, target: &str| {
        let query = [("iss", issuer), ("target_link_uri", target)];
        Url::parse_with_params(&format!("{origin}/signin"), query)
    };
    let issuer = test.target().provider.issuer.as_str();
    browser.goto(begin(issuer, &place)?.as_str()).await?;
    let person = Person::new(test.target());
    login::walk(&browser, test.target(), &person).await?;
    assert_eq!(browser.url().await?.as_str(), place);

    // It leads nowhere else, and another provider begins nothing.
    browser.goto(begin(issuer, "https://evil.example/")?.as_str()).await?;
    login::walk(&browser, test.target(), &person).await?;
    assert!(login::is_at_app(&browser, test.target()).await?);
    let request = test.client.elsewhere(Method::GET, begin("https://evil.example", "/")?);
    let answer = Answer::to(request).await?.is(400);
    assert!(answer.cookies().is_empty(), "{answer:?}");
    Ok(())
}

/// The key before stays published, so that nobody else's test notices.
async fn a_sign_in_goes_on_when_the_provider_has_another_key(test: &TestContext) -> Result<()> {
    let person = Person::new(test.target());
    let page = test.signed_in(&person).await?;
    Control::rotate_keys(test).await?;
    page.open("/signin").await?;
    assert_eq!(page.user_name().await?, person.name);
    page.add("signed for by another key").await
}

/// What a thin ID token leaves out, the userinfo endpoint says.
async fn whom_the_id_token_does_not_name_is_greeted_by_name_all_the_same(
    test: &TestContext,
) -> Result<()> {
    let person = Person::new(test.target());
    let page = test.signed_in(&person).await?;
    Control::of(test, &person)?.order(&[("thin_id_token", "on")]).await?;
    page.open("/signin").await?;
    assert_eq!(page.user_name().await?, person.name);
    let claims = page.claims().await?;
    assert!(!claims.contains_key("name"), "the claims are those of the ID token: {claims:?}");
    Ok(())
}

async fn the_id_token_is_shown_claim_by_claim(test: &TestContext) -> Result<()> {
    let person = Person::new(test.target());
    let page = test.signed_in(&person).await?;
    let claims = page.claims().await?;
    assert_eq!(claims["iss"], test.target().provider.issuer);
    assert_eq!(claims["name"], person.name);
    for claim in ["sub", "aud", "exp", "iat"] {
        assert!(claims.get(claim).is_some_and(|value| !value.is_empty()), "{claim}: {claims:?}");
    }
    for claim in ["sid", "nonce"] {
        assert!(!claims.contains_key(claim), "{claim}: {claims:?}");
    }
    page.browser.click(&by("todos-link")).await?;
    page.browser.sees(&by("new-todo")).await
}
