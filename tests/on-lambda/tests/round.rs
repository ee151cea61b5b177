//! What is left in the table after somebody was here: nothing that opens anything.

use anyhow::{Context, Result, ensure};
use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use on_lambda::{Answer, Event, Function, Machine, sign_in};
use serde_json::{Value, json};

/// Tokens, codes, cookies, secrets and what a person is called: all that a dump of the
/// table must not give away (SECURITY.md).
#[derive(Default)]
struct Secrets(Vec<String>);

impl Secrets {
    fn know(&mut self, value: &str) {
        // Shorter ones would be found in anything.
        if value.len() >= 5 {
            self.0.push(value.to_owned());
        }
    }

    /// The values of `name=value` pairs, and what stands between the dots of each: an
    /// attempt's cookie is put together of several secrets.
    fn know_pairs<'a>(&mut self, pairs: impl IntoIterator<Item = &'a str>) {
        for (_, value) in pairs.into_iter().filter_map(|pair| pair.split_once('=')) {
            self.know(value);
            for part in value.split('.').filter(|part| part.len() >= 20) {
                self.know(part);
            }
        }
    }

    fn none_is_in(&self, table: &str) {
        for secret in &self.0 {
            assert!(!table.contains(secret.as_str()), "{secret} is in the table: {table}");
        }
        // The start of every JWT, whoever made it.
        assert!(!table.contains("eyJ"), "a token is in the table: {table}");
    }
}

#[tokio::test]
async fn after_a_full_round_the_sessions_table_holds_nothing_in_clear() -> Result<()> {
    let machine = Machine::start().await?;
    let mut secrets = Secrets::default();
    let user = machine.idp.demo_users()[0];
    for value in [user.username, user.name, user.object_id, user.password] {
        secrets.know(value);
    }
    secrets.know(&machine.idp.web_app().client_secret);
    let mut signin = Function::start("signin", &machine).await?;
    let mut callback = Function::start("callback", &machine).await?;
    let mut web = Function::start("web", &machine).await?;
    let mut todos = Function::start("todos", &machine).await?;

    // Two sign-ins, so that one session is left to look at. Their access tokens are over when
    // they come: the refresh has to get others.
    order(&machine, "access_token_seconds=-3600").await?;
    let mut sessions = Vec::new();
    for _ in 0..2 {
        let away = signin.invoke(Event::get("/signin")).await?;
        let attempt = away.kept_cookies();
        secrets.know_pairs(attempt.iter().map(String::as_str));
        let answer = sign_in(&machine, away.header("location")).await?;
        secrets.know_pairs(answer.split('&'));
        let back = Event::get("/callback").query(&answer).cookies(&attempt);
        let back = callback.invoke(back).await?;
        assert_eq!(back.status, 303, "{back:?}");
        let session = back.kept_cookies();
        secrets.know_pairs(session.iter().map(String::as_str));
        sessions.push(session);
    }
    secrets.none_is_in(&dump(&machine).await?);

    order(&machine, "").await?;
    for session in &sessions {
        let refresh = Event::new("POST", "/session/refresh").cookies(session).header("x-csrf", "1");
        assert_eq!(web.invoke(refresh).await?.status, 204);
        let post = Event::new("POST", "/api/todos").cookies(session).header("x-csrf", "1");
        let made = todos.invoke(post.json(&json!({ "description": "from Lambda" }))).await?;
        assert_eq!(made.status, 201, "{made:?}");
    }
    let own = web.invoke(Event::get("/session").cookies(&sessions[0])).await?;
    secrets.know(own.json()["user"]["sub"].as_str().context("a subject")?);
    list(&mut web, &sessions[0]).await?;
    let signed_in = dump(&machine).await?;
    secrets.none_is_in(&signed_in);

    let out = Event::new("POST", "/signout")
        .cookies(&sessions[0])
        .header("sec-fetch-site", "same-origin")
        .base64("application/x-www-form-urlencoded", b"");
    let out = web.invoke(out).await?;
    assert_eq!(out.status, 303, "{out:?}");
    // The ID token comes back to the provider by way of the browser.
    let hint = out.header("location").split(['?', '&']);
    let hint = hint.filter(|pair| pair.starts_with("id_token_hint="));
    let payload = hint.clone().find_map(|token| token.split('.').nth(1)).context("an ID token")?;
    let claims: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload)?)?;
    secrets.know(claims["sid"].as_str().context("a sid")?);
    secrets.know_pairs(hint);
    secrets.none_is_in(&signed_in);
    secrets.none_is_in(&dump(&machine).await?);
    assert_eq!(list(&mut web, &sessions[1]).await?.status, 200);
    Ok(())
}

/// One's own sessions, as the page asks for them.
async fn list(web: &mut Function, session: &[String]) -> Result<Answer> {
    let list = Event::get("/sessions").cookies(session).header("x-csrf", "1");
    web.invoke(list).await
}

/// Everything in the table of sessions as one text, bytes taken out of their base64.
async fn dump(machine: &Machine) -> Result<String> {
    let environment = machine.dynamodb.environment();
    let setting = |wanted: &str| {
        let found = environment.iter().find(|(name, _)| name == wanted);
        found.map(|(_, value)| value).with_context(|| format!("the store has no {wanted}"))
    };
    let (table, key) = (setting("SESSIONS_TABLE")?, setting("AWS_ACCESS_KEY_ID")?);
    let scope = format!("{key}/20260101/eu-central-1/dynamodb/aws4_request");
    let answer = http()
        .post(machine.dynamodb.endpoint())
        .header("content-type", "application/x-amz-json-1.0")
        .header("x-amz-target", "DynamoDB_20120810.Scan")
        .header("x-amz-date", "20260101T000000Z")
        .header(
            "authorization",
            format!("AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0"),
        )
        .body(json!({ "TableName": table }).to_string())
        .send()
        .await?;
    ensure!(answer.status() == 200, "{}", answer.text().await?);
    let answer: Value = serde_json::from_slice(&answer.bytes().await?)?;
    ensure!(answer.get("LastEvaluatedKey").is_none(), "there is more than one page");
    let rows = answer["Items"].as_array().context("a scan has items")?;
    ensure!(!rows.is_empty(), "the table is empty: nothing was looked at");
    let mut text = Vec::new();
    for row in rows {
        write(row, &mut text)?;
    }
    Ok(String::from_utf8_lossy(&text).into_owned())
}

fn write(value: &Value, text: &mut Vec<u8>) -> Result<()> {
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                text.extend(name.bytes());
                text.push(b' ');
                match (name.as_str(), value) {
                    ("B", Value::String(bytes)) => text.extend(STANDARD.decode(bytes)?),
                    _ => write(value, text)?,
                }
            }
        }
        Value::Array(values) => values.iter().try_for_each(|value| write(value, text))?,
        Value::String(string) => text.extend(string.bytes()),
        other => text.extend(other.to_string().bytes()),
    }
    text.push(b'\n');
    Ok(())
}

/// What the provider does to the user who signs in here.
async fn order(machine: &Machine, form: &'static str) -> Result<()> {
    let user = machine.idp.demo_users()[0].username;
    let address = format!("{}/users/{user}", machine.idp.control_page());
    let answer = http().post(address).body(form).send().await?;
    ensure!(answer.status() == 200, "{}", answer.text().await?);
    Ok(())
}

fn http() -> reqwest::Client {
    // Another test of this process may have been first.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    reqwest::Client::new()
}
