//! Who gets in at the API, and what those hear who do not.

use crate::{
    answer::Answer, api::Api, client::Body, test_context::TestContext, token::Parts, trial::trials,
};
use anyhow::{Context, Result};
use reqwest::Method;
use serde_json::json;

trials! {
    without_credentials_it_is_401_with_where_to_learn_more
        tries "The API without credentials",
    a_bearer_token_gets_in,
    the_word_bearer_may_be_written_in_any_case,
    a_spoiled_token_is_401_invalid_token
        tries "A good token with one part changed",
    a_token_without_a_signature_is_refused
        tries "alg: none in every spelling",
    a_token_for_another_api_is_refused needs Elsewhere
        tries "A token of the same provider for another API",
    a_token_that_is_too_long_is_refused
        tries "A token of 17 KiB",
    a_malformed_authorization_header_is_400
        tries "Authorization headers with no token or two",
    other_schemes_are_no_credentials
        tries "Other authorization schemes",
    a_token_in_the_query_or_the_body_does_not_count
        tries "A good token in the query, a form or JSON",
    a_reader_reads,
    a_reader_who_writes_is_told_the_scope_that_would_do
        tries "Write with a scope that reads",
    a_bad_token_is_not_forgiven_for_a_good_session
        tries "A bad token beside a good session",
}

async fn without_credentials_it_is_401_with_where_to_learn_more(test: &TestContext) -> Result<()> {
    let address = format!("{}/.well-known/oauth-protected-resource", test.target().origin());
    let metadata = Answer::to(test.client.get("/.well-known/oauth-protected-resource")).await?;
    let scopes = metadata.is(200).json()["scopes_supported"].clone();
    for (method, path, scope) in [
        (Method::GET, "/api/todos", &scopes[0]),
        (Method::POST, "/api/todos", &scopes[1]),
        (Method::DELETE, "/api/todos/01890000-0000-7000-8000-000000000000", &scopes[1]),
    ] {
        let answer = Answer::to(test.client.request(method, path)).await?.problem(401);
        let expected = format!("Bearer scope={scope}, resource_metadata=\"{address}\"");
        assert_eq!(answer.header("www-authenticate"), expected);
    }
    Ok(())
}

async fn a_bearer_token_gets_in(test: &TestContext) -> Result<()> {
    let daemon = Api::daemon(test).await?;
    let list = Answer::to(daemon.list("")).await?.is(200).json();
    assert!(list["items"].is_array(), "{list}");
    Ok(())
}

async fn the_word_bearer_may_be_written_in_any_case(test: &TestContext) -> Result<()> {
    let token = test.daemon_token().await?;
    for scheme in ["bearer", "BEARER", "bEaReR"] {
        let request = test.client.get("/api/todos?limit=1");
        Answer::to(request.header("authorization", format!("{scheme} {token}"))).await?.is(200);
    }
    Ok(())
}

async fn a_spoiled_token_is_401_invalid_token(test: &TestContext) -> Result<()> {
    let token = test.daemon_token().await?;
    let good = Parts::of(&token)?;
    let spoil = |how: fn(&mut Parts)| {
        let mut parts = good.clone();
        how(&mut parts);
        parts.token()
    };
    let signature = token.rsplit_once('.').context("a token has dots")?.1;
    for bad in [
        "x".to_owned(),
        "a.b.c".to_owned(),
        format!("{token}."),
        format!("{token}A"),
        token.replace('.', ".."),
        format!("{token}="),
        format!("..{signature}"),
        spoil(|token| token.signature[0] ^= 1),
        spoil(|token| token.signature.clear()),
        spoil(|token| token.payload["sub"] = json!("somebody else")),
        spoil(|token| token.payload["exp"] = json!(1_000_000_000)),
        spoil(|token| token.payload["exp"] = json!(9_000_000_000_u64)),
        spoil(|token| token.payload["aud"] = json!("another-api")),
        spoil(|token| token.payload["iss"] = json!("https://evil.example/v2.0")),
        spoil(|token| token.header["kid"] = json!("nobody's")),
        spoil(|token| token.header["kid"] = json!("../../keys")),
        spoil(|token| token.header["alg"] = json!("HS256")),
        spoil(|token| token.header["crit"] = json!(["exp"])),
        spoil(|token| token.payload = json!([])),
    ] {
        let request = test.client.get("/api/todos");
        let request = request.header("authorization", format!("Bearer {bad}"));
        let answer = Answer::to(request).await?.problem(401);
        let challenge = answer.header("www-authenticate");
        assert!(challenge.starts_with("Bearer "), "{bad}: {challenge}");
        assert!(challenge.contains("error=\"invalid_token\""), "{bad}: {challenge}");
        assert!(challenge.contains("error_description=\""), "{bad}: {challenge}");
        assert!(!answer.body.contains(&bad) || bad.len() < 10, "the answer repeats the token");
    }
    Ok(())
}

