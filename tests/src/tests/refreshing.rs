//! Access tokens that end while somebody works, and a provider that does not do
//! what it should.

use crate::{
    answer::Answer, api::Api, browser::by, control::Control, page::Page, person::Person,
    test_context::TestContext, trial::trials,
};
use anyhow::Result;
use futures_util::future::join_all;
use reqwest::Method;
use serde_json::Value;
use std::time::{Duration, Instant};
use url::form_urlencoded;

trials! {
    the_page_goes_on_when_its_access_token_ends on any_page needs Control,
    a_refused_refresh_ends_the_session on any_page needs Control,
    a_token_endpoint_that_fails_ends_nothing needs Control,
    a_token_endpoint_that_is_slow_ends_nothing needs Control,
    many_refreshes_at_once_use_no_token_twice needs Control,
}

const EXCHANGED: &str = "Refresh token exchanged";

async fn the_page_goes_on_when_its_access_token_ends(test: &TestContext) -> Result<()> {
    let at = Worker::begin(test).await?;
    Answer::to(at.api.get("/api/todos")).await?.problem(401);
    let before = at.control.count(EXCHANGED).await?;
    at.page.browser.forgive("status of 401");
    at.page.open("/").await?;
    at.page.add("written without a sign-in").await?;
    assert!(!at.page.browser.shows(&by("session-ended")).await?);
    assert!(at.control.count(EXCHANGED).await? > before, "nothing was refreshed");
    Ok(())
}

async fn a_refused_refresh_ends_the_session(test: &TestContext) -> Result<()> {
    let at = Worker::begin(test).await?;
    at.control.order(&[("refresh_refused", "on")]).await?;
    // The page asks who is signed in, and that alone finds out: its token is due.
    at.page.open("/").await?;
    at.page.browser.sees(&by("welcome")).await?;
    let session = Answer::to(at.api.get("/session")).await?.is(200).json();
    assert_eq!(session["user"], Value::Null);
    // It does not come back when the provider thinks better of it.
    at.control.order(&[]).await?;
    Answer::to(at.refresh()).await?.is(401);
    Ok(())
}

async fn a_token_endpoint_that_fails_ends_nothing(test: &TestContext) -> Result<()> {
    let at = Worker::begin(test).await?;
    at.control.order(&[("token_endpoint_fails", "on")]).await?;
    Answer::to(at.refresh()).await?.problem(503);
    at.control.order(&[]).await?;
    Answer::to(at.refresh()).await?.is(204);
    Answer::to(at.api.get("/api/todos")).await?.is(200);
    Ok(())
}

async fn a_token_endpoint_that_is_slow_ends_nothing(test: &TestContext) -> Result<()> {
    let at = Worker::begin(test).await?;
    // Longer than the page's requests wait for it, also on a busy machine.
    at.control.order(&[("delay_seconds", "60")]).await?;
    let started = Instant::now();
    Answer::to(at.refresh()).await?.problem(503);
    assert!(started.elapsed() < Duration::from_mins(1), "it waits for the response");
    at.control.order(&[]).await?;
    // Who waited in vain leaves the session to the next one.
    Answer::to(at.refresh()).await?.is(204);
    Answer::to(at.api.get("/api/todos")).await?.is(200);
    Ok(())
}

/// At a provider that ends the sign-in when a refresh token comes twice.
async fn many_refreshes_at_once_use_no_token_twice(test: &TestContext) -> Result<()> {
    let at = Worker::begin(test).await?;
    at.control.order(&[("reuse_detected", "on")]).await?;
    for answer in join_all((0..10).map(|_| Answer::to(at.refresh()))).await {
        answer?.is(204);
    }
    let twice = "Refresh token used twice: its sign-in is revoked";
    assert_eq!(at.control.count(twice).await?, 0);
    // And what the last one brought is good.
    Answer::to(at.refresh()).await?.is(204);
    Answer::to(at.api.get("/api/todos")).await?.is(200);
    Ok(())
}

/// Somebody in front of the page, whose access token has just ended.
struct Worker<'a> {
    page: Page,
    api: Api,
    control: Control<'a>,
}

impl<'a> Worker<'a> {
    async fn begin(test: &'a TestContext) -> Result<Self> {
        let person = Person::new(test.target());
        let page = test.signed_in(&person).await?;
        let control = Control::of(test, &person)?;
        // Over for long enough that no allowance for clocks that differ helps it. It leads
        // to a place where no script asks for another at once.
        control.order(&[("access_token_seconds", "-3600")]).await?;
        page.browser.goto(&signin("/api/openapi.json", test)).await?;
        control.order(&[]).await?;
        let api = Api::with_session(test, &page.session_cookie().await?);
        Ok(Self { page, api, control })
    }

    fn refresh(&self) -> reqwest::RequestBuilder {
        self.api.request(Method::POST, "/session/refresh")
    }
}

fn signin(return_to: &str, test: &TestContext) -> String {
    let return_to: String = form_urlencoded::byte_serialize(return_to.as_bytes()).collect();
    format!("{}/signin?return_to={return_to}", test.target().origin())
}
