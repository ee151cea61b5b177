//! What a visit costs: each request is an invocation, which can be a cold start.

use crate::{
    answer::Answer,
    browser::{Browser, by},
    page::Page,
    person::Person,
    test_context::TestContext,
    trial::trials,
};
use anyhow::{Context, Result};
use serde_json::json;

trials! {
    a_visit_is_few_requests_and_few_bytes,
    what_does_not_load_is_said_with_a_way_on,
    a_client_that_can_takes_the_page_compressed,
}

async fn a_visit_is_few_requests_and_few_bytes(test: &TestContext) -> Result<()> {
    let page = Page::visit(test.browser().await?, test.target()).await?;
    within(&page.browser, "a first visit", 4, 25_000).await?;
    page.open("/").await?;
    within(&page.browser, "a second visit", 4, 1_000).await?;
    page.sign_in(&Person::known(test.target(), 1)).await?;
    forget_files(&page.browser).await?;
    page.open("/").await?;
    page.listed().await?;
    within(&page.browser, "a first visit of a user", 6, 40_000).await
}

/// Counts the document and what it loads.
async fn within(browser: &Browser, visit: &str, requests: usize, bytes: u64) -> Result<()> {
    let script = "return performance.getEntriesByType('navigation')
        .concat(performance.getEntriesByType('resource'))
        .map(it => [it.name, it.transferSize])";
    let loaded: Vec<(String, u64)> = serde_json::from_value(browser.script(script, &[]).await?)?;
    let sum: u64 = loaded.iter().map(|(_, size)| size).sum();
    assert!(loaded.len() <= requests && sum <= bytes, "{visit}: {sum} bytes, {loaded:#?}");
    Ok(())
}

async fn forget_files(browser: &Browser) -> Result<()> {
    browser.devtools("Network.clearBrowserCache", json!({})).await.map(drop)
}

async fn what_does_not_load_is_said_with_a_way_on(test: &TestContext) -> Result<()> {
    let page = test.signed_in(&Person::known(test.target(), 1)).await?;
    let browser = &page.browser;
    browser.forgive("Failed to load resource");
    for (file, message) in [("app.js", by("stalled")), ("app.css", by("unstyled"))] {
        forget_files(browser).await?;
        browser.block(&[&format!("*/{file}")]).await?;
        browser.goto(&test.target().origin()).await?;
        browser.sees(&message).await.with_context(|| format!("without {file}"))?;
        browser.block(&[]).await?;
        browser.click(&format!("{message} a")).await?;
        page.listed().await?;
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
