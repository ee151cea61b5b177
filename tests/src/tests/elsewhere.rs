//! Signed out somewhere else: at the provider, in another tab, by an administrator.

use crate::{
    answer::Answer, api::Api, browser::by, control::Control, login, page::Page, person::Person,
    test_context::TestContext, token::Parts, trial::trials,
};
use anyhow::{Context, Result};
use reqwest::Method;
use serde_json::{Value, json};
use std::time::Duration;
use url::{Url, form_urlencoded};

trials! {
    an_open_page_notices_a_sign_out_at_the_provider on any_page,
    a_sign_out_at_the_provider_leaves_other_browsers_alone,
    signed_out_everywhere_at_the_provider_is_signed_out_here needs Control,
    the_page_framed_at_a_sign_out_ends_the_session_by_itself needs Control,
    a_front_channel_logout_ends_what_it_names_without_a_cookie needs Control
        tries "Logout requests with another issuer, a made-up sid or only a cookie; then a sid that leaked",
    no_script_sees_the_sid_or_the_nonce
        tries "Read from /session what a logout or a token check needs",
    a_front_channel_logout_may_be_framed_by_the_provider_alone
        tries "Frame the logout page",
    nothing_but_a_logout_token_ends_a_session
        tries "Logout tokens without a signature, with a borrowed one, or of another kind",
}

async fn an_open_page_notices_a_sign_out_at_the_provider(test: &TestContext) -> Result<()> {
    let person = Person::new(test.target());
    let page = test.signed_in(&person).await?;
    page.add("a private matter").await?;
    let cookie = page.session_cookie().await?;
    let here = page.browser.tab().await?;
    page.browser.new_tab().await?;
    sign_out_at_the_provider(test, &page, &cookie, &person).await?;
    is_over(test, &cookie).await?;

    page.browser.turn_to(&here).await?;
    // A browser without a screen shows all its tabs: to look at one again is this event.
    let look = "document.dispatchEvent(new Event('visibilitychange'))";
    page.browser.script(look, &[]).await?;
    page.browser.sees(&by("session-ended")).await?;
    assert!(!page.browser.text().await?.contains("a private matter"));
    // Who signs in again is not caught by what ended before.
    page.sign_in(&person).await?;
    page.has("a private matter").await
}

async fn a_sign_out_at_the_provider_leaves_other_browsers_alone(test: &TestContext) -> Result<()> {
    let person = Person::new(test.target());
    let (here, there) = (test.signed_in(&person).await?, test.signed_in(&person).await?);
    let (left, kept) = (here.session_cookie().await?, there.session_cookie().await?);
    sign_out_at_the_provider(test, &here, &left, &person).await?;
    is_over(test, &left).await?;
    Answer::to(Api::with_session(test, &kept).get("/api/todos")).await?.is(200);
    Ok(())
}

async fn signed_out_everywhere_at_the_provider_is_signed_out_here(
    test: &TestContext,
) -> Result<()> {
    let person = Person::new(test.target());
    let (one, two) = (test.signed_in(&person).await?, test.signed_in(&person).await?);
    let control = Control::of(test, &person)?;
    control.sign_out_everywhere().await?;
    assert_eq!(control.count("Logout token by sub for Tollgate: answered 200").await?, 1);
    for page in [&one, &two] {
        is_over(test, &page.session_cookie().await?).await?;
    }
    // Times are kept in seconds, and in doubt a sign-in began before its user was signed out.
    tokio::time::sleep(Duration::from_secs(1)).await;
    one.reload().await?;
    one.sign_in(&person).await
}

/// With the logout token lost, only Chromium is there to tell: it loads the page in a
/// frame of another site, and sends none of our cookies along.
async fn the_page_framed_at_a_sign_out_ends_the_session_by_itself(
    test: &TestContext,
) -> Result<()> {
    let person = Person::new(test.target());
    let page = test.signed_in(&person).await?;
    let cookie = page.session_cookie().await?;
    let control = Control::of(test, &person)?;
    control.order(&[("logout_tokens_lost", "on")]).await?;
    sign_out_at_the_provider(test, &page, &cookie, &person).await?;
    assert_eq!(control.count("Logout token for Tollgate lost, as ordered").await?, 1);
    is_over(test, &cookie).await
}

async fn a_front_channel_logout_ends_what_it_names_without_a_cookie(
    test: &TestContext,
) -> Result<()> {
    let person = Person::new(test.target());
    let page = test.signed_in(&person).await?;
    let cookie = page.session_cookie().await?;
    let sid = Control::of(test, &person)?.sid().await?;
    let issuer = test.target().provider.issuer.as_str();
    for (iss, sid) in [("https://evil.example", sid.as_str()), (issuer, "another"), ("", &sid)] {
        Answer::to(test.client.get(&frontchannel(iss, sid))).await?;
        Answer::to(Api::with_session(test, &cookie).get("/api/todos")).await?.is(200);
    }
    // A link on any page brings the cookie, and must do nothing by it.
    let bare = test.client.get("/frontchannel-logout");
    Answer::to(bare.header("cookie", format!("__Host-session={cookie}"))).await?.is(400);
    Answer::to(Api::with_session(test, &cookie).get("/api/todos")).await?.is(200);

    Answer::to(test.client.get(&frontchannel(issuer, &sid))).await?.is(200);
    is_over(test, &cookie).await?;
    // Anyone who knew the `sid` could have sent that, so it must not block a new sign-in. Times are
    // kept in seconds.
    tokio::time::sleep(Duration::from_secs(1)).await;
    page.reload().await?;
    page.sign_in(&person).await
}

