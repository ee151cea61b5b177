//! Cookies that another host, an old visit or a flood left in the browser.

use crate::{
    answer::Answer, intercepted_callback::intercept, test_context::TestContext, trial::trials,
};
use anyhow::Result;
use serde_json::Value;

trials! {
    two_cookies_of_one_name_are_none needs RepeatedCookies
        tries "A second session or transaction cookie, in front and behind",
    a_cookie_of_another_name_is_no_session
        tries "A session under names that a sibling host can set",
    a_credential_of_one_kind_is_none_of_the_other
        tries "A session secret as bearer token, and a token as session",
    no_flood_of_headers_breaks_anything
        tries "Cookies and headers up to API Gateway's limit of 10,240 bytes",
}

async fn two_cookies_of_one_name_are_none(test: &TestContext) -> Result<()> {
    let (_, session) = test.session().await?;
    let session = format!("__Host-session={session}");
    let planted = format!("__Host-session={}", "A".repeat(43));
    for cookies in [[&session, &planted], [&planted, &session], [&session, &session]] {
        is_nobody(test, &cookies.map(String::as_str).join("; ")).await?;
    }
    let caught = intercept(test, "/").await?;
    let (name, _) = caught.cookie.split_once('=').unwrap_or_default();
    let planted = format!("{name}=planted");
    for cookies in [[&caught.cookie, &planted], [&planted, &caught.cookie]] {
        let cookies = cookies.map(String::as_str).join("; ");
        let answer = Answer::to(test.client.get(&caught.path).header("cookie", cookies)).await?;
        assert!((400..500).contains(&answer.status), "{answer:?}");
        assert!(!answer.cookies().iter().any(|it| it.starts_with("__Host-session=")), "{answer:?}");
    }
    Ok(())
}

async fn a_cookie_of_another_name_is_no_session(test: &TestContext) -> Result<()> {
    let (_, secret) = test.session().await?;
    for name in
        ["__host-session", "__HOST-SESSION", "__Secure-session", "session", "__Host-session[]"]
    {
        is_nobody(test, &format!("{name}={secret}")).await?;
    }
    is_nobody(test, &format!("a=\"; __Host-sessions={secret}\"")).await
}

async fn a_credential_of_one_kind_is_none_of_the_other(test: &TestContext) -> Result<()> {
    let (_, secret) = test.session().await?;
    for value in [secret.clone(), format!("__Host-session={secret}")] {
        let request = test.client.get("/api/todos").header("x-csrf", "1");
        Answer::to(request.header("authorization", format!("Bearer {value}"))).await?.problem(401);
    }
    is_nobody(test, &format!("__Host-session={}", test.daemon_token().await?)).await
}

async fn no_flood_of_headers_breaks_anything(test: &TestContext) -> Result<()> {
    let many = |name: &str, value: &str, count: usize| {
        (0..count).map(|number| format!("{name}{number}={value}")).collect::<Vec<_>>().join("; ")
    };
    let long = "A".repeat(9_000);
    let floods = [
        ("cookie", many("c", "", 1_500)),
        ("cookie", many("__Host-signin-", "AAAA", 400)),
        ("cookie", format!("__Host-session={long}")),
        ("cookie", ";".repeat(9_000)),
        ("authorization", format!("Bearer {long}")),
        ("authorization", format!("Bearer {}", ".".repeat(9_000))),
        ("if-match", vec!["\"1\""; 2_000].join(",")),
        ("idempotency-key", long.clone()),
        ("accept", vec!["text/html;q=0.1"; 500].join(",")),
        ("accept-language", long.clone()),
        ("origin", format!("https://{long}")),
        ("traceparent", long.clone()),
        ("x-flood", long),
    ];
    for (name, value) in floods {
        for path in ["/", "/session", "/signin", "/callback?code=c&state=s", "/api/todos"] {
            let request = test.client.get(path).header(name, &value).header("x-csrf", "1");
            let answer = Answer::to(request).await?;
            assert!(answer.status < 500, "{name}: {answer:?}");
        }
    }
    Ok(())
}

/// Neither the page nor the API knows who that is.
async fn is_nobody(test: &TestContext, cookies: &str) -> Result<()> {
    let get = |path| test.client.get(path).header("cookie", cookies).header("x-csrf", "1");
    let session = Answer::to(get("/session")).await?.is(200).json();
    assert_eq!(session["user"], Value::Null, "{cookies}");
    Answer::to(get("/api/todos")).await?.problem(401);
    Ok(())
}
