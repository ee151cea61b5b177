use crate::deployment::{Deployment, Outcome, form_post, json_of, text, with_json};
use anyhow::Result;
use on_lambda::Browser;
use reqwest::{Method, Response, header};
use serde_json::json;
use std::time::UNIX_EPOCH;
use url::form_urlencoded;

/// A path that leads to no todo, for what comes after a todo that could not be created.
const NO_TODO: &str = "/api/todos/01a2288e-0000-7000-8000-000000000000";

/// What `proxy` sends on to the provider's metadata.
pub(crate) const BEHIND_PROXY: &str = "/api/metadata/openid-configuration";

/// Two people and a machine do everything once that users do.
pub(crate) async fn run(deployment: &Deployment<'_>, outcome: &mut Outcome) -> Result<()> {
    // Those of earlier runs would make each run slower.
    let earlier = sids(deployment).await?;
    let (mut ada, status) = deployment.sign_in(0).await?;
    outcome.note("callback", status)?;
    let (mut grace, status) = deployment.sign_in(1).await?;
    outcome.note("callback of another user", status)?;
    let (mut elsewhere, _) = deployment.sign_in(0).await?;

    todos(deployment, &mut ada, outcome).await?;
    machine(deployment, outcome).await?;

    let refresh = deployment.own(&ada, Method::POST, "/session/refresh")?;
    outcome.status("refresh", ada.send(refresh).await?)?;
    let list = deployment.own(&ada, Method::GET, "/sessions")?;
    let list = outcome.status("sessions", ada.send(list).await?)?;
    let list = json_of(list).await?;
    let other = list["sessions"].as_array().into_iter().flatten();
    let other = other.filter(|it| it["current"] != true).find_map(|it| it["id"].as_str());
    let path = format!("/sessions/{}", other.unwrap_or("x"));
    let end = deployment.own(&ada, Method::DELETE, &path)?;
    outcome.status("end another session", ada.send(end).await?)?;

    let sign_out = form_post(&grace, deployment.url("/signout")?, String::new());
    let sign_out = sign_out.header("sec-fetch-site", "same-origin");
    outcome.status("sign out", grace.send(sign_out).await?)?;
    outcome.note("after sign out", deployment.is_signed_in(&mut grace).await?)?;

    for sid in sids(deployment).await?.iter().filter(|sid| !earlier.contains(sid)) {
        let query = form_urlencoded::Serializer::new(String::new())
            .append_pair("iss", deployment.issuer()?)
            .append_pair("sid", sid)
            .finish();
        let url = deployment.url(&format!("/frontchannel-logout?{query}"))?;
        let framed = elsewhere.request(Method::GET, url);
        outcome.status("front-channel logout", elsewhere.send(framed).await?)?;
    }
    outcome.note("after front-channel logout", deployment.is_signed_in(&mut ada).await?)?;
    deployment.rest().await;
    Ok(())
}

/// The first user's sessions at the provider.
async fn sids(deployment: &Deployment<'_>) -> Result<Vec<String>> {
    let mut browser = Browser::new()?;
    let control = browser.request(Method::GET, deployment.control(0, "")?);
    let user = json_of(browser.send(control).await?).await?;
    let sids = user["sids"].as_array().into_iter().flatten();
    sids.map(|sid| Ok(text(sid)?.to_owned())).collect()
}

async fn todos(
    deployment: &Deployment<'_>,
    browser: &mut Browser,
    outcome: &mut Outcome,
) -> Result<()> {
    outcome.note("session", deployment.is_signed_in(browser).await?)?;
    let key = UNIX_EPOCH.elapsed()?.as_nanos().to_string();
    let mut created = NO_TODO.to_owned();
    let mut tag = "\"1\"".to_owned();
    for step in ["create", "create again"] {
        let request = deployment.own(browser, Method::POST, "/api/todos")?;
        let request = with_json(request, &json!({ "description": "x" }));
        let response = browser.send(request.header("idempotency-key", &key)).await?;
        let response = outcome.status(step, response)?;
        created = header_of(&response, &header::LOCATION).unwrap_or(created);
        tag = header_of(&response, &header::ETAG).unwrap_or(tag);
    }
    let reads = [("list", "/api/todos"), ("read", created.as_str()), ("proxy", BEHIND_PROXY)];
    for (step, path) in reads {
        let request = deployment.own(browser, Method::GET, path)?;
        outcome.status(step, browser.send(request).await?)?;
    }
    let patch = deployment.own(browser, Method::PATCH, &created)?.header("if-match", tag);
    let patch = with_json(patch, &json!({ "description": "two" }));
    outcome.status("change", browser.send(patch).await?)?;
    let put = deployment.own(browser, Method::PUT, &created)?;
    let put = with_json(put, &json!({ "description": "three", "completed": true }));
    outcome.status("replace", browser.send(put).await?)?;
    let delete = deployment.own(browser, Method::DELETE, &created)?;
    outcome.status("delete", browser.send(delete).await?)?;
    Ok(())
}

/// A machine acts for people whom it doesn't know by name, so it uses Scan and the index.
async fn machine(deployment: &Deployment<'_>, outcome: &mut Outcome) -> Result<()> {
    let token = deployment.token().await?;
    let mut client = Browser::new()?;
    let create = client.request(Method::POST, deployment.url("/api/todos")?).bearer_auth(&token);
    let create = with_json(create, &json!({ "description": "x", "owner": "somebody" }));
    let response = outcome.status("machine: create", client.send(create).await?)?;
    let path = header_of(&response, &header::LOCATION).unwrap_or_else(|| NO_TODO.to_owned());
    for (step, method, path) in [
        ("machine: list", Method::GET, "/api/todos"),
        ("machine: list of an owner", Method::GET, "/api/todos?owner=somebody"),
        ("machine: proxy", Method::GET, BEHIND_PROXY),
        ("machine: read", Method::GET, path.as_str()),
        ("machine: delete", Method::DELETE, path.as_str()),
    ] {
        let request = client.request(method, deployment.url(path)?).bearer_auth(&token);
        outcome.status(step, client.send(request).await?)?;
    }
    Ok(())
}

fn header_of(response: &Response, name: &header::HeaderName) -> Option<String> {
    Some(response.headers().get(name)?.to_str().ok()?.to_owned())
}
