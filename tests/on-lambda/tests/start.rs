//! How a function starts, and what it does when something it needs is away.

use anyhow::{Context, Result};
use on_lambda::{Event, Function, Machine};

const FUNCTIONS: [&str; 7] = ["signin", "callback", "web", "todos", "authorizer", "proxy", "keys"];

/// What the two functions that hold a client credential cannot be without.
const SESSION_MAKERS: &[&str] =
    &["OIDC_ISSUER", "OIDC_CLIENT_ID", "OIDC_SCOPES", "SESSIONS_TABLE", "OIDC_CLIENT_SECRET"];

#[tokio::test]
async fn without_a_setting_the_start_ends_with_one_line_that_names_it() -> Result<()> {
    let machine = Machine::start().await?;
    for (function, names) in [
        ("keys", ["OIDC_ISSUER", "KEYS_TABLE"].as_slice()),
        ("signin", ["OIDC_ISSUER", "OIDC_CLIENT_ID", "OIDC_SCOPES"].as_slice()),
        ("authorizer", &["OIDC_ISSUER", "API_AUDIENCE", "SESSIONS_TABLE"]),
        ("proxy", &["OIDC_ISSUER", "API_AUDIENCE", "SESSIONS_TABLE"]),
        ("callback", SESSION_MAKERS),
        ("web", SESSION_MAKERS),
        (
            "todos",
            &[
                "OIDC_ISSUER",
                "API_AUDIENCE",
                "TODOS_READ_SCOPE",
                "TODOS_WRITE_SCOPE",
                "TODOS_READ_ROLE",
                "TODOS_WRITE_ROLE",
                "SESSIONS_TABLE",
                "TODOS_TABLE",
            ],
        ),
    ] {
        for name in names {
            for value in [None, Some(""), Some(" ")] {
                let mut environment = machine.environment(function)?;
                match value {
                    None => environment.remove(*name),
                    Some(value) => environment.insert((*name).to_owned(), value.to_owned()),
                };
                let started = Function::start_with(function, &machine, environment).await?;
                let output = started.ended().await.with_context(|| format!("without {name}"))?;
                let said = &output.stderr;
                assert_eq!(output.code, Some(1), "{function} without {name}: {said}");
                assert_eq!(said.lines().count(), 1, "{function} without {name}: {said}");
                assert!(said.contains(name), "{function} without {name}: {said}");
            }
        }
    }
    Ok(())
}

#[tokio::test]
async fn without_the_provider_a_function_starts_and_says_503() -> Result<()> {
    let machine = Machine::start().await?;
    let bearer = format!("Bearer {}", machine.idp.daemon_token());
    machine.stop_provider();
    let mut signin = Function::start("signin", &machine).await?;
    let away = signin.invoke(Event::get("/signin")).await?;
    assert_eq!(away.status, 503, "{away:?}");
    assert!(!away.header("retry-after").is_empty(), "{away:?}");

    let mut todos = Function::start("todos", &machine).await?;
    let list = Event::get("/api/todos").header("authorization", &bearer);
    let list = todos.invoke(list).await?;
    assert_eq!(list.status, 503, "the token was not judged: {list:?}");
    assert!(!list.header("retry-after").is_empty(), "{list:?}");
    assert_eq!(list.header("content-type"), "application/problem+json");

    let mut web = Function::start("web", &machine).await?;
    assert_eq!(web.invoke(Event::get("/")).await?.status, 200);
    Ok(())
}

#[tokio::test]
async fn without_the_tables_it_is_503_until_they_are_back() -> Result<()> {
    let machine = Machine::start().await?;
    let bearer = format!("Bearer {}", machine.idp.daemon_token());
    let list = || Event::get("/api/todos").query("owner=a").header("authorization", &bearer);
    let mut todos = Function::start("todos", &machine).await?;
    assert_eq!(todos.invoke(list()).await?.status, 200);

    machine.dynamodb.pause().await;
    let away = todos.invoke(list()).await?;
    assert_eq!(away.status, 503, "{away:?}");
    assert!(!away.header("retry-after").is_empty(), "{away:?}");
    let session = Event::get("/session").cookies(&[format!("__Host-session={}", "A".repeat(43))]);
    let mut web = Function::start("web", &machine).await?;
    let away = web.invoke(session.clone()).await?;
    assert_eq!(away.status, 503, "a session that cannot be read has not ended: {away:?}");

    machine.dynamodb.resume().await?;
    assert_eq!(todos.invoke(list()).await?.status, 200);
    assert_eq!(web.invoke(session).await?.status, 200);
    Ok(())
}

#[tokio::test]
async fn started_by_hand_it_says_what_it_is() -> Result<()> {
    let functions = std::env::var_os("TOLLGATE_FUNCTIONS").context("TOLLGATE_FUNCTIONS")?;
    for function in FUNCTIONS {
        let binary = std::path::Path::new(&functions).join(function);
        let output = tokio::process::Command::new(binary).env_clear().output().await?;
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{said}");
        assert!(said.contains("AWS_LAMBDA_RUNTIME_API"), "{said}");
        assert!(!said.contains("panicked"), "{said}");
    }
    Ok(())
}
