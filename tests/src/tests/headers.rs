//! Headers of every route.

use crate::{answer::Answer, test_context::TestContext, trial::trials};
use anyhow::{Context, Result};
use std::collections::BTreeMap;

trials! {
    every_answer_carries_the_security_headers
        tries "Find a response without security headers",
    the_page_may_do_what_it_needs_and_no_more
        tries "Run or send more than the page does",
    assets_are_named_by_their_content_and_kept_for_ever,
    what_is_not_there_is_404
        tries "Files that must not be served, and path traversal",
}

async fn every_answer_carries_the_security_headers(test: &TestContext) -> Result<()> {
    let asset = assets(test).await?.remove(0);
    for path in [
        "/",
        &asset,
        "/session",
        "/signin",
        "/callback",
        "/callback?code=c&state=s",
        "/api/todos",
        "/api/todos/x",
        "/api/openapi.json",
        "/.well-known/oauth-protected-resource",
        "/.well-known/oauth-protected-resource/api",
    ] {
        let answer = Answer::to(test.client.get(path)).await?;
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}: {answer:?}");
        assert!(!answer.header("referrer-policy").is_empty(), "{path}: {answer:?}");
        let policy = answer.header("content-security-policy");
        assert!(policy.contains("default-src 'none'"), "{path}: {answer:?}");
        assert!(policy.contains("frame-ancestors 'none'"), "{path}: {answer:?}");
        assert!(!policy.contains("unsafe-"), "{path}: {policy}");
        assert!(!answer.header("cache-control").is_empty(), "{path}: {answer:?}");
        assert_eq!(answer.header("x-powered-by"), "", "{path}: {answer:?}");
        let https = test.target().url.scheme() == "https";
        let hsts = answer.header("strict-transport-security");
        assert_eq!(hsts.contains("max-age="), https, "{path}: {answer:?}");
    }
    Ok(())
}

async fn the_page_may_do_what_it_needs_and_no_more(test: &TestContext) -> Result<()> {
    let answer = Answer::to(test.client.get("/")).await?.is(200);
    assert!(answer.header("content-type").starts_with("text/html"), "{answer:?}");
    let policy: BTreeMap<_, _> = answer
        .header("content-security-policy")
        .split(';')
        .filter_map(|directive| directive.trim().split_once(' '))
        .collect();
    for (directive, value) in [
        ("default-src", "'none'"),
        ("script-src", "'self'"),
        ("style-src", "'self'"),
        ("img-src", "'self'"),
        ("connect-src", "'self'"),
        ("frame-ancestors", "'none'"),
        ("base-uri", "'none'"),
    ] {
        assert_eq!(policy.get(directive), Some(&value), "{policy:?}");
    }
    let forms: Vec<_> = policy.get("form-action").context("no form-action")?.split(' ').collect();
    let issuer = url::Url::parse(&test.target().provider.issuer)?.origin().ascii_serialization();
    assert!(forms.contains(&"'self'"), "{forms:?}");
    assert!(forms.iter().all(|source| *source == "'self'" || *source == issuer), "{forms:?}");
    Ok(())
}

async fn assets_are_named_by_their_content_and_kept_for_ever(test: &TestContext) -> Result<()> {
    for path in assets(test).await? {
        let answer = Answer::to(test.client.get(&path)).await?.is(200);
        assert!(answer.header("cache-control").contains("immutable"), "{path}: {answer:?}");
        let kind = answer.header("content-type");
        let expected = match path.rsplit('.').next() {
            Some("js") => "text/javascript",
            Some("css") => "text/css",
            Some("svg") => "image/svg+xml",
            other => panic!("{path}: an asset of the type {other:?}"),
        };
        assert!(kind.starts_with(expected), "{path}: {kind}");
    }
    let stale = "/assets/0000000000000000/app.js";
    let answer = Answer::to(test.client.get(stale)).await?;
    assert!(!answer.header("cache-control").contains("immutable"), "{answer:?}");
    Ok(())
}

async fn what_is_not_there_is_404(test: &TestContext) -> Result<()> {
    for path in [
        "/nothing",
        "/index.html",
        "/assets/",
        "/assets/..%2f..%2fCargo.toml",
        "/assets/%2e%2e/%2e%2e/etc/passwd",
        "/api",
        "/api/",
        "/.env",
        "/.git/config",
        "/signin/x",
    ] {
        let answer = Answer::to(test.client.get(path)).await?;
        assert_eq!(answer.status, 404, "{path}: {answer:?}");
    }
    Ok(())
}

/// The scripts, styles and pictures that the page names.
async fn assets(test: &TestContext) -> Result<Vec<String>> {
    let page = Answer::to(test.client.get("/")).await?.is(200);
    let quoted = page.body.split('"').filter(|part| part.starts_with("/assets/"));
    let mut paths: Vec<_> = quoted.map(ToOwned::to_owned).collect();
    paths.sort();
    paths.dedup();
    assert!(!paths.is_empty(), "the page names no assets");
    Ok(paths)
}
