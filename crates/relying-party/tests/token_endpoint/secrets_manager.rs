//! A credential that Secrets Manager keeps.

use std::sync::Arc;

use auth::{Issuer, SystemClock};
use base64::{Engine, prelude::BASE64_STANDARD};
use outbound::{Outbound, Timeouts};
use relying_party::{CredentialConfig, Endpoints, TokenEndpoint, TokenEndpointError};
use serde_json::json;
use settings::Environment;
use test_support::{Endpoint, MockResponse, ScriptedProvider};

const ARN: &str = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:x";

/// A client whose secret is kept at the same address as the provider.
fn client(provider: &ScriptedProvider) -> TokenEndpoint {
    let environment = Environment::of([
        ("OIDC_CLIENT_SECRET_ARN", ARN),
        ("AWS_ENDPOINT_URL_SECRETS_MANAGER", provider.issuer()),
        ("AWS_REGION", "eu-central-1"),
        ("AWS_ACCESS_KEY_ID", "id"),
        ("AWS_SECRET_ACCESS_KEY", "key"),
    ]);
    TokenEndpoint::new(
        "web".parse().unwrap(),
        Issuer::parse(provider.issuer()).unwrap(),
        CredentialConfig::from_environment(&environment).unwrap(),
        &environment,
        &Outbound::with_timeouts(&environment, Timeouts::NONE).unwrap(),
        Arc::new(SystemClock),
    )
}

#[tokio::test]
async fn the_secret_is_fetched_once_and_used() {
    let provider = ScriptedProvider::start();
    let secret = json!({ "ARN": ARN, "Name": "x", "SecretString": "kept\n" });
    provider.always(Endpoint::Elsewhere, MockResponse::json(&secret));
    let client = client(&provider);
    client.warm().await.unwrap();
    let endpoints = Endpoints::of(provider.metadata().as_object().unwrap());
    for _ in 0..2 {
        let _refused = client.refresh(&endpoints, "rt", None, None).await;
    }
    let asked = provider.received(Endpoint::Elsewhere);
    assert_eq!(asked.len(), 1);
    assert!(String::from_utf8_lossy(&asked[0].body).contains(ARN));
    for request in provider.received(Endpoint::Token) {
        let expected = format!("Basic {}", BASE64_STANDARD.encode("web:kept"));
        assert_eq!(request.header("authorization"), Some(expected.as_str()));
    }
}

#[tokio::test]
async fn a_secrets_manager_that_is_down_is_transient_and_asked_again() {
    let provider = ScriptedProvider::start();
    provider.always(Endpoint::Elsewhere, MockResponse::status(500));
    let client = client(&provider);
    let endpoints = Endpoints::of(provider.metadata().as_object().unwrap());
    assert!(!client.warm().await.unwrap_err().is_permanent());
    let error = client.refresh(&endpoints, "rt", None, None).await.unwrap_err();
    assert!(matches!(error, TokenEndpointError::Credential(_)), "{error}");
    assert!(error.is_transient());
    assert!(provider.received(Endpoint::Token).is_empty());

    provider.always(Endpoint::Elsewhere, MockResponse::json(&json!({ "SecretString": "kept" })));
    let error = client.refresh(&endpoints, "rt", None, None).await.unwrap_err();
    assert!(
        matches!(&error, TokenEndpointError::Refused(it) if it.code == "invalid_grant"),
        "{error}"
    );
}

#[tokio::test]
async fn a_secret_without_text_is_permanent() {
    let provider = ScriptedProvider::start();
    provider.always(Endpoint::Elsewhere, MockResponse::json(&json!({ "SecretBinary": "AAAA" })));
    let error = client(&provider).warm().await.unwrap_err();
    assert!(error.is_permanent(), "{error}");
}
