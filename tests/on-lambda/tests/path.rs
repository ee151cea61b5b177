//! The whole path, each step in another process.

use std::net::Ipv4Addr;

use anyhow::{Context, Result};
use axum::{Router, http::HeaderMap, routing::post};
use on_lambda::{DOMAIN, Event, Function, Machine, sign_in};
use serde_json::{Value, json};
use tokio::net::TcpListener;

#[tokio::test]
async fn somebody_signs_in_keeps_a_todo_and_signs_out() -> Result<()> {
    let machine = Machine::start().await?;
    let mut signin = Function::start("signin", &machine).await?;
    let mut callback = Function::start("callback", &machine).await?;
    let mut web = Function::start("web", &machine).await?;
    let mut todos = Function::start("todos", &machine).await?;

    let away = signin.invoke(Event::get("/signin").query("return_to=%2F%3Fa%3Db")).await?;
    assert_eq!(away.status, 302, "{away:?}");
    let location = away.header("location");
    let redirect = format!("redirect_uri=https%3A%2F%2F{DOMAIN}%2Fcallback");
    assert!(location.contains(&redirect), "the origin comes from the event: {location}");
    let attempt = away.kept_cookies();
    assert_eq!(attempt.len(), 1, "{away:?}");

    let answer = sign_in(&machine, location).await?;
    let back = Event::get("/callback").query(&answer).cookies(&attempt);
    let back = callback.invoke(back).await?;
    assert_eq!((back.status, back.header("location")), (303, "/?a=b"), "{back:?}");
    let session = back.kept_cookies();
    assert!(session.iter().any(|cookie| cookie.starts_with("__Host-session=")), "{back:?}");
    assert!(back.cookies.len() > 1, "the attempt's cookie is cleared as well: {back:?}");

    let who = web.invoke(Event::get("/session").cookies(&session)).await?;
    assert_eq!(who.json()["user"]["name"], machine.idp.demo_users()[0].name);

    let post = Event::new("POST", "/api/todos")
        .cookies(&session)
        .header("x-csrf", "1")
        .json(&json!({ "description": "from Lambda" }));
    let made = todos.invoke(post).await?;
    assert_eq!(made.status, 201, "{made:?}");
    let list = Event::get("/api/todos").cookies(&session).header("x-csrf", "1");
    let list = todos.invoke(list).await?.json();
    assert_eq!(list["items"], json!([made.json()]));

    let out = Event::new("POST", "/signout")
        .cookies(&session)
        .header("sec-fetch-site", "same-origin")
        .base64("application/x-www-form-urlencoded", b"");
    let out = web.invoke(out).await?;
    assert_eq!(out.status, 303, "{out:?}");
    assert!(out.header("location").starts_with("http://127.0.0.1:"), "{out:?}");
    assert_eq!(out.kept_cookies(), Vec::<String>::new());
    let gone = web.invoke(Event::get("/session").cookies(&session)).await?;
    assert_eq!(gone.json()["user"], Value::Null);
    Ok(())
}

#[tokio::test]
async fn the_proxy_sends_a_session_s_token_and_a_daemon_s_to_an_api_elsewhere() -> Result<()> {
    let machine = Machine::start().await?;
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let upstream = format!("http://{}/v1", listener.local_addr()?);
    let orders = Router::new().route("/v1/7", post(echo));
    tokio::spawn(async move { axum::serve(listener, orders).await });
    let mut environment = machine.environment("proxy")?;
    let scope = machine.idp.scopes()[1].clone();
    let scope = scope.rsplit('/').next().context("a scope")?;
    environment.extend([
        ("UPSTREAMS".to_owned(), format!("/api/orders {upstream}")),
        (
            "ROUTE_POLICIES".to_owned(),
            format!("* /api/orders/{{path+}} scope={scope} role={scope}.All"),
        ),
    ]);
    let mut proxy = Function::start_with("proxy", &machine, environment).await?;

    let mut signin = Function::start("signin", &machine).await?;
    let mut callback = Function::start("callback", &machine).await?;
    let away = signin.invoke(Event::get("/signin")).await?;
    let answer = sign_in(&machine, away.header("location")).await?;
    let back = Event::get("/callback").query(&answer).cookies(&away.kept_cookies());
    let session = callback.invoke(back).await?.kept_cookies();

    let order = Event::new("POST", "/api/orders/7").json(&json!({ "text": "Käse 🧀" }));
    let by_session = proxy.invoke(order.clone().cookies(&session).header("x-csrf", "1")).await?;
    assert_eq!(by_session.status, 200, "{by_session:?}");
    let text = by_session.text();
    let (head, body) = text.split_once('\n').context("two lines")?;
    assert!(head.starts_with("Bearer ey") && head.ends_with("false"), "{head}");
    assert_eq!(body, json!({ "text": "Käse 🧀" }).to_string());
    let bearer = format!("Bearer {}", machine.idp.daemon_token());
    let by_daemon = proxy.invoke(order.clone().header("authorization", &bearer)).await?;
    assert!(by_daemon.text().starts_with(&bearer), "{by_daemon:?}");

    let without_csrf = proxy.invoke(order.cookies(&session)).await?;
    assert_eq!(without_csrf.status, 403, "{without_csrf:?}");
    let unnamed = proxy.invoke(Event::get("/api/elsewhere")).await?;
    assert_eq!(unnamed.json()["code"], "no_route_policy");
    Ok(())
}

