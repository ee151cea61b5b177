//! What each step of a user asks of DynamoDB: docs/cost.md reckons with these.

use anyhow::Result;
use on_lambda::{CallRecorder, Event, Function, Machine, sign_in};
use serde_json::json;

/// The operations of one step, put as docs/cost.md puts them.
fn assert_asked(recorder: &CallRecorder, step: &str, expected: &[&str]) {
    let mut asked = recorder.take();
    let mut expected = expected.to_vec();
    // What is asked side by side comes in any order.
    asked.sort();
    expected.sort_unstable();
    assert_eq!(asked, expected, "{step}");
}

#[tokio::test]
async fn each_step_asks_of_dynamodb_what_the_cost_page_says() -> Result<()> {
    let machine = Machine::start().await?;
    let behind = machine.environment("todos")?["AWS_ENDPOINT_URL_DYNAMODB"].clone();
    let recorder = CallRecorder::in_front_of(&behind).await?;
    let start = async |name| {
        let mut environment = machine.environment(name)?;
        environment.insert("AWS_ENDPOINT_URL_DYNAMODB".to_owned(), recorder.address().to_owned());
        Function::start_with(name, &machine, environment).await
    };
    let mut keys = start("keys").await?;
    keys.run().await?;
    assert_asked(&recorder, "keys", &["UpdateItem", "UpdateItem"]);

    let mut signin = start("signin").await?;
    let mut callback = start("callback").await?;
    callback.ready().await;
    assert_asked(&recorder, "a cold start", &["GetItem"]);
    let away = signin.invoke(Event::get("/signin")).await?;
    assert_asked(&recorder, "signin", &[]);
    let answer = sign_in(&machine, away.header("location")).await?;
    let back = Event::get("/callback").query(&answer).cookies(&away.kept_cookies());
    let back = callback.invoke(back).await?;
    assert_eq!(back.status, 303, "{back:?}");
    assert_asked(&recorder, "callback", &["PutItem", "TransactWriteItems"]);
    let session = back.kept_cookies();

    let mut web = start("web").await?;
    let mut todos = start("todos").await?;
    web.ready().await;
    todos.ready().await;
    assert_asked(&recorder, "two cold starts", &["GetItem", "GetItem"]);
    let own = |method, path| Event::new(method, path).cookies(&session).header("x-csrf", "1");
    web.invoke(own("GET", "/")).await?;
    assert_asked(&recorder, "the page", &[]);
    web.invoke(own("GET", "/session")).await?;
    assert_asked(&recorder, "the session", &["GetItem"]);
    todos.invoke(own("GET", "/api/todos")).await?;
    assert_asked(&recorder, "the list", &["GetItem", "Query"]);
    let new = own("POST", "/api/todos").json(&json!({ "description": "count" }));
    let made = todos.invoke(new).await?;
    assert_eq!(made.status, 201, "{made:?}");
    assert_asked(&recorder, "a new todo", &["GetItem", "PutItem"]);
    let path = made.header("location").to_owned();
    let done = own("PATCH", &path).json(&json!({ "completed": true }));
    let done = todos.invoke(done).await?;
    assert_eq!(done.status, 200, "{done:?}");
    assert_asked(&recorder, "a change", &["GetItem", "UpdateItem"]);
    let gone = todos.invoke(own("DELETE", &path)).await?;
    assert_eq!(gone.status, 204, "{gone:?}");
    assert_asked(&recorder, "a deletion", &["GetItem", "DeleteItem"]);

    assert_eq!(web.invoke(own("POST", "/session/refresh")).await?.status, 204);
    assert_asked(&recorder, "a refresh that is not due", &["GetItem"]);
    let bearer = format!("Bearer {}", machine.idp.daemon_token());
    let list = Event::get("/api/todos").query("owner=a").header("authorization", &bearer);
    assert_eq!(todos.invoke(list).await?.status, 200);
    assert_asked(&recorder, "a list by bearer token", &["Query"]);

    let out = web.invoke(own("POST", "/signout")).await?;
    assert_eq!(out.status, 303, "{out:?}");
    assert_asked(&recorder, "sign-out", &["DeleteItem"]);
    Ok(())
}

/// The lease, then what came back: both write the whole row.
#[tokio::test]
async fn a_refresh_asks_of_dynamodb_what_the_cost_page_says() -> Result<()> {
    let machine = Machine::start().await?;
    let mut environment = machine.environment("web")?;
    let recorder = CallRecorder::in_front_of(&environment["AWS_ENDPOINT_URL_DYNAMODB"]).await?;
    environment.insert("AWS_ENDPOINT_URL_DYNAMODB".to_owned(), recorder.address().to_owned());
    let mut web = Function::start_with("web", &machine, environment).await?;
    let mut signin = Function::start("signin", &machine).await?;
    let mut callback = Function::start("callback", &machine).await?;

    // The access token is over when it comes.
    order(&machine, "access_token_seconds=-3600").await?;
    let away = signin.invoke(Event::get("/signin")).await?;
    let answer = sign_in(&machine, away.header("location")).await?;
    let back = Event::get("/callback").query(&answer).cookies(&away.kept_cookies());
    let session = callback.invoke(back).await?.kept_cookies();
    order(&machine, "").await?;
    web.ready().await;
    recorder.take();
    let refresh = Event::new("POST", "/session/refresh").cookies(&session).header("x-csrf", "1");
    assert_eq!(web.invoke(refresh).await?.status, 204);
    assert_asked(&recorder, "a refresh", &["GetItem", "UpdateItem", "UpdateItem"]);
    Ok(())
}

/// Orders how the provider treats the demo user.
async fn order(machine: &Machine, form: &'static str) -> Result<()> {
    let user = machine.idp.demo_users()[0].username;
    let address = format!("{}/users/{user}", machine.idp.control_page());
    let answer = reqwest::Client::new().post(address).body(form).send().await?;
    assert_eq!(answer.status(), 200);
    Ok(())
}