async fn a_token_without_a_signature_is_refused(test: &TestContext) -> Result<()> {
    let token = test.daemon_token().await?;
    for algorithm in ["none", "None", "NONE", "nOnE", ""] {
        for keeps_signature in [true, false] {
            let mut parts = Parts::of(&token)?;
            parts.header["alg"] = json!(algorithm);
            if !keeps_signature {
                parts.signature.clear();
            }
            let request = test.client.get("/api/todos");
            let request = request.header("authorization", format!("Bearer {}", parts.token()));
            Answer::to(request).await?.problem(401);
        }
    }
    Ok(())
}

async fn a_token_for_another_api_is_refused(test: &TestContext) -> Result<()> {
    let token = test.token(test.target().provider.elsewhere.as_ref()).await?;
    let request = test.client.get("/api/todos");
    let request = request.header("authorization", format!("Bearer {token}"));
    let answer = Answer::to(request).await?.problem(401);
    assert!(answer.header("www-authenticate").contains("error=\"invalid_token\""));
    Ok(())
}

/// Whoever stands in front of the API may have had enough of it before.
async fn a_token_that_is_too_long_is_refused(test: &TestContext) -> Result<()> {
    let request = test.client.get("/api/todos");
    let request = request.header("authorization", format!("Bearer {}", "a".repeat(17 * 1024)));
    let answer = Answer::to(request).await?;
    assert!(matches!(answer.status, 400 | 401 | 413 | 431), "{answer:?}");
    Ok(())
}

async fn a_malformed_authorization_header_is_400(test: &TestContext) -> Result<()> {
    let token = test.daemon_token().await?;
    for value in ["Bearer", "Bearer ", "Bearer a b", &format!("Bearer {token} {token}")] {
        let request = test.client.get("/api/todos").header("authorization", value);
        let answer = Answer::to(request).await?.problem(400);
        let challenge = answer.header("www-authenticate");
        assert!(challenge.contains("error=\"invalid_request\""), "{value}: {challenge}");
    }
    Ok(())
}

async fn other_schemes_are_no_credentials(test: &TestContext) -> Result<()> {
    for value in ["Basic YTpi", "Digest x", "DPoP x", "Negotiate"] {
        let request = test.client.get("/api/todos").header("authorization", value);
        Answer::to(request).await?.problem(401);
    }
    Ok(())
}

async fn a_token_in_the_query_or_the_body_does_not_count(test: &TestContext) -> Result<()> {
    let token = test.daemon_token().await?;
    Answer::to(test.client.get(&format!("/api/todos?access_token={token}"))).await?.problem(401);
    let form = test.client.post("/api/todos");
    let form = form.header("content-type", "application/x-www-form-urlencoded");
    Answer::to(form.body(format!("access_token={token}"))).await?.problem(401);
    let json = test.client.post("/api/todos").json_body(&json!({ "access_token": token }));
    Answer::to(json).await?.problem(401);
    Ok(())
}

async fn a_reader_reads(test: &TestContext) -> Result<()> {
    let reader = Api::reader(test).await?;
    Answer::to(reader.list("limit=1")).await?.is(200);
    Ok(())
}

async fn a_reader_who_writes_is_told_the_scope_that_would_do(test: &TestContext) -> Result<()> {
    let reader = Api::reader(test).await?;
    let answer = Answer::to(reader.post(&reader.todo("not to be"))).await?.problem(403);
    let challenge = answer.header("www-authenticate");
    assert!(challenge.contains("error=\"insufficient_scope\""), "{challenge}");
    let scope = challenge.split_once("scope=\"").and_then(|(_, rest)| rest.split('"').next());
    let scope = scope.with_context(|| format!("no scope is named: {challenge}"))?;
    // A role's name, or a scope's as it is requested, with the API's address before it.
    let mut names = scope.split([' ', '/']);
    assert!(names.any(|name| name.starts_with("ToDoList.ReadWrite")), "{challenge}");
    Ok(())
}

async fn a_bad_token_is_not_forgiven_for_a_good_session(test: &TestContext) -> Result<()> {
    let session = Api::session(test).await?;
    let request = session.get("/api/todos").header("authorization", "Bearer x");
    Answer::to(request).await?.problem(401);
    Ok(())
}
