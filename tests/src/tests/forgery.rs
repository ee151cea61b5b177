//! Other sites, in a real browser: what they can make it do to us.

use crate::{answer::Answer, api::Api, person::Person, test_context::TestContext, trial::trials};
use anyhow::Result;
use reqwest::Method;
use serde_json::{Value, json};

trials! {
    nobody_is_let_in_across_origins
        tries "Read across origins, with and without preflight",
    the_page_cannot_be_framed
        tries "Clickjacking",
    another_site_cannot_use_the_session
        tries "Another site's script in the user's own browser",
}

/// Neither a preflight nor an answer says that another origin may read.
async fn nobody_is_let_in_across_origins(test: &TestContext) -> Result<()> {
    for path in ["/api/todos", "/session", "/session/refresh", "/signout", "/"] {
        let preflight = test
            .client
            .request(Method::OPTIONS, path)
            .header("origin", "https://evil.example")
            .header("access-control-request-method", "POST")
            .header("access-control-request-headers", "x-csrf");
        let get = test.client.get(path).header("origin", "https://evil.example");
        for answer in [Answer::to(preflight).await?, Answer::to(get).await?] {
            let allowed = answer.header("access-control-allow-origin");
            assert_eq!(allowed, "", "{answer:?}");
            let credentials = answer.header("access-control-allow-credentials");
            assert_eq!(credentials, "", "{answer:?}");
            assert!(answer.status < 500, "{answer:?}");
        }
    }
    Ok(())
}

async fn the_page_cannot_be_framed(test: &TestContext) -> Result<()> {
    for path in ["/", "/callback?code=c&state=s"] {
        let answer = Answer::to(test.client.get(path)).await?;
        let policy = answer.header("content-security-policy");
        assert!(policy.contains("frame-ancestors 'none'"), "{answer:?}");
    }
    Ok(())
}

/// A page of another origin (the provider's, which is at hand) tries what an
/// attacker's would: with the cookies that this browser has of ours.
async fn another_site_cannot_use_the_session(test: &TestContext) -> Result<()> {
    let page = test.signed_in(&Person::new(test.target())).await?;
    page.add("still there").await?;
    let cookie = page.session_cookie().await?;
    // Their own policy would keep their scripts at home, and an attacker has none.
    page.browser.devtools("Page.enable", json!({})).await?;
    page.browser.devtools("Page.setBypassCSP", json!({ "enabled": true })).await?;
    for refusal in ["ERR_BLOCKED_BY_RESPONSE", "ERR_FAILED", "blocked by CORS policy"] {
        page.browser.forgive(refusal);
    }
    let issuer = url::Url::parse(&test.target().provider.issuer)?;
    page.browser.goto(&format!("{}/nowhere", issuer.origin().ascii_serialization())).await?;
    let attack = "
        const [origin, done] = arguments;
        const send = (path, request) => fetch(origin + path, { credentials: 'include', ...request })
            .then((response) => response.type === 'opaque' ? 'sent' : response.text(), () => 'refused');
        Promise.all([
            send('/session', {}),
            send('/api/todos', {}),
            send('/api/todos', { headers: { 'X-CSRF': '1' } }),
            send('/api/todos', { method: 'POST', mode: 'no-cors', body: '{\"description\":\"forged\"}' }),
            send('/session/refresh', { method: 'POST', mode: 'no-cors' }),
            send('/signout', { method: 'POST', mode: 'no-cors' }),
        ]).then(done);";
    let told = page.browser.script_async(attack, &[json!(test.target().origin())]).await?;
    for reading in &told.as_array().cloned().unwrap_or_default()[..3] {
        assert_eq!(*reading, Value::from("refused"), "another origin reads: {told}");
    }
    let api = Api::with_session(test, &cookie);
    let todos = Answer::to(api.get("/api/todos")).await?.is(200).json();
    let items = todos["items"].as_array().map(Vec::as_slice).unwrap_or_default();
    assert!(items.iter().any(|todo| todo["description"] == "still there"), "{todos}");
    assert!(items.iter().all(|todo| todo["description"] != "forged"), "{todos}");
    Ok(())
}
