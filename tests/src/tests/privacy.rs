//! What others may keep of what they carried: nothing that is somebody's.

use crate::{
    answer::Answer,
    api::{Api, path_of},
    client::Body,
    test_context::TestContext,
    trial::trials,
};
use anyhow::Result;
use reqwest::Method;
use serde_json::json;

trials! {
    nothing_that_is_somebodys_may_be_kept_by_a_cache
        tries "Find personal data in a shared cache",
    the_page_itself_is_the_same_for_everybody
        tries "Find personal data in the page",
}

async fn nothing_that_is_somebodys_may_be_kept_by_a_cache(test: &TestContext) -> Result<()> {
    let session = Api::session(test).await?;
    let todo = path_of(&session.make("a private matter").await?);
    let change = session.request(Method::PATCH, &todo).json_body(&json!({ "completed": true }));
    let mut requests = vec![session.post(&session.todo("another")), change];
    requests.push(session.request(Method::POST, "/session/refresh"));
    requests.push(session.request(Method::DELETE, "/sessions/nobodys"));
    for path in [
        "/session",
        "/sessions",
        "/api/todos",
        &todo,
        "/api/todos/x",
        "/signin",
        "/callback?code=c&state=s",
        "/frontchannel-logout?sid=nobodys",
    ] {
        requests.push(session.get(path));
    }
    for request in requests {
        let answer = Answer::to(request).await?;
        assert!(answer.header("cache-control").contains("no-store"), "{answer:?}");
    }
    Ok(())
}

/// It depends on whether there is a session cookie, and on nothing else.
async fn the_page_itself_is_the_same_for_everybody(test: &TestContext) -> Result<()> {
    let session = Api::session(test).await?;
    let theirs = Answer::to(session.get("/")).await?.is(200);
    let unknown = test.client.get("/").header("cookie", "__Host-session=unknown");
    let unknown = Answer::to(unknown).await?.is(200);
    assert_eq!(theirs.body, unknown.body);
    let cookie = "todos=1; session=2; __Host-signin-x=3";
    let welcome = Answer::to(test.client.get("/").header("cookie", cookie)).await?.is(200);
    let anybodys = Answer::to(test.client.get("/")).await?.is(200);
    assert_eq!(welcome.body, anybodys.body);
    Ok(())
}