#[tokio::test]
async fn the_authorizer_judges_a_session_and_a_daemon_and_refuses_at_once_after_a_sign_out()
-> Result<()> {
    let machine = Machine::start().await?;
    let mut environment = machine.environment("authorizer")?;
    let scope = machine.idp.scopes()[0].clone();
    let scope = scope.rsplit('/').next().context("a scope")?;
    // The daemon's role is that of the scope for writing.
    let policy = format!("GET /api/orders scope={scope} role={scope}Write.All");
    environment.insert("ROUTE_POLICIES".to_owned(), policy);
    let mut authorizer = Function::start_with("authorizer", &machine, environment).await?;
    let mut signin = Function::start("signin", &machine).await?;
    let mut callback = Function::start("callback", &machine).await?;
    let mut web = Function::start("web", &machine).await?;
    let away = signin.invoke(Event::get("/signin")).await?;
    let answer = sign_in(&machine, away.header("location")).await?;
    let back = Event::get("/callback").query(&answer).cookies(&away.kept_cookies());
    let session = callback.invoke(back).await?.kept_cookies();

    let bearer = format!("Bearer {}", machine.idp.daemon_token());
    let get = Event::get("/api/orders");
    let by_daemon = get.clone().header("authorization", &bearer);
    let admitted = authorizer.authorize(by_daemon).await?;
    assert_eq!(admitted["context"]["kind"], "app", "{admitted}");
    let by_session = get.clone().cookies(&session).header("x-csrf", "1");
    let admitted = authorizer.authorize(by_session.clone()).await?;
    let owner = machine.idp.demo_users()[0].object_id;
    assert_eq!(admitted["context"]["owner"], owner, "{admitted}");

    for denied in [get.clone().cookies(&session), Event::get("/api/elsewhere")] {
        let answer = authorizer.authorize(denied).await?;
        assert_eq!(answer, json!({ "isAuthorized": false, "context": {} }));
    }
    let out = Event::new("POST", "/signout").cookies(&session);
    let out = out.header("sec-fetch-site", "same-origin");
    web.invoke(out.base64("application/x-www-form-urlencoded", b"")).await?;
    for unknown in [
        by_session,
        get.clone(),
        get.clone().header("authorization", "Bearer \u{7f}"),
        get.clone().member("/cookies", json!("a=b")),
    ] {
        let error = authorizer.authorize(unknown).await.err().context("an error")?.to_string();
        assert!(error.contains(r#""errorMessage":"Unauthorized""#), "{error}");
    }
    assert!(authorizer.authorize(get.member("/version", Value::Null)).await.is_err());
    assert!(authorizer.lives(), "no event ends the process");
    Ok(())
}

/// `Authorization`, whether there is a cookie, and the body.
async fn echo(headers: HeaderMap, body: String) -> String {
    let authorization = headers["authorization"].to_str().unwrap_or_default();
    format!("{authorization} {}\n{body}", headers.contains_key("cookie"))
}

#[tokio::test]
async fn a_bearer_token_and_bodies_in_base64_are_understood() -> Result<()> {
    let machine = Machine::start().await?;
    let mut todos = Function::start("todos", &machine).await?;
    let bearer = format!("Bearer {}", machine.idp.daemon_token());
    let body = json!({ "description": "Käse 🧀", "owner": "somebody" }).to_string();
    let post = Event::new("POST", "/api/todos").header("authorization", &bearer);
    let made = todos.invoke(post.base64("application/json", body.as_bytes())).await?;
    assert_eq!(made.status, 201, "{made:?}");
    assert_eq!(made.json()["description"], "Käse 🧀");

    let id = made.json()["id"].as_str().context("an id")?.to_owned();
    let path = format!("/api/todos/{id}");
    let one = todos.invoke(Event::get(&path).header("authorization", &bearer)).await?;
    assert_eq!(one.json(), made.json());
    let list = Event::get("/api/todos").query("owner=somebody&limit=1");
    let list = todos.invoke(list.header("authorization", &bearer)).await?;
    assert_eq!(list.json()["items"], json!([made.json()]));
    let delete = Event::new("DELETE", &path).header("authorization", &bearer);
    let deleted = todos.invoke(delete).await?;
    assert_eq!((deleted.status, deleted.body.len()), (204, 0));

    let stranger = todos.invoke(Event::get("/api/todos")).await?;
    assert_eq!(stranger.status, 401);
    assert_eq!(
        stranger.header("www-authenticate"),
        format!(
            "Bearer scope=\"{}\", \
             resource_metadata=\"https://{DOMAIN}/.well-known/oauth-protected-resource\"",
            machine.idp.scopes()[0]
        )
    );
    Ok(())
}

#[tokio::test]
async fn the_page_and_its_assets_come_out_whole() -> Result<()> {
    let machine = Machine::start().await?;
    let mut web = Function::start("web", &machine).await?;
    let page = web.invoke(Event::get("/")).await?;
    assert_eq!(page.status, 200);
    assert!(page.header("strict-transport-security").contains("max-age="), "{page:?}");
    let page = page.text();
    let assets: Vec<_> = page.split('"').filter(|part| part.starts_with("/assets/")).collect();
    assert_eq!(assets.len(), 3, "{page}");
    for path in assets {
        let asset = web.invoke(Event::get(path)).await?;
        assert_eq!(asset.status, 200, "{path}");
        assert!(!asset.body.is_empty(), "{path}");
        assert!(std::str::from_utf8(&asset.body).is_ok(), "{path}");
        let coded = web.invoke(Event::get(path).header("accept-encoding", "gzip")).await?;
        assert_eq!(coded.header("content-encoding"), "gzip", "{path}");
        assert!(coded.body.starts_with(&[0x1f, 0x8b]) && coded.body.len() < asset.body.len());
    }
    Ok(())
}