async fn no_script_sees_the_sid_or_the_nonce(test: &TestContext) -> Result<()> {
    let (_, cookie) = test.session().await?;
    let session = Answer::to(Api::with_session(test, cookie).get("/session")).await?.is(200);
    let claims = session.json()["claims"].clone();
    for name in ["sid", "session_state", "nonce", "at_hash", "c_hash", "s_hash"] {
        assert_eq!(claims[name], Value::Null, "{name}: {claims}");
    }
    assert!(claims["iss"].is_string(), "{claims}");
    Ok(())
}

async fn a_front_channel_logout_may_be_framed_by_the_provider_alone(
    test: &TestContext,
) -> Result<()> {
    let issuer = test.target().provider.issuer.as_str();
    let answer = Answer::to(test.client.get(&frontchannel(issuer, "nobodys"))).await?.is(200);
    let policy = answer.header("content-security-policy");
    let ancestors = policy.split(';').find_map(|it| it.trim().strip_prefix("frame-ancestors "));
    let provider = Url::parse(issuer)?.origin().ascii_serialization();
    assert_eq!(ancestors, Some(provider.as_str()), "{answer:?}");
    assert_eq!(answer.header("x-frame-options"), "", "{answer:?}");
    assert!(answer.header("cache-control").contains("no-store"), "{answer:?}");
    Ok(())
}

/// Anybody can post here.
async fn nothing_but_a_logout_token_ends_a_session(test: &TestContext) -> Result<()> {
    let (_, cookie) = test.session().await?;
    let sub = claim(test, cookie, "sub").await?;
    let aud = claim(test, cookie, "aud").await?;
    // Signed by the provider, but nothing that ends anything.
    let signed = test.daemon_token().await?;
    let mut unsigned = Parts::of(&signed)?;
    unsigned.header = json!({ "alg": "none", "typ": "logout+jwt" });
    unsigned.payload["aud"] = json!(aud);
    unsigned.payload["sub"] = json!(sub);
    unsigned.payload["jti"] = json!("1");
    unsigned.payload["events"] =
        json!({ "http://schemas.openid.net/event/backchannel-logout": {} });
    unsigned.signature.clear();
    let mut borrowed = unsigned.clone();
    borrowed.header = Parts::of(&signed)?.header;
    borrowed.signature = Parts::of(&signed)?.signature;
    for token in ["", "x", "a.b.c", &signed, &unsigned.token(), &borrowed.token()] {
        let body = form_urlencoded::Serializer::new(String::new())
            .append_pair("logout_token", token)
            .finish();
        let request = test
            .client
            .post("/backchannel-logout")
            .header("content-type", "application/x-www-form-urlencoded")
            .body(body);
        let answer = Answer::to(request).await?.is(400);
        assert!(answer.header("cache-control").contains("no-store"), "{answer:?}");
        let in_query = test.client.post(&format!("/backchannel-logout?logout_token={token}"));
        Answer::to(in_query).await?.is(400);
    }
    Answer::to(Api::with_session(test, cookie).get("/api/todos")).await?.is(200);
    Ok(())
}

/// Signs out at the provider as its own pages let one do it, without the app.
async fn sign_out_at_the_provider(
    test: &TestContext,
    page: &Page,
    cookie: &str,
    person: &Person,
) -> Result<()> {
    let issuer = &test.target().provider.issuer;
    let metadata = format!("{issuer}/.well-known/openid-configuration").parse()?;
    let metadata = Answer::to(test.client.elsewhere(Method::GET, metadata)).await?.is(200).json();
    let endpoint = metadata["end_session_endpoint"].as_str().context("a way to sign out")?;
    let back = format!("{}/signedout", test.target().origin());
    let client_id = claim(test, cookie, "aud").await?;
    let query = [("client_id", client_id.as_str()), ("post_logout_redirect_uri", &back)];
    page.browser.goto(Url::parse_with_params(endpoint, query)?.as_str()).await?;
    login::walk(&page.browser, test.target(), person).await
}

/// What the ID token of this session says.
async fn claim(test: &TestContext, cookie: &str, name: &str) -> Result<String> {
    let session = Answer::to(Api::with_session(test, cookie).get("/session")).await?.is(200);
    let claim = session.json()["claims"][name].as_str().map(ToOwned::to_owned);
    claim.with_context(|| format!("the ID token has {name}"))
}

async fn is_over(test: &TestContext, cookie: &str) -> Result<()> {
    let api = Api::with_session(test, cookie);
    Answer::to(api.get("/api/todos")).await?.problem(401);
    Answer::to(api.request(Method::POST, "/session/refresh")).await?.is(401);
    assert_eq!(Answer::to(api.get("/session")).await?.is(200).json()["user"], Value::Null);
    Ok(())
}

fn frontchannel(iss: &str, sid: &str) -> String {
    let query = form_urlencoded::Serializer::new(String::new())
        .append_pair("iss", iss)
        .append_pair("sid", sid)
        .finish();
    format!("/frontchannel-logout?{query}")
}
