//! What the API says about itself.

use crate::{answer::Answer, test_context::TestContext, trial::trials};
use anyhow::{Context, Result};
use reqwest::Method;
use serde_json::{Value, json};

trials! {
    every_operation_of_the_openapi_document_wants_credentials
        tries "Every documented operation without credentials",
    the_resource_metadata_names_us_and_the_provider,
}

async fn every_operation_of_the_openapi_document_wants_credentials(
    test: &TestContext,
) -> Result<()> {
    let answer = Answer::to(test.client.get("/api/openapi.json")).await?.is(200);
    assert!(answer.header("content-type").starts_with("application/json"), "{answer:?}");
    let document = answer.json();
    assert!(document["openapi"].as_str().is_some_and(|version| version.starts_with("3.1")));
    let paths = document["paths"].as_object().context("no paths")?;
    let mut tried = Vec::new();
    for (path, operations) in paths {
        let operations = operations.as_object().context("a path has operations")?;
        for method in ["get", "put", "post", "delete", "patch"] {
            let Some(operation) = operations.get(method) else { continue };
            if is_public(operation, &document) {
                continue;
            }
            let method: Method = method.to_uppercase().parse()?;
            let path = path.replace("{id}", "01890000-0000-7000-8000-000000000000");
            Answer::to(test.client.request(method.clone(), &path)).await?.problem(401);
            tried.push(format!("{method} {path}"));
        }
    }
    assert_eq!(tried.len(), 6, "the six operations on todos: {tried:?}");
    Ok(())
}

/// OpenAPI 3.1, "Security Requirement Object": an empty list is nothing at all.
fn is_public(operation: &Value, document: &Value) -> bool {
    let security = operation.get("security").or_else(|| document.get("security"));
    security.is_none_or(|security| *security == json!([]) || *security == json!([{}]))
}

async fn the_resource_metadata_names_us_and_the_provider(test: &TestContext) -> Result<()> {
    // RFC 9728, section 3.3: the path of the resource follows that of its metadata.
    for path in ["", "/api"] {
        let metadata = format!("/.well-known/oauth-protected-resource{path}");
        let answer = Answer::to(test.client.get(&metadata)).await?.is(200);
        assert!(answer.header("content-type").starts_with("application/json"), "{answer:?}");
        let metadata = answer.json();
        assert_eq!(metadata["resource"], format!("{}{path}", test.target().origin()));
        assert_eq!(metadata["authorization_servers"], json!([test.target().provider.issuer]));
        assert_eq!(metadata["bearer_methods_supported"], json!(["header"]));
    }
    Ok(())
}
