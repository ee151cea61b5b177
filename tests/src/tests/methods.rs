//! Methods and paths that no function has a route of its own for.

use crate::{answer::Answer, api::Api, test_context::TestContext, trial::trials};
use anyhow::Result;
use reqwest::Method;

trials! {
    options_on_the_api_is_204_with_the_methods,
    head_is_served_wherever_get_is_and_redeems_nothing
        tries "Have a link scanner's HEAD redeem a code or end sessions",
    a_method_that_a_path_does_not_serve_is_405,
    a_browser_sees_a_page_where_nothing_is,
    crawlers_may_have_the_start_page_alone,
}

async fn options_on_the_api_is_204_with_the_methods(test: &TestContext) -> Result<()> {
    let cookie = test.session().await.map(|(_, cookie)| format!("__Host-session={cookie}"));
    for (path, allowed) in [
        ("/api/todos", ["GET", "POST"].as_slice()),
        ("/api/todos/x", &["GET", "PUT", "PATCH", "DELETE"]),
        ("/api/openapi.json", &["GET"]),
    ] {
        let plain = test.client.request(Method::OPTIONS, path);
        let with_cookie = test.client.request(Method::OPTIONS, path);
        let with_cookie = with_cookie.header("cookie", cookie.as_deref().unwrap_or("a=b"));
        let nonsense = test.client.request(Method::OPTIONS, path);
        let nonsense = nonsense.header("authorization", "Bearer x");
        for request in [plain, with_cookie, nonsense] {
            let answer = Answer::to(request).await?.is(204);
            let allow: Vec<_> = answer.header("allow").split(',').map(str::trim).collect();
            assert!(allowed.iter().all(|method| allow.contains(method)), "{path}: {answer:?}");
        }
        let preflight = test.client.request(Method::OPTIONS, path);
        let preflight = preflight.header("origin", "https://app.example.com");
        let answer = Answer::to(preflight.header("access-control-request-method", "GET")).await?;
        assert!((200..300).contains(&answer.status), "{path}: {answer:?}");
    }
    Ok(())
}

async fn head_is_served_wherever_get_is_and_redeems_nothing(test: &TestContext) -> Result<()> {
    let head = async |path| Answer::to(test.client.request(Method::HEAD, path)).await;
    for path in [
        "/",
        "/session",
        "/signedout",
        "/favicon.ico",
        "/robots.txt",
        "/api/openapi.json",
        "/.well-known/oauth-protected-resource",
        "/.well-known/oauth-protected-resource/api",
    ] {
        let answer = head(path).await?.is(200);
        let get = Answer::to(test.client.get(path)).await?;
        assert_eq!(answer.header("content-type"), get.header("content-type"), "{path}");
        assert_eq!(answer.body, "", "{path}");
    }
    for path in ["/signin", "/callback?code=c&state=s", "/signin/pushed", "/frontchannel-logout"] {
        let answer = head(path).await?.is(405);
        assert!(answer.header("allow").contains("GET"), "{path}: {answer:?}");
        assert!(answer.cookies().is_empty(), "{path}: {answer:?}");
    }
    head("/nothing").await?.is(404);
    head("/api/todos").await?.is(401);
    let daemon = Api::daemon(test).await?;
    Answer::to(daemon.request(Method::HEAD, "/api/todos")).await?.is(200);
    Ok(())
}

async fn a_method_that_a_path_does_not_serve_is_405(test: &TestContext) -> Result<()> {
    for (method, path, allowed) in [
        (Method::DELETE, "/signin", "GET"),
        (Method::POST, "/callback", "GET"),
        (Method::GET, "/backchannel-logout", "POST"),
        (Method::POST, "/session", "GET"),
        (Method::GET, "/signout", "POST"),
        (Method::PUT, "/", "GET"),
        (Method::POST, "/api/openapi.json", "GET"),
    ] {
        let answer = Answer::to(test.client.request(method.clone(), path)).await?.is(405);
        assert!(answer.header("allow").contains(allowed), "{method} {path}: {answer:?}");
    }
    Ok(())
}

async fn a_browser_sees_a_page_where_nothing_is(test: &TestContext) -> Result<()> {
    const NAVIGATION: &str = "text/html,application/xhtml+xml,*/*;q=0.8";
    for path in ["/nothing", "/nothing/x?y=z", "/api", "/index.html", "/assets/"] {
        let answer = Answer::to(test.client.get(path).header("accept", NAVIGATION)).await?.is(404);
        assert!(answer.header("content-type").starts_with("text/html"), "{path}: {answer:?}");
        assert!(answer.header("content-security-policy").contains("default-src 'none'"));
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert!(answer.body.contains("href=\"/\""), "{path}: {answer:?}");
        assert!(answer.body.len() < 5_000, "{path}: {}", answer.body.len());
        Answer::to(test.client.get(path)).await?.problem(404);
    }
    Ok(())
}

async fn crawlers_may_have_the_start_page_alone(test: &TestContext) -> Result<()> {
    let answer = Answer::to(test.client.get("/robots.txt")).await?.is(200);
    assert!(answer.header("content-type").starts_with("text/plain"), "{answer:?}");
    assert_eq!(answer.body, "User-agent: *\nAllow: /$\nDisallow: /\n");
    Ok(())
}
