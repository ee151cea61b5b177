//! Authorization requests that are pushed (RFC 9126).

use std::time::UNIX_EPOCH;

use aws_lc_rs::digest::{SHA256, digest};
use base64::{
    Engine,
    prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD},
};
use relying_party::{
    AdditionalParams, AuthorizationRequest, Endpoints, Interaction, RequestUri, RequestedScopes,
    TokenEndpointError, TransportError,
};
use serde_json::{Value, json};
use session::{ReturnTo, SignInTransaction, SystemRandom};
use settings::{Environment, StepUpMethod};
use test_support::{Endpoint, MockResponse};
use url::Url;

use crate::harness::Fixture;

fn transaction() -> SignInTransaction {
    SignInTransaction::begin(&SystemRandom, UNIX_EPOCH, ReturnTo::home(), None)
}

async fn push(fixture: &Fixture, client_id: &str) -> Result<RequestUri, TokenEndpointError> {
    push_of(fixture, client_id, &transaction()).await
}

async fn push_of(
    fixture: &Fixture,
    client_id: &str,
    transaction: &SignInTransaction,
) -> Result<RequestUri, TokenEndpointError> {
    let environment = Environment::of([("OIDC_SCOPES", "api://a/Read")]);
    let interaction = [None, Some("ada@example.com&client_id=eve".to_owned()), None];
    let request = AuthorizationRequest {
        client_id: &client_id.parse().unwrap(),
        redirect_uri: &Url::parse("https://app.example/callback").unwrap(),
        scopes: &RequestedScopes::from_environment(&environment).unwrap(),
        additional_params: &AdditionalParams::default(),
        step_up: StepUpMethod::AcrValues,
        transaction,
        interaction: &Interaction::parse(interaction).unwrap(),
    };
    fixture.client.push(&fixture.endpoints, &request).await
}

async fn failure(answer: MockResponse) -> TokenEndpointError {
    let fixture = Fixture::new();
    fixture.provider.always(Endpoint::PushedAuthorization, answer);
    push(&fixture, "web").await.unwrap_err()
}

#[tokio::test]
async fn a_request_is_pushed_whole_and_the_browser_takes_its_name_alone() {
    let fixture = Fixture::with("urn:web app", [("OIDC_CLIENT_SECRET", "a~b:c%d/e f+g")]);
    let answer = json!({ "request_uri": "urn:x:1&state=eve", "expires_in": 60 });
    let answer = MockResponse::json(&answer).with_status(201);
    fixture.provider.next(Endpoint::PushedAuthorization, answer);
    let transaction = transaction();
    let request_uri = push_of(&fixture, "urn:web app", &transaction).await.unwrap();
    let client = "urn:web app".parse().unwrap();
    let url = request_uri.url(&fixture.endpoints, &client).unwrap();
    let query: Vec<(String, String)> = url.query_pairs().into_owned().collect();
    let expected = [("client_id", "urn:web app"), ("request_uri", "urn:x:1&state=eve")];
    assert_eq!(query, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));

    let [request] = &fixture.provider.received(Endpoint::PushedAuthorization)[..] else {
        panic!("one")
    };
    assert_eq!(request.method, "POST");
    assert_eq!(request.header("content-type"), Some("application/x-www-form-urlencoded"));
    let credentials = BASE64_STANDARD.encode("urn%3Aweb+app:a%7Eb%3Ac%25d%2Fe+f%2Bg");
    assert_eq!(request.header("authorization"), Some(format!("Basic {credentials}").as_str()));
    let form = request.form();
    assert_eq!(form["response_type"], "code");
    assert_eq!(form["client_id"], "urn:web app");
    assert_eq!(form["redirect_uri"], "https://app.example/callback");
    assert_eq!(form["state"], transaction.state().as_str());
    assert_eq!(form["nonce"], transaction.nonce());
    let challenge =
        BASE64_URL_SAFE_NO_PAD.encode(digest(&SHA256, transaction.verifier().as_bytes()));
    assert_eq!(form["code_challenge"], challenge);
    assert_eq!(form["code_challenge_method"], "S256");
    assert_eq!(form["login_hint"], "ada@example.com&client_id=eve");
    assert!(
        !form.values().any(|value| value == transaction.verifier()),
        "the verifier is not sent"
    );
    assert!(!form.contains_key("client_secret"));
}

#[tokio::test]
async fn each_way_to_show_who_we_are_works_for_a_push_too() {
    let pem = crate::authentication::private_key();
    for (settings, sent) in [
        (
            [("OIDC_CLIENT_AUTH", "client_secret_post"), ("OIDC_CLIENT_SECRET", "a&b=c")],
            "client_secret",
        ),
        (
            [("OIDC_CLIENT_AUTH", "private_key_jwt"), ("OIDC_CLIENT_KEY", pem.as_str())],
            "client_assertion",
        ),
    ] {
        let fixture = Fixture::with("web", settings);
        push(&fixture, "web").await.unwrap();
        let [request] = &fixture.provider.received(Endpoint::PushedAuthorization)[..] else {
            panic!("one")
        };
        assert!(request.form().contains_key(sent), "{sent}");
        assert_eq!(request.form()["client_id"], "web");
        assert_eq!(request.header("authorization"), None);
    }
}

#[tokio::test]
async fn a_push_that_fails_says_how() {
    let error = failure(MockResponse::error("invalid_client").with_status(401)).await;
    assert!(matches!(&error, TokenEndpointError::Refused(it) if it.code == "invalid_client"));
    for status in [429, 500, 503] {
        let error = failure(MockResponse::status(status)).await;
        assert!(
            matches!(error, TokenEndpointError::Transient(TransportError::Status(_))),
            "{error}"
        );
    }
    let error = failure(MockResponse::hang_up()).await;
    assert!(matches!(error, TokenEndpointError::Transient(TransportError::Connection)), "{error}");
    let long = "x".repeat(2049);
    for nonsense in [
        MockResponse::text(""),
        MockResponse::text("<html>").with_status(400),
        MockResponse::status(302).header("location", "/elsewhere"),
        MockResponse::json(&json!({})),
        MockResponse::json(&json!({ "request_uri": "" })),
        MockResponse::json(&json!({ "request_uri": "urn:a b" })),
        MockResponse::json(&json!({ "request_uri": "urn:\r\nx" })),
        MockResponse::json(&json!({ "request_uri": ["urn:a"] })),
        MockResponse::json(&json!({ "request_uri": long })),
    ] {
        let error = failure(nonsense).await;
        assert!(matches!(error, TokenEndpointError::Malformed(_)), "{error}");
    }
}

#[tokio::test]
async fn a_provider_without_the_endpoint_gets_nothing() {
    let mut fixture = Fixture::new();
    let mut metadata = fixture.provider.metadata();
    metadata["pushed_authorization_request_endpoint"] = Value::Null;
    fixture.endpoints = Endpoints::of(metadata.as_object().unwrap());
    let error = push(&fixture, "web").await.unwrap_err();
    assert!(matches!(error, TokenEndpointError::Endpoint(_)), "{error}");
    assert!(fixture.provider.received(Endpoint::PushedAuthorization).is_empty());
}
