//! How a sign-in begins.

use crate::{answer::Answer, test_context::TestContext, trial::trials};
use anyhow::{Context, Result};
use std::collections::{BTreeMap, HashSet};
use url::Url;

trials! {
    a_sign_in_starts_with_all_the_protection_there_is
        tries "Find a sign-in without state, nonce or PKCE",
    each_attempt_is_its_own,
    an_attempt_rides_in_a_cookie_of_its_own
        tries "Read or set the transaction from script or another site",
    what_the_app_wishes_of_the_provider_gets_there,
    a_wish_that_is_none_does_no_harm
        tries "Header injection, and parameters that replace our own",
    a_prefetch_starts_nothing,
    attempts_do_not_pile_up
        tries "Fill the browser with transactions until it is refused",
}

async fn a_sign_in_starts_with_all_the_protection_there_is(test: &TestContext) -> Result<()> {
    let answer = Answer::to(test.client.get("/signin")).await?.is(302);
    assert!(answer.header("cache-control").contains("no-store"), "{answer:?}");
    let (endpoint, query) = request_of(&answer)?;
    let issuer = Url::parse(&test.target().provider.issuer)?;
    assert_eq!(endpoint.origin(), issuer.origin());
    assert_eq!(query["response_type"], "code");
    assert_eq!(query["code_challenge_method"], "S256");
    assert_eq!(query["code_challenge"].len(), 43);
    assert!(query["state"].len() >= 22, "{query:?}");
    assert!(query["nonce"].len() >= 22, "{query:?}");
    assert_eq!(query["redirect_uri"], format!("{}/callback", test.target().origin()));
    assert!(query.get("response_mode").is_none_or(|mode| mode == "query"), "{query:?}");
    let scopes: HashSet<_> = query["scope"].split(' ').collect();
    for scope in ["openid", "profile", "offline_access"] {
        assert!(scopes.contains(scope), "{query:?}");
    }
    for scope in ["ToDoList.Read", "ToDoList.ReadWrite"] {
        assert!(scopes.iter().any(|name| name.ends_with(scope)), "{query:?}");
    }
    Ok(())
}

async fn each_attempt_is_its_own(test: &TestContext) -> Result<()> {
    let (_, one) = request_of(&Answer::to(test.client.get("/signin")).await?.is(302))?;
    let (_, two) = request_of(&Answer::to(test.client.get("/signin")).await?.is(302))?;
    for secret in ["state", "nonce", "code_challenge"] {
        assert_ne!(one[secret], two[secret]);
    }
    Ok(())
}

async fn an_attempt_rides_in_a_cookie_of_its_own(test: &TestContext) -> Result<()> {
    let answer = Answer::to(test.client.get("/signin")).await?.is(302);
    let (_, query) = request_of(&answer)?;
    let cookies = answer.cookies();
    let [cookie] = cookies.as_slice() else { panic!("one cookie is set: {cookies:?}") };
    let mut parts = cookie.split(';').map(str::trim);
    let (name, _) = parts.next().and_then(|pair| pair.split_once('=')).context("no name")?;
    let part = name.strip_prefix("__Host-signin-").context("not the name of an attempt")?;
    assert!(query["state"].contains(part), "{name} does not come from the state");
    let attributes: HashSet<_> = parts.map(str::to_ascii_lowercase).collect();
    for attribute in ["secure", "httponly", "samesite=lax", "path=/"] {
        assert!(attributes.contains(attribute), "{cookie}");
    }
    assert!(!attributes.iter().any(|attribute| attribute.starts_with("domain")), "{cookie}");
    let age = attributes.iter().find_map(|attribute| attribute.strip_prefix("max-age="));
    assert!(age.is_some_and(|age| age.parse::<u32>().is_ok_and(|age| age <= 900)), "{cookie}");
    Ok(())
}

async fn what_the_app_wishes_of_the_provider_gets_there(test: &TestContext) -> Result<()> {
    let path = "/signin?prompt=login&login_hint=ada%2B1%40example.com&ui_locales=de&max_age=60";
    let (_, query) = request_of(&Answer::to(test.client.get(path)).await?.is(302))?;
    assert_eq!(query["prompt"], "login");
    assert_eq!(query["login_hint"], "ada+1@example.com");
    assert_eq!(query["ui_locales"], "de");
    assert_eq!(query["max_age"], "60");
    Ok(())
}

async fn a_wish_that_is_none_does_no_harm(test: &TestContext) -> Result<()> {
    for query in [
        "prompt=%00",
        "prompt=login%0d%0aSet-Cookie:%20a=b",
        "max_age=-1",
        "max_age=x",
        "max_age=99999999999999999999999",
        "login_hint=%0d%0aX:%20y",
        "ui_locales=%ff%fe",
        "return_to=%",
        "return_to=%zz&return_to=%00",
        "state=mine&nonce=mine&redirect_uri=https://evil.example/&client_id=mine",
        "%00=%00",
    ] {
        let answer = Answer::to(test.client.get(&format!("/signin?{query}"))).await?;
        assert!(matches!(answer.status, 302 | 400), "{query}: {answer:?}");
        if answer.status == 302 {
            let (_, request) = request_of(&answer)?;
            assert_ne!(request["state"], "mine");
            assert_eq!(request["redirect_uri"], format!("{}/callback", test.target().origin()));
        }
    }
    Ok(())
}

async fn a_prefetch_starts_nothing(test: &TestContext) -> Result<()> {
    for purpose in ["prefetch", "prefetch;prerender", "prefetch;anonymous-client-ip"] {
        let request = test.client.get("/signin").header("sec-purpose", purpose);
        let answer = Answer::to(request).await?.is(204);
        assert!(answer.cookies().is_empty(), "{answer:?}");
    }
    Ok(())
}

/// Cookies that pile up end in 431 for everything.
async fn attempts_do_not_pile_up(test: &TestContext) -> Result<()> {
    let mut jar = BTreeMap::new();
    for _ in 0..12 {
        let cookies: Vec<_> = jar.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let request = test.client.get("/signin").header("cookie", cookies.join("; "));
        for cookie in Answer::to(request).await?.is(302).cookies() {
            let mut parts = cookie.split(';').map(str::trim);
            let pair = parts.next().and_then(|pair| pair.split_once('='));
            let (name, value) = pair.context("not a cookie")?;
            if parts.any(|attribute| attribute.eq_ignore_ascii_case("max-age=0")) {
                jar.remove(name);
            } else {
                jar.insert(name.to_owned(), value.to_owned());
            }
        }
        assert!(jar.len() <= 8, "{} attempts are kept", jar.len());
    }
    assert_eq!(jar.len(), 8);
    Ok(())
}

/// The authorization request that an answer sends the browser away with.
fn request_of(answer: &Answer) -> Result<(Url, BTreeMap<String, String>)> {
    let url = Url::parse(answer.header("location"))?;
    let query = url.query_pairs().into_owned().collect();
    Ok((url, query))
}
