//! The session, as the page asks about it and as it must not be used.

use crate::{
    answer::Answer, api::Api, client::Body, page::Page, person::Person, test_context::TestContext,
    trial::trials,
};
use anyhow::{Context, Result};
use reqwest::Method;
use serde_json::{Value, json};

trials! {
    a_stranger_has_no_session,
    the_session_says_who_it_is_and_no_more,
    the_cookie_is_out_of_reach_for_scripts_and_other_sites
        tries "Read the session cookie from script",
    a_made_up_cookie_is_nobodys
        tries "Made-up session cookies",
    the_api_takes_the_cookie_from_our_own_page_only
        tries "CSRF on the API: without the header, from another origin, from Origin null",
    a_refresh_keeps_the_session,
    a_refresh_from_elsewhere_is_refused
        tries "CSRF on the refresh",
    a_stranger_has_nothing_to_refresh
        tries "Refresh without a session",
    the_session_opens_no_token_to_the_page
        tries "Find a token in what the page can read",
}

async fn a_stranger_has_no_session(test: &TestContext) -> Result<()> {
    let answer = Answer::to(test.client.get("/session")).await?.is(200);
    assert_eq!(answer.json()["user"], Value::Null);
    assert!(answer.header("cache-control").contains("no-store"), "{answer:?}");
    Ok(())
}

async fn the_session_says_who_it_is_and_no_more(test: &TestContext) -> Result<()> {
    let (person, cookie) = test.session().await?;
    let answer = Answer::to(Api::with_session(test, cookie).get("/session")).await?.is(200);
    assert!(answer.header("cache-control").contains("no-store"), "{answer:?}");
    let session = answer.json();
    assert_eq!(session["user"]["name"], person.name);
    assert!(session["user"]["sub"].is_string(), "{session}");
    assert_eq!(session["claims"]["iss"], test.target().provider.issuer);
    assert_eq!(session["claims"]["sub"], session["user"]["sub"]);
    let members = session.as_object().context("an object")?.keys();
    assert!(members.eq(["claims", "expires_at", "user"]), "{session}");
    Ok(())
}

async fn the_cookie_is_out_of_reach_for_scripts_and_other_sites(test: &TestContext) -> Result<()> {
    let page = test.signed_in(&Person::new(test.target())).await?;
    let cookie = page.browser.cookie("__Host-session").await?.context("there is a session")?;
    assert_eq!(cookie.http_only(), Some(true));
    assert_eq!(cookie.secure(), Some(true));
    assert!(cookie.same_site().is_some_and(|same_site| same_site.is_lax()));
    assert_eq!(cookie.path(), Some("/"));
    let seen = page.browser.script("return document.cookie", &[]).await?;
    assert_eq!(seen, "", "scripts see cookies");
    // What an attempt needed is gone with it.
    let attempts = page.browser.all_cookies("__Host-signin-").await?;
    assert!(attempts.is_empty(), "{attempts:?}");
    Ok(())
}

async fn a_made_up_cookie_is_nobodys(test: &TestContext) -> Result<()> {
    let long = "A".repeat(3000);
    for made_up in ["", "x", "\"", "a=b", "../..", &"A".repeat(43), &long, "%00", "🛒"] {
        let api = Api::with_session(test, made_up);
        let session = Answer::to(api.get("/session")).await?.is(200);
        assert_eq!(session.json()["user"], Value::Null, "{made_up}");
        Answer::to(api.get("/api/todos")).await?.problem(401);
        Answer::to(api.request(Method::POST, "/session/refresh")).await?.is(401);
    }
    Ok(())
}

async fn the_api_takes_the_cookie_from_our_own_page_only(test: &TestContext) -> Result<()> {
    let (_, cookie) = test.session().await?;
    let origin = test.target().origin();
    let body = json!({ "description": "forged" });
    let send = async |headers: &[(&str, &str)]| -> Result<u16> {
        let mut last = 0;
        for method in [Method::GET, Method::POST] {
            let mut request = test.client.request(method, "/api/todos").json_body(&body);
            request = request.header("cookie", format!("__Host-session={cookie}"));
            for (name, value) in headers {
                request = request.header(*name, *value);
            }
            let answer = Answer::to(request).await?;
            if answer.status == 403 {
                answer.problem(403);
                last = 403;
            } else {
                last = answer.status;
            }
        }
        Ok(last)
    };
    assert_eq!(send(&[("x-csrf", "1")]).await?, 201);
    assert_eq!(send(&[("x-csrf", "1"), ("origin", &origin)]).await?, 201);
    for refused in [
        [].as_slice(),
        &[("x-csrf", "0")],
        &[("origin", &origin)],
        &[("sec-fetch-site", "same-origin")],
        &[("x-csrf", "1"), ("origin", "https://evil.example")],
        &[("x-csrf", "1"), ("origin", "null")],
        &[("x-csrf", "1"), ("origin", &format!("{origin}.evil.example"))],
        &[("x-csrf", "1"), ("sec-fetch-site", "cross-site")],
        &[("x-csrf", "1"), ("sec-fetch-site", "same-site")],
    ] {
        assert_eq!(send(refused).await?, 403, "{refused:?}");
    }
    Ok(())
}

async fn a_refresh_keeps_the_session(test: &TestContext) -> Result<()> {
    let (_, cookie) = test.session().await?;
    let api = Api::with_session(test, cookie);
    for _ in 0..2 {
        Answer::to(api.request(Method::POST, "/session/refresh")).await?.is(204);
    }
    Answer::to(api.get("/api/todos")).await?.is(200);
    let session = Answer::to(api.get("/session")).await?.is(200).json();
    assert!(session["user"].is_object(), "{session}");
    Ok(())
}

async fn a_refresh_from_elsewhere_is_refused(test: &TestContext) -> Result<()> {
    let (_, cookie) = test.session().await?;
    for (name, value) in [
        ("origin", "https://evil.example"),
        ("sec-fetch-site", "cross-site"),
        ("x-nothing", "at all"),
    ] {
        let request = test.client.post("/session/refresh").header(name, value);
        let request = request.header("cookie", format!("__Host-session={cookie}"));
        Answer::to(request).await?.is(403);
    }
    Ok(())
}

async fn a_stranger_has_nothing_to_refresh(test: &TestContext) -> Result<()> {
    Answer::to(test.client.post("/session/refresh").header("x-csrf", "1")).await?.is(401);
    Ok(())
}

/// Tokens stay on the server: nothing that the page can fetch has one in it.
async fn the_session_opens_no_token_to_the_page(test: &TestContext) -> Result<()> {
    let page: Page = test.signed_in(&Person::new(test.target())).await?;
    let api = Api::with_session(test, &page.session_cookie().await?);
    for path in ["/", "/session", "/api/todos"] {
        let answer = Answer::to(api.get(path)).await?.is(200);
        assert!(!answer.body.contains("eyJ"), "{path} has a token: {answer:?}");
    }
    let stored = "return JSON.stringify({ ...localStorage, ...sessionStorage })";
    let stored = page.browser.script(stored, &[]).await?;
    assert!(stored.as_str().is_some_and(|stored| !stored.contains("eyJ")), "{stored}");
    Ok(())
}
