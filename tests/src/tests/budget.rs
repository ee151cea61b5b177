//! What a visit costs: each request is an invocation, which can be a cold start.

use crate::{
    answer::Answer,
    browser::{Browser, by},
    login,
    page::Page,
    page_speed::{AT_ONCE, KILOBYTES, KILOBYTES_REPEATED, REQUESTS},
    person::Person,
    proxy::{Fault, Proxy},
    test_context::TestContext,
    trial::trials,
};
use anyhow::Result;
use serde_json::json;

trials! {
    a_visit_is_few_requests_and_few_bytes,
    at_most_three_requests_are_made_at_once needs PlainHttp,
    sign_in_needs_no_script needs PlainHttp,
    a_file_that_is_unavailable_is_said_with_a_way_on needs PlainHttp,
    a_file_that_never_arrives_is_said_with_a_way_on needs PlainHttp,
    a_truncated_file_is_said_with_a_way_on needs PlainHttp,
    a_client_that_can_takes_the_page_compressed,
}

async fn a_visit_is_few_requests_and_few_bytes(test: &TestContext) -> Result<()> {
    let page = Page::visit(test.browser().await?, test.target()).await?;
    within(&page.browser, "a first visit", REQUESTS[0], KILOBYTES[0]).await?;
    page.open("/").await?;
    within(&page.browser, "a second visit", REQUESTS[0], KILOBYTES_REPEATED).await?;
    page.sign_in(&Person::known(test.target(), 1)).await?;
    forget_files(&page.browser).await?;
    page.open("/").await?;
    page.listed().await?;
    within(&page.browser, "a first visit of a user", REQUESTS[1], KILOBYTES[1]).await
}

/// Counts the document and what it loads.
async fn within(browser: &Browser, visit: &str, requests: u32, kilobytes: u32) -> Result<()> {
    let script = "return performance.getEntriesByType('navigation')
        .concat(performance.getEntriesByType('resource'))
        .map(it => [it.name, it.transferSize])";
    let loaded: Vec<(String, u32)> = serde_json::from_value(browser.script(script, &[]).await?)?;
    let sum: u32 = loaded.iter().map(|(_, size)| size).sum();
    let is_within = u32::try_from(loaded.len())? <= requests && sum <= kilobytes * 1000;
    assert!(is_within, "{visit}: {sum} bytes, {loaded:#?}");
    Ok(())
}

async fn forget_files(browser: &Browser) -> Result<()> {
    browser.devtools("Network.clearBrowserCache", json!({})).await.map(drop)
}

async fn at_most_three_requests_are_made_at_once(test: &TestContext) -> Result<()> {
    let proxy = Proxy::start(test.target()).await?;
    Page::visit(test.browser().await?, &proxy.target).await?;
    assert_counts(&proxy, REQUESTS[0])?;
    let page = test.signed_in(&Person::known(test.target(), 1)).await?;
    forget_files(&page.browser).await?;
    proxy.state().recount();
    Page::visit(page.browser.clone(), &proxy.target).await?.listed().await?;
    // All but the list, which `web` does not serve.
    assert_counts(&proxy, REQUESTS[1] - 1)
}

/// Requests to `web`: each at once is another instance.
fn assert_counts(proxy: &Proxy, requests: u32) -> Result<()> {
    let state = proxy.state();
    let is_within = state.most <= AT_ONCE && u32::try_from(state.paths.len())? <= requests;
    assert!(is_within, "{state:#?}");
    Ok(())
}

async fn sign_in_needs_no_script(test: &TestContext) -> Result<()> {
    let proxy = Proxy::start(test.target()).await?;
    let browser = test.browser_that_waits_for("eager").await?;
    proxy.state().fault = Some(("app.js", Fault::Silence));
    browser.goto(&proxy.target.origin()).await?;
    browser.press(&by("sign-in")).await?;
    login::walk(&browser, test.target(), &Person::known(test.target(), 1)).await?;
    browser.sees(&by("user-name")).await
}

async fn a_file_that_is_unavailable_is_said_with_a_way_on(test: &TestContext) -> Result<()> {
    without_files(test, Fault::Unavailable).await
}

async fn a_file_that_never_arrives_is_said_with_a_way_on(test: &TestContext) -> Result<()> {
    without_files(test, Fault::Silence).await
}

async fn a_truncated_file_is_said_with_a_way_on(test: &TestContext) -> Result<()> {
    without_files(test, Fault::Truncated).await
}

/// The page says that a file didn't load, and works once it does.
async fn without_files(test: &TestContext, fault: Fault) -> Result<()> {
    let proxy = Proxy::start(test.target()).await?;
    let browser = test.browser_that_waits_for("eager").await?;
    Page::visit(browser.clone(), test.target())
        .await?
        .sign_in(&Person::known(test.target(), 1))
        .await?;
    let page = Page::visit(browser.clone(), &proxy.target).await?;
    for (file, message) in [("app.js", by("stalled")), ("app.css", by("unstyled"))] {
        forget_files(&browser).await?;
        proxy.state().fault = Some((file, fault));
        browser.goto(&proxy.target.origin()).await?;
        // Nothing is drawn while a style sheet is awaited.
        browser.script_async("requestAnimationFrame(arguments[0])", &[]).await?;
        if file == "app.js" {
            // Not at once, with reduced motion either, which all these browsers ask for.
            let script = "return getComputedStyle(document.querySelector(arguments[0])).animation";
            let animation = browser.script(script, &[json!(message)]).await?;
            assert!(animation.as_str().is_some_and(|it| it.contains("4s")), "{animation}");
        }
        let script = "return document.querySelector(arguments[0])
            ?.checkVisibility({ visibilityProperty: true })";
        browser.until(&format!("{message}, {file}: {fault:?}"), script, &[json!(message)]).await?;
        test.keep_picture(&browser, &format!("failing-{fault:?}-{file}")).await?;
        proxy.state().fault = None;
        browser.press(&format!("{message} a")).await?;
        page.listed().await?;
        browser.sees(&by("user-name")).await?;
        browser.loses(&message).await?;
    }
    Ok(())
}

async fn a_client_that_can_takes_the_page_compressed(test: &TestContext) -> Result<()> {
    let plain = Answer::to(test.client.get("/")).await?.is(200);
    assert_eq!(plain.header("content-encoding"), "");
    for coding in ["br", "gzip"] {
        let request = test.client.get("/").header("accept-encoding", coding);
        let answer = request.send().await?;
        assert_eq!(answer.headers()["content-encoding"], coding);
        assert_eq!(answer.headers()["vary"], "Accept-Encoding, Cookie");
        assert_ne!(answer.headers()["etag"], plain.header("etag"));
        let body = answer.bytes().await?;
        assert!(!body.is_empty() && body.len() < plain.body.len() / 2, "{coding}: {}", body.len());
    }
    Ok(())
}
