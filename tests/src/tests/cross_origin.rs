//! Pages of another origin that call the API.

use crate::{
    answer::Answer,
    api::{Api, path_of},
    browser::Browser,
    person::Person,
    target::Capability,
    test_context::TestContext,
    trial::trials,
};
use anyhow::{Context, Result};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
    task::JoinHandle,
};

trials! {
    a_page_of_a_known_origin_calls_the_api_with_a_token needs CrossOrigin,
    a_page_of_a_known_origin_gets_nothing_by_the_cookie needs CrossOrigin
        tries "Call the API and /session with the user's cookie from a page of a known origin",
    another_origin_gets_no_cors_headers
        tries "Preflights and requests of origins that are not known",
}

const PAGE: &str = "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 22\r\n\
                    connection: close\r\n\r\n<!doctype html>A page.";

/// Fetches each `[path, init]` and gives `[status, etag, JSON]` or the error of each.
const FETCH: &str = "
    const [origin, requests, done] = arguments;
    const one = async ([path, init]) => {
        try {
            const response = await fetch(origin + path, init);
            const text = await response.text();
            return [response.status, response.headers.get('etag'), text ? JSON.parse(text) : null];
        } catch (error) {
            return String(error);
        }
    };
    (async () => {
        const results = [];
        for (const request of requests) results.push(await one(request));
        return results;
    })().then(done)";

async fn a_page_of_a_known_origin_calls_the_api_with_a_token(test: &TestContext) -> Result<()> {
    let daemon = Api::daemon(test).await?;
    let todo = daemon.make("read from elsewhere").await?;
    let (path, tag) = (path_of(&todo), format!("\"{}\"", todo["version"]));
    let bearer = format!("Bearer {}", test.daemon_token().await?);
    let browser = test.browser().await?;
    let server = open(test, &browser).await?;
    let change = json!({
        "method": "PATCH",
        "headers": {
            "authorization": bearer, "content-type": "application/merge-patch+json", "if-match": tag,
        },
        "body": json!({ "completed": true }).to_string(),
    });
    let read = json!({ "headers": { "authorization": bearer } });
    let results = fetch(test, &browser, &[(&path, read.clone()), (&path, change)]).await?;
    assert_eq!(results[0], json!([200, tag, todo]), "{results}");
    assert_eq!(results[1][0], 200, "{results}");
    assert_eq!(results[1][2]["completed"], true, "{results}");

    // Without a token the page can read why, and what else the preflight forbids.
    browser.forgive("status of 401");
    browser.forgive("CORS policy");
    browser.forgive("Failed to load resource");
    let more = json!({ "headers": { "authorization": bearer, "x-other": "1" } });
    let results = fetch(test, &browser, &[(&path, json!({})), (&path, more)]).await?;
    assert_eq!(results[0][0], 401, "{results}");
    assert!(is_refused(&results[1]), "{results}");
    server.abort();
    Ok(())
}

async fn a_page_of_a_known_origin_gets_nothing_by_the_cookie(test: &TestContext) -> Result<()> {
    let page = test.signed_in(&Person::new(test.target())).await?;
    let cookie = page.session_cookie().await?;
    let browser = &page.browser;
    let server = open(test, browser).await?;
    browser.forgive("CORS policy");
    browser.forgive("Failed to load resource");
    browser.forgive("status of 40");
    let with = |headers: Value| json!({ "credentials": "include", "headers": headers });
    let results = fetch(
        test,
        browser,
        &[
            ("/session", with(json!({}))),
            ("/api/todos", with(json!({}))),
            ("/api/todos", with(json!({ "x-csrf": "1" }))),
            ("/sessions", with(json!({ "x-csrf": "1" }))),
        ],
    )
    .await?;
    for result in results.as_array().context("a list")? {
        assert!(is_refused(result), "{results}");
    }
    Answer::to(Api::with_session(test, &cookie).get("/api/todos")).await?.is(200);
    server.abort();
    Ok(())
}

async fn another_origin_gets_no_cors_headers(test: &TestContext) -> Result<()> {
    for origin in
        ["https://evil.example", "null", &format!("{}.evil.example", test.target().origin())]
    {
        for method in [reqwest::Method::OPTIONS, reqwest::Method::GET] {
            let request =
                test.client.request(method.clone(), "/api/todos").header("origin", origin);
            let answer = Answer::to(request.header("access-control-request-method", "GET")).await?;
            for name in ["origin", "credentials", "methods", "headers"] {
                let value = answer.header(&format!("access-control-allow-{name}"));
                assert_eq!(value, "", "{method} {origin}: {answer:?}");
            }
        }
    }
    Ok(())
}

fn is_refused(result: &Value) -> bool {
    result.as_str().is_some_and(|error| error.starts_with("TypeError"))
}

/// Serves a page at the other origin and opens it.
async fn open(test: &TestContext, browser: &Browser) -> Result<JoinHandle<()>> {
    let origin = test.target().cors_origin.as_ref().ok_or(Capability::CrossOrigin)?;
    let port = origin.port().context("cors_origin needs a port of this machine")?;
    // The other of these tests may still have it.
    let mut listener = TcpListener::bind(("127.0.0.1", port)).await;
    for _ in 0..600 {
        if listener.is_ok() {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        listener = TcpListener::bind(("127.0.0.1", port)).await;
    }
    let listener = listener.with_context(|| format!("cannot listen on port {port}"))?;
    let server = tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut request = [0; 4096];
                if matches!(stream.read(&mut request).await, Ok(1..)) {
                    // A browser that has gone needs no page.
                    let _ = stream.write_all(PAGE.as_bytes()).await;
                }
            });
        }
    });
    browser.goto(origin.as_str()).await?;
    Ok(server)
}

async fn fetch(test: &TestContext, browser: &Browser, requests: &[(&str, Value)]) -> Result<Value> {
    browser.script_async(FETCH, &[json!(test.target().origin()), json!(requests)]).await
}
